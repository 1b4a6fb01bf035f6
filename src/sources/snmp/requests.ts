/**
 * Asks a device for many instances, in as few requests as it takes: one that is too big for it is halved, and so is one of version 1 that names
 * an instance that it does not have.
 */

import { type Answer, unanswered } from "./answer.ts";
import type { Manager, Row } from "./manager.ts";
import { TYPE, type Varbind, type Varbinds } from "./varbind.ts";

/** As many instances stay below 1,472 octets, answered. */
const MOST_INSTANCES = 60;

const TOO_SLOW = unanswered("timeout", "it answers too slowly to be polled in time");

export class Requests {
  readonly #manager: Manager;
  /** Fewer, once the device has said that so many are too many. */
  #most = MOST_INSTANCES;
  #until = Number.POSITIVE_INFINITY;

  constructor(manager: Manager) {
    this.#manager = manager;
  }

  /** From now on, what is asked has to be answered within so many milliseconds in all. */
  limit(milliseconds: number): void {
    this.#until = performance.now() + milliseconds;
  }

  get #isOver(): boolean {
    return performance.now() >= this.#until;
  }

  /** How many sets of so many instances go into one request, beside those that are asked for each time. */
  setsOf(instances: number, always: number): number {
    return Math.max(1, Math.floor((this.#most - always) / instances));
  }

  /** All rows of a column or of a table. */
  async walk(root: string): Promise<Answer<readonly Row[]>> {
    const rows = await this.#manager.walk(root, this.#until - performance.now());
    return rows.kind === "unanswered" && this.#isOver ? TOO_SLOW : rows;
  }

  /** The values of all `oids`, absent ones with the type noSuchInstance. Those of `always` are asked for together with each part of the others. */
  async get(always: readonly string[], oids: readonly string[]): Promise<Answer<Varbinds>> {
    if (this.#isOver) return TOO_SLOW;
    const isTooMany = always.length + oids.length > this.#most && oids.length > 1;
    if (!isTooMany) {
      const answer = await this.#manager.get([...always, ...oids]);
      if (answer.kind === "answered" || (answer.outcome !== "too_big" && answer.outcome !== "no_such_name"))
        return answer;
      const [only, ...others] = oids;
      if (only === undefined) return answer;
      if (others.length === 0) return answer.outcome === "no_such_name" ? this.#withoutOne(always, only) : answer;
      if (answer.outcome === "too_big") this.#most = always.length + (oids.length >> 1);
    }
    return this.#halves(always, oids);
  }

  async #halves(always: readonly string[], oids: readonly string[]): Promise<Answer<Varbinds>> {
    const half = oids.length >> 1;
    const first = await this.get(always, oids.slice(0, half));
    if (first.kind === "unanswered") return first;
    const second = await this.get(always, oids.slice(half));
    // What is asked for each time is taken from the first answer, whose values are the older ones.
    return second.kind === "unanswered"
      ? second
      : { kind: "answered", value: new Map([...second.value, ...first.value]) };
  }

  /** Version 1 says only that some name is missing: it is the one, when the others are there without it. */
  async #withoutOne(always: readonly string[], oid: string): Promise<Answer<Varbinds>> {
    const absent: Varbind = { oid, type: TYPE.noSuchInstance, value: null };
    if (always.length === 0) return { kind: "answered", value: new Map([[oid, absent]]) };
    const answer = await this.#manager.get(always);
    if (answer.kind === "unanswered") return answer;
    return { kind: "answered", value: new Map([...answer.value, [oid, absent]]) };
  }
}
