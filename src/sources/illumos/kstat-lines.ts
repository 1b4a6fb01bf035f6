/** What `kstat -p` prints: `module:instance:name:statistic`, a tab, the value. Kstats that vanished while they were read have no snaptime. */

import type { PrintedKstat } from "../../kstat/printed-kstat.ts";
import { linesOf } from "./fields.ts";

export type KstatLines =
  | {
      readonly kind: "kstats";
      readonly kstats: readonly PrintedKstat[];
      /** `module:instance:name` of kstats that were there and could not be read. */
      readonly vanished: readonly string[];
    }
  | { readonly kind: "unlike"; readonly line: string };

/** No name of a kstat holds a colon; that of a statistic may. */
const LINE = /^([^:\t]+):(\d{1,9}):([^:\t]+):([^\t]+)\t(.*)$/;

/** Seconds since boot, of thirty years at most: hrtime_t has 63 bits of nanoseconds. */
const TIME = /^\d{1,9}\.\d{9}$/;

/** What kstat(8) adds to the statistics of a kstat. */
const PSEUDO = new Set(["class", "crtime", "snaptime"]);

interface Block {
  readonly module: string;
  readonly instance: number;
  readonly name: string;
  readonly statistics: Map<string, string>;
}

export function parseKstats(text: string): KstatLines {
  const blocks = new Map<string, Block>();
  for (const line of linesOf(text)) {
    const [, module, instance, name, statistic, value] = LINE.exec(line) ?? [];
    if (module === undefined || name === undefined || statistic === undefined || value === undefined)
      return { kind: "unlike", line };
    const key = `${module}:${instance}:${name}`;
    const known = blocks.get(key);
    const block = known ?? { module, instance: Number(instance), name, statistics: new Map<string, string>() };
    if (!known) blocks.set(key, block);
    // Where two selectors fit, a kstat is printed twice.
    block.statistics.set(statistic, value);
  }
  const kstats: PrintedKstat[] = [];
  const vanished: string[] = [];
  for (const [key, { module, instance, name, statistics }] of blocks) {
    const [crtime, snaptime, ofClass = ""] = ["crtime", "snaptime", "class"].map((pseudo) => statistics.get(pseudo));
    if (snaptime === undefined || crtime === undefined) {
      vanished.push(key);
      continue;
    }
    const wrong = [crtime, snaptime].find((time) => !TIME.test(time));
    if (wrong !== undefined) return { kind: "unlike", line: `${key}: a time of ${wrong}` };
    const values = Array.from(statistics, ([statistic, value]) => ({ name: statistic, value })).filter(
      (statistic) => !PSEUDO.has(statistic.name),
    );
    kstats.push({ module, instance, name, class: ofClass, crtime, snaptime, statistics: values });
  }
  return { kind: "kstats", kstats, vanished };
}

/** Nanoseconds in `seconds` with nine decimals. */
export function nanosecondsOf(time: string): bigint {
  return BigInt(time.replace(".", ""));
}

/** The value of a statistic as an unsigned number of 64 bits; undefined when it has none, or holds text. */
export function numberOf({ statistics }: PrintedKstat, name: string): bigint | undefined {
  const text = statistics.find((statistic) => statistic.name === name)?.value;
  const value = text !== undefined && /^\d{1,20}$/.test(text) ? BigInt(text) : undefined;
  return value !== undefined && value < 1n << 64n ? value : undefined;
}
