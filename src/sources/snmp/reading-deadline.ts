/**
 * A deadline for what comes in over sockets. A loop that was busy finds its timers before its sockets: what arrived in time is read before
 * it counts as late.
 */

/** Calls `passed` after so many milliseconds and one look at all sockets, unless the function that this answers with is called earlier. */
export function afterReading(milliseconds: number, passed: () => void): () => void {
  let look: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    look = setImmediate(passed);
  }, milliseconds);
  return () => {
    clearTimeout(timer);
    if (look) clearImmediate(look);
  };
}
