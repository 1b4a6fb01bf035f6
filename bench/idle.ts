/**
 * What the program costs while nobody asks it anything: CPU and wake-ups with four links, each wake-up with its reason.
 *
 * Beside it rest node_exporter, and Node alone, less than which no program on Node takes. CPU, to the nanosecond, and the number of wake-ups
 * are those that the kernel counts after V8 has collected what the start has left: it does so twice within the first minute. Reasons are then
 * told by strace, which itself slows all three. Needs root, strace and Debian's prometheus-node-exporter.
 *
 *   npm run bench -- idle [--seconds=60] [--traced-seconds=60] [--settle-seconds=50]
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { wakeUps } from "./idle/wake-ups.ts";
import { startFloor } from "./support/floor.ts";
import { machine } from "./support/machine.ts";
import { isInside, makeVeths, runAgainInside } from "./support/namespace.ts";
import { numbers } from "./support/options.ts";
import { FLOOR_PORT, groupsOf, startNodeExporter, startProgram } from "./support/program.ts";
import type { Server } from "./support/server.ts";

const DEFAULTS = { seconds: 60, "traced-seconds": 60, "settle-seconds": 50 };
type Options = typeof DEFAULTS;

/** What strace saw of a server in so many seconds. @throws Error without strace */
async function trace({ pid }: Server, seconds: number, file: string): Promise<string> {
  const strace = spawn("strace", ["-f", "-yy", "-q", "-e", "signal=none", "-o", file, "-p", `${pid}`], {
    stdio: "ignore",
  });
  const ended = once(strace, "exit"); // throws when it cannot be started
  await Promise.race([wait(seconds * 1000), ended]);
  strace.kill("SIGINT");
  await ended;
  return readFileSync(file, "utf8");
}

async function measure(options: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-bench-"));
  const servers: Record<string, Server> = {
    "ipmp-exporter": startProgram(folder, groupsOf(makeVeths(4), 2)),
    node_exporter: startNodeExporter(),
    "Node alone": startFloor(FLOOR_PORT, 1),
  };
  const all = Object.entries(servers);
  try {
    for (const [, server] of all) {
      await server.ready("/");
      server.disconnect();
    }
    await wait(options["settle-seconds"] * 1000);
    const before = all.map(([, server]) => ({ cpu: server.cpuMilliseconds(), waits: server.waits() }));
    await wait(options.seconds * 1000);
    console.log(machine());
    console.log(`${options.seconds} seconds at rest`);
    for (const [index, [name, server]] of all.entries()) {
      const { cpu, waits } = before[index] ?? { cpu: Number.NaN, waits: Number.NaN };
      console.log(
        `  ${name}: ${(server.cpuMilliseconds() - cpu).toFixed(1)} ms of CPU, ${server.waits() - waits} waits`,
      );
    }
    const seconds = options["traced-seconds"];
    const traces = await Promise.all(
      all.map(async ([name, server]) => ({
        name,
        found: wakeUps(await trace(server, seconds, join(folder, `trace of ${name}`)), server.pid),
      })),
    );
    console.log(`wake-ups in another ${seconds} seconds, by strace`);
    for (const { name, found } of traces) {
      console.log(`  ${name}:${found.size === 0 ? " none" : ""}`);
      for (const [reason, count] of [...found].sort(([, a], [, b]) => b - a))
        console.log(`  ${`${count}`.padStart(6)}  ${reason}`);
    }
  } finally {
    await Promise.all(all.map(([, server]) => server.stop()));
    rmSync(folder, { recursive: true });
  }
}

/** @throws Error when an argument is not a number, without root or strace, or when a server does not start */
export async function run(args: readonly string[]): Promise<void> {
  const options = numbers(args, DEFAULTS);
  if (isInside()) await measure(options);
  else process.exitCode = runAgainInside();
}
