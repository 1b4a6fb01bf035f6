/**
 * The written form of a state without its readings: JSON, a line for the whole and one for each group, counters as decimal
 * strings. What is read is checked here by a schema, whatever its checksum says. Names and addresses may be of any length, as systems
 * give them: the file as a whole is bounded.
 */

import * as z from "zod";
import { NET_STATISTICS } from "../kstat/net.ts";
import type { SavedGroup, SavedMember, SavedReading, SavedState } from "./saved-state.ts";
import { type StateFault, stateFault } from "./state-fault.ts";

/** ifIndex is an InterfaceIndex: 1 to 2147483647 (RFC 2863). snmpEngineBoots has the same end (RFC 3414). */
const LARGEST_INTEGER = 2_147_483_647;
/** Milliseconds: the last moment that a Date can be. */
const LAST_MOMENT_MS = 8_640_000_000_000_000;

const name = z.string().min(1);
const ifindex = z.int().min(1).max(LARGEST_INTEGER);
const unsigned = (bits: number) =>
  z
    .string()
    .regex(/^(0|[1-9]\d{0,19})$/, "expected a whole number in decimal")
    .transform(BigInt)
    .refine((value) => value >> BigInt(bits) === 0n, `expected a number of ${bits} bits`);
const counter = unsigned(64);
/** Nanoseconds: hrtime_t is signed. */
const time = unsigned(63);
const counts = z.record(z.string(), counter);

const writtenWhole = z.object({
  system: z.object({ boot: z.string(), namespace: z.string() }),
  sources: z.array(z.object({ name, identity: z.string().optional(), statistics: z.array(name) })),
  /** Names of the columns of `departed` and `baseline`. */
  counted: z.array(name),
  uplinks: z
    .object({
      source: z.enum(["route", "default"]),
      rank: z.union([z.literal(1), z.literal(2), z.literal(3)]),
      members: z.array(ifindex),
    })
    .optional(),
  snmp: z
    .object({
      engineId: z.string().regex(/^([0-9a-f]{2}){5,32}$/, "expected 5 to 32 octets in hexadecimal"),
      engineBoots: z.int().min(0).max(LARGEST_INTEGER),
    })
    .optional(),
});

const writtenGroup = z.object({
  name,
  ifname: name,
  ifindex,
  crtime: time,
  state: z.enum(["ok", "degraded", "failed"]),
  stateSince: time,
  stateTime: z.object({ ok: time, degraded: time, failed: time }),
  failovers: counter,
  lastFailoverMs: z.number().min(0).max(LAST_MOMENT_MS).optional(),
  vanished: z.array(name),
  health: z.array(z.object({ device: name, failures: counts, repairs: counts })),
  departed: z.array(counter),
  members: z.array(
    z.object({
      source: name,
      device: name,
      ifindex,
      lladdr: z.string(),
      crtime: time,
      joinedAt: time,
      offlined: z.boolean(),
      flags: z.array(z.enum(["FAILED", "OFFLINE", "INACTIVE", "STANDBY"])).optional(),
      probeFailure: z.string().optional(),
      elsewhere: z
        .object({
          running: z.boolean(),
          adminUp: z.boolean(),
          mtu: z.int().min(0).max(LARGEST_INTEGER),
          speedBitsPerSecond: z.number().min(0).optional(),
          masterIfindex: ifindex.optional(),
          masterName: z.string().optional(),
          bits: z.array(z.union([z.literal(0), z.literal(32), z.literal(64)])).optional(),
        })
        .optional(),
      baseline: z.array(counter),
    }),
  ),
});

type WrittenWhole = z.infer<typeof writtenWhole>;
type WrittenGroup = z.infer<typeof writtenGroup>;

/** A state that was read and checked, still without its readings. */
export interface WrittenState {
  readonly kind: "written";
  readonly whole: WrittenWhole;
  readonly groups: readonly WrittenGroup[];
}

const COUNTED = NET_STATISTICS.map(({ name: statistic }) => statistic);

export function writeWhole({ system, sources, uplinks, snmp }: SavedState): string {
  return JSON.stringify({ system, sources, counted: COUNTED, uplinks, snmp });
}

export function writeGroup(group: SavedGroup): string {
  const members = group.members.map(({ reading: _reading, ...member }) => member);
  return JSON.stringify({ ...group, members }, (_key, value: unknown) => {
    if (typeof value === "bigint") return value.toString();
    return value instanceof BigUint64Array ? Array.from(value, String) : value;
  });
}

/** Checks what was parsed as JSON. */
export function checkWritten(whole: unknown, groups: readonly unknown[]): WrittenState | StateFault {
  const checked = z.object({ whole: writtenWhole, groups: z.array(writtenGroup) }).safeParse({ whole, groups });
  if (!checked.success) {
    const issue = checked.error.issues[0];
    return stateFault("damaged", `${issue?.path.join(".")}: ${issue?.message}`);
  }
  const columns = checked.data.whole.counted.length;
  const rows = checked.data.groups.flatMap(({ departed, members }) => [
    departed,
    ...members.map(({ baseline }) => baseline),
  ]);
  const odd = rows.find((row) => row.length !== columns);
  if (odd) return stateFault("damaged", `a row of counters has ${odd.length} columns, not ${columns}`);
  const names = checked.data.whole.sources.map((source) => source.name);
  const unknown = checked.data.groups.flatMap(({ members }) => members).find(({ source }) => !names.includes(source));
  if (unknown) return stateFault("damaged", `it has a member of a source "${unknown.source}", and no such source`);
  return { kind: "written", ...checked.data };
}

/** The state with a reading for each member, in order. Columns go by the names of statistics: another version may have more of them or fewer. */
export function withReadings({ whole, groups }: WrittenState, readings: readonly SavedReading[]): SavedState {
  const { system, sources, counted, uplinks, snmp } = whole;
  const statisticsOf = new Map(sources.map((source) => [source.name, source.statistics]));
  let next = 0;
  return {
    system,
    sources,
    groups: groups.map((group) => ({
      ...group,
      lastFailoverMs: group.lastFailoverMs,
      departed: BigUint64Array.from(COUNTED, (statistic) => group.departed[counted.indexOf(statistic)] ?? 0n),
      members: group.members.map((member): SavedMember => {
        const reading = readings[next++] ?? NO_READING;
        const statistics = statisticsOf.get(member.source) ?? [];
        // A statistic that was not counted yet is counted from the last reading on.
        const baseline = BigUint64Array.from(
          COUNTED,
          (statistic) =>
            member.baseline[counted.indexOf(statistic)] ?? reading.counters[statistics.indexOf(statistic)] ?? 0n,
        );
        return { ...member, baseline, reading };
      }),
    })),
    uplinks,
    snmp,
  };
}

const NO_READING: SavedReading = { counters: new BigUint64Array(0), seen: new BigUint64Array(0), seenAt: 0n };
