/** A line of a trace: a JSON object in ASCII that names its op. */

import { type Fields, isFields, raw } from "./fields.ts";
import { Misuse } from "./misuse.ts";

const BEYOND_ASCII = /[^\0-\u007f]/;

export interface TraceLine {
  readonly op: string;
  readonly fields: Fields;
}

/** @throws Misuse */
export function parseLine(line: string): TraceLine {
  const fields = BEYOND_ASCII.test(line) ? undefined : parsed(line);
  const op = isFields(fields) ? raw(fields, "op") : undefined;
  if (!isFields(fields) || typeof op !== "string")
    throw new Misuse("the line must be a JSON object with an op, in ASCII");
  return { op, fields };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
