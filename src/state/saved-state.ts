/**
 * What survives a restart, and its form on disk: a line with version and checksum, a line with the state as JSON, and after
 * them the members' readings as 64-bit words of this machine. Readings stand apart because they change with every look at the
 * links, while the rest changes only when something happens.
 */

import { crc32 } from "node:zlib";
import { NET_COUNT } from "../kstat/net.ts";

/** Where the counters of links come from: another boot or another network namespace has other links under the same ifindexes. */
export interface SystemIdentity {
  readonly boot: string;
  readonly namespace: string;
}

export interface SavedState {
  readonly system: SystemIdentity;
  /** Names of the statistics in `counters` and `seen`, in their order. */
  readonly statistics: readonly string[];
  readonly groups: readonly SavedGroup[];
  /** The uplinks as last found (see membership/default-route.ts). */
  readonly uplinks: SavedUplinks | undefined;
  /** SNMP engine: its ID as hex, and how often it has started. Kept over reboots. */
  readonly snmp: { readonly engineId: string; readonly engineBoots: number } | undefined;
}

export interface SavedUplinks {
  readonly source: "route" | "default";
  readonly rank: 1 | 2 | 3;
  readonly members: readonly number[];
}

export interface SavedGroup {
  readonly name: string;
  readonly ifname: string;
  readonly ifindex: number;
  /** Nanoseconds since boot. */
  readonly crtime: bigint;
  readonly state: "ok" | "degraded" | "failed";
  readonly stateSince: bigint;
  readonly stateTime: Readonly<Record<"ok" | "degraded" | "failed", bigint>>;
  readonly failovers: bigint;
  readonly lastFailoverMs: number | undefined;
  readonly vanished: readonly string[];
  readonly health: readonly SavedHealth[];
  /** gr_kstats0. */
  readonly departed: BigUint64Array;
  readonly members: readonly SavedMember[];
}

export interface SavedHealth {
  readonly device: string;
  readonly failures: Readonly<Record<string, bigint>>;
  readonly repairs: Readonly<Record<string, bigint>>;
}

export interface SavedMember {
  readonly device: string;
  readonly ifindex: number;
  readonly lladdr: string;
  /** When the link's counters began, and when it joined: nanoseconds since boot. */
  readonly crtime: bigint;
  readonly joinedAt: bigint;
  readonly offlined: boolean;
  /** phyint_kstats0. */
  readonly baseline: BigUint64Array;
  /** The link's settled counters, and the source's own numbers that they rest on, when last read. */
  readonly counters: BigUint64Array;
  readonly seen: BigUint64Array;
  /** When that was: nanoseconds since boot. */
  readonly seenAt: bigint;
}

/** What of a member changes with every look at the links. */
export type SavedReading = Pick<SavedMember, "counters" | "seen" | "seenAt">;
const READING_KEYS: ReadonlySet<string> = new Set(["counters", "seen", "seenAt"] satisfies (keyof SavedReading)[]);

export const STATE_VERSION = 1;
const FORMAT = "ipmp-exporter state";
/** Bytes, with room for what a later version may add. */
const LONGEST_HEADER = 1_000;

/** A file that is not a state of ours, or no longer one. `fault` says which, in a word that can stand in a file name. */
export class StateFileError extends Error {
  override readonly name = "StateFileError";
  readonly fault: "damaged" | "foreign" | "newer";

  constructor(fault: StateFileError["fault"], message: string) {
    super(message);
    this.fault = fault;
  }
}

/** The second line: everything but the readings. */
export function encodeBody(state: SavedState): Uint8Array {
  const text = JSON.stringify(state, (key, value: unknown) => {
    if (READING_KEYS.has(key)) return undefined;
    if (typeof value === "bigint") return value.toString();
    return value instanceof BigUint64Array ? Array.from(value, String) : value;
  });
  return Buffer.from(`${text}\n`);
}

/** The rest: for each member of each group in order, its counters, what they rest on, and when that was read. */
export function encodeReadings(members: readonly SavedReading[]): Uint8Array {
  const words = members.reduce((sum, { counters, seen }) => sum + counters.length + seen.length + 1, 0);
  const buffer = Buffer.alloc(words * 8);
  const all = new BigUint64Array(buffer.buffer, buffer.byteOffset, words);
  let offset = 0;
  for (const { counters, seen, seenAt } of members) {
    all.set(counters, offset);
    all.set(seen, offset + counters.length);
    offset += counters.length + seen.length + 1;
    all[offset - 1] = seenAt;
  }
  return buffer;
}

/** The whole file. */
export function encodeFile(body: Uint8Array, readings: Uint8Array): Uint8Array {
  const header = { format: FORMAT, version: STATE_VERSION, crc32: checksum(body, readings) };
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body, readings]);
}

/** @throws StateFileError */
export function decodeFile(bytes: Uint8Array): SavedState {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (file.length === 0) throw new StateFileError("damaged", "it is empty");
  const newline = file.indexOf("\n");
  const end = newline < 0 ? Math.min(file.length, LONGEST_HEADER) : newline;
  const header = decodeHeader(file.toString("utf8", 0, end));
  if (header.version > STATE_VERSION) {
    throw new StateFileError(
      "newer",
      `it is of version ${header.version}, and this program knows up to ${STATE_VERSION}`,
    );
  }
  const rest = file.subarray(end + 1);
  if (header.version !== STATE_VERSION || checksum(rest) !== header.crc32) {
    throw new StateFileError("damaged", "its checksum does not fit its contents");
  }
  const bodyEnd = rest.indexOf("\n");
  return decodeBody(rest.toString("utf8", 0, bodyEnd), rest.subarray(bodyEnd + 1));
}

/** A newer version may have another checksum. */
function decodeHeader(line: string): { readonly version: number; readonly crc32: unknown } {
  let header: unknown;
  try {
    header = JSON.parse(line);
  } catch {
    header = undefined;
  }
  const { format, version, crc32: sum } = (header ?? {}) as Record<string, unknown>; // each is checked next
  if (format !== FORMAT || typeof version !== "number") {
    throw new StateFileError(
      line.includes(FORMAT.slice(0, 4)) ? "damaged" : "foreign",
      "its first line is not that of a state file",
    );
  }
  return { version, crc32: sum };
}

/** The checksum holds, so that the shape is what encodeBody wrote in this version. */
function decodeBody(body: string, bytes: Uint8Array): SavedState {
  const state = JSON.parse(body) as SavedState; // counters are still text, and readings missing: both are put right below
  const width = state.statistics.length;
  const members = state.groups.reduce((sum, group) => sum + group.members.length, 0);
  if (bytes.length !== members * (2 * width + 1) * 8) {
    throw new StateFileError("damaged", `it has ${members} members and ${bytes.length} bytes of readings`);
  }
  const words = new BigUint64Array(new Uint8Array(bytes).buffer);
  let offset = 0;
  const take = (): BigUint64Array => {
    offset += width;
    return words.slice(offset - width, offset);
  };
  const groups = state.groups.map((group) => ({
    ...group,
    lastFailoverMs: group.lastFailoverMs, // JSON leaves out what is undefined
    crtime: BigInt(group.crtime),
    stateSince: BigInt(group.stateSince),
    stateTime: bigints(group.stateTime),
    failovers: BigInt(group.failovers),
    health: group.health.map(({ device, failures, repairs }) => ({
      device,
      failures: bigints(failures),
      repairs: bigints(repairs),
    })),
    departed: counters(group.departed),
    members: group.members.map((member) => ({
      ...member,
      crtime: BigInt(member.crtime),
      joinedAt: BigInt(member.joinedAt),
      baseline: counters(member.baseline),
      counters: take(),
      seen: take(),
      seenAt: words[offset++] ?? 0n,
    })),
  }));
  return { ...state, groups, uplinks: state.uplinks, snmp: state.snmp };
}

function bigints<K extends string>(record: Readonly<Record<K, bigint>>): Record<K, bigint> {
  const entries = Object.entries<bigint>(record).map(([key, value]) => [key, BigInt(value)] as const);
  return Object.fromEntries(entries) as Record<K, bigint>; // the same keys
}

function counters(words: Iterable<bigint>): BigUint64Array {
  const array = BigUint64Array.from(words, (word) => BigInt(word));
  if (array.length !== NET_COUNT) throw new StateFileError("damaged", `a row of counters has ${array.length} columns`);
  return array;
}

/** Of all parts, one after the other. (zlib takes an empty part for the wish to begin anew.) */
function checksum(...parts: readonly Uint8Array[]): string {
  return parts
    .reduce((sum, part) => (part.length === 0 ? sum : crc32(part, sum)), 0)
    .toString(16)
    .padStart(8, "0");
}
