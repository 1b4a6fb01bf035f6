/** The options of a bench, all of them numbers. */

import { parseArgs } from "node:util";

/** @returns the defaults, with what the arguments say instead. @throws Error when an argument is not one of them or not a number above 0 */
export function numbers<Name extends string>(
  args: readonly string[],
  defaults: Readonly<Record<Name, number>>,
): Record<Name, number> {
  const found: Record<Name, number> = { ...defaults };
  const options = Object.fromEntries(Object.keys(defaults).map((name) => [name, { type: "string" as const }]));
  for (const [name, text] of Object.entries(parseArgs({ args: [...args], options }).values)) {
    const value = Number(text);
    if (!(value > 0)) throw new RangeError(`--${name} takes a number above 0: it is "${String(text)}"`);
    found[name as Name] = value; // parseArgs refuses all other names
  }
  return found;
}
