/** Changes to datagrams that look random and are the same in every run. */

/** Numbers that look random and are the same in every run (xorshift32). */
export function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** One to four changes: an octet, a bit, a piece cut out, doubled or put in. */
export function mutate(original: Uint8Array, random: (below: number) => number): Uint8Array {
  let octets = Buffer.from(original);
  for (let changes = 1 + random(4); changes > 0; changes--) {
    const at = random(Math.max(1, octets.length));
    const kind = random(5);
    const piece = octets.subarray(at, at + 1 + random(6));
    if (kind === 0) octets[at] = random(256);
    else if (kind === 1) octets[at] = (octets[at] ?? 0) ^ (1 << random(8));
    else if (kind === 2) octets = Buffer.concat([octets.subarray(0, at), octets.subarray(at + piece.length)]);
    else if (kind === 3) octets = Buffer.concat([octets.subarray(0, at), piece, octets.subarray(at)]);
    else octets = Buffer.concat([octets.subarray(0, at), Buffer.from([0xff, random(256)]), octets.subarray(at)]);
  }
  return octets;
}
