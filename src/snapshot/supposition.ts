/** What would become of the groups if something failed. */

import type { FailureDomain } from "../fate/failure-domain.ts";
import type { Snapshot } from "./snapshot.ts";

/** Something that is supposed to have failed. */
export interface SupposedFailure extends FailureDomain {
  /** As it can be named again: "eth1", "card=0000:3b:00". */
  readonly name: string;
  /** Links that are lost with it, by label: sorted. */
  readonly links: readonly string[];
}

export type Supposition =
  | { readonly kind: "supposed"; readonly snapshot: Snapshot & { readonly without: readonly SupposedFailure[] } }
  /** Something that was named is not there. The message lists what is. */
  | { readonly kind: "unknown"; readonly message: string };

/**
 * Has the engine say what it would do without some things, each named as "eth1" or "switch=02:aa:00:00:00:01". Nothing is touched by it.
 */
export type Suppose = (without: readonly string[]) => Supposition;
