/**
 * What a hub costs: devices with ports, polled by one process, whose CPU time, memory and answers to scrapes of one device are printed.
 *
 *   npm run bench -- devices [--devices=200] [--ports=48] [--interval=30] [--seconds=60]
 */

import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import type { Hooks } from "../test/support/netns.ts";
import { Program } from "../test/support/program.ts";
import { alone } from "./support/alone.ts";
import { cpuMilliseconds, residentMegabytes } from "./support/process-cost.ts";

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      devices: { type: "string", default: "200" },
      ports: { type: "string", default: "48" },
      interval: { type: "string", default: "30" },
      seconds: { type: "string", default: "60" },
    },
  });
  const size = {
    devices: Number(values.devices),
    ports: Number(values.ports),
    interval: Number(values.interval),
    seconds: Number(values.seconds),
  };
  await alone((hooks) => measure(hooks, size));
}

interface Size {
  readonly devices: number;
  readonly ports: number;
  /** Seconds from poll to poll, and of the measurement. */
  readonly interval: number;
  readonly seconds: number;
}

async function measure(hooks: Hooks, { devices, ports, interval, seconds }: Size): Promise<void> {
  const worker = new Worker(new URL("./support/device-farm.js", import.meta.url), { workerData: { devices, ports } });
  hooks.after(() => void worker.terminate());
  const targets = await new Promise<readonly string[]>((resolve) => worker.once("message", resolve));
  const sources = targets.map(
    (target, n) => `  - { name: sw${n}, kind: snmp, target: "${target}", interval: ${interval}s }`,
  );
  const groups = targets.map((_, n) => `  - { name: g${n}, interfaces: [{ source: sw${n}, match: "^eth" }] }`);
  const config = `sources:\n${sources.join("\n")}\ngroups:\n${groups.join("\n")}\n`;
  const program = await Program.start(hooks, { config });
  const polled = async () =>
    [...(await program.metrics())].filter(
      ([name, value]) => name.startsWith("ipmp_source_up{") && name.includes("snmp") && value === "1",
    );
  const members = async () =>
    [...(await program.metrics()).keys()].filter((name) => name.startsWith("ipmp_member_active{")).length;
  while ((await polled()).length < devices || (await members()) < devices * ports) await sleep(2_000);
  const before = cpuMilliseconds(program.pid);
  const began = performance.now();
  const scrapes: number[] = [];
  while (performance.now() - began < seconds * 1000) {
    const at = performance.now();
    await program.get(`/probe?target=sw${scrapes.length % devices}`);
    scrapes.push(performance.now() - at);
    await sleep(250);
  }
  const took = (performance.now() - began) / 1000;
  const samples = await program.metrics();
  const nowSeconds = Date.now() / 1000;
  const ages = [...samples]
    .filter(([name]) => name.startsWith("ipmp_source_last_success_timestamp_seconds{"))
    .map(([, value]) => nowSeconds - Number(value));
  const failed = [...samples]
    .filter(([name]) => name.startsWith("ipmp_source_polls_total{") && !name.includes("answered"))
    .reduce((sum, [, value]) => sum + Number(value), 0);
  scrapes.sort((a, b) => a - b);
  const rank = (share: number) =>
    (scrapes[Math.min(scrapes.length - 1, Math.floor(scrapes.length * share))] ?? 0).toFixed(1);
  console.log(`${devices} devices with ${ports} ports, polled every ${interval} s, for ${took.toFixed(0)} s`);
  const busy = (cpuMilliseconds(program.pid) - before) / 1000 / took;
  console.log(`CPU of the program, scrapes included: ${(busy * 100).toFixed(1)} % of one core`);
  console.log(`resident memory: ${residentMegabytes(program.pid).now.toFixed(0)} MB`);
  console.log(`oldest answer: ${Math.max(...ages).toFixed(1)} s; polls that failed: ${failed}`);
  console.log(
    `scrape of one device, ms: median ${rank(0.5)}, 99th percentile ${rank(0.99)}, slowest ${rank(1)} of ${scrapes.length}`,
  );
}
