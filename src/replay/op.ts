/** What an op of the trace is: a function that does it and answers its result as JSON. Its errno goes to `world.errno`. */

import type { Fields } from "./fields.ts";
import type { World } from "./world.ts";

export type Op = (world: World, fields: Fields) => string;
export type OpTable = Readonly<Record<string, Op>>;

/** The result of ops that have none. */
export const NOTHING = "null";
