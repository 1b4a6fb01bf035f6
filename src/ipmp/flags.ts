/**
 * Flags of phyints, ills and ipifs (net/if.h IFF_*; the prefix says which object stores one). Our own bits are small integers, because
 * the kernel's need 64; the tables give the kernel's name and value, in the order in which flags are listed.
 */

export interface Flag {
  readonly name: string;
  /** Our bit. */
  readonly bit: number;
  /** IFF_* value in the kernel's 64-bit word. */
  readonly iff: bigint;
}

/** PHYI_*: one word an interface, shared by both families. */
export const PHYI = { RUNNING: 1, FAILED: 2, OFFLINE: 4, INACTIVE: 8, IPMP: 16, STANDBY: 32, VIRTUAL: 64 } as const;

/** ILLF_*: one word an interface and family. */
export const ILLF = { MULTICAST: 1, NONUD: 2, NOARP: 4, ROUTER: 8, COS_ENABLED: 16, FIXEDMTU: 32 } as const;

/** IPIF_*: one word an address. */
export const IPIF = {
  UP: 1,
  NOFAILOVER: 2,
  DEPRECATED: 4,
  POINTOPOINT: 8,
  DHCPRUNNING: 16,
  ADDRCONF: 32,
  DUPLICATE: 64,
} as const;

export const PHYINT_FLAGS: readonly Flag[] = [
  { name: "RUNNING", bit: PHYI.RUNNING, iff: 0x40n },
  { name: "FAILED", bit: PHYI.FAILED, iff: 0x1000_0000n },
  { name: "OFFLINE", bit: PHYI.OFFLINE, iff: 0x8000_0000n },
  { name: "INACTIVE", bit: PHYI.INACTIVE, iff: 0x4000_0000n },
  { name: "IPMP", bit: PHYI.IPMP, iff: 0x80_0000_0000n },
  { name: "STANDBY", bit: PHYI.STANDBY, iff: 0x2000_0000n },
  { name: "VIRTUAL", bit: PHYI.VIRTUAL, iff: 0x20_0000_0000n },
];

export const ILL_FLAGS: readonly Flag[] = [
  { name: "MULTICAST", bit: ILLF.MULTICAST, iff: 0x800n },
  { name: "NONUD", bit: ILLF.NONUD, iff: 0x20_0000n },
  { name: "NOARP", bit: ILLF.NOARP, iff: 0x80n },
  { name: "ROUTER", bit: ILLF.ROUTER, iff: 0x10_0000n },
  { name: "COS_ENABLED", bit: ILLF.COS_ENABLED, iff: 0x2_0000_0000n },
  { name: "FIXEDMTU", bit: ILLF.FIXEDMTU, iff: 0x10_0000_0000n },
];

export const IPIF_FLAGS: readonly Flag[] = [
  { name: "UP", bit: IPIF.UP, iff: 0x1n },
  { name: "NOFAILOVER", bit: IPIF.NOFAILOVER, iff: 0x800_0000n },
  { name: "DEPRECATED", bit: IPIF.DEPRECATED, iff: 0x4_0000n },
  { name: "POINTOPOINT", bit: IPIF.POINTOPOINT, iff: 0x10n },
  { name: "DHCPRUNNING", bit: IPIF.DHCPRUNNING, iff: 0x4000n },
  { name: "ADDRCONF", bit: IPIF.ADDRCONF, iff: 0x8_0000n },
  { name: "DUPLICATE", bit: IPIF.DUPLICATE, iff: 0x40_0000_0000n },
];

/** Names of the flags that are set, in the table's order. */
export function flagNames(table: readonly Flag[], flags: number): string[] {
  return table.filter(({ bit }) => (flags & bit) !== 0).map(({ name }) => name);
}
