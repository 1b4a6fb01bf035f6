/**
 * The written form of what the page's plots are drawn from: a line of JSON with the series and the times, and then the counters of all
 * readings, as 64-bit words in the machine's order. Times are those of the boot that they were taken in; another boot's are moved onto
 * the present clock by what the wall clock says.
 */

import * as z from "zod";
import { type Hrtime, hrtime } from "../kstat/hrtime.ts";
import type { TrafficReading, TrafficRecord } from "../snapshot/traffic.ts";
import { parseObject, splitFirstLine } from "./file-checks.ts";
import { WORD_BYTES } from "./reading-rows.ts";
import type { SystemIdentity } from "./saved-state.ts";
import { type StateFault, stateFault } from "./state-fault.ts";

/** An instant on both clocks, and the boot of which the monotonic one is. */
export interface Moment {
  readonly system: SystemIdentity;
  readonly at: Hrtime;
  /** Milliseconds since 1970. */
  readonly wallMs: number;
}

/** What was saved, and when that was, in milliseconds since 1970. */
export interface SavedTraffic {
  readonly record: TrafficRecord;
  readonly savedMs: number;
}

/** Nanoseconds; of an earlier boot they may lie before the present one. */
const instant = z
  .string()
  .regex(/^-?\d{1,20}$/)
  .transform(BigInt);
const natural = z.int().min(0);
const head = z.object({
  boot: z.string(),
  at: instant,
  wallMs: natural,
  layouts: z.array(z.array(z.string())),
  /** Of each reading its time, its run and the number of its layout. */
  spans: z.record(z.string(), z.array(z.tuple([instant, natural, natural]))),
});

export function writeTraffic(record: TrafficRecord, { system, at, wallMs }: Moment): Uint8Array[] {
  const numbers = new Map<TrafficReading["layout"], number>();
  const numberOf = (layout: TrafficReading["layout"]): number => {
    const number = numbers.get(layout) ?? numbers.size;
    numbers.set(layout, number);
    return number;
  };
  const spans = Object.fromEntries(
    [...record].map(([name, readings]) => [
      name,
      readings.map((reading) => [String(reading.at), reading.run, numberOf(reading.layout)]),
    ]),
  );
  const layouts = [...numbers.keys()].map((layout) => [...layout.keys()]);
  const line = JSON.stringify({ boot: system.boot, at: String(at), wallMs, layouts, spans });
  const words = [...record.values()].flat().map(({ words: { buffer, byteOffset, byteLength } }) => {
    return new Uint8Array(buffer, byteOffset, byteLength);
  });
  return [Buffer.from(`${line}\n`), ...words];
}

/** Readings that the clock says are still to come are left out. */
export function readTraffic(bytes: Uint8Array, now: Moment): SavedTraffic | StateFault {
  const [line, counters] = splitFirstLine(bytes);
  const found = head.safeParse(parseObject(line));
  if (!found.success) return stateFault("damaged", "its second line is not that of saved traffic");
  const { boot, at: savedAt, wallMs, layouts, spans } = found.data;
  const isThisBoot = boot !== "" && boot === now.system.boot;
  const shift = isThisBoot ? 0n : now.at - savedAt - BigInt(Math.round((now.wallMs - wallMs) * 1e6));
  const maps = layouts.map((keys) => new Map(keys.map((name, n) => [name, n * 2])));
  const rows = Object.values(spans).flat();
  const sizeOf = (layout: number): number => 2 * (layouts[layout]?.length ?? 0);
  const total = rows.reduce((sum, [, , layout]) => sum + sizeOf(layout), 0);
  const rest = new Uint8Array(counters); // a copy, whose words lie where words may
  if (rest.length !== total * WORD_BYTES) return stateFault("damaged", `it has ${rest.length} bytes of counters`);
  const words = new BigUint64Array(rest.buffer, 0, total);
  let offset = 0;
  const record = new Map(
    Object.entries(spans).map(([name, readings]) => [
      name,
      readings
        .map(([at, run, number]): TrafficReading => {
          const own = words.subarray(offset, offset + sizeOf(number));
          offset += own.length;
          return { at: hrtime(at + shift), run, layout: maps[number] ?? new Map(), words: own };
        })
        .filter(({ at }) => at <= now.at),
    ]),
  );
  return { record, savedMs: wallMs };
}
