/** Addresses as text: dotted IPv4; IPv6 as RFC 5952 section 4 wants it (lower case, the longest run of zeros as "::"). */

/** Of 4 or 16 bytes in network order; undefined for any other number. */
export function addressText(bytes: Uint8Array | undefined): string | undefined {
  if (bytes?.length === 4) return bytes.join(".");
  if (bytes?.length !== 16) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(2 * index));
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (mapped) return `::ffff:${bytes.subarray(12).join(".")}`; // RFC 5952 section 5
  const [from, to] = longestZeros(groups);
  const words = groups.map((group) => group.toString(16));
  return to - from < 2 ? words.join(":") : `${words.slice(0, from).join(":")}::${words.slice(to).join(":")}`;
}

/** The first of the longest runs of zero groups, as [from, to). */
function longestZeros(groups: readonly number[]): [from: number, to: number] {
  let best: [number, number] = [0, 0];
  let from = 0;
  groups.forEach((group, index) => {
    if (group !== 0) from = index + 1;
    else if (index + 1 - from > best[1] - best[0]) best = [from, index + 1];
  });
  return best;
}
