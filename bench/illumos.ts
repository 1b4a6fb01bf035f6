/**
 * A group of a made-up illumos system under disturbances: what its own kstat counted, what we said of it, and what a sum over the kstats of its links
 * makes of it. docs/ACCURACY.md says what is measured and how.
 *
 *   npm run bench -- illumos [ROW]... [--markdown]
 */

import { playRows } from "./accuracy/play-rows.ts";
import { tables } from "./illumos/report.ts";
import { ILLUMOS_ROWS } from "./illumos/rows.ts";

/** @throws Error when a row does not exist */
export async function run(args: readonly string[]): Promise<void> {
  await playRows(args, {
    rows: ILLUMOS_ROWS,
    marker: "illumos: written by `npm run bench -- illumos --markdown`",
    tables,
  });
}
