/**
 * Walks of ifTable and ifXTable with 100, 1,000 and 5,000 links in one group, beside Debian's snmpd.
 *
 * Both agents run in one network namespace with the same number of rows (ours: the links and the group; snmpd's: the links and
 * lo) and are walked in turn by Debian's snmpbulkwalk, so that the manager costs both the same. Wall time is that of the
 * manager's process; CPU is the agent's user and system time. Needs root and Debian's snmp and snmpd.
 *
 *   npm run bench -- snmp [--links=100,1000,5000] [--rounds=5] [--node-option=--cpu-prof]...
 */

import { execFile, execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { root } from "../test/support/root.ts";
import { machine } from "./support/machine.ts";
import { ipBatch, isInside, makeVeths, runAgainInside } from "./support/namespace.ts";
import { PACKAGED_NODE_OPTIONS } from "./support/node-options.ts";
import { Server } from "./support/server.ts";

const OUR_PORT = 1161;
const THEIR_PORT = 2161;
const WEB_PORT = 10191;
/** snmpd reads thousands of links before it answers first. */
const READY_WITHIN_MS = 60_000;

const AUTH_PASSWORD = "authentic";
const PRIV_PASSWORD = "in private";
const TABLES = ["1.3.6.1.2.1.2.2", "1.3.6.1.2.1.31.1.1"];

const VERSION_2C = ["-v2c", "-c", "public"];
const VERSION_3 = [
  ...["-v3", "-u", "nms", "-l", "authPriv", "-a", "SHA-256", "-A", AUTH_PASSWORD],
  ...["-x", "AES", "-X", PRIV_PASSWORD],
];

const WALKS = [
  { name: "v2c, -Cr25", program: "snmpbulkwalk", args: [...VERSION_2C, "-Cr25"] },
  { name: "v2c, -Cr50", program: "snmpbulkwalk", args: [...VERSION_2C, "-Cr50"] },
  { name: "v3 authPriv, -Cr25", program: "snmpbulkwalk", args: [...VERSION_3, "-Cr25"] },
  { name: "v3 authPriv, -Cr50", program: "snmpbulkwalk", args: [...VERSION_3, "-Cr50"] },
] as const;
type Walk = (typeof WALKS)[number];

interface Agent {
  readonly name: string;
  readonly server: Server;
  readonly port: number;
}

interface Cost {
  /** Of both tables, median of the rounds, ms. */
  readonly wall: number;
  /** Per walk, ms. */
  readonly cpu: number;
  readonly rows: number;
  readonly varbinds: number;
}

/** The manager's settings are those of its command line and nothing else. */
const ENVIRONMENT = { ...process.env, MIBS: "", SNMPCONFPATH: "/nonexistent", SNMP_PERSISTENT_DIR: "/nonexistent" };

/** The lines that the manager printed, one a varbind. @throws Error with what it said, when the agent does not answer. */
function manager(program: string, args: readonly string[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { env: ENVIRONMENT, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${program} ${args.join(" ")}: ${stderr.trim()}`));
      else resolve(stdout.split("\n").filter(Boolean));
    });
  });
}

async function walk({ port }: Agent, { program, args }: Walk): Promise<{ wall: number; lines: string[] }> {
  const began = performance.now();
  const lines: string[] = [];
  for (const table of TABLES) {
    lines.push(...(await manager(program, [...args, "-t20", "-r0", "-Onq", `udp:127.0.0.1:${port}`, table])));
  }
  return { wall: performance.now() - began, lines };
}

async function measure(agents: readonly Agent[], how: Walk, rounds: number): Promise<Cost[]> {
  for (const agent of agents) await walk(agent, how);
  const walls = agents.map((): number[] => []);
  const cpu = agents.map(() => 0);
  const seen = agents.map((): string[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, agent] of agents.entries()) {
      const before = agent.server.cpuMilliseconds();
      const { wall, lines } = await walk(agent, how);
      walls[i]?.push(wall);
      seen[i] = lines;
      cpu[i] = (cpu[i] ?? 0) + agent.server.cpuMilliseconds() - before;
    }
  }
  return agents.map((_, i) => ({
    wall: walls[i]?.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN,
    cpu: (cpu[i] ?? 0) / rounds,
    rows: seen[i]?.filter((line) => line.startsWith(".1.3.6.1.2.1.2.2.1.1.")).length ?? 0,
    varbinds: seen[i]?.length ?? 0,
  }));
}

function print(how: Walk, agents: readonly Agent[], costs: readonly Cost[]): void {
  const rate = ({ rows, wall }: Cost) => (rows * 1000) / wall;
  const each = ({ cpu, varbinds }: Cost) => (cpu * 1000) / varbinds;
  for (const [i, { name }] of agents.entries()) {
    const cost = costs[i];
    if (!cost) continue;
    const { rows, varbinds, wall } = cost;
    const numbers = [
      `${rows} rows`,
      `${varbinds} varbinds`,
      `${wall.toFixed(0)} ms`,
      `${rate(cost).toFixed(0)} rows/s`,
    ];
    console.log(
      `  ${how.name.padEnd(20)} ${name.padEnd(14)} ${numbers.join(", ")}, ${each(cost).toFixed(2)} µs CPU/varbind`,
    );
  }
  const [ours, theirs] = costs;
  if (!ours || !theirs) return;
  const perVarbind = (theirs.wall / theirs.varbinds / (ours.wall / ours.varbinds)).toFixed(2);
  const ratios = [
    `${(rate(ours) / rate(theirs)).toFixed(2)} times snmpd's rows/s`,
    `${perVarbind} times its varbinds/s`,
    `${(each(ours) / each(theirs)).toFixed(2)} times its CPU/varbind`,
  ];
  console.log(`  ${how.name.padEnd(20)} ratio          ${ratios.join(", ")}`);
}

function ourConfiguration(folder: string, links: readonly string[]): string {
  const file = join(folder, "config.yml");
  writeFileSync(join(folder, "auth"), `${AUTH_PASSWORD}\n`, { mode: 0o600 });
  writeFileSync(join(folder, "priv"), `${PRIV_PASSWORD}\n`, { mode: 0o600 });
  const group = `groups:\n  - { name: bench, interfaces: [${links.join(", ")}] }\n`;
  const users = [
    "snmp:",
    "  users:",
    "    - name: nms",
    "      auth: { protocol: SHA-256, password_file: auth }",
    "      priv: { protocol: AES-128, password_file: priv }",
  ];
  writeFileSync(file, `${group}${users.join("\n")}\n`);
  const check = spawnSync(process.execPath, [root("dist", "main.js"), "check-config", file], { encoding: "utf8" });
  if (check.status !== 0) {
    console.log(`without version 3: ${check.stderr.trim()}`);
    writeFileSync(file, group);
  }
  return file;
}

function theirConfiguration(folder: string): string {
  const file = join(folder, "snmpd.conf");
  writeFileSync(
    file,
    [
      `agentAddress udp:127.0.0.1:${THEIR_PORT}`,
      "rocommunity public 127.0.0.1",
      `createUser nms SHA-256 "${AUTH_PASSWORD}" AES "${PRIV_PASSWORD}"`,
      "rouser nms priv",
      "",
    ].join("\n"),
  );
  return file;
}

async function answers(agent: Agent): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  const sysUpTime = ["-t5", "-r0", `udp:127.0.0.1:${agent.port}`, "1.3.6.1.2.1.1.3.0"];
  for (;;) {
    try {
      await manager("snmpget", [...VERSION_2C, ...sysUpTime]);
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await wait(100);
    }
  }
}

async function bench(links: number, rounds: number, nodeOptions: readonly string[], made: string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-bench-"));
  const servers: Server[] = [];
  const start = (command: string, args: readonly string[], port: number) => {
    const server = new Server(command, args, port);
    servers.push(server);
    return server;
  };
  try {
    const ours = start(
      process.execPath,
      [
        ...nodeOptions,
        root("dist", "main.js"),
        `--config.file=${ourConfiguration(folder, made)}`,
        "--state.file=none",
        `--control.socket=${join(folder, "control.sock")}`,
        `--web.listen-address=127.0.0.1:${WEB_PORT}`,
        `--snmp.listen-address=udp:127.0.0.1:${OUR_PORT}`,
      ],
      WEB_PORT,
    );
    process.env["SNMP_PERSISTENT_DIR"] = folder;
    const theirs = start("snmpd", ["-f", "-Ln", "-C", "-c", theirConfiguration(folder)], THEIR_PORT);
    const agents = [
      { name: "ipmp-exporter", server: ours, port: OUR_PORT },
      { name: "snmpd", server: theirs, port: THEIR_PORT },
    ];
    await ours.ready("/-/ready");
    for (const agent of agents) await answers(agent);
    console.log(`\n${links + 1} rows, median of ${rounds} walks of ifTable and ifXTable`);
    for (const how of WALKS) {
      try {
        print(how, agents, await measure(agents, how, rounds));
      } catch (error) {
        console.log(`  ${how.name.padEnd(20)} not measured: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    for (const { name, server } of agents) {
      console.log(`  resident ${name}: ${server.residentMegabytes().now.toFixed(1)} MB`);
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(folder, { recursive: true });
  }
}

/** @throws Error when an argument is not a number, without root, or when an agent does not start */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      links: { type: "string", default: "100,1000,5000" },
      rounds: { type: "string", default: "5" },
      "node-option": { type: "string", multiple: true, default: [...PACKAGED_NODE_OPTIONS] },
    },
  });
  const whole = (text: string) => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < 1) throw new RangeError(`"${text}" must be a whole number from 1`);
    return number;
  };
  const sizes = values.links.split(",").map(whole);
  const rounds = whole(values.rounds);
  if (!isInside()) {
    process.exitCode = runAgainInside();
    return;
  }
  execFileSync("snmpbulkwalk", ["-V"], { stdio: "ignore" });
  console.log(machine());
  for (const links of sizes) {
    const made = makeVeths(links);
    await bench(links, rounds, values["node-option"], made);
    ipBatch(made.filter((_, i) => i % 2 === 0).map((name) => `link del ${name}`));
  }
}
