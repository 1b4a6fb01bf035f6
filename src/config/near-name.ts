/** The name that somebody probably meant. */

/** A third of a word wrong is the most that still reads like it. */
const WRONG_PART = 1 / 3;

/** The one of `names` that `wrong` is closest to, or undefined when none is close. */
export function nearName(wrong: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map((name) => ({ name, distance: editDistance(plain(wrong), plain(name)) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length * WRONG_PART)))
    .sort((a, b) => a.distance - b.distance);
  return best?.name;
}

/** failbackTime, failback-time and failback_time are one word in three spellings. */
function plain(name: string): string {
  return name.replaceAll(/[-_.]/g, "").toLowerCase();
}

/** Insertions, deletions, replacements and swaps of neighbours that make one word of the other (Damerau, Levenshtein). */
function editDistance(from: string, to: string): number {
  // Two words that differ in length this much are never close; and the table stays small whatever somebody types.
  if (Math.abs(from.length - to.length) > to.length) return Number.POSITIVE_INFINITY;
  let before: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
        swapped && row > 1 && column > 1 ? (before[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [before, previous] = [previous, current];
  }
  return previous[to.length] ?? 0;
}
