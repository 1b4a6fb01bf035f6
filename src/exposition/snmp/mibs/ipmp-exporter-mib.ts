/**
 * IPMP-EXPORTER-MIB (mibs/IPMP-EXPORTER-MIB): what IF-MIB cannot say about groups and their members. Names, numbers and types
 * are those of the file; a test compares them.
 */

import { DOMAIN_KINDS, type DomainKind } from "../../../fate/failure-domain.ts";
import { type KstatReading, valueOf as statistic } from "../../../kstat/kstat.ts";
import { NET_INDEX, NET_STATISTICS, type NetStatistic } from "../../../kstat/net.ts";
import { ipOctets } from "../../../net-address/ip-address.ts";
import type { AddressSnapshot, GroupSnapshot, MemberSnapshot } from "../../../snapshot/snapshot.ts";
import { utf8 } from "../../utf8.ts";
import type { Oid } from "../protocol/oid.ts";
import { low32, truth } from "../protocol/syntax.ts";
import { localMembers } from "./local-rows.ts";
import type { MibContext } from "./mib-context.ts";
import { type Column, type Entry, scalars, type Table, table } from "./mib-table.ts";

/** IpmpHealth. */
const HEALTH = { ok: 1, degraded: 2, failed: 3 } as const satisfies Record<GroupSnapshot["state"], number>;

/** IpmpRole. */
export const ROLE = { active: 1, inactive: 2, failed: 3, offline: 4 } as const satisfies Record<
  MemberSnapshot["state"],
  number
>;

const SOURCE = {
  configuration: 1,
  bond: 2,
  team: 3,
  route: 4,
  illumos: 5,
  default: 6,
  lag: 7,
} as const satisfies Record<GroupSnapshot["source"], number>;

/** Bits of ipmpMemberFlags, most significant first (BITS, RFC 2578 section 7.1.4). */
const FLAGS = ["RUNNING", "FAILED", "STANDBY", "INACTIVE", "OFFLINE"];

export function flagBits(flags: readonly string[]): Uint8Array {
  let octet = 0;
  for (const [bit, flag] of FLAGS.entries()) if (flags.includes(flag)) octet |= 0x80 >> bit;
  return Uint8Array.of(octet);
}

const NANOSECONDS_PER_SECOND = 1_000_000_000n;

/** ifIndex of a member of this host by its label; 0 when there is none. */
function memberIndex(group: GroupSnapshot, label: string | undefined): number {
  return localMembers(group).find((member) => member.label === label)?.link.id.ifindex ?? 0;
}

function castIndex(group: GroupSnapshot, family: "ipv4" | "ipv6"): number | undefined {
  return group.castDevice && memberIndex(group, group.castDevice[family]);
}

const GROUP_COLUMNS: readonly Column<GroupSnapshot>[] = [
  { number: 2, name: "ipmpGroupName", syntax: "OctetString", value: (group) => group.name },
  { number: 3, name: "ipmpGroupIfName", syntax: "OctetString", value: (group) => group.ifname },
  { number: 4, name: "ipmpGroupSource", syntax: "Integer32", value: (group) => SOURCE[group.source] },
  { number: 5, name: "ipmpGroupMode", syntax: "OctetString", value: (group) => group.mode },
  { number: 6, name: "ipmpGroupState", syntax: "Integer32", value: (group) => HEALTH[group.state] },
  {
    number: 7,
    name: "ipmpGroupLastChange",
    syntax: "TimeTicks",
    value: (group, context) => context.ticks(group.lastChange),
  },
  { number: 8, name: "ipmpGroupMembersExpected", syntax: "Gauge32", value: (group) => group.membersExpected },
  { number: 9, name: "ipmpGroupMembersActive", syntax: "Gauge32", value: (group) => group.counts.active },
  { number: 10, name: "ipmpGroupMembersInactive", syntax: "Gauge32", value: (group) => group.counts.inactive },
  { number: 11, name: "ipmpGroupMembersFailed", syntax: "Gauge32", value: (group) => group.counts.failed },
  { number: 12, name: "ipmpGroupMembersOffline", syntax: "Gauge32", value: (group) => group.counts.offline },
  { number: 13, name: "ipmpGroupMembersMissing", syntax: "Gauge32", value: (group) => group.missing.length },
  { number: 14, name: "ipmpGroupFailovers", syntax: "Counter64", value: (group) => group.failovers },
  { number: 15, name: "ipmpGroupMtu", syntax: "Gauge32", value: (group) => group.mtu },
  { number: 16, name: "ipmpGroupAddresses", syntax: "Gauge32", value: (group) => group.addresses?.length },
  { number: 17, name: "ipmpGroupCastMember4", syntax: "Integer32", value: (group) => castIndex(group, "ipv4") },
  { number: 18, name: "ipmpGroupCastMember6", syntax: "Integer32", value: (group) => castIndex(group, "ipv6") },
  ...(["ok", "degraded", "failed"] as const).map((state, i): Column<GroupSnapshot> => {
    const name = `ipmpGroupSeconds${capital(state)}`;
    const value = (group: GroupSnapshot) => group.stateTime[state] / NANOSECONDS_PER_SECOND;
    return { number: 19 + i, name, syntax: "Counter64", value };
  }),
];

interface MemberRow {
  readonly group: GroupSnapshot;
  readonly member: MemberSnapshot;
}

/** The member's share of what the group carried, under the names of Prometheus' ipmp_member_*_total. */
const SHARES: readonly (readonly [string, NetStatistic])[] = [
  ["InOctets", "rbytes64"],
  ["OutOctets", "obytes64"],
  ["InPackets", "ipackets64"],
  ["OutPackets", "opackets64"],
  ["InErrors", "ierrors"],
  ["OutErrors", "oerrors"],
  ["InMulticasts", "multircv"],
  ["OutMulticasts", "multixmt"],
  ["InBroadcasts", "brdcstrcv"],
  ["OutBroadcasts", "brdcstxmt"],
];

const MEMBER_COLUMNS: readonly Column<MemberRow>[] = [
  { number: 2, name: "ipmpMemberDevice", syntax: "OctetString", value: ({ member }) => member.device },
  { number: 3, name: "ipmpMemberState", syntax: "Integer32", value: ({ member }) => ROLE[member.state] },
  { number: 4, name: "ipmpMemberFlags", syntax: "OctetString", value: ({ member }) => flagBits(member.flags) },
  { number: 5, name: "ipmpMemberActive", syntax: "Integer32", value: ({ member }) => truth(member.active) },
  { number: 6, name: "ipmpMemberLinkUp", syntax: "Integer32", value: ({ member }) => truth(member.linkUp) },
  { number: 7, name: "ipmpMemberStandby", syntax: "Integer32", value: ({ member }) => truth(member.standby) },
  { number: 8, name: "ipmpMemberBoundAddresses", syntax: "Gauge32", value: ({ member }) => member.boundAddresses },
  { number: 9, name: "ipmpMemberFailures", syntax: "Counter64", value: ({ member }) => member.failureCount },
  { number: 10, name: "ipmpMemberRepairs", syntax: "Counter64", value: ({ member }) => member.repairCount },
  { number: 11, name: "ipmpMemberReason", syntax: "OctetString", value: ({ member }) => member.reason ?? "" },
  {
    number: 12,
    name: "ipmpMemberJoined",
    syntax: "TimeTicks",
    value: ({ member }, context) => context.ticks(member.joinedAt),
  },
  ...SHARES.map(([name, of], i): Column<MemberRow> => {
    return {
      number: 13 + i,
      name: `ipmpMember${name}`,
      syntax: "Counter64",
      value: ({ member }) => (member.link.lacks?.has(of) ? undefined : member.share[NET_INDEX[of]]),
      exists: ({ snapshot }) => snapshot.supported.has(of),
    };
  }),
];

/** "link_up" is ipmpKstatLinkUp. */
function kstatName(name: string): string {
  return `ipmpKstat${name.split("_").map(capital).join("")}`;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Exactly what kstat(8) shows, zeros of unsupported statistics included. */
const KSTAT_COLUMNS = NET_STATISTICS.map(({ name, bits, kind }, i): Column<KstatReading> => {
  const object = { number: i + 1, name: kstatName(name) };
  const value = (reading: KstatReading) => statistic(reading, name) ?? 0n;
  if (bits === 64) return { ...object, syntax: "Counter64", value };
  const syntax = kind === "state" ? "Gauge32" : "Counter32";
  return { ...object, syntax, value: (reading) => low32(value(reading)) };
});

function kstatEntries({ snapshot }: MibContext): Entry<KstatReading>[] {
  return snapshot.groups.flatMap(({ ifindex, kstat }) => (kstat ? [{ index: [ifindex], row: kstat }] : []));
}

interface AddressRow {
  readonly group: GroupSnapshot;
  readonly address: AddressSnapshot;
}

const ADDRESS_COLUMNS: readonly Column<AddressRow>[] = [
  { number: 2, name: "ipmpAddressUp", syntax: "Integer32", value: ({ address }) => truth(address.up) },
  {
    number: 3,
    name: "ipmpAddressInbound",
    syntax: "Integer32",
    value: ({ group, address }) => memberIndex(group, address.inbound),
  },
];

function addressEntries({ snapshot }: MibContext): Entry<AddressRow>[] {
  return snapshot.groups.flatMap((group) =>
    (group.addresses ?? []).flatMap((address) => {
      const octets = ipOctets(address.address);
      // A string of varying length is preceded by its length (RFC 2578 section 7.7).
      return octets ? [{ index: [group.ifindex, octets.length, ...octets], row: { group, address } }] : [];
    }),
  );
}

/** IpmpDomainKind. */
const DOMAIN_KIND = {
  link: 1,
  card: 2,
  switch: 3,
  gateway: 4,
  chassis: 5,
  driver: 6,
} as const satisfies Record<DomainKind, number>;

type SharedDomain = NonNullable<GroupSnapshot["fate"]>["shared"][number];

const SHARED_FATE_COLUMNS: readonly Column<SharedDomain>[] = [
  {
    number: 3,
    name: "ipmpSharedFateAccepted",
    syntax: "Integer32",
    value: ({ accepted }) => truth(accepted !== undefined),
  },
  { number: 4, name: "ipmpSharedFateReason", syntax: "OctetString", value: ({ accepted = "" }) => accepted },
];

/** Octets of a domain's name that are in the index: one more identifier each, of 128 that an OID may have. */
const DOMAIN_OCTETS = 64;

/** Of two long names that begin alike the first has the row. */
function sharedFateEntries({ snapshot }: MibContext): Entry<SharedDomain>[] {
  const entries = new Map<string, Entry<SharedDomain>>();
  for (const { ifindex, fate } of snapshot.groups)
    for (const row of fate?.shared ?? []) {
      const octets = utf8(row.domain).subarray(0, DOMAIN_OCTETS);
      const index = [ifindex, DOMAIN_KIND[row.kind], octets.length, ...octets];
      const key = index.join(".");
      if (!entries.has(key)) entries.set(key, { index, row });
    }
  return [...entries.values()];
}

const SURVIVES_COLUMNS: readonly Column<boolean>[] = [
  { number: 2, name: "ipmpSurvives", syntax: "Integer32", value: truth },
];

function survivesEntries({ snapshot }: MibContext): Entry<boolean>[] {
  return snapshot.groups.flatMap(({ ifindex, fate }) =>
    DOMAIN_KINDS.flatMap((kind) => {
      const row = fate?.survives[kind];
      return row === undefined ? [] : [{ index: [ifindex, DOMAIN_KIND[kind]], row }];
    }),
  );
}

/** Instances of ipmpNotificationObjects, which only notifications carry. */
export const NOTIFICATION_CHANGES = [1, 6, 1, 0] as const;
export const NOTIFICATION_CAUSE = [1, 6, 2, 0] as const;
export const NOTIFICATION_MEMBER = [1, 6, 3, 0] as const;
export const NOTIFICATION_MEMBER_STATE = [1, 6, 4, 0] as const;
export const NOTIFICATION_GROUP_NAME = [1, 6, 5, 0] as const;

/** What ipmpNotificationMemberState says beside {@link ROLE}: of what is no member any more. */
export const LEFT = 5;

/** The module's notifications, below its root. */
export const NOTIFICATION = { groupStateChange: [0, 1], memberStateChange: [0, 2] } as const;

/** The module's tables, rooted where the settings say. */
export function ipmpExporterMib(root: Oid): readonly Table[] {
  const objects = [...root, 1];
  return [
    table<GroupSnapshot>({
      name: "ipmpGroupTable",
      oid: [...objects, 1, 1],
      columns: GROUP_COLUMNS,
      rows: ({ snapshot }) => snapshot.groups.map((row) => ({ index: [row.ifindex], row })),
    }),
    table<MemberRow>({
      name: "ipmpMemberTable",
      oid: [...objects, 2, 1],
      columns: MEMBER_COLUMNS,
      rows: ({ snapshot }) =>
        snapshot.groups.flatMap((group) =>
          localMembers(group).map((member) => ({
            index: [group.ifindex, member.link.id.ifindex],
            row: { group, member },
          })),
        ),
    }),
    table({ name: "ipmpKstatTable", oid: [...objects, 3, 1], columns: KSTAT_COLUMNS, rows: kstatEntries }),
    table({ name: "ipmpAddressTable", oid: [...objects, 4, 1], columns: ADDRESS_COLUMNS, rows: addressEntries }),
    scalars(
      "ipmpSource",
      [...objects, 5],
      [
        { number: 1, name: "ipmpSourceName", syntax: "OctetString", value: (_, { localSource }) => localSource?.kind },
        {
          number: 2,
          name: "ipmpSourceDeliversEvents",
          syntax: "Integer32",
          value: (_, { localSource }) => localSource && truth(localSource.deliversEvents),
        },
        { number: 3, name: "ipmpSourceGaps", syntax: "Counter64", value: (_, { localSource }) => localSource?.gaps },
      ],
    ),
    table({
      name: "ipmpSharedFateTable",
      oid: [...objects, 7, 1],
      columns: SHARED_FATE_COLUMNS,
      rows: sharedFateEntries,
    }),
    table({ name: "ipmpSurvivesTable", oid: [...objects, 8, 1], columns: SURVIVES_COLUMNS, rows: survivesEntries }),
  ];
}
