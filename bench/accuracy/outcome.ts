/** What a disturbance came to: what was carried, what everybody said of it, and how far a difference can be explained. */

import { COUNT_NAMES, type Counts, isSame, minus } from "./counts.ts";
import type { Rival } from "./rivals.ts";

export interface Outcome {
  /** What the members carried while they were members. */
  readonly carried: Counts;
  readonly said: Counts;
  /** No more than this may be missing, because nobody could have known it; undefined: nothing may. */
  readonly bound: Counts | undefined;
  /** No more than this may be said beyond what was carried, because nobody could have known that it is not the group's; left out: nothing may. */
  readonly excess?: Counts | undefined;
  readonly rivals: readonly RivalOutcome[];
  /** Falls and jumps of a group's counters within one start time, and whatever else must not be. */
  readonly faults: readonly string[];
  readonly scrapes: number;
  /** Group counters that began anew, with a new start time. */
  readonly beginnings: number;
  /** Figures of this run that belong to its explanation. */
  readonly remarks: readonly string[];
}

export interface RivalOutcome {
  readonly rival: Rival;
  /** sum(increase(…)) over the members' series. */
  readonly sumOfIncreases: Counts;
  /** increase(sum(…)): growth of the sum over the members' rows. */
  readonly increaseOfSum: Counts;
  /** Times that the sum was smaller than before. */
  readonly falls: number;
}

export const difference = ({ carried, said }: Outcome): Counts => minus(said, carried);

export const VERDICTS = ["exact", "explained", "wrong"] as const;

/** What a verdict is made of, in every bench that compares counts. */
export type Judged = Pick<Outcome, "carried" | "said"> & Partial<Pick<Outcome, "bound" | "excess" | "faults">>;

/** exact: 0 in all four. explained: something is missing, or too much, and no more than the bound. */
export function verdict({ carried, said, bound, excess, faults = [] }: Judged): (typeof VERDICTS)[number] {
  if (faults.length > 0) return "wrong";
  if (isSame(carried, said)) return "exact";
  const missing = minus(carried, said);
  const isExplained = COUNT_NAMES.every(
    (name) => missing[name] <= (bound?.[name] ?? 0n) && -missing[name] <= (excess?.[name] ?? 0n),
  );
  return isExplained ? "explained" : "wrong";
}
