/**
 * Whether a counter that fell can have wrapped: a wrap passes the top of the counter's width, and the link must be fast enough for that
 * way. A counter that cannot have wrapped began again.
 */

/** Bits of a source's counters: 32 on a 32-bit kernel and in the ifTable of an SNMP agent, 64 otherwise; 0 where there is no such counter. */
export type CounterBits = 0 | 32 | 64;

/** How much a link can have carried between two readings. */
export interface Allowance {
  readonly bytes: bigint;
  readonly packets: bigint;
}

/** Least length of a frame on the wire, with preamble and gap (IEEE 802.3): 84 octets, of which drivers count 60. */
const LEAST_FRAME_BYTES = 60n;
/** What was in flight or in a driver's own sums at the first of the two readings. */
const SLACK_BYTES = 1n << 20n;
const BITS_PER_BYTE = 8n;
const NANOSECONDS_PER_SECOND = 1_000_000_000n;

/**
 * What a link of that speed can carry in that time, each way. Undefined when the speed is unknown.
 * @param speedBitsPerSecond of one direction, as bits per second
 * @param elapsed nanoseconds
 */
export function allowance(speedBitsPerSecond: number | undefined, elapsed: bigint): Allowance | undefined {
  if (speedBitsPerSecond === undefined || speedBitsPerSecond <= 0) return undefined;
  const bits = BigInt(Math.ceil(speedBitsPerSecond)) * elapsed;
  const bytes = bits / (BITS_PER_BYTE * NANOSECONDS_PER_SECOND);
  const generous = bytes + bytes / 8n + SLACK_BYTES; // clocks and speeds are not exact
  return { bytes: generous, packets: generous / LEAST_FRAME_BYTES };
}

/** How much was counted between `last` and `now`, which is less, if the counter wrapped once. */
export function turned(last: bigint, now: bigint, bits: CounterBits): bigint {
  return BigInt.asUintN(bits, now - last);
}
