/**
 * Everything around the program goes wrong at random while a scraper, a manager and a browser ask: half of the time with its log on a disk
 * that fills up, half with a reader that stops and goes. The same seed makes the same day. Needs root.
 *
 *   npm run bench -- bad-day [--minutes=10] [--seed=1] [--days=2]
 *
 * Each question goes to a bare Node server too, at the same moment: what that takes is the machine's own delay. The longest waits are told with what was done
 * meanwhile, and with how long the program's main thread ran and how long it waited for a processor.
 *
 * Of each half, the program lives through so many days, so that memory which is kept is told from memory which is lost with each of them.
 */

import { parseArgs } from "node:util";
import { badDay, type ClientReport } from "../test/support/bad-day/day.ts";

/** @throws Error when the program does not live through it */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: "string", default: "10" },
      seed: { type: "string", default: "1" },
      days: { type: "string", default: "2" },
    },
  });
  const [minutes, seed, days] = [Number(values.minutes), Number(values.seed), Number(values.days)];
  if (!(minutes > 0) || !Number.isInteger(seed) || seed < 1 || !Number.isInteger(days) || days < 1)
    throw new RangeError("--minutes, --seed and --days must be numbers above 0");
  for (const log of ["disk", "pipe"] as const) {
    console.log(`log on a ${log}, ${days} days of ${minutes / 2 / days} minutes, seed ${seed}`);
    const { clients, ...rest } = await badDay((minutes * 30) / days, seed, log, days);
    for (const [client, report] of Object.entries(clients)) print(client, report);
    for (const [name, value] of Object.entries(rest)) console.log(`  ${name}: ${JSON.stringify(value)}`);
  }
}

function print(client: string, { asked, failures, worst, ...ms }: ClientReport): void {
  const [longest, median, bareLongest, bareMedian] = [ms.longestMs, ms.medianMs, ms.bareLongestMs, ms.bareMedianMs].map(
    Math.round,
  );
  console.log(
    `  ${client}: ${asked} questions, ${failures.length} not answered, ${median} ms at the median and ${longest} at most; ` +
      `the bare server ${bareMedian} and ${bareLongest}`,
  );
  for (const failure of new Set(failures)) console.log(`    ${failure}`);
  for (const wait of worst) {
    const [took, bare, ran, queued] = [wait.ms, wait.bareMs, wait.ranMs, wait.queuedMs].map(Math.round);
    console.log(`    ${took} ms (bare ${bare}; ran ${ran}, waited for a processor ${queued}) during: ${wait.during}`);
  }
}
