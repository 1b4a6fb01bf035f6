/** A row of the table: a disturbance, and what is to be said of it. */

import type { Hooks } from "../../test/support/netns.ts";
import type { Outcome } from "./outcome.ts";
import { Stage, type StageOptions } from "./stage.ts";

export interface RowOptions {
  /** Whether node_exporter and snmpd are measured too. */
  readonly rivals: boolean;
  /** How often the program is killed, where it is killed at random. */
  readonly kills: number;
}

export interface Row {
  readonly name: string;
  /** What happens, in a few words. */
  readonly title: string;
  /** Short enough for the tests, and does not need more than iproute2. */
  readonly quick?: true;
  /** Why something may be missing, and how much at most; or how the row was made possible. */
  readonly explanation?: string;
  readonly run: (hooks: Hooks, options: RowOptions) => Promise<Outcome>;
}

/** A row that is played on real links. */
export function onLinks(
  options: StageOptions,
  disturb: (stage: Stage, options: RowOptions) => Promise<void>,
): Row["run"] {
  return async (hooks, row) => {
    const stage = await Stage.set(hooks, options, row.rivals);
    await disturb(stage, row);
    return stage.outcome();
  };
}
