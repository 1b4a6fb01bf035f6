/** The columns of each mode of ipmpstat(8), and what a row of it is. */

import type { Column } from "./table.ts";

export interface GroupRow {
  /** Meta-interface. */
  readonly ifname: string;
  readonly name: string;
  readonly state: "ok" | "degraded" | "failed";
  /** Milliseconds; undefined when no member is probed. */
  readonly failureDetectionTimeMs: number | undefined;
  /** Names, each list sorted. */
  readonly active: readonly string[];
  readonly inactive: readonly string[];
  readonly unusable: readonly string[];
}

export interface InterfaceRow {
  readonly device: string;
  readonly active: boolean;
  /** Meta-interface. */
  readonly group: string;
  readonly flags: ReadonlySet<InterfaceFlag>;
  readonly link: "up" | "down" | "unknown";
  readonly probe: "ok" | "failed" | "unknown" | "disabled";
  readonly state: "ok" | "failed" | "unknown" | "offline";
}

/** In the order in which they are printed. */
export const INTERFACE_FLAGS = [
  /** INACTIVE */ "i",
  /** STANDBY */ "s",
  /** IPv4 multicast nominee */ "m",
  /** IPv4 broadcast nominee */ "b",
  /** IPv6 multicast nominee */ "M",
  /** down: no address that is up */ "d",
  /** duplicate hardware address */ "h",
] as const;
export type InterfaceFlag = (typeof INTERFACE_FLAGS)[number];

export interface AddressRow {
  /** Name or number. */
  readonly address: string;
  readonly up: boolean;
  /** Meta-interface. */
  readonly group: string;
  /** Empty when it is down or not bound. */
  readonly inbound: string;
  /** Active interfaces of the group. */
  readonly outbound: readonly string[];
}

export interface TargetRow {
  readonly device: string;
  readonly mode: "routes" | "multicast" | "disabled";
  readonly testAddress: string;
  readonly targets: readonly string[];
}

export interface ProbeRow {
  /** When it was sent: seconds after the command began. */
  readonly seconds: number;
  readonly device: string;
  readonly probe: number;
  /** Undefined when it is lost. */
  readonly networkRoundTripMs: number | undefined;
  readonly roundTripMs: number | undefined;
  /** Undefined before the target's first sample. */
  readonly averageMs: number | undefined;
  readonly deviationMs: number | undefined;
  readonly target: string;
}

export const GROUP_COLUMNS: readonly Column<GroupRow>[] = [
  { name: "GROUP", width: 12, value: ({ ifname }) => ifname },
  { name: "GROUPNAME", width: 12, value: ({ name }) => name },
  { name: "STATE", width: 10, value: ({ state }) => state },
  { name: "FDT", width: 10, value: ({ failureDetectionTimeMs: ms }) => (ms === undefined ? "" : seconds(ms)) },
  {
    name: "INTERFACES",
    width: 30,
    value: ({ active, inactive, unusable }) =>
      [active.join(" "), enclosed("(", inactive, ")"), enclosed("[", unusable, "]")]
        .filter((part) => part !== "")
        .join(" "),
  },
];

export const INTERFACE_COLUMNS: readonly Column<InterfaceRow>[] = [
  { name: "INTERFACE", width: 12, value: ({ device }) => device },
  { name: "ACTIVE", width: 8, value: ({ active }) => (active ? "yes" : "no") },
  { name: "GROUP", width: 12, value: ({ group }) => group },
  {
    name: "FLAGS",
    width: 10,
    value: ({ flags }) => INTERFACE_FLAGS.map((flag) => (flags.has(flag) ? flag : "-")).join(""),
  },
  { name: "LINK", width: 10, value: ({ link }) => link },
  { name: "PROBE", width: 10, value: ({ probe }) => probe },
  { name: "STATE", width: 10, value: ({ state }) => state },
];

export const ADDRESS_COLUMNS: readonly Column<AddressRow>[] = [
  { name: "ADDRESS", width: 26, value: ({ address }) => address },
  { name: "STATE", width: 7, value: ({ up }) => (up ? "up" : "down") },
  { name: "GROUP", width: 12, value: ({ group }) => group },
  { name: "INBOUND", width: 12, value: ({ inbound }) => inbound },
  // Without an inbound interface the address is not in use, whatever the group could send.
  { name: "OUTBOUND", width: 23, value: ({ inbound, outbound }) => (inbound === "" ? "" : outbound.join(" ")) },
];

export const TARGET_COLUMNS: readonly Column<TargetRow>[] = [
  { name: "INTERFACE", width: 12, value: ({ device }) => device },
  { name: "MODE", width: 10, value: ({ mode }) => mode },
  { name: "TESTADDR", width: 20, value: ({ testAddress }) => testAddress },
  { name: "TARGETS", width: 38, value: ({ targets }) => targets.join(" ") },
];

export const PROBE_COLUMNS: readonly Column<ProbeRow>[] = [
  { name: "TIME", width: 10, value: ({ seconds: time }) => `${hundredths(time)}s` },
  { name: "INTERFACE", width: 12, value: ({ device }) => device },
  { name: "PROBE", width: 7, value: ({ probe }) => String(probe) },
  { name: "NETRTT", width: 10, value: ({ networkRoundTripMs: ms }) => milliseconds(ms) },
  { name: "RTT", width: 10, value: ({ roundTripMs: ms }) => milliseconds(ms) },
  { name: "RTTAVG", width: 10, value: ({ averageMs: ms }) => milliseconds(ms) },
  { name: "TARGET", width: 20, value: ({ target }) => target },
  { name: "RTTDEV", width: 10, value: ({ deviationMs: ms }) => milliseconds(ms) },
];

function milliseconds(ms: number | undefined): string {
  return ms === undefined ? "" : `${hundredths(ms)}ms`;
}

function seconds(milliseconds: number): string {
  return `${hundredths(milliseconds / 1000)}s`;
}

/**
 * As C prints a float with "%.2f": of the number that 32 bits hold, and a half goes to the even side, where toFixed takes the larger. Such a
 * number has 24 significant bits, so a hundred times it is exact.
 */
function hundredths(value: number): string {
  const scaled = Math.fround(value) * 100;
  const below = Math.floor(scaled);
  const isHalf = scaled - below === 0.5;
  const rounded = isHalf ? below + (below % 2 === 0 ? 0 : 1) : Math.round(scaled);
  const text = (Math.abs(rounded) / 100).toFixed(2);
  return value < 0 ? `-${text}` : text;
}

function enclosed(open: string, names: readonly string[], close: string): string {
  return names.length === 0 ? "" : `${open}${names.join(" ")}${close}`;
}
