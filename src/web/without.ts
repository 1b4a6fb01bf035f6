/** The part `without` of an address's query: what is supposed to have failed. It may stand there several times. */

import type { Snapshot } from "../snapshot/snapshot.ts";
import type { Suppose } from "../snapshot/supposition.ts";
import { HttpError } from "./route.ts";

/** More at once, and longer names, nobody asks for. */
const MOST = 32;
const NAME_LENGTH = 300;

/** Of a form, whose field asks nothing when it was left empty. @throws HttpError for what cannot be meant */
export function withoutOfForm(query: Readonly<Record<string, unknown>>): string[] {
  return withoutIn(query).filter((name) => name !== "");
}

/** An empty name is one that is not there: a script whose variable is empty is not told how things are. @throws HttpError for what cannot be meant */
export function withoutIn({ without }: Readonly<Record<string, unknown>>): string[] {
  const names = [without].flat().filter((name) => name !== undefined);
  if (names.length > MOST)
    throw new HttpError(400, `Cannot suppose ${names.length} failures: expected at most ${MOST}`);
  return names.map((name) => {
    if (typeof name === "string" && name.length <= NAME_LENGTH) return name.trim();
    throw new HttpError(
      400,
      `Cannot suppose that this has failed: expected a name of at most ${NAME_LENGTH} characters`,
    );
  });
}

/** @throws HttpError when something that is named is not there */
export function supposed(suppose: Suppose, without: readonly string[]): Snapshot {
  const answer = suppose(without);
  if (answer.kind === "unknown") throw new HttpError(400, answer.message);
  return answer.snapshot;
}
