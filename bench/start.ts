/**
 * The time from the start to the first complete scrape, beside node_exporter's netdev collector.
 *
 * Both are started in turn on a host with four links; CPU is the user and system time of the process until it has answered. Needs root
 * and Debian's prometheus-node-exporter.
 *
 *   npm run bench -- start [--starts=10]
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startFloor } from "./support/floor.ts";
import { machine } from "./support/machine.ts";
import { isInside, makeVeths, runAgainInside } from "./support/namespace.ts";
import { FLOOR_PORT, groupsOf, startNodeExporter, startProgram } from "./support/program.ts";
import type { Server } from "./support/server.ts";

interface Start {
  readonly wallMs: number;
  readonly cpuMs: number;
}

async function timed(start: () => Server): Promise<Start> {
  const began = performance.now();
  const server = start();
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
    const configured = groupsOf(makeVeths(4), 2);
    const found: Record<string, Start[]> = { "ipmp-exporter": [], node_exporter: [], "node alone": [] };
    for (let n = 0; n < starts; n++) {
      found["ipmp-exporter"]?.push(await timed(() => startProgram(folder, configured)));
      found["node_exporter"]?.push(await timed(startNodeExporter));
      found["node alone"]?.push(await timed(() => startFloor(FLOOR_PORT, 1)));
    }
    console.log(machine());
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

/** @throws Error without root, or when a server does not start */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { starts: { type: "string", default: "10" } } });
  const starts = Number(values.starts);
  if (!(Number.isInteger(starts) && starts > 0))
    throw new RangeError(`--starts must be a whole number from 1: it is "${values.starts}"`);
  if (isInside()) await measure(starts);
  else process.exitCode = runAgainInside();
}
