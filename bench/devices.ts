/**
 * What a hub costs: devices with ports, polled by one process, whose CPU time, memory, lateness and answers to scrapes of one device are printed.
 *
 *   npm run bench -- devices [--devices=200] [--ports=48] [--interval=30] [--seconds=60] [--node-option=OPTION]...
 */

import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import type { Hooks } from "../test/support/netns.ts";
import { Program } from "../test/support/program.ts";
import { alone } from "./support/alone.ts";
import { startFloor } from "./support/floor.ts";
import { HUB_NODE_OPTIONS } from "./support/node-options.ts";
import { cpuMilliseconds, residentMegabytes } from "./support/process-cost.ts";

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      devices: { type: "string", default: "200" },
      ports: { type: "string", default: "48" },
      interval: { type: "string", default: "30" },
      seconds: { type: "string", default: "60" },
      "node-option": { type: "string", multiple: true, default: [...HUB_NODE_OPTIONS] },
    },
  });
  const size = {
    devices: Number(values.devices),
    ports: Number(values.ports),
    interval: Number(values.interval),
    seconds: Number(values.seconds),
  };
  await alone((hooks) => measure(hooks, size, values["node-option"]));
}

interface Size {
  readonly devices: number;
  readonly ports: number;
  /** Seconds from poll to poll, and of the measurement. */
  readonly interval: number;
  readonly seconds: number;
}

/** The share of the interval by which a poll may begin earlier. */
const JITTER = 0.1;
/** Milliseconds between two scrapes. */
const PAUSE_MS = 250;

async function measure(hooks: Hooks, size: Size, nodeOptions: readonly string[]): Promise<void> {
  const { devices, ports, interval, seconds } = size;
  const workerData = { devices, ports, pauseMs: interval * 500 };
  const worker = new Worker(new URL("./support/device-farm.js", import.meta.url), { workerData });
  hooks.after(() => void worker.terminate());
  const [targets] = (await once(worker, "message")) as [readonly string[]];
  const sources = targets.map(
    (target, n) => `  - { name: sw${n}, kind: snmp, target: "${target}", interval: ${interval}s }`,
  );
  const groups = targets.map((_, n) => `  - { name: g${n}, interfaces: [{ source: sw${n}, match: "^eth" }] }`);
  const config = `sources:\n${sources.join("\n")}\ngroups:\n${groups.join("\n")}\n`;
  const program = await Program.start(hooks, { config, nodeOptions });
  while ((await membersOf(program)) < devices * ports) await sleep(2_000);
  // What every link is first asked for is behind it then, and each device has been polled as it is from now on.
  await sleep(interval * 1_500);
  const floor = startFloor(await freePort(), (await program.get("/probe?target=sw0")).body.length);
  hooks.after(() => void floor.stop());
  await floor.ready("/");
  const before = cpuMilliseconds(program.pid);
  const failedBefore = await failedPolls(program);
  const began = performance.now();
  const begins = Date.now();
  const scrapes: number[] = [];
  const floors: number[] = [];
  while (performance.now() - began < seconds * 1000) {
    scrapes.push(await timed(() => program.get(`/probe?target=sw${scrapes.length % devices}`)));
    await sleep(PAUSE_MS / 2);
    floors.push(await timed(() => floor.get("/")));
    await sleep(PAUSE_MS / 2);
  }
  const took = (performance.now() - began) / 1000;
  const busy = (cpuMilliseconds(program.pid) - before) / 1000 / took;
  worker.postMessage("when");
  const [polls] = (await once(worker, "message")) as [readonly (readonly number[])[]];
  const gaps = polls.flatMap((times) =>
    times.flatMap((time, n) => (n > 0 && time > begins ? [(time - (times[n - 1] ?? time)) / 1000] : [])),
  );
  console.log(`${devices} devices with ${ports} ports, polled every ${interval} s, for ${took.toFixed(0)} s`);
  console.log(`CPU of the program, scrapes included: ${(busy * 100).toFixed(1)} % of one core`);
  const { now, peak } = residentMegabytes(program.pid);
  console.log(`resident memory: ${now.toFixed(0)} MB, ${peak.toFixed(0)} at most`);
  const latest = (Math.max(...gaps) - interval) * 1000;
  console.log(
    `polls seen by the devices: ${gaps.length}, the latest ${latest.toFixed(0)} ms after its interval was over` +
      ` (jitter: ${(JITTER * interval * 1000).toFixed(0)} ms); failed: ${(await failedPolls(program)) - failedBefore}`,
  );
  console.log(`scrape of one device, ms: ${ranks(scrapes)}`);
  console.log(`Node alone, asked in turn with it: ${ranks(floors)}`);
  program.signal("SIGTERM"); // so that a profile is written
  await program.exited();
}

async function timed(ask: () => Promise<unknown>): Promise<number> {
  const at = performance.now();
  await ask();
  return performance.now() - at;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}

async function membersOf(program: Program): Promise<number> {
  const { body } = await program.get("/metrics?collect[]=group");
  return sumOf(body, /^ipmp_group_members\{.*state="active"\} (\d+)$/gm);
}

async function failedPolls(program: Program): Promise<number> {
  const { body } = await program.get("/metrics?collect[]=source");
  return sumOf(body, /^ipmp_source_polls_total\{(?!.*"answered").*\} (\d+)$/gm);
}

function sumOf(page: string, sample: RegExp): number {
  return [...page.matchAll(sample)].reduce((sum, [, value]) => sum + Number(value), 0);
}

function ranks(milliseconds: readonly number[]): string {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const rank = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
  return `median ${rank(0.5)}, 99th percentile ${rank(0.99)}, slowest ${rank(1)} of ${sorted.length}`;
}
