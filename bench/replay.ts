/**
 * Speed and memory of the replay: a long random history without dumps, through the same code as `ipmp-exporter replay`.
 *
 * The trace is made first, so that making it is not measured; memory is what is in use after a collection, before and
 * after a million operations on one replay.
 *
 *   npm run bench -- replay [--ops=200000] [--seed=1] [--memory-ops=1000000]
 */

import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Replay } from "#src/replay/replay.js";
import { History } from "../test/replay/history.ts";

/** Passes over the trace, each on a new replay; the first warm up the compiler. */
const PASSES = 5;

function traceOf(seed: number, length: number): string[] {
  const history = new History(seed);
  return Array.from({ length }, () => history.next());
}

/** Operations per second of one pass, by the clock on the wall and by this process's own time: they differ on a busy machine. */
function speed(trace: readonly string[]): { wall: number; cpu: number } {
  const replay = new Replay(false);
  let characters = 0;
  const cpuBegin = process.cpuUsage();
  const wallBegin = process.hrtime.bigint();
  for (const line of trace) characters += replay.next(line).length;
  const wallSeconds = Number(process.hrtime.bigint() - wallBegin) / 1e9;
  const cpuSeconds = process.cpuUsage(cpuBegin).user / 1e6;
  if (characters === 0) throw new Error("The replay wrote nothing");
  return { wall: trace.length / wallSeconds, cpu: trace.length / cpuSeconds };
}

const count = (perSecond: number): string => Math.round(perSecond).toLocaleString("en");

/** Mebibytes in use after a collection. */
function heapInUse(): number {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      ops: { type: "string", default: "200000" },
      seed: { type: "string", default: "1" },
      "memory-ops": { type: "string", default: "1000000" },
    },
  });
  const seed = Number(values.seed);
  const trace = traceOf(seed, Number(values.ops));
  console.log(
    `${cpus()[0]?.model ?? "unknown CPU"}, Node ${process.version}, seed ${seed}, ${trace.length} operations a pass`,
  );
  for (let pass = 1; pass <= PASSES; pass++) {
    const { wall, cpu } = speed(trace);
    console.log(`pass ${pass}: ${count(wall)} operations/s, ${count(cpu)} per second of processor time`);
  }
  trace.length = 0;

  const history = new History(seed);
  const replay = new Replay(false);
  const operations = Number(values["memory-ops"]);
  const warmUp = Math.floor(operations / 10);
  for (let made = 0; made < warmUp; made++) replay.next(history.next());
  const before = heapInUse();
  for (let made = 0; made < operations; made++) replay.next(history.next());
  const after = heapInUse();
  console.log(
    `memory after ${warmUp} operations ${before.toFixed(1)} MiB, after ${operations} more ${after.toFixed(1)} MiB`,
  );
}
