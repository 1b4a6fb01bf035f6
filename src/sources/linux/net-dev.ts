/**
 * /proc/self/net/dev: the counters of all links by name (proc(5), net/core/net-procfs.c). Read through "self", which is there
 * even where the rest of /proc/net is hidden (ProcSubset=pid).
 */

import { Schema } from "../../kstat/schema.ts";
import { HIGH, LOW } from "../../os/words.ts";
import { linkName } from "./link-name.ts";

/** Columns after the name: eight received, eight sent. */
const COLUMNS = [
  ["rbytes", "rbytes64"],
  ["ipackets", "ipackets64"],
  ["ierrors"],
  ["norcvbuf"], // "drop" is rx_dropped + rx_missed_errors
  [], // fifo
  [], // frame
  [], // compressed
  ["multircv"],
  ["obytes", "obytes64"],
  ["opackets", "opackets64"],
  ["oerrors"],
  ["noxmtbuf"],
  [], // fifo
  ["collisions"],
  [], // carrier
  [], // compressed
] as const satisfies readonly (readonly string[])[];

/** What /proc/net/dev has. rx_nohandler ("unknowns") is not in it. */
export const NET_DEV_SCHEMA = new Schema(COLUMNS.flat().map((name) => ({ name, type: "uint64" as const })));

const FIRST_OF_COLUMN = COLUMNS.map((_, column) => COLUMNS.slice(0, column).flat().length);
const WIDTH_OF_COLUMN = COLUMNS.map((names) => names.length);

const SPACE = 0x20;
const NEWLINE = 0x0a;
const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;
/** Digits that a number holds exactly. */
const EXACT_DIGITS = 15;

/**
 * Calls `visit` for each link. `counters` is reused: good only until `visit` returns. A line that is not a link's (the two
 * of the heading, one that is cut) is passed over.
 */
export function parseNetDev(bytes: Uint8Array, visit: (name: string, counters: BigUint64Array) => void): void {
  const counters = new BigUint64Array(NET_DEV_SCHEMA.statistics.length);
  const words = new Uint32Array(counters.buffer);
  let at = 0;
  while (at < bytes.length) {
    let end = bytes.indexOf(NEWLINE, at);
    if (end < 0) end = bytes.length;
    let colon = end - 1; // the last one: a name may have others
    while (colon >= at && bytes[colon] !== COLON) colon--;
    if (colon >= at && parseColumns(bytes, colon + 1, end, words)) {
      let from = at;
      while (bytes[from] === SPACE) from++;
      visit(linkName(bytes.subarray(from, colon)), counters);
    }
    at = end + 1;
  }
}

/** @returns whether all the columns were there, each a number */
function parseColumns(bytes: Uint8Array, start: number, end: number, words: Uint32Array): boolean {
  let at = start;
  for (let column = 0; column < COLUMNS.length; column++) {
    while (at < end && bytes[at] === SPACE) at++;
    const from = at;
    let value = 0;
    for (let byte = bytes[at] ?? 0; at < end && byte >= ZERO && byte <= NINE; byte = bytes[++at] ?? 0) {
      value = value * 10 + (byte - ZERO);
    }
    if (at === from || (at < end && bytes[at] !== SPACE)) return false;
    let low = value >>> 0;
    let high = Math.floor(value / 0x1_0000_0000);
    if (at - from > EXACT_DIGITS) {
      const exact = BigInt(Buffer.from(bytes.buffer, bytes.byteOffset + from, at - from).toString("latin1"));
      low = Number(exact & 0xffff_ffffn);
      high = Number((exact >> 32n) & 0xffff_ffffn);
    }
    const first = 2 * (FIRST_OF_COLUMN[column] ?? 0);
    const last = first + 2 * (WIDTH_OF_COLUMN[column] ?? 0);
    for (let to = first; to < last; to += 2) {
      words[to + LOW] = low;
      words[to + HIGH] = high;
    }
  }
  return true;
}
