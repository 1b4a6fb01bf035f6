/**
 * Puts questions to one source. A source may refuse to answer: then what is known of it stays as it was last seen, and people are told
 * once per cause, because a system without memory refuses many times a second.
 */

import type { Transition } from "../../snapshot/event.ts";

/** What a source answered; `cause` says in one line why it did not. */
export type Answer<T> = { readonly kind: "answered"; readonly value: T } | Refused;

export interface Refused {
  readonly kind: "refused";
  readonly cause: string;
}

const ANSWERED: Answer<void> = { kind: "answered", value: undefined };

export class Questions {
  /** Whether everything asked since it was last forgiven was answered. */
  outcome: Answer<void> = ANSWERED;
  readonly #source: string;
  readonly #announce: (transition: Transition) => void;
  /** The refusal that was announced last, until a whole collection is answered again. */
  #announced: string | undefined;

  /** `source`: its name. */
  constructor(source: string, announce: (transition: Transition) => void) {
    this.#source = source;
    this.#announce = announce;
  }

  ask<T>(question: () => T): Answer<T> {
    try {
      return { kind: "answered", value: question() };
    } catch (error) {
      return this.refused(error instanceof Error ? error.message : String(error));
    }
  }

  /** The source did not answer, or says itself that it cannot. */
  refused(cause: string): Refused {
    if (cause !== this.#announced) this.#announce({ kind: "source-unanswered", source: this.#source, cause });
    this.#announced = cause;
    this.outcome = { kind: "refused", cause };
    return this.outcome;
  }

  /** Refusals until now are past: the outcome is that of what is asked from here on. */
  forgive(): void {
    this.outcome = ANSWERED;
  }

  /** All counters were asked for: when nothing was refused, that is said where a refusal was, and the next refusal is news again. */
  collected(): void {
    if (this.outcome.kind !== "answered" || this.#announced === undefined) return;
    this.#announce({ kind: "source-answers", source: this.#source, cause: `after: ${this.#announced}` });
    this.#announced = undefined;
  }
}
