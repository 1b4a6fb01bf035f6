/**
 * The counters of a link as netlink has them: struct rtnl_link_stats64 (linux/if_link.h), under their kstat names.
 *
 * The kernel grows the struct at its end (184 bytes before 4.6, 192 before 5.19, 200 now): a field that an older kernel
 * does not have reads 0. Values are copied as pairs of 32-bit words, because attributes are only four-aligned and because
 * no bigint is made on the way.
 */

import { Schema } from "../../kstat/schema.ts";
import { addWords } from "./counter-words.ts";
import type { Frame } from "./netlink-wire.ts";

/** Position of a field in struct rtnl_link_stats64. */
const FIELD = {
  rx_packets: 0,
  tx_packets: 1,
  rx_bytes: 2,
  tx_bytes: 3,
  rx_errors: 4,
  tx_errors: 5,
  rx_dropped: 6,
  tx_dropped: 7,
  multicast: 8,
  collisions: 9,
  rx_missed_errors: 15,
  rx_nohandler: 23,
} as const;

type Field = keyof typeof FIELD;

/**
 * Each statistic is a field, or the sum of two. The 32-bit names carry the whole value: a group's kstat shows the low half.
 * multixmt, brdcstrcv and brdcstxmt are absent: Linux does not count them.
 */
const STATISTICS: readonly (readonly [name: string, field: Field, plus?: Field])[] = [
  ["obytes", "tx_bytes"],
  ["obytes64", "tx_bytes"],
  ["rbytes", "rx_bytes"],
  ["rbytes64", "rx_bytes"],
  ["opackets", "tx_packets"],
  ["opackets64", "tx_packets"],
  ["oerrors", "tx_errors"],
  ["ipackets", "rx_packets"],
  ["ipackets64", "rx_packets"],
  ["ierrors", "rx_errors"],
  ["multircv", "multicast"],
  ["norcvbuf", "rx_dropped", "rx_missed_errors"],
  ["noxmtbuf", "tx_dropped"],
  ["unknowns", "rx_nohandler"],
  ["collisions", "collisions"],
];

export const LINK_SCHEMA = new Schema(STATISTICS.map(([name]) => ({ name, type: "uint64" })));

/** For each statistic its field, and the field to add or -1. */
const SOURCE_OF = Int32Array.from(
  STATISTICS.flatMap(([, field, plus]) => [FIELD[field], plus === undefined ? -1 : FIELD[plus]]),
);

/**
 * Writes the statistics of the struct at `start` of the frame to `out`, from word `at` on.
 * @param end where the struct ends in the frame: fields beyond it are 0.
 */
export function copyCounters(frame: Frame, start: number, end: number, out: Uint32Array, at: number): void {
  const words = frame.u32;
  const first = start >> 2;
  const fields = Math.max(0, end - start) >> 3;
  for (let index = 0, to = at; index < SOURCE_OF.length; index += 2, to += 2) {
    const field = SOURCE_OF[index] ?? 0;
    if (field < fields) {
      out[to] = words[first + 2 * field] ?? 0;
      out[to + 1] = words[first + 2 * field + 1] ?? 0;
    } else {
      out[to] = 0;
      out[to + 1] = 0;
    }
    const plus = SOURCE_OF[index + 1] ?? -1;
    if (plus >= 0 && plus < fields) addWords(out, to, words, first + 2 * plus);
  }
}

/** The statistics of one link, in an array of its own. */
export function countersOf(frame: Frame, start: number, end: number): BigUint64Array {
  const counters = new BigUint64Array(STATISTICS.length);
  copyCounters(frame, start, end, new Uint32Array(counters.buffer), 0);
  return counters;
}
