/**
 * What one source takes of each face of the program when it takes all that it can, and what another source waits meanwhile: one IPv4 address,
 * and 64 addresses of one IPv6 network of 64 bits. Needs root.
 *
 *   npm run bench -- fairness [--seconds=5]
 */

import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { arch, cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { hashSync } from "bcryptjs";
import { root } from "../test/support/root.ts";
import { type Server as Asked, FACES, sample } from "./fairness/faces.ts";
import { ipBatch, isInside, runAgainInside } from "./support/namespace.ts";
import { Server } from "./support/server.ts";

const [PORT, GUARDED_PORT, SNMP_PORT] = [10_191, 10_192, 1161];
const SELF = fileURLToPath(import.meta.url);
const BETWEEN_MS = 50;

interface Side {
  readonly name: string;
  readonly server: Asked;
  readonly greedy: readonly string[];
  readonly proper: string;
}

const ports = { port: PORT, guardedPort: GUARDED_PORT, snmpPort: SNMP_PORT };
const SIDES: readonly Side[] = [
  { name: "one IPv4 address", server: { host: "10.9.0.1", ...ports }, greedy: ["10.9.0.2"], proper: "10.9.0.3" },
  {
    name: "one IPv6 /64",
    server: { host: "2001:db8::1", ...ports },
    greedy: Array.from({ length: 64 }, (_, n) => `2001:db8:0:a::${(n + 1).toString(16)}`),
    proper: "2001:db8:0:b::1",
  },
];

/** What other processes run: the far end of the wire, and the greedy one there. */
const [, , role, ...words] = process.argv;
if (role === "far") await far(Number(words[0]));
if (role === "take") take(words);

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { seconds: { type: "string", default: "5" } } });
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new RangeError("--seconds must be a number above 0");
  if (!isInside()) {
    process.exitCode = runAgainInside();
    return;
  }
  console.log(`# Linux ${release()} ${arch()}, ${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`);
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-bench-"));
  const servers: Server[] = [];
  // In a network of its own: requests of this host's own addresses have no limit.
  const other = spawn("unshare", ["--net", process.execPath, SELF, "far", String(seconds)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    await once(other.stdout, "data");
    ipBatch([`link add va type veth peer name vb netns ${other.pid}`, "link set va up"]);
    ipBatch(["addr add 10.9.0.1/24 dev va", "addr add 2001:db8::1/32 dev va nodad"]);
    writeFileSync(
      join(folder, "config.yml"),
      `snmp: { listen_addresses: ["udp:${SNMP_PORT}", "udp6:${SNMP_PORT}"], communities: [{ name: public, sources: [0.0.0.0/0, "::/0"] }] }\n`,
    );
    writeFileSync(join(folder, "none.yml"), "snmp: { listen_addresses: none }\n");
    writeFileSync(join(folder, "web.yml"), JSON.stringify({ basic_auth_users: { ali: hashSync("open sesame", 10) } }));
    const start = (port: number, config: string, ...flags: readonly string[]): void => {
      const options = ["--state.file=none", "--control.socket=none", `--config.file=${join(folder, config)}`];
      const listen = `--web.listen-address=:${port}`;
      servers.push(new Server(process.execPath, [root("dist", "main.js"), listen, ...options, ...flags], port));
    };
    start(PORT, "config.yml");
    start(GUARDED_PORT, "none.yml", `--web.config.file=${join(folder, "web.yml")}`);
    await servers[0]?.ready("/-/ready");
    await sleep(1_000); // the other asks for a password
    other.stdout.pipe(process.stdout);
    other.stdin.end("begin\n");
    await once(other, "exit");
  } finally {
    other.kill("SIGKILL");
    for (const server of servers) await server.stop();
    rmSync(folder, { recursive: true });
  }
}

async function far(seconds: number): Promise<void> {
  console.log("here");
  await once(process.stdin, "data");
  ipBatch([
    "link set lo up",
    "link set vb up",
    ...SIDES.flatMap(({ server, greedy, proper }) =>
      [...greedy, proper].map((address) =>
        server.host.includes(":") ? `addr add ${address}/32 dev vb nodad` : `addr add ${address}/24 dev vb`,
      ),
    ),
  ]);
  console.log("face | who takes | takes | another: answered | median ms | longest ms");
  for (const face of FACES.keys()) {
    for (const side of SIDES.keys()) {
      for (const isTaken of [false, true]) await measure(face, side, isTaken, seconds * 1000);
    }
  }
  process.exit(0);
}

async function measure(faceIndex: number, sideIndex: number, isTaken: boolean, durationMs: number): Promise<void> {
  const [face, side] = [FACES[faceIndex], SIDES[sideIndex]];
  if (!face || !side) throw new RangeError("one of the tables");
  const greedy = isTaken ? fork(SELF, ["take", String(faceIndex), String(sideIndex)]) : undefined;
  await sleep(durationMs / 2);
  const times: number[] = [];
  let asked = 0;
  for (const end = performance.now() + durationMs; performance.now() < end; await sleep(BETWEEN_MS)) {
    const began = performance.now();
    asked++;
    await face.ask(side.server, side.proper).then(
      () => times.push(performance.now() - began),
      () => {},
    );
  }
  const told = face.metric === undefined ? howMuch : () => sample(side.server, side.proper, face.metric ?? "");
  const taken = greedy ? `${await told(greedy)} ${face.unit}` : "nothing";
  greedy?.kill("SIGKILL");
  times.sort((a, b) => a - b);
  const [median = Number.NaN, longest = Number.NaN] = [times[Math.floor(times.length / 2)], times.at(-1)];
  const row = [face.name, side.name, taken, `${times.length} of ${asked}`, median.toFixed(0), longest.toFixed(0)];
  console.log(row.join(" | "));
}

/** How much the greedy one has. */
async function howMuch(greedy: ChildProcess): Promise<number> {
  greedy.send("how much?");
  const [amount] = (await once(greedy, "message")) as [number];
  return amount;
}

function take([face = "", side = ""]: readonly string[]): void {
  const { server, greedy } = SIDES[Number(side)] ?? { server: undefined, greedy: [] };
  if (!server) throw new RangeError("one of the table");
  const amount = FACES[Number(face)]?.take(server, greedy);
  process.on("message", () => process.send?.(amount?.() ?? 0));
}
