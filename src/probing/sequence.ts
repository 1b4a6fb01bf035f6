/** Sequence numbers of ICMP echo (RFC 792): 16 bits, compared by their signed difference, so that 0 follows 65535. */

export type Sequence = number;

export function sequence(value: number): Sequence {
  return value & 0xffff;
}

/** How many numbers `a` lies ahead of `b`; negative when it lies behind. */
export function ahead(a: Sequence, b: Sequence): number {
  return ((a - b) << 16) >> 16;
}
