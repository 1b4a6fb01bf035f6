/**
 * What the kernel itself says that the links carried since they were members: counted here by nothing but subtraction and
 * addition, to be compared with what the program says.
 */

/** @typedef {import("./stage.js").Bytes} Bytes */

/** @type {Bytes} */
const NOTHING = { received: 0n, sent: 0n };

/** @param {Bytes} a @param {Bytes} b @returns {Bytes} */
const plus = (a, b) => ({ received: a.received + b.received, sent: a.sent + b.sent });
/** @param {Bytes} a @param {Bytes} b @returns {Bytes} */
const minus = (a, b) => ({ received: a.received - b.received, sent: a.sent - b.sent });
/** @param {Iterable<Bytes>} all @returns {Bytes} */
export const sum = (all) => [...all].reduce(plus, NOTHING);

export class Ledger {
  /** @type {Map<string, Bytes>} readings at the join */
  #joined = new Map();
  #departed = NOTHING;

  /** @param {string} link @param {Bytes} [reading] nothing for a link that is new */
  join(link, reading = NOTHING) {
    this.#joined.set(link, reading);
  }

  /** @param {string} link @param {Bytes} [reading] its last */
  leave(link, reading = NOTHING) {
    this.#departed = plus(this.#departed, minus(reading, this.#joined.get(link) ?? NOTHING));
    this.#joined.delete(link);
  }

  /** @param {ReadonlyMap<string, Bytes>} now @returns {Bytes} */
  carried(now) {
    const present = [...this.#joined].map(([link, joined]) => minus(now.get(link) ?? joined, joined));
    return plus(this.#departed, sum(present));
  }
}
