/** How `/api/v1` writes what JSON has no form for: counters as decimal strings, moments as RFC 3339 has them. Absent is null. */

export function decimal(count: bigint | undefined): string | null {
  return count === undefined ? null : String(count);
}

export function decimals(counts: Readonly<Record<string, bigint>>): Record<string, string> {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, String(count)]));
}

/** @param ms milliseconds since 1970 */
export function timestamp(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
