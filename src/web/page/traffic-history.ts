/**
 * What groups and members carried over the last minutes, hours and day: readings of snapshots, kept in memory with a bound, and over a restart. Counters are kept,
 * not rates, so that a rate can be taken over any span. Times are the monotonic ones of the snapshots.
 */

import type { Hrtime } from "../../kstat/hrtime.ts";
import { NET_INDEX } from "../../kstat/net.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";
import type { TrafficReading, TrafficRecord } from "../../snapshot/traffic.ts";

/** Bits per second in each direction. */
export interface Rate {
  readonly receive: number;
  readonly transmit: number;
}

/** A rate and the span that it was taken over. */
export interface RatePoint extends Rate {
  readonly from: Hrtime;
  readonly to: Hrtime;
}

/** A time that a plot can show: how far back it goes, and how far apart its readings are at least, however many pages are open. */
export interface Span {
  /** In the address of a page. */
  readonly name: string;
  /** After "the last". */
  readonly words: string;
  /** How long before now it begins. */
  readonly ago: string;
  readonly windowNs: bigint;
  readonly apartNs: bigint;
  /** Milliseconds of the clock between two lines of the plot's grid. */
  readonly gridMs: number;
}

export const SHORTEST: Span = {
  name: "5m",
  words: "5 minutes",
  ago: "5 minutes ago",
  windowNs: 300_000_000_000n,
  apartNs: 900_000_000n,
  gridMs: 60_000,
};
/** Each has some hundred readings. */
export const SPANS: readonly Span[] = [
  SHORTEST,
  {
    name: "1h",
    words: "hour",
    ago: "1 hour ago",
    windowNs: 3_600_000_000_000n,
    apartNs: 30_000_000_000n,
    gridMs: 600_000,
  },
  {
    name: "24h",
    words: "24 hours",
    ago: "24 hours ago",
    windowNs: 86_400_000_000_000n,
    apartNs: 600_000_000_000n,
    gridMs: 14_400_000,
  },
];

/** A rate "now" is taken over at least this long: over less, a burst of a few packets looks like a flood. */
const NOW_NS = 1_900_000_000n;
/** The readings of one span hold at most so many words (2 MiB): with thousands of links they are further apart. */
const MAX_WORDS = 262_144;

/** What an earlier run of the program has seen, and whether its counters go on in this one. */
export interface EarlierTraffic {
  readonly record: TrafficRecord;
  readonly goesOn: boolean;
}

export class TrafficHistory {
  readonly span: Span;
  readonly #readings: TrafficReading[];
  /** Number of the run whose counters are read now. */
  readonly #run: number;
  #words: number;

  constructor(span: Span, earlier?: EarlierTraffic) {
    this.span = span;
    this.#readings = [...(earlier?.record.get(span.name) ?? [])];
    const last = this.#readings.at(-1);
    this.#run = last === undefined ? 0 : last.run + (earlier?.goesOn ? 0 : 1);
    this.#words = this.#readings.reduce((sum, { words }) => sum + words.length, 0);
  }

  get readings(): readonly TrafficReading[] {
    return this.#readings;
  }

  /** Nanoseconds between two readings at least: where there are very many series, so far apart that those of the whole window can be kept. */
  get #apartNs(): bigint {
    const words = this.#readings.at(-1)?.words.length ?? 0;
    const fitting = (this.span.windowNs * BigInt(words)) / BigInt(MAX_WORDS);
    return fitting > this.span.apartNs ? fitting : this.span.apartNs;
  }

  /** Whether a snapshot of now would be taken in. */
  isDue(now: bigint): boolean {
    const last = this.#readings.at(-1);
    return last === undefined || now - last.at >= this.#apartNs;
  }

  /** Takes a snapshot in, unless there is one of about that moment. */
  record(snapshot: Snapshot): void {
    if (!this.isDue(snapshot.countersAt)) return;
    const last = this.#readings.at(-1);
    const reading = take(snapshot, this.#run, last?.layout);
    this.#readings.push(reading);
    this.#words += reading.words.length;
    while (this.#readings.length > 2 && this.#isTooMuch(snapshot.countersAt)) {
      this.#words -= this.#readings.shift()?.words.length ?? 0;
    }
  }

  /** A rate for each pair of readings that both have the series; the oldest first. */
  rates(key: string): readonly RatePoint[] {
    const points: RatePoint[] = [];
    for (let index = 1; index < this.#readings.length; index++) {
      const point = rateBetween(this.#readings[index - 1], this.#readings[index], key);
      if (point !== undefined) points.push(point);
    }
    return points;
  }

  /** The rate over the last seconds; undefined when it has not been watched for long enough. */
  now(key: string): Rate | undefined {
    const last = this.#readings.at(-1);
    if (last === undefined) return undefined;
    const before = this.#readings.findLast(({ at }) => last.at - at >= NOW_NS) ?? this.#readings[0];
    return rateBetween(before, last, key) ?? rateBetween(this.#readings.at(-2), last, key);
  }

  /** Devices that were members of the group in any reading, sorted. */
  devices(group: string): readonly string[] {
    const prefix = memberKey(group, "");
    const layouts = new Set(this.#readings.map(({ layout }) => layout));
    const found = new Set([...layouts].flatMap((layout) => [...layout.keys()].filter((key) => key.startsWith(prefix))));
    return [...found].map((key) => key.slice(prefix.length)).sort();
  }

  #isTooMuch(now: Hrtime): boolean {
    const [, second] = this.#readings;
    return this.#words > MAX_WORDS || (second !== undefined && now - second.at > this.span.windowNs);
  }
}

/** One history for each span. */
export class TrafficHistories {
  readonly #histories: ReadonlyMap<string, TrafficHistory>;
  /** What rates of now are taken from. */
  readonly shortest: TrafficHistory;

  constructor(earlier?: EarlierTraffic) {
    this.#histories = new Map(SPANS.map((span) => [span.name, new TrafficHistory(span, earlier)]));
    this.shortest = this.of(undefined);
  }

  /** What the next run of the program is to have. */
  get kept(): TrafficRecord {
    return new Map([...this.#histories].map(([name, { readings }]) => [name, readings]));
  }

  record(snapshot: Snapshot): void {
    for (const history of this.#histories.values()) history.record(snapshot);
  }

  /** By the name of a span; any other is the shortest. */
  of(name: unknown): TrafficHistory {
    const history = this.#histories.get(String(name)) ?? this.#histories.get(SHORTEST.name);
    if (!history) throw new Error("the shortest span is one of them");
    return history;
  }
}

export function groupKey(group: string): string {
  return group;
}

/** The line break separates: no name of a group or of a link holds one, since control characters are taken out of what devices say. */
export function memberKey(group: string, device: string): string {
  return `${group}\n${device}`;
}

function take(
  { countersAt: at, groups }: Snapshot,
  run: number,
  before: TrafficReading["layout"] | undefined,
): TrafficReading {
  const keys: string[] = [];
  const words = new BigUint64Array(2 * groups.reduce((sum, { members }) => sum + 1 + members.length, 0));
  const add = (key: string, valueOf: (slot: number) => bigint): void => {
    words[2 * keys.length] = valueOf(NET_INDEX.rbytes64);
    words[2 * keys.length + 1] = valueOf(NET_INDEX.obytes64);
    keys.push(key);
  };
  for (const { name, total, members } of groups) {
    add(groupKey(name), (slot) => total[slot] ?? 0n);
    for (const { label, baseline, share } of members)
      add(memberKey(name, label), (slot) => (baseline[slot] ?? 0n) + (share[slot] ?? 0n));
  }
  const isSame = before?.size === keys.length && keys.every((key, index) => before.get(key) === index * 2);
  const layout = isSame ? before : new Map(keys.map((key, index) => [key, index * 2]));
  return { at, run, layout, words };
}

/** Undefined where a reading lacks the series, and where its counters began anew in between. */
function rateBetween(
  before: TrafficReading | undefined,
  after: TrafficReading | undefined,
  key: string,
): RatePoint | undefined {
  if (before === undefined || after === undefined || after.at <= before.at || after.run !== before.run)
    return undefined;
  const from = before.layout.get(key);
  const to = after.layout.get(key);
  if (from === undefined || to === undefined) return undefined;
  const bits = (offset: number): number => {
    const moved = (after.words[to + offset] ?? 0n) - (before.words[from + offset] ?? 0n);
    return (Number(moved) * 8e9) / Number(after.at - before.at);
  };
  const [receive, transmit] = [bits(0), bits(1)];
  return receive < 0 || transmit < 0 ? undefined : { from: before.at, to: after.at, receive, transmit };
}
