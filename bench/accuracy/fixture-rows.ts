import type { Row } from "./row.ts";

export const FIXTURE_ROWS: readonly Row[] = [];
