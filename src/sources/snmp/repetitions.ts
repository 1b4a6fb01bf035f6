/** How many rows of a table a device is asked for at once: max-repetitions of GETBULK (RFC 3416 section 4.2.3), as many as it bears. */

import { type Answer, type Failure, isSilence } from "./answer.ts";
import type { Varbind } from "./varbind.ts";

/** Agents are about that say nothing to so many, or to GETBULK at all: then they are asked for fewer, and one by one. */
export const MANY = [25, 5, 1] as const;
/** Version 1 has no GETBULK. */
export const ONE_BY_ONE = [1] as const;
/** What comes of an agent that cannot bear so many rows at once, where it does not answer with none. */
const CANNOT_BEAR: ReadonlySet<Failure> = new Set(["too_big", "refused", "malformed"]);
/** Walks in a row that were met with silence at one place, after which fewer rows are asked for. */
const SILENCES = 3;

type Rows = Answer<readonly Varbind[]>;

export class Repetitions {
  readonly #choices: readonly number[];
  /** Which of the choices is tried first: what it last bore, or fewer. */
  #first = 0;
  /** Where walks were last met with silence, and how many in a row: an agent may answer for one column, and never for long rows of another. */
  #silentAt = "";
  #silences = 0;

  /** `choices`: the most first. */
  constructor(choices: readonly number[]) {
    this.#choices = choices;
  }

  /** What comes of the first number of rows that the device bears. `ask`: asks for so many rows after `oid`. */
  async ask(oid: string, ask: (repetitions: number) => Promise<Rows>): Promise<Rows> {
    for (let tried = this.#first; ; tried++) {
      const answer = await ask(this.#choices[tried] ?? 1);
      const isLast = tried >= this.#choices.length - 1;
      const isBorne = answer.kind === "answered" ? answer.value.length > 0 : !CANNOT_BEAR.has(answer.outcome);
      if (answer.kind === "answered" && isBorne) {
        this.#first = tried;
        if (oid === this.#silentAt) this.#silences = 0;
      }
      if (isLast) return answer;
      if (isSilence(answer)) this.#noticeSilence(oid, tried);
      if (isBorne) return answer;
    }
  }

  /** A device or a network that has too much to do is silent too, and would be helped by nobody who asks more often. */
  #noticeSilence(oid: string, tried: number): void {
    if (oid !== this.#silentAt) this.#silences = 0;
    this.#silentAt = oid;
    if (++this.#silences < SILENCES) return;
    this.#silences = 0;
    this.#first = tried + 1;
  }
}
