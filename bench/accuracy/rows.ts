/** All rows, in the order of the table. */

import { FIXTURE_ROWS } from "./fixture-rows.ts";
import { LINK_ROWS } from "./link-rows.ts";
import { PROGRAM_ROWS } from "./program-rows.ts";
import type { Row } from "./row.ts";

export const ROWS: readonly Row[] = [...LINK_ROWS, ...PROGRAM_ROWS, ...FIXTURE_ROWS];
