/** Values that stand at more than one place of a file, where each may stand once. */

import { formatKeyPath, type KeyPath } from "../configuration-error.ts";
import type { Finding } from "../findings.ts";

export interface Place {
  readonly value: string;
  readonly path: KeyPath;
}

/** Each place whose value stands at an earlier one already, with that one. */
export function repeats(all: readonly Place[]): (Place & { readonly earlier: string })[] {
  const first = new Map<string, KeyPath>();
  return all.flatMap(({ value, path }) => {
    const earlier = first.get(value);
    if (earlier !== undefined) return [{ value, path, earlier: formatKeyPath(earlier) }];
    first.set(value, path);
    return [];
  });
}

/** The same as findings; `expected`: what each is to be, or to be once. */
export function repeated(all: readonly Place[], expected: string): Finding[] {
  return repeats(all).map(({ value, path, earlier }) => ({
    path,
    found: `found ${JSON.stringify(value)} again`,
    expected: `${expected}: it is ${earlier}`,
  }));
}
