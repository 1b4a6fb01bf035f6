/**
 * The cost of a link that flaps: one member of 800 is set down and up 50 times, a change every 20 ms.
 *
 * The members are veth ends in a network namespace; their other ends lie in a second one, where the program does not see them. The
 * member itself is changed, because the kernel tells of a carrier that comes and goes at most once a second. CPU is the program's user and system time from the first change until it is quiet again.
 * It is measured alone, and with a receiver of traps and an AgentX master (Debian's snmpd) beside it. Needs root.
 *
 *   npm run bench -- flap [--links=800] [--group-size=4] [--changes=100] [--apart-ms=20] [--node-option=--cpu-prof]...
 */

import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { FAR, makeFarVeths } from "./support/far-links.ts";
import { machine } from "./support/machine.ts";
import { ipBatch, isInside, runAgainInside } from "./support/namespace.ts";
import { PACKAGED_NODE_OPTIONS } from "./support/node-options.ts";
import { groupsOf, OUR_PORT, startProgram } from "./support/program.ts";
import type { Server } from "./support/server.ts";

const TRAP_PORT = 10162;
const MASTER_PORT = 10161;

/** How often the counters of all links were read, and the state written through to the disk. */
const READS = "ipmp_source_reads_total";
const SAVES = "ipmp_state_saves_total";

/** After the last change: longer than any damping or batching of the program. */
const QUIET_MS = 2_500;

interface Options {
  readonly links: number;
  readonly groupSize: number;
  readonly changes: number;
  readonly apartMs: number;
  readonly nodeOptions: readonly string[];
}

/** What the program tells of changes. */
interface Told {
  /** Changes of members' states: lines in the log, and events of the stream. */
  readonly logged: number;
  readonly events: number;
  readonly traps: number;
}

interface Outcome extends Told {
  readonly cpuMs: number;
  readonly readings: number;
  readonly saves: number;
}

/** What one scrape tells: by name, the value of a metric without labels, or with any; 0 when it is not there. */
async function scrape(server: Server): Promise<(name: string) => number> {
  const text = (await server.get("/metrics")).body.toString("utf8");
  return (name) => Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "m").exec(text)?.[1] ?? 0);
}

/** Changes the first link, one change every `apartMs`. */
async function flap({ changes, apartMs }: Options): Promise<void> {
  const ip = spawn("ip", ["-batch", "-"], { stdio: ["pipe", "ignore", "inherit"] });
  const began = performance.now();
  for (let change = 0; change < changes; change++) {
    ip.stdin.write(`link set v0 ${change % 2 === 0 ? "down" : "up"}\n`);
    await wait(Math.max(0, began + (change + 1) * apartMs - performance.now()));
  }
  ip.stdin.end();
  await once(ip, "exit");
}

/** Hears what the program tells until it is stopped; `told` is how much that was so far. */
function listen(log: string): { told(): Told; stop(): void } {
  let events = "";
  let traps = 0;
  const request = get(
    { port: OUR_PORT, path: "/api/v1/events", headers: { accept: "text/event-stream" } },
    (stream) => {
      stream.setEncoding("utf8").on("data", (text: string) => {
        events += text;
      });
    },
  );
  request.on("error", () => {});
  const receiver = createSocket("udp4", () => traps++).bind(TRAP_PORT, "127.0.0.1");
  return {
    told: () => ({
      logged: readFileSync(log, "utf8").split("member state changed").length - 1,
      events: events.split('"kind":"member-state"').length - 1,
      traps,
    }),
    stop() {
      request.destroy();
      receiver.close();
    },
  };
}

/** Debian's snmpd as the AgentX master that the program's configuration names. */
function startMaster(folder: string, socket: string): ChildProcess {
  const config = join(folder, "snmpd.conf");
  writeFileSync(
    config,
    `agentAddress udp:127.0.0.1:${MASTER_PORT}\nmaster agentx\nagentXSocket ${socket}\nrocommunity public\n`,
  );
  return spawn("snmpd", ["-f", "-Lf", "/dev/null", "-C", "-c", config, "-p", join(folder, "pid")], { stdio: "ignore" });
}

async function measure(links: readonly string[], options: Options, withSnmp: boolean): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-bench-"));
  const socket = join(folder, "agentx.sock");
  const snmp = `snmp:\n  notifications: [{ target: "udp:127.0.0.1:${TRAP_PORT}" }]\n  agentx: { socket: ${socket} }\n`;
  const master = withSnmp ? startMaster(folder, socket) : undefined;
  const log = join(folder, "log");
  const server = startProgram(folder, `${groupsOf(links, options.groupSize)}${withSnmp ? snmp : ""}`, {
    nodeOptions: options.nodeOptions,
    log,
  });
  try {
    await server.ready("/-/ready");
    while (withSnmp && (await scrape(server))("ipmp_snmp_agentx_connected") !== 1) await wait(200);
    const heard = listen(log);
    await wait(QUIET_MS);
    const before = await scrape(server);
    const toldBefore = heard.told();
    const cpu = server.cpuMilliseconds();
    await flap(options);
    await wait(QUIET_MS);
    const cpuMs = server.cpuMilliseconds() - cpu;
    const told = heard.told();
    heard.stop();
    const after = await scrape(server);
    return {
      cpuMs,
      readings: after(READS) - before(READS) - 1, // the second scrape reads them itself
      saves: after(SAVES) - before(SAVES),
      logged: told.logged - toldBefore.logged,
      events: told.events - toldBefore.events,
      traps: told.traps - toldBefore.traps,
    };
  } finally {
    await server.stop();
    master?.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  }
}

/** @throws Error when an argument is not a number, without root, or when a server does not start */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      links: { type: "string", default: "800" },
      "group-size": { type: "string", default: "4" },
      changes: { type: "string", default: "100" },
      "apart-ms": { type: "string", default: "20" },
      "node-option": { type: "string", multiple: true, default: [...PACKAGED_NODE_OPTIONS] },
    },
  });
  const count = (name: "links" | "group-size" | "changes" | "apart-ms"): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number from 1`);
    return value;
  };
  const options = {
    links: count("links"),
    groupSize: count("group-size"),
    changes: count("changes"),
    apartMs: count("apart-ms"),
    nodeOptions: values["node-option"],
  };
  if (!isInside()) {
    process.exitCode = runAgainInside();
    return;
  }
  console.log(`one of ${options.links} links changes ${options.changes} times, ${options.apartMs} ms apart`);
  console.log(machine());
  const links = makeFarVeths(options.links);
  try {
    for (const withSnmp of [false, true]) {
      const { cpuMs, readings, saves, logged, events, traps } = await measure(links, options, withSnmp);
      console.log(`\n${withSnmp ? "with a trap receiver and an AgentX master" : "alone"}`);
      console.log(`  CPU ${(cpuMs / 1000).toFixed(2)} s, ${readings} readings of counters, ${saves} durable saves`);
      console.log(`  ${logged} changes of members in the log, ${events} in the event stream, ${traps} traps`);
    }
  } finally {
    ipBatch([`netns delete ${FAR}`]);
  }
}
