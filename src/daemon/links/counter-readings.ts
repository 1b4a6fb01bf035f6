/** Counters of one source's links: read all at once when somebody wants them, taken from its polls, and what of them could not be continued. */

import type { Hrtime } from "../../kstat/hrtime.ts";
import { RESET_REASONS, type ResetReason } from "../../settling/reset-reason.ts";
import type { ReadingContext } from "../../settling/settled-link.ts";
import type { Transition } from "../../snapshot/event.ts";
import type { CounterRow, Source } from "../../sources/source.ts";
import type { Membership } from "../groups/membership.ts";
import type { Clock } from "../process/clock.ts";
import { DiscontinuityCounts } from "./discontinuity-counts.ts";
import type { Link } from "./link.ts";
import type { LinkTable } from "./link-table.ts";
import type { Questions } from "./questions.ts";

/** Nanoseconds. */
const ASK_AGAIN_NS = 60_000_000_000n;

export interface CounterReadingsParts {
  readonly source: Source;
  readonly clock: Clock;
  readonly links: LinkTable;
  readonly membership: Membership;
  readonly questions: Questions;
  readonly announce: (transition: Transition) => void;
}

export class CounterReadings {
  readonly #source: Source;
  readonly #clock: Clock;
  readonly #links: LinkTable;
  readonly #membership: Membership;
  readonly #questions: Questions;
  readonly #announce: (transition: Transition) => void;
  readonly resets = new DiscontinuityCounts();
  #reads = 0n;
  /** When what changes without an event was last asked for. */
  #askedAgainAt: Hrtime;

  constructor({ source, clock, links, membership, questions, announce }: CounterReadingsParts) {
    this.#source = source;
    this.#clock = clock;
    this.#links = links;
    this.#membership = membership;
    this.#questions = questions;
    this.#announce = announce;
    this.#askedAgainAt = clock.now();
  }

  /** Times that the counters of all links were read. */
  get reads(): bigint {
    return this.#reads;
  }

  /** Reads the counters of all links now, where the source can be asked. */
  readAll(): void {
    const at = this.#clock.now();
    if (this.#source.readCounters) this.#reads++;
    this.#askAgain(at);
    this.#questions.ask(() => this.#source.readCounters?.((ifindex, counters) => this.#take(ifindex, counters, at)));
    this.#questions.collected();
  }

  /** Those of one link now; undefined where the source cannot be asked, or does not have it. */
  readOne(wanted: number): BigUint64Array | undefined {
    let found: BigUint64Array | undefined;
    this.#questions.ask(() =>
      this.#source.readCounters?.((ifindex, counters) => {
        if (ifindex === wanted) found = counters.slice();
      }),
    );
    return found;
  }

  /** What a poll at `at` has read: the counters of all links, or where it failed, of some. */
  takePoll(rows: readonly CounterRow[], at: Hrtime, isWhole: boolean): void {
    if (isWhole) this.#reads++;
    for (const row of rows) this.#takeRow(row, at);
  }

  noticeReset(device: string, reason: ResetReason): void {
    this.resets.count(device, reason);
    this.#announce({ kind: "counter-reset", device, reason, cause: RESET_REASONS[reason].cause });
  }

  /** One link's counters of a poll at `at`, or at a time of their own. */
  #takeRow({ ifindex, counters, at: readAt, anew }: CounterRow, at: Hrtime): void {
    const link = this.#links.get(ifindex);
    if (!link || !anew) this.#take(ifindex, counters, readAt ?? at);
    else {
      link.settled.beginAnew(counters, readAt ?? at);
      if (anew !== "incomplete") this.noticeReset(link.label, anew); // nothing had been counted yet
    }
  }

  /** Members' speed may change without an event: it is asked for now and then, when somebody wants counters. */
  #askAgain(now: Hrtime): void {
    if (!this.#source.askAgain || now - this.#askedAgainAt < ASK_AGAIN_NS) return;
    this.#askedAgainAt = now;
    const members = [...this.#links].filter((link) => this.#membership.memberOf(link) || link.attributes.aggregate);
    this.#questions.ask(() => this.#source.askAgain?.(members.map(({ ifindex }) => ifindex)));
  }

  /** One link's counters as they were at `at`. */
  #take(ifindex: number, counters: BigUint64Array, at: Hrtime): void {
    const link = this.#links.get(ifindex);
    if (!link) return;
    const reset = link.settled.read(counters, contextOf(link, at));
    if (reset) this.noticeReset(link.label, reset);
  }
}

/** What settling wants to know of the moment of a reading. */
export function contextOf(link: Link, at: Hrtime): ReadingContext {
  return new ContextOfLink(link, at);
}

/** How fast a link is matters only when a counter of it has fallen: it is looked up then, and not for ten thousand links at each reading. */
class ContextOfLink implements ReadingContext {
  readonly at: Hrtime;
  readonly #link: Link;

  constructor(link: Link, at: Hrtime) {
    this.at = at;
    this.#link = link;
  }

  get speedBitsPerSecond(): number | undefined {
    return this.#link.attributes.speedBitsPerSecond;
  }
}
