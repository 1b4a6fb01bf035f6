/** A host that has been watched for a day: what its groups carried, and what happened. For pictures of plots that no test could wait for. */

import { EventLog } from "#src/daemon/snapshots/event-log.js";
import { type Hrtime, hrtime, seconds } from "#src/kstat/hrtime.js";
import type { Transition } from "#src/snapshot/event.js";
import type { Snapshot } from "#src/snapshot/snapshot.js";
import { TrafficHistories } from "#src/web/page/traffic-history.js";
import { aSnapshot, type GroupInput, type MemberInput, NOW } from "./snapshot.ts";

/** A member does not work from so many minutes before the end of the day until so many minutes before it. */
export interface Outage {
  readonly group: string;
  readonly device: string;
  /** Who takes over; it stands by otherwise. */
  readonly standby?: string;
  readonly from: number;
  /** 0: it still does not work. */
  readonly until: number;
}

export interface Day {
  readonly groups: readonly GroupInput[];
  /** Bits per second that each group receives at its busiest. */
  readonly peaks: Readonly<Record<string, number>>;
  readonly outages: readonly Outage[];
  /** The end, in milliseconds since 1970. */
  readonly wallMs: number;
}

export interface WatchedDay {
  readonly snapshot: Snapshot;
  readonly events: EventLog;
  readonly traffic: TrafficHistories;
  /** How it goes on: the snapshot so many seconds later, at least as many as when it was asked for last. */
  readonly later: (elapsed: number) => Snapshot;
}

const MINUTES = 24 * 60;
/** Before that, readings of minutes are enough; in the last minutes there is one of every second. */
const FINE_MINUTES = 6;

export function inventedDay(day: Day): WatchedDay {
  const traffic = new TrafficHistories();
  const counted = new Map<string, { received: number; sent: number }>();
  let snapshot = snapshotAt(day, MINUTES, counted);
  for (let ago = MINUTES; ago > 0; ) {
    const next = Math.max(0, ago - (ago > FINE_MINUTES ? 0.5 : 1 / 60));
    count(day, ago, (ago - next) * 60, counted);
    ago = next;
    const at = before(ago);
    if (!traffic.shortest.isDue(at)) continue;
    snapshot = snapshotAt(day, ago, counted);
    traffic.record(snapshot);
  }
  let counts = 0;
  const later = (elapsed: number): Snapshot => {
    count(day, 0, elapsed - counts, counted);
    counts = elapsed;
    return snapshotAt(day, -elapsed / 60, counted);
  };
  return { snapshot, events: eventsOf(day), traffic, later };
}

/** So many minutes before the end. */
function before(ago: number): Hrtime {
  return hrtime(NOW - BigInt(Math.round(ago * 60e9)));
}

/** Less at night, and never twice the same. */
function load(wallMs: number): number {
  const hour = (wallMs / 3_600_000) % 24;
  const minute = wallMs / 60_000;
  const daily = 0.18 + 0.62 * Math.max(0, Math.sin(((hour - 5) / 18) * Math.PI)) ** 1.5;
  const backup = hour >= 1 && hour < 3 ? 0.45 : 0;
  const waves = 0.1 * Math.sin(minute / 7) + 0.07 * Math.sin(minute * 1.9) + 0.05 * Math.sin(minute * 17.3);
  return Math.max(0.02, (daily + backup) * (1 + waves));
}

function isOut(day: Day, group: string, device: string, ago: number): boolean {
  return day.outages.some((each) => {
    const isDuring = ago <= each.from && (ago > each.until || each.until === 0);
    return each.group === group && ((each.device === device && isDuring) || (each.standby === device && !isDuring));
  });
}

/** What the members that carry something add to their counters in so many seconds. */
function count(day: Day, ago: number, elapsed: number, counted: Map<string, { received: number; sent: number }>): void {
  const wallMs = day.wallMs - ago * 60_000;
  for (const [n, { name, members = [] }] of day.groups.entries()) {
    const carrying = members.filter(({ device }) => !isOut(day, name, device, ago));
    const octets = ((day.peaks[name] ?? 0) * load(wallMs - n * 1_700_000) * elapsed) / 8 / carrying.length;
    for (const [index, { device }] of carrying.entries()) {
      const part = octets * (1 + 0.15 * Math.sin(wallMs / 500_000 + index * 2));
      const { received, sent } = counted.get(device) ?? { received: 0, sent: 0 };
      counted.set(device, { received: received + part, sent: sent + part * (0.55 - 0.1 * (n % 5)) });
    }
  }
}

function snapshotAt(day: Day, ago: number, counted: ReadonlyMap<string, { received: number; sent: number }>): Snapshot {
  const at = before(ago);
  const member = (group: string, { device, ...rest }: MemberInput): MemberInput => {
    const { received = 0, sent = 0 } = counted.get(device) ?? {};
    const current = {
      rbytes64: BigInt(Math.round(received)),
      obytes64: BigInt(Math.round(sent)),
      ipackets64: BigInt(Math.round(received / 900)),
      opackets64: BigInt(Math.round(sent / 700)),
    };
    const outage = day.outages.find((each) => each.group === group && each.device === device);
    const failures = outage ? { failures: { link: 1n }, repairs: { link: outage.until > 0 ? 1n : 0n } } : {};
    const isFailed = isOut(day, group, device, ago) && outage !== undefined;
    return {
      device,
      current,
      ...failures,
      ...(isFailed ? { state: "failed", active: false, reason: "link down" } : {}),
      ...(isOut(day, group, device, ago) && !isFailed
        ? { state: "inactive", active: false, reason: "standby, not needed" }
        : {}),
      ...rest,
    };
  };
  const groups = day.groups.map(({ members = [], ...group }): GroupInput => {
    const outages = day.outages.filter((each) => each.group === group.name);
    const last = outages.at(-1);
    const crtime = hrtime(NOW - seconds(3 * 86_400));
    const changed = last && (last.until > 0 ? last.until : last.from);
    const down = outages.reduce((sum, { from, until }) => sum + from - until, 0);
    return {
      crtime,
      ...(changed === undefined ? { lastChange: crtime } : { lastChange: hrtime(NOW - seconds(changed * 60)) }),
      ...(last === undefined
        ? {}
        : { failovers: BigInt(outages.length), lastFailoverMs: day.wallMs - last.from * 60_000 }),
      stateTime: { ok: seconds(3 * 86_400 - down * 60), degraded: seconds(down * 60), failed: 0n },
      castDevice: { ipv4: members[0]?.device, ipv6: members[0]?.device },
      ...group,
      members: members.map((each) => ({ joinedAt: crtime, ...member(group.name, each) })),
    };
  });
  return aSnapshot({
    groups,
    at,
    countersAt: at,
    startedAt: hrtime(NOW - seconds(3 * 86_400)),
    wallMs: day.wallMs - ago * 60_000,
  });
}

function eventsOf({ outages, wallMs, groups }: Day): EventLog {
  const events = new EventLog();
  const told: { readonly ago: number; readonly what: Transition }[] = [];
  for (const { group, device, standby, from, until } of outages) {
    const state = (which: string, before: "active" | "inactive" | "failed", to: typeof before, cause: string) =>
      ({ kind: "member-state", group, device: which, source: "local", ifindex: 2, from: before, to, cause }) as const;
    const whole = (before: "ok" | "degraded", to: typeof before, cause: string) =>
      ({ kind: "group-state", group, ifname: group, from: before, to, cause }) as const;
    told.push({ ago: from, what: state(device, "active", "failed", "link down") });
    if (standby) told.push({ ago: from, what: state(standby, "inactive", "active", "needed") });
    told.push({ ago: from, what: whole("ok", "degraded", `${device} has no carrier`) });
    if (until === 0) continue;
    told.push({ ago: until, what: state(device, "failed", "active", "link up") });
    if (standby) told.push({ ago: until, what: state(standby, "active", "inactive", "standby, not needed") });
    told.push({ ago: until, what: whole("degraded", "ok", `${device} is active`) });
  }
  const cause = `counters of ${groups.length} ${groups.length === 1 ? "group" : "groups"} go on`;
  events.append(
    { kind: "program-started", awayMs: 41_000, cause: `nobody had watched for 41 s; ${cause}` },
    wallMs - 3 * 86_400_000,
  );
  for (const { ago, what } of told.sort((a, b) => b.ago - a.ago)) events.append(what, wallMs - ago * 60_000);
  return events;
}
