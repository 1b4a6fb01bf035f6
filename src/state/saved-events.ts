/** Transitions as they survive a restart, beside the state: written-events.ts has their written form. */

import type { LoggedEvent } from "../snapshot/event.ts";

export interface SavedEvents {
  /** Of the history that they are of. */
  readonly name: string;
  /** Whether that history ended with them: they were saved when the program stopped, and not while it ran. */
  readonly isWhole: boolean;
  /** When that was: milliseconds since 1970. */
  readonly savedMs: number;
  /** Id of the last event that there was, and of the last one that is older than all that are here. */
  readonly lastId: number;
  readonly forgotten: number;
  /** Ids grow. */
  readonly events: readonly LoggedEvent[];
}
