/**
 * The time from the start to the first complete scrape, beside node_exporter's netdev collector.
 *
 * Both are started in turn on a host with four links; CPU is the user and system time of the process until it has answered. Needs root
 * and Debian's prometheus-node-exporter.
 *
 *   npm run bench -- start [--starts=10]
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { arch, cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../test/support/root.ts";
import { isInside, makeVeths, runAgainInside } from "./support/namespace.ts";
import { PACKAGED_NODE_OPTIONS } from "./support/node-options.ts";
import { Server } from "./support/server.ts";

const OUR_PORT = 10191;
const THEIR_PORT = 9100;

interface Start {
  readonly wallMs: number;
  readonly cpuMs: number;
}

async function start(command: string, args: readonly string[], port: number): Promise<Start> {
  const began = performance.now();
  const server = new Server(command, args, port);
  try {
    await server.ready("/metrics", 2);
    return { wallMs: performance.now() - began, cpuMs: server.cpuMilliseconds() };
  } finally {
    await server.stop();
  }
}

async function measure(starts: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-bench-"));
  try {
    const config = join(folder, "config.yml");
    const [a = "", b = "", c = "", d = ""] = makeVeths(4);
    writeFileSync(
      config,
      `groups: [{ name: left, interfaces: [${a}, ${b}] }, { name: right, interfaces: [${c}, ${d}] }]\n`,
    );
    const ours = [
      ...PACKAGED_NODE_OPTIONS,
      root("dist", "main.js"),
      `--config.file=${config}`,
      `--state.file=${join(folder, "state.json")}`,
      `--control.socket=${join(folder, "control.sock")}`,
      `--web.listen-address=127.0.0.1:${OUR_PORT}`,
    ];
    const theirs = [
      "--collector.disable-defaults",
      "--collector.netdev",
      `--web.listen-address=127.0.0.1:${THEIR_PORT}`,
    ];
    const found: Record<string, Start[]> = { "ipmp-exporter": [], node_exporter: [], "node alone": [] };
    for (let n = 0; n < starts; n++) {
      found["ipmp-exporter"]?.push(await start(process.execPath, ours, OUR_PORT));
      found["node_exporter"]?.push(await start("prometheus-node-exporter", theirs, THEIR_PORT));
      found["node alone"]?.push(await start(process.execPath, ["--eval", BARE, `${THEIR_PORT}`], THEIR_PORT));
    }
    console.log(`Node ${process.version}, Linux ${release()} ${arch()}, ${cpus().length} × ${cpus()[0]?.model.trim()}`);
    console.log(`${starts} starts of each in turn, until /metrics is answered: least and median`);
    for (const [name, all] of Object.entries(found)) {
      const least = (pick: (each: Start) => number): string => Math.min(...all.map(pick)).toFixed(0);
      const middle = (pick: (each: Start) => number): string =>
        (all.map(pick).sort((x, y) => x - y)[Math.floor(all.length / 2)] ?? Number.NaN).toFixed(0);
      const wall = ({ wallMs }: Start): number => wallMs;
      const cpu = ({ cpuMs }: Start): number => cpuMs;
      console.log(`${name}: wall ${least(wall)} and ${middle(wall)} ms, CPU ${least(cpu)} and ${middle(cpu)} ms`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What Node itself takes: a server that answers everything. */
const BARE = 'require("node:http").createServer((_, response) => response.end()).listen(process.argv[1], "127.0.0.1")';

/** @throws Error without root, or when a server does not start */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { starts: { type: "string", default: "10" } } });
  const starts = Number(values.starts);
  if (!(Number.isInteger(starts) && starts > 0))
    throw new RangeError(`--starts must be a whole number from 1: it is "${values.starts}"`);
  if (isInside()) await measure(starts);
  else process.exitCode = runAgainInside();
}
