/** Object identifiers (X.660), as SNMP bounds them: at most 128 sub-identifiers of 32 bits each (RFC 2578 section 3.5). */

export type Oid = readonly number[];

export const MAX_SUBIDENTIFIERS = 128;
export const MAX_SUBIDENTIFIER = 0xffff_ffff;

/**
 * Reads dotted decimal: `oid("1.3.6.1.2.1")`.
 * @throws RangeError when a part is not a number of 32 bits, or the first two cannot begin an object identifier.
 */
export function oid(text: string): Oid {
  const parts = text.split(".").map((part) => (/^(0|[1-9][0-9]{0,9})$/.test(part) ? Number(part) : Number.NaN));
  const [first = 3, second = 0] = parts;
  const possible =
    parts.length >= 2 &&
    parts.length <= MAX_SUBIDENTIFIERS &&
    first <= 2 &&
    (first === 2 || second <= 39) &&
    parts.every((part) => part <= MAX_SUBIDENTIFIER);
  if (!possible)
    throw new RangeError(`Cannot read "${text}" as an object identifier: expected numbers such as 1.3.6.1`);
  return parts;
}

export function formatOid(value: Oid): string {
  return value.join(".");
}

/** Lexicographic order, the order of GETNEXT: negative, zero or positive. A prefix comes before what it begins. */
export function compareOids(a: Oid, b: Oid): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Whether `value` is `prefix` or lies below it. */
export function startsWith(value: Oid, prefix: Oid): boolean {
  if (value.length < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (value[i] !== prefix[i]) return false;
  return true;
}

/** Compares what follows the first `skip` sub-identifiers of `value` with `index`. */
export function compareFrom(value: Oid, skip: number, index: Oid): number {
  const length = value.length - skip;
  const common = Math.min(length, index.length);
  for (let i = 0; i < common; i++) {
    const difference = (value[skip + i] ?? 0) - (index[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return length - index.length;
}
