/** Measurements one after another, of which none finds what another one made. */

import type { Hooks } from "../../test/support/netns.ts";

/** Whatever it made is taken away again, in reverse order. */
export async function alone<T>(measure: (hooks: Hooks) => Promise<T>): Promise<T> {
  const undo: (() => void)[] = [];
  try {
    return await measure({ after: (hook) => void undo.push(hook) });
  } finally {
    for (const hook of undo.reverse()) hook();
  }
}
