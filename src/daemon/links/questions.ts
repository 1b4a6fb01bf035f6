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

/** Causes that are announced until the source answers. Some have in them what a system says, which may be another thing each time. */
const MOST_CAUSES = 10;

const ANSWERED: Answer<void> = { kind: "answered", value: undefined };

export class Questions {
  readonly #source: string;
  readonly #announce: (transition: Transition) => void;
  #outcome: Answer<void> = ANSWERED;
  /** A question was refused that is asked again only after a while. */
  #isOwed = false;
  /** Causes that were announced, until a whole collection is answered again. */
  readonly #announced = new Set<string>();

  /** `source`: its name. */
  constructor(source: string, announce: (transition: Transition) => void) {
    this.#source = source;
    this.#announce = announce;
  }

  /** Whether everything asked since it was last forgiven was answered. */
  get outcome(): Answer<void> {
    return this.#outcome;
  }

  ask<T>(question: () => T): Answer<T> {
    try {
      return { kind: "answered", value: question() };
    } catch (error) {
      return this.refused(error instanceof Error ? error.message : String(error));
    }
  }

  /** As {@link ask}, for the question that is asked again only after a while when it is refused: the source does not answer everything until then. */
  askPatiently<T>(question: () => T): Answer<T> {
    const answer = this.ask(question);
    this.#isOwed = answer.kind === "refused";
    return answer;
  }

  /** The source did not answer, or says itself that it cannot. */
  refused(cause: string): Refused {
    if (!this.#announced.has(cause) && this.#announced.size < MOST_CAUSES) {
      this.#announced.add(cause);
      this.#announce({ kind: "source-unanswered", source: this.#source, cause });
    }
    const refused = { kind: "refused", cause } as const;
    this.#outcome = refused;
    return refused;
  }

  /** Refusals until now are past: the outcome is that of what is asked from here on. */
  forgive(): void {
    this.#outcome = ANSWERED;
  }

  /** All counters were asked for: when nothing was refused, that is said where a refusal was, and the next refusal is news again. */
  collected(): void {
    const last = [...this.#announced].at(-1);
    if (this.#isOwed || this.#outcome.kind !== "answered" || last === undefined) return;
    this.#announce({ kind: "source-answers", source: this.#source, cause: `after: ${last}` });
    this.#announced.clear();
  }
}
