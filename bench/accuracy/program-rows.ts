import type { Row } from "./row.ts";

export const PROGRAM_ROWS: readonly Row[] = [];
