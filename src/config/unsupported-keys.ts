/**
 * Keys that belong to the format and that this version cannot honour. To write one is an error that says so: a key that is
 * accepted is read by somebody, which test/config/every-key.test.ts sees to.
 */

import type { KeyPath } from "./configuration-error.ts";
import { type Finding, valueAt } from "./findings.ts";
import { alternatives } from "./value-schemas.ts";

interface UnsupportedKey {
  readonly path: KeyPath;
  /** Values that ask for nothing but what happens anyway; at least one. */
  readonly allowed: readonly (string | boolean)[];
  /** What happens, whatever the key says. */
  readonly because: string;
}

/** A row goes when its feature comes. */
export const UNSUPPORTED_KEYS: readonly UnsupportedKey[] = [
  { path: ["discovery", "illumos"], allowed: [false], because: "groups of an illumos system are not found" },
  { path: ["source"], allowed: ["auto", "netlink", "procfs"], because: "links of an illumos system are not read" },
];

/** What the file and the flags ask for in vain. */
export function unsupported(value: unknown): Finding[] {
  return UNSUPPORTED_KEYS.flatMap(({ path, allowed, because }) => {
    const written = valueAt(value, path) ?? undefined;
    if (written === undefined || allowed.some((one) => one === written)) return [];
    const right = alternatives(allowed.map(String));
    return [{ path, found: "not available in this version", expected: `${right}: ${because}` }];
  });
}
