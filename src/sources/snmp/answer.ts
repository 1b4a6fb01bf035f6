/** What came of a question to a device: a value, or the kind of failure and its cause. */

export type Answer<T> = { readonly kind: "answered"; readonly value: T } | Unanswered;

export interface Unanswered {
  readonly kind: "unanswered";
  readonly outcome: Failure;
  /** For people; no secret, and nothing that the device sent. */
  readonly cause: string;
}

/** Kinds of failure: the label `outcome` of ipmp_source_polls_total. */
export type Failure =
  | "timeout"
  | "too_big"
  | "no_such_name"
  | "authentication"
  | "time_window"
  | "refused"
  | "malformed"
  | "endless_walk"
  | "unreachable";

/** Whether nothing came back. */
export function isSilence(answer: Answer<unknown>): boolean {
  return answer.kind === "unanswered" && answer.outcome === "timeout";
}

/** Whether the device takes the session for a stranger's: a password may be wrong, or what the session knows of the engine may be over. */
export function isMisunderstood(answer: Answer<unknown>): boolean {
  return answer.kind === "unanswered" && (answer.outcome === "time_window" || answer.outcome === "authentication");
}

export function unanswered(outcome: Failure, cause: string): Unanswered {
  return { kind: "unanswered", outcome, cause };
}
