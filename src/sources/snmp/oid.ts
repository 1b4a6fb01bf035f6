/** Object identifiers as dotted decimal text, compared as numbers (RFC 3416 section 4.2.2: lexicographic order of sub-identifiers). */

const LARGEST = 4_294_967_295;
/** RFC 3416 section 4.1. */
const MOST_SUBIDENTIFIERS = 128;

/** The sub-identifiers; undefined for what is no OID, as an agent may send anything. */
export function subidentifiers(oid: string): readonly number[] | undefined {
  const parts = oid.split(".").map((part) => (/^\d{1,10}$/.test(part) ? Number(part) : Number.NaN));
  return parts.length <= MOST_SUBIDENTIFIERS && parts.every((part) => part <= LARGEST) ? parts : undefined;
}

/** Whether `b` comes after `a`. */
export function follows(a: readonly number[], b: readonly number[]): boolean {
  for (const [n, part] of b.entries()) {
    const other = a[n];
    if (other === undefined) return true;
    if (part !== other) return part > other;
  }
  return false;
}

/** What comes after `root` in `oid`; undefined when it is not below it. */
export function below(root: readonly number[], oid: readonly number[]): readonly number[] | undefined {
  if (oid.length <= root.length) return undefined;
  return root.every((part, n) => part === oid[n]) ? oid.slice(root.length) : undefined;
}
