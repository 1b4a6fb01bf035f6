/** What `top` knows: the groups as last asked, what they carried in the last minute, the last events, and whether the daemon answers. */

import type { EventAnswer } from "../event-answer.ts";
import { type GroupAnswer, labelOf } from "../group-answer.ts";

/** Bits per second in each direction. */
export interface Rate {
  readonly received: number;
  readonly sent: number;
}

/** So many rates are kept of each group: a minute, at one a second. */
export const KEPT_RATES = 60;
const KEPT_EVENTS = 100;

export interface Answers {
  /** Seconds since boot, as kstats count. */
  readonly at: string;
  /** ISO 8601. */
  readonly time: string;
  readonly groups: readonly GroupAnswer[];
  readonly events: readonly EventAnswer[];
}

/** Two counters of 64 bits and when they were read, in seconds. */
interface Reading {
  readonly at: number;
  readonly rbytes: bigint;
  readonly obytes: bigint;
}

export class TopModel {
  #answers: Answers | undefined;
  /** Why the daemon does not answer, and since when, in milliseconds since 1970. */
  #lost: { readonly why: string; readonly sinceMs: number } | undefined;
  #events: readonly EventAnswer[] = [];
  /** By group, and by group and member. */
  #readings = new Map<string, Reading>();
  #rates = new Map<string, readonly Rate[]>();

  get answers(): Answers | undefined {
    return this.#answers;
  }

  get lost(): { readonly why: string; readonly sinceMs: number } | undefined {
    return this.#lost;
  }

  /** The oldest first. */
  get events(): readonly EventAnswer[] {
    return this.#events;
  }

  /** The daemon has answered. */
  take(answers: Answers): void {
    this.#answers = answers;
    this.#lost = undefined;
    this.#events = answers.events.slice(-KEPT_EVENTS);
    const at = Number(answers.at);
    const readings = new Map<string, Reading>();
    const rates = new Map<string, readonly Rate[]>();
    const enter = (
      key: string,
      { rbytes64, obytes64 }: { readonly rbytes64: string | null; readonly obytes64: string | null },
    ): void => {
      if (rbytes64 === null || obytes64 === null) return; // a device that does not count them
      const reading = { at, rbytes: BigInt(rbytes64), obytes: BigInt(obytes64) };
      const rate = rateBetween(this.#readings.get(key), reading);
      const before = this.#rates.get(key) ?? [];
      readings.set(key, reading);
      rates.set(key, rate ? [...before, rate].slice(-KEPT_RATES) : before);
    };
    for (const { name, kstats, members } of answers.groups) {
      enter(name, kstats);
      for (const member of members) enter(memberKey(name, labelOf(member)), member.link_kstat);
    }
    this.#readings = readings;
    this.#rates = rates;
  }

  /** The daemon has not answered. What was known stays on the screen, and is said to be old. */
  lose(why: string, nowMs: number): void {
    this.#lost = { why, sinceMs: this.#lost?.sinceMs ?? nowMs };
  }

  /** The oldest first; empty until there are two readings. */
  ratesOf(group: string, label?: string): readonly Rate[] {
    return this.#rates.get(label === undefined ? group : memberKey(group, label)) ?? [];
  }
}

/** Neither name holds a NUL. */
function memberKey(group: string, label: string): string {
  return `${group}\0${label}`;
}

/** Undefined for the first reading, for one that is not newer, and for a counter that began anew. */
function rateBetween(before: Reading | undefined, now: Reading): Rate | undefined {
  if (!before || now.at <= before.at || now.rbytes < before.rbytes || now.obytes < before.obytes) return undefined;
  const seconds = now.at - before.at;
  return {
    received: (Number(now.rbytes - before.rbytes) * 8) / seconds,
    sent: (Number(now.obytes - before.obytes) * 8) / seconds,
  };
}
