/** Object identifiers as the configuration writes them (RFC 2578 section 3.5: sub-identifiers of 32 bits, 128 at most). */

/** Sub-identifiers of an object identifier. */
export type Oid = readonly number[];

/** `1.3.6.1.4.1.N…`; undefined for anything else. */
export function parseOid(text: string): Oid | undefined {
  return /^\.?1\.3\.6\.1\./.test(text) ? parseSubtree(text) : undefined;
}

/** Any object identifier, perhaps with a leading dot; undefined for anything else. */
export function parseSubtree(text: string): Oid | undefined {
  if (!/^\.?[0-2](\.\d{1,10}){1,127}$/.test(text)) return undefined;
  const oid = text.replace(/^\./, "").split(".").map(Number);
  return oid.every((word) => word <= 0xffff_ffff) ? oid : undefined;
}
