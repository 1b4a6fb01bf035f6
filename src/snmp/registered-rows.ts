/** The rows that a master agent is to ask us for: what it was asked to register (RFC 2741 section 6.2.3), and what of that it has granted. */

import { formatOid } from "../exposition/snmp/protocol/oid.ts";
import type { Registration } from "../exposition/snmp/view/registrations.ts";

/** Registrations by a name for the log. */
type Named = ReadonlyMap<string, Registration>;

export class RegisteredRows {
  /** What the master was asked for. What it refuses is no longer here, and asked for again. */
  readonly #asked = new Map<string, Registration>();
  readonly #granted = new Set<Registration>();
  /** By how much a registration goes before its usual priority: see #goBefore. */
  readonly #precedence = new Map<string, number>();
  #wanted = 0;
  #hadAll = false;

  /** How many there should be. */
  get wanted(): number {
    return this.#wanted;
  }

  /** Whether the master has granted all that are wanted. */
  get isComplete(): boolean {
    return this.#wanted > 0 && this.#granted.size === this.#wanted;
  }

  /** What the master is to be asked for now that these are wanted, and what is to be taken back. */
  follow(registrations: readonly Registration[]): { readonly added: Named; readonly gone: Named } {
    const wanted = new Map(registrations.map((one) => [nameOf(one), one]));
    this.#wanted = wanted.size;
    const gone = new Map([...this.#asked].filter(([name]) => !wanted.has(name)));
    for (const [name, one] of gone) this.#drop(name, one);
    const added = new Map<string, Registration>();
    for (const [name, usual] of wanted) {
      if (this.#asked.has(name)) continue;
      const one = { ...usual, priority: usual.priority - (this.#precedence.get(name) ?? 0) };
      this.#asked.set(name, one);
      added.set(name, one);
    }
    this.#hadAll ||= this.isComplete;
    return { added, gone };
  }

  /** The master's answer to one of those that were added. One that has been taken back meanwhile changes nothing. */
  answered(name: string, one: Registration, how: "granted" | "duplicate" | "refused"): void {
    if (how === "duplicate") this.#goBefore(name, one);
    if (this.#asked.get(name) !== one) return;
    if (how === "granted") this.#granted.add(one);
    else this.#drop(name, one);
    this.#hadAll ||= this.isComplete;
  }

  /** The session is over, and with it what was granted in it. */
  clear(): void {
    this.#asked.clear();
    this.#granted.clear();
  }

  #drop(name: string, one: Registration): void {
    this.#asked.delete(name);
    this.#granted.delete(one);
  }

  /**
   * The rows may be held by a session of ours that broke, in which the master still believes, perhaps until somebody asks for them. A
   * registration of another priority is no duplicate, and the lower number wins; so the next attempt is one lower.
   */
  #goBefore(name: string, { priority }: Registration): void {
    if (!this.#hadAll) return;
    this.#precedence.set(name, priority > 1 ? (this.#precedence.get(name) ?? 0) + 1 : 0);
  }
}

function nameOf({ subtree, rangeSubid, upper, priority }: Registration): string {
  return `${formatOid(subtree)}${rangeSubid === 0 ? "" : ` ${rangeSubid}-${upper}`} priority ${priority}`;
}
