/**
 * Scrapes the program without a pause, as many Prometheus servers would, and keeps what they would make of it. Complains when a
 * counter falls, or jumps further than the traffic can carry it, while its start time is the same.
 */

import { setTimeout as wait } from "node:timers/promises";
import type { Program } from "../../test/support/program.ts";
import { eventually } from "../../test/support/wait.ts";
import { COUNT_NAMES, type Counts, counts, isSame, larger, minus, sum, ZERO } from "./counts.ts";
import { Increase } from "./increase.ts";

/** Between two scrapes; no more than a tenth of one core. */
const PAUSE_MS = 20;
/** Every link has carried more than this before the program starts. */
export const HISTORY_BYTES = 100_000_000n;
/** A counter that grows by so much more than the links have carried since it last grew has counted a link's history. */
const JUMP_BYTES = HISTORY_BYTES / 2n;

export interface WatchOptions {
  /** Names of groups. */
  readonly groups: readonly string[];
  /** Who is to be asked now: nobody while it is restarted, and then another one. */
  readonly program: () => Program | undefined;
  /** What the kernel says of the links, taken before and after every scrape. */
  readonly kernel: () => ReadonlyMap<string, Counts>;
}

interface Series {
  readonly increase: Increase;
  last: Counts | undefined;
  /** What the kernel said of the links before the scrape in which the group's counters last grew. */
  kernel: ReadonlyMap<string, Counts>;
  crtime: string | undefined;
}

interface Scrape {
  readonly samples: ReadonlyMap<string, string>;
  /** What the kernel said of the links before it, and after. */
  readonly before: ReadonlyMap<string, Counts>;
  readonly after: ReadonlyMap<string, Counts>;
  readonly crtime: string | undefined;
}

export class Watch {
  readonly #options: WatchOptions;
  readonly #series = new Map<string, Series>();
  readonly #done: Promise<void>;
  #running = true;
  #asked: Program | undefined;
  /** No scrapes for a while. */
  paused = false;
  /** Falls and jumps within one start time. */
  readonly faults: string[] = [];
  /** Group counters that began anew, with a new start time. */
  beginnings = 0;
  scrapes = 0;
  /** Of each link, just before the last scrape that had it as a member. What it had carried by then, the program has seen. */
  readonly seen = new Map<string, Counts>();
  /** The same, for the last scrape of the program before this one. */
  seenBefore: ReadonlyMap<string, Counts> = new Map();

  constructor(options: WatchOptions) {
    this.#options = options;
    for (const group of options.groups) {
      this.#series.set(group, { increase: new Increase(), last: undefined, kernel: new Map(), crtime: undefined });
    }
    this.#done = this.#run();
  }

  /** What the groups' counters grew by, as increase() has it. */
  get said(): Counts {
    return sum([...this.#series.values()].map(({ increase }) => increase.total));
  }

  of(group: string): Counts {
    return this.#series.get(group)?.increase.total ?? ZERO;
  }

  /** Waits for scrapes that begin after now. */
  async fresh(): Promise<void> {
    const until = this.scrapes + 2; // one may be under way
    await eventually(
      () => this.scrapes >= until,
      () => "the program does not answer scrapes",
    );
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#done;
  }

  async #run(): Promise<void> {
    while (this.#running) {
      const program = this.paused ? undefined : this.#options.program();
      const before = this.#options.kernel();
      try {
        if (!program) throw new Error("It is not there");
        const isOther = program !== this.#asked;
        const atFirst = isOther ? await crtimes(program) : undefined;
        const samples = await program.metrics();
        const after = this.#options.kernel();
        // What fell may be of a group that was made anew.
        const beginnings = atFirst ?? (this.#hasFallen(samples) ? await crtimes(program) : undefined);
        if (isOther) this.seenBefore = new Map(this.seen);
        this.#asked = program;
        for (const [group, series] of this.#series) {
          this.#take(group, series, { samples, before, after, crtime: beginnings?.get(group) ?? series.crtime });
        }
        for (const [device, now] of before) if (isMember(samples, device)) this.seen.set(device, now);
        this.scrapes++;
      } catch {
        // It is not there, or went away in the middle of an answer.
      }
      await wait(PAUSE_MS);
    }
  }

  #hasFallen(samples: ReadonlyMap<string, string>): boolean {
    return [...this.#series].some(([group, { last }]) =>
      COUNT_NAMES.some((name) => {
        const now = samples.get(`ipmp_group_${name}_total{group="${group}"}`);
        return last !== undefined && now !== undefined && BigInt(now) < last[name];
      }),
    );
  }

  #take(group: string, series: Series, { samples, before, after, crtime }: Scrape): void {
    const texts = COUNT_NAMES.map((name) => samples.get(`ipmp_group_${name}_total{group="${group}"}`));
    if (texts.includes(undefined)) return;
    const now = counts((name) => BigInt(texts[COUNT_NAMES.indexOf(name)] ?? 0));
    const isSameStart = crtime === series.crtime;
    if (!isSameStart && series.last) this.beginnings++;
    const last = series.last ?? now;
    const carried = growth(series.kernel, after);
    for (const name of COUNT_NAMES) {
      if (isSameStart && now[name] < last[name]) {
        this.faults.push(`${group} ${name} fell from ${last[name]} to ${now[name]}`);
      }
      if (now[name] - last[name] >= carried[name] + JUMP_BYTES) {
        this.faults.push(`${group} ${name} jumped from ${last[name]} to ${now[name]}`);
      }
    }
    series.increase.add(now);
    if (series.last === undefined || !isSame(now, last)) series.kernel = before;
    series.last = now;
    series.crtime = crtime;
  }
}

/** What the links that were there before and are there now have carried in between; a counter that fell counts as none. */
function growth(before: ReadonlyMap<string, Counts>, now: ReadonlyMap<string, Counts>): Counts {
  return sum(
    [...now].map(([device, counted]) =>
      minus(larger(counted, before.get(device) ?? counted), before.get(device) ?? counted),
    ),
  );
}

function isMember(samples: ReadonlyMap<string, string>, device: string): boolean {
  for (const sample of samples.keys()) {
    if (sample.startsWith("ipmp_member_receive_bytes_total{") && sample.includes(`device="${device}"`)) return true;
  }
  return false;
}

/** When the counters of each group began. */
async function crtimes(program: Program): Promise<Map<string, string>> {
  const { body } = await program.get("/api/v1/groups");
  const { groups } = JSON.parse(body) as { readonly groups: readonly { name: string; crtime: string }[] }; // the contract's
  return new Map(groups.map(({ name, crtime }) => [name, crtime]));
}
