/**
 * Snapshots for tests of the faces: say what matters, the rest is filled in so that the whole is consistent (shares, totals,
 * group kstats, the links of members). `EXAMPLE` is one that shows everything a face has to cope with.
 */

import { capacityOf, countByState, countOfAllReasons } from "#src/daemon/snapshots/summary.js";
import { type Hrtime, hrtime, seconds } from "#src/kstat/hrtime.js";
import type { KstatReading } from "#src/kstat/kstat.js";
import { NET_COUNT, NET_INDEX, NET_STATISTICS, type NetStatistic } from "#src/kstat/net.js";
import { Schema } from "#src/kstat/schema.js";
import type { LinkAddress } from "#src/link/link-address.js";
import type { LinkAttributes } from "#src/link/link-attributes.js";
import { LOCAL, linkLabel } from "#src/link/link-id.js";
import type { HistogramSnapshot } from "#src/snapshot/histogram.js";
import type { FamilyProbes } from "#src/snapshot/probes.js";
import type { SourceSnapshot } from "#src/snapshot/program.js";
import {
  GROUP_STATES,
  type GroupSnapshot,
  type GroupState,
  type LinkSnapshot,
  MEMBER_STATES,
  type MemberSnapshot,
  type MemberState,
  type Snapshot,
  type Snapshots,
} from "#src/snapshot/snapshot.js";
import type { Supposition } from "#src/snapshot/supposition.js";
import { A_PORT } from "./fake-bond.ts";

/** Some statistics; the others are 0. A 64-bit name gives its 32-bit twin the same word, as the engine keeps it. */
export type Counters = Partial<Record<NetStatistic, bigint>>;

/** What is left out of a link's attributes is that of an Ethernet NIC that is up. */
export interface LinkInput
  extends Partial<Omit<LinkAttributes, "name">>,
    Partial<Pick<LinkSnapshot, "group" | "lastChange">> {
  readonly name: string;
  /** The system that it is of; left out: this host. */
  readonly source?: string;
  readonly addresses?: readonly Pick<LinkAddress, "address" | "prefixLength">[];
  readonly counters?: Counters;
  /** Statistics beyond the 15. */
  readonly more?: Readonly<Record<string, bigint>>;
}

export interface MemberInput
  extends Partial<Omit<MemberSnapshot, "device" | "baseline" | "current" | "share" | "link">> {
  readonly device: string;
  /** The system that its link is of; left out: this host. */
  readonly source?: string;
  readonly baseline?: Counters;
  readonly current?: Counters;
}

export interface GroupInput extends Partial<Omit<GroupSnapshot, "name" | "members" | "departed" | "total" | "kstat">> {
  readonly name: string;
  readonly members?: readonly MemberInput[];
  readonly departed?: Counters;
}

export interface SnapshotInput extends Partial<Omit<Snapshot, "groups" | "links" | "supported">> {
  readonly groups?: readonly GroupInput[];
  /** Links to add, or to say more of; those of members appear by themselves. */
  readonly links?: readonly LinkInput[];
  readonly unsupported?: readonly NetStatistic[];
}

/** The clock of every snapshot made here: ten days after boot. */
export const NOW: Hrtime = hrtime(seconds(864_012) + 554_019_882n);
/** When the program began to serve: an hour before NOW. */
export const STARTED: Hrtime = hrtime(NOW - seconds(3600));

const LINK_SCHEMA_TYPES = NET_STATISTICS.filter(({ name }) => name !== "link_up").map(
  ({ name, bits }) => ({ name, type: bits === 64 ? "uint64" : "uint32" }) as const,
);
const GROUP_SCHEMA = new Schema(
  NET_STATISTICS.map(({ name, bits }) => ({ name, type: bits === 64 ? "uint64" : "uint32" }) as const),
);

const TWINS = { obytes64: "obytes", rbytes64: "rbytes", opackets64: "opackets", ipackets64: "ipackets" } as const;

/** The 15 words of the kernel, in its order. */
export function counters(some: Counters = {}): BigUint64Array {
  const words = new BigUint64Array(NET_COUNT);
  for (const [wide, narrow] of Object.entries(TWINS) as [keyof typeof TWINS, NetStatistic][]) {
    words[NET_INDEX[wide]] = words[NET_INDEX[narrow]] = some[wide] ?? some[narrow] ?? 0n;
  }
  for (const [name, value] of Object.entries(some) as [NetStatistic, bigint][]) words[NET_INDEX[name]] = value;
  return words;
}

/** The source of this host's links. */
const HERE: SourceSnapshot = {
  name: "local",
  kind: "netlink",
  deliversEvents: true,
  gaps: 0n,
  reads: 0n,
  up: true,
  polls: {},
  lastSuccessMs: undefined,
};

export function aLink(input: LinkInput, position = 0): LinkSnapshot {
  const { counters: some, more = {}, group, lastChange = STARTED, addresses = [], source = LOCAL, ...rest } = input;
  const { ifindex = position + 2 } = rest;
  const words = counters(some);
  const extra = Object.entries(more);
  const schema = new Schema([...LINK_SCHEMA_TYPES, ...extra.map(([name]) => ({ name, type: "uint64" }) as const)]);
  const values = new BigUint64Array([
    ...LINK_SCHEMA_TYPES.map(({ name }) => words[NET_INDEX[name]] ?? 0n),
    ...extra.map(([, value]) => value),
  ]);
  const id = { module: "link", instance: 0, name: input.name, class: "net" };
  const attributes: LinkAttributes = {
    ifindex,
    alias: "",
    hardwareType: 1,
    kind: undefined,
    driver: "ixgbe",
    hasDevice: true,
    lladdr: `02:00:00:00:00:${(position + 2).toString(16).padStart(2, "0")}`,
    mtu: 1500,
    adminUp: true,
    running: true,
    operState: (rest.running ?? true) ? "up" : "down",
    loopback: false,
    pointToPoint: false,
    noArp: false,
    multicast: true,
    promiscuous: false,
    speedBitsPerSecond: 10_000_000_000,
    masterIfindex: undefined,
    ...rest,
  };
  return {
    id: { source, ifindex },
    attributes,
    addresses: addresses.map(({ address, prefixLength }) => ({
      ifindex,
      family: address.includes(":") ? "ipv6" : "ipv4",
      address,
      prefixLength,
      tentative: false,
      duplicate: false,
    })),
    kstat: { id, crtime: STARTED, snaptime: NOW, schema, values },
    group,
    readAt: NOW,
    lastChange,
  };
}

const FLAGS: Readonly<Record<MemberState, readonly string[]>> = {
  active: ["RUNNING"],
  inactive: ["RUNNING", "INACTIVE"],
  failed: ["FAILED"],
  offline: ["OFFLINE"],
};

const labelOf = ({ source = LOCAL, device }: MemberInput): string => linkLabel(source, device);

function aMember(input: MemberInput, link: LinkSnapshot): MemberSnapshot {
  const { baseline, current, source: _ofItsLink, ...rest } = input;
  const from = counters(baseline);
  const now = counters(current);
  const state = input.state ?? "active";
  const standby = input.standby ?? false;
  return {
    state,
    active: state === "active",
    linkUp: state !== "failed",
    standby,
    flags: standby ? [...FLAGS[state], "STANDBY"] : FLAGS[state],
    boundAddresses: undefined,
    reason: state === "active" ? undefined : state,
    failures: {},
    repairs: {},
    failureCount: countOfAllReasons(input.failures ?? {}),
    repairCount: countOfAllReasons(input.repairs ?? {}),
    joinedAt: STARTED,
    baseline: from,
    current: now,
    share: now.map((word, index) => BigInt.asUintN(64, word - (from[index] ?? 0n))),
    link,
    label: labelOf(input),
    ...rest,
  };
}

function aGroup(input: GroupInput, position: number, linkOf: (member: MemberInput) => LinkSnapshot): GroupSnapshot {
  const { members: memberInputs = [], departed: left, ...rest } = input;
  const members = memberInputs
    .map((member) => aMember(member, linkOf(member)))
    .sort((a, b) => (a.device < b.device ? -1 : 1));
  const missing = input.missing ?? [];
  const usable = members.filter(({ state }) => state === "active" || state === "inactive").length;
  const complete = usable === members.length && missing.length === 0;
  const state: GroupState = usable === 0 ? "failed" : complete ? "ok" : "degraded";
  const departed = counters(left);
  const total = departed.map((word, index) =>
    members.reduce((sum, { share }) => BigInt.asUintN(64, sum + (share[index] ?? 0n)), word),
  );
  const group = {
    ifname: input.name,
    ifindex: 1_000_001 + position,
    source: "configuration",
    mode: "ipmp",
    state,
    linkUp: members.some(({ active }) => active),
    crtime: STARTED,
    lastChange: STARTED,
    mtu: 1500,
    membersExpected: members.length + missing.length,
    missing,
    members,
    counts: countByState(MEMBER_STATES, members),
    capacity: capacityOf(members),
    refused: [],
    departed,
    total,
    castDevice: undefined,
    addresses: undefined,
    failovers: 0n,
    lastFailoverMs: undefined,
    failoverDurations: { buckets: FAILOVER_BOUNDS.map((bound) => ({ bound, count: 0 })), count: 0, sum: 0 },
    stateTime: { ok: seconds(3600), degraded: 0n, failed: 0n },
    rebinds: 0n,
    castChanges: 0n,
    ...rest,
  } satisfies Omit<GroupSnapshot, "kstat">;
  return { ...group, kstat: groupKstat(group) };
}

/** ipmp:0:<ifname> as the kernel would show it: 32-bit statistics modulo 2^32. */
function groupKstat(group: Omit<GroupSnapshot, "kstat">): KstatReading {
  const values = new BigUint64Array(
    NET_STATISTICS.map(({ name, bits }) =>
      name === "link_up" ? BigInt(group.linkUp) : BigInt.asUintN(bits, group.total[NET_INDEX[name]] ?? 0n),
    ),
  );
  const id = { module: "ipmp", instance: 0, name: group.ifname, class: "net" };
  return { id, crtime: group.crtime, snaptime: NOW, schema: GROUP_SCHEMA, values };
}

export function aSnapshot(input: SnapshotInput = {}): Snapshot {
  const { groups: groupInputs = [], links: linkInputs = [], unsupported = [], ...rest } = input;
  const links = new Map<string, LinkSnapshot>();
  for (const link of linkInputs) links.set(link.name, aLink(link, links.size));
  for (const group of groupInputs) {
    for (const member of group.members ?? []) {
      const said = linkInputs.find(({ name }) => name === member.device);
      const position = said === undefined ? links.size : linkInputs.indexOf(said);
      const seen = { running: member.linkUp ?? member.state !== "failed", group: group.name };
      const numbers = member.current === undefined ? {} : { counters: member.current };
      const link = { name: member.device, ...(member.source === undefined ? {} : { source: member.source }) };
      links.set(labelOf(member), aLink({ ...link, ...seen, ...numbers, ...said }, position));
    }
  }
  const linkOf = (member: MemberInput): LinkSnapshot => links.get(labelOf(member)) ?? aLink({ name: member.device });
  const groups = groupInputs
    .map((group, position) => aGroup(group, position, linkOf))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const sortedLinks = [...links.values()].sort((a, b) => a.id.ifindex - b.id.ifindex);
  return {
    at: NOW,
    countersAt: NOW,
    wallMs: 1_763_853_300_250,
    startedAt: STARTED,
    groups,
    counts: countByState(GROUP_STATES, groups),
    links: sortedLinks,
    supported: new Set(NET_STATISTICS.map(({ name }) => name).filter((name) => !unsupported.includes(name))),
    sources: [HERE],
    collectors: [
      { name: "addresses", success: true, durationSeconds: 0.000125 },
      { name: "links", success: true, durationSeconds: 0.0015 },
    ],
    resets: [],
    tableLastChange: STARTED,
    stackLastChange: STARTED,
    ...rest,
  };
}

/** Hands out one snapshot, as the daemon would. */
export function snapshotsOf(snapshot: Snapshot): Snapshots {
  return {
    fresh: () => Promise.resolve(snapshot),
    within: () => snapshot,
    states: () => snapshot,
    of: () => snapshot,
    about: () => snapshot,
    sources: () => snapshot.sources,
  };
}

/** As the daemon answers, of links alone: it is lost, and nothing else changes. */
export function withoutEach(snapshot: Snapshot, names: readonly string[]): Supposition {
  const links = snapshot.links.map(({ attributes }) => attributes.name);
  const unknown = names.find((name) => !links.includes(name));
  if (unknown !== undefined)
    return { kind: "unknown", message: `Nothing here is called "${unknown}"; there are ${links.join(", ")}` };
  const without = names.map((name) => ({ name, kind: "link", domain: name, links: [name] }) as const);
  return { kind: "supposed", snapshot: { ...snapshot, without } };
}

/** Two targets that answer, the second one slower; 600 probes, of which three were lost and one of these answered late. */
function someProbes(testAddress: string, ...addresses: readonly string[]): FamilyProbes {
  const targets = addresses.map((address, n) => ({ address, state: "active" as const, roundTrip: 400_000 * (n + 1) }));
  const unknown = { foreign: 0, duplicate: 1, out_of_window: 0 };
  const buckets = [0.0005, 0.001, 0.0025].map((bound, n) => ({ bound, count: [300, 597, 598][n] ?? 0 }));
  const counts = { sent: 601, acked: 598, lost: 3, late: 1, sendErrors: 0, unknown };
  // 300 and 297 at about 0.42 and 0.71 ms, and one at 2.1 ms.
  const fine = [-89, -83, -71].map((index, n) => ({ index, count: [300, 297, 1][n] ?? 0 }));
  const native = { schema: 3, zeroThreshold: 1e-6, zeroCount: 0, buckets: fine };
  const roundTrips = { buckets, count: 598, sum: 0.359, native };
  return {
    family: "ipv4",
    method: "icmp",
    methodReason: undefined,
    testAddress,
    mode: "routes",
    targets,
    counts: { ...counts, roundTrips },
  };
}

const FAILOVER_BOUNDS = [0.001, 0.1, 2.5] as const;

/** Two of 3 ms, and one of 2 s. */
const FAILOVERS: HistogramSnapshot = {
  buckets: FAILOVER_BOUNDS.map((bound, n) => ({ bound, count: [0, 2, 3][n] ?? 0 })),
  count: 3,
  sum: 2.006,
  native: {
    schema: 3,
    zeroThreshold: 1e-6,
    zeroCount: 0,
    buckets: [
      { index: -67, count: 2 },
      { index: 8, count: 1 },
    ],
  },
};

const LARGEST = 2n ** 64n - 1n;

/**
 * ipmp0: eth0 active, eth1 a standby at rest, eth2 promised and not there, a departed member's share; bytes near 2^64 and
 * above 2^53. `default`: an ECMP group, which has neither nominee nor addresses. The source knows no multixmt and no brdcst*.
 */
export const EXAMPLE: Snapshot = aSnapshot({
  groups: [
    {
      name: "ipmp0",
      missing: ["eth2"],
      members: [
        {
          device: "eth0",
          boundAddresses: 2,
          domains: [
            { kind: "link", domain: "eth0" },
            { kind: "card", domain: "0000:3b:00" },
            { kind: "driver", domain: "ixgbe" },
          ],
          failures: { link: 1n, probe: 2n },
          repairs: { link: 1n, probe: 2n },
          probes: { state: "ok", families: [someProbes("192.0.2.1", "192.0.2.254", "192.0.2.253")] },
          baseline: { rbytes64: 1000n, obytes64: 2000n, ipackets64: 10n, opackets64: 20n, multircv: 1n },
          current: {
            rbytes64: LARGEST - 1n,
            obytes64: 2n ** 53n + 2003n,
            ipackets64: 4_386_794_670n,
            opackets64: 4_376_693_670n,
            ierrors: 7n,
            oerrors: 1n,
            multircv: 5522n,
          },
        },
        {
          device: "eth1",
          state: "inactive",
          standby: true,
          boundAddresses: 0,
          reason: "standby",
          baseline: { rbytes64: 5n, obytes64: 5n },
          current: { rbytes64: 5n, obytes64: 65n, opackets64: 1n },
        },
      ],
      fate: {
        shared: [
          { kind: "card", domain: "0000:3b:00", accepted: "it has one slot" },
          { kind: "driver", domain: "ixgbe", accepted: undefined },
        ],
        survives: { link: true, card: false, driver: false },
      },
      departed: { rbytes64: 1001n, obytes64: 77n, ipackets64: 9n, opackets64: 1n, oerrors: 4n },
      failureDetectionTimeMs: 10_000,
      targetsMute: false,
      castDevice: { ipv4: "eth0", ipv6: undefined },
      addresses: [
        { address: "192.0.2.10", family: "ipv4", up: true, inbound: "eth0" },
        { address: "192.0.2.11", family: "ipv4", up: false, inbound: undefined },
        { address: "2001:db8::10", family: "ipv6", up: true, inbound: "eth0" },
      ],
      failovers: 3n,
      lastFailoverMs: 1_763_852_000_125,
      failoverDurations: FAILOVERS,
      stateTime: { ok: 0n, degraded: seconds(3599) + 500_000_000n, failed: 500_000_000n },
      rebinds: 4n,
      castChanges: 2n,
      crossCheck: { agreesSinceMs: 1_763_852_000_250, disagreements: 1n },
    },
    {
      name: "default",
      source: "route",
      mode: "ecmp",
      mtu: undefined,
      members: [
        {
          device: "wan0",
          state: "failed",
          linkUp: false,
          reason: "no carrier",
          route: { inRoute: false, weight: undefined, isReachable: true },
          failures: { link: 1n },
          baseline: { rbytes64: 40n },
          current: { rbytes64: 42n },
        },
        {
          device: "wan1",
          route: { inRoute: true, weight: 3, isReachable: true },
          current: { rbytes64: 1_500n, obytes64: 900n, ipackets64: 3n, opackets64: 2n },
        },
      ],
      refused: [{ device: "tun0", errno: "ENXIO", why: "it has no link-layer address" }],
    },
  ],
  links: [
    { name: "eth0", addresses: [{ address: "192.0.2.1", prefixLength: 24 }] },
    { name: "eth1", speedBitsPerSecond: 1_000_000_000 },
    { name: "wan0", speedBitsPerSecond: undefined, driver: undefined, kind: "veth" },
    { name: "wan1", alias: 'to "provider B"', more: { norcvbuf: 3n } },
    { name: "lo", ifindex: 1, hardwareType: 772, driver: undefined, lladdr: "", mtu: 65_536, operState: "unknown" },
  ],
  unsupported: ["multixmt", "brdcstrcv", "brdcstxmt"],
  sources: [
    HERE,
    {
      ...HERE,
      name: "sw1",
      kind: "snmp",
      deliversEvents: false,
      up: false,
      polls: { answered: 41n, timeout: 1n },
      lastSuccessMs: 1_800_000_000_250,
    },
    {
      ...HERE,
      name: "gz",
      kind: "illumos",
      deliversEvents: false,
      polls: { answered: 7n },
      lastSuccessMs: 1_800_000_000_500,
      account: {
        tables: { groups: [], interfaces: [], addresses: [], targets: [] },
        kstats: [],
        anonymousInterfaces: 1,
        warnings: 2n,
      },
    },
  ],
  resets: [{ device: "eth0", reason: "backwards", count: 1n }],
});

/** What root is told of a slave's LACP. */
const LACP_PORT = {
  permanentLladdr: "02:1d:22:fd:7e:72",
  aggregator: 1,
  partnerLladdr: "02:fc:ce:91:32:14",
  partnerKey: 9,
  actorChurn: "none",
  partnerChurn: "churned",
  actorChurnedCount: 0n,
  partnerChurnedCount: 1n,
} as const;

/** An 802.3ad bond whose second slave is wired to another switch: what an EXAMPLE of IPMP cannot show. */
export const BOND: Snapshot = aSnapshot({
  groups: [
    {
      name: "bond0",
      ifindex: 40,
      source: "bond",
      mode: "802.3ad",
      rebinds: undefined,
      castChanges: undefined,
      monitor: "mii",
      lacp: {
        activeAggregator: 1,
        actorKey: 15,
        partnerKey: 9,
        partnerLladdr: "02:fc:ce:91:32:14",
        rate: "fast",
        minLinks: 0,
      },
      members: [
        {
          device: "eth0",
          lacp: { aggregator: 1, inActiveAggregator: true, actorState: 0b0011_1101, partnerState: 63 },
          current: { rbytes64: 700n, obytes64: 80n },
        },
        {
          device: "eth1",
          state: "inactive",
          lacp: { aggregator: 2, inActiveAggregator: false, actorState: 69, partnerState: undefined },
        },
      ],
    },
  ],
  links: [
    { name: "bond0", ifindex: 40, kind: "bond", driver: undefined, lladdr: "02:00:5e:00:00:01" },
    { name: "eth0", ifindex: 10, port: { ...A_PORT, ...LACP_PORT, linkFailures: 2n } },
    { name: "eth1", ifindex: 11, port: { ...A_PORT, ...LACP_PORT, aggregator: 2, partnerLladdr: undefined } },
  ],
});
