/** The JSON of `/api/v1`: a snapshot with counters as decimal strings, which JSON numbers cannot hold. */

import { formatHrtime } from "../kstat/hrtime.ts";
import { type KstatReading, valueOf } from "../kstat/kstat.ts";
import { NET_STATISTICS } from "../kstat/net.ts";
import type { PrintedKstat } from "../kstat/printed-kstat.ts";
import { BITS, type StatisticType } from "../kstat/schema.ts";
import type { PrintedRow, PrintedTables } from "../link/printed-tables.ts";
import type { AddressSnapshot, GroupSnapshot, LinkSnapshot, MemberSnapshot, Snapshot } from "../snapshot/snapshot.ts";
import { textOf, type Verdict, verdictOf, type Word, wordsOf, wordsOfAll } from "../wording/verdict.ts";
import { withoutWords } from "../wording/supposition.ts";
import { bondView, slaveView } from "./bond-views.ts";
import { decimal, decimals, timestamp } from "./json-values.ts";
import { memberProbesView } from "./probe-views.ts";

/** The 15 statistics by name, in the kernel's order; null for one of `lacks`. */
function fifteen(words: BigUint64Array, lacks?: ReadonlySet<string>): Record<string, string | null> {
  return Object.fromEntries(
    NET_STATISTICS.map(({ name }, index) => [name, lacks?.has(name) ? null : String(words[index])]),
  );
}

function memberView(member: MemberSnapshot) {
  return {
    device: member.device,
    source: member.link.id.source,
    read_at: formatHrtime(member.link.readAt),
    ifindex: member.link.id.ifindex,
    state: member.state,
    active: member.active,
    link_up: member.linkUp,
    speed_bits_per_second: member.link.attributes.speedBitsPerSecond ?? null,
    standby: member.standby,
    flags: member.flags,
    reason: member.reason ?? null,
    in_route: member.route?.inRoute ?? null,
    route_weight: member.route?.weight ?? null,
    bound_addresses: member.boundAddresses ?? null,
    failures: decimals(member.failures),
    repairs: decimals(member.repairs),
    bond: slaveView(member),
    probes: member.probes === undefined ? null : memberProbesView(member.probes),
    domains: member.domains?.map(({ kind, domain }) => ({ kind, domain })) ?? null,
    kernel_module: member.link.attributes.hardware?.module ?? null,
    numa_node: member.link.attributes.hardware?.numaNode ?? null,
    joined_at: formatHrtime(member.joinedAt),
    phyint_kstats0: fifteen(member.baseline, member.link.lacks),
    link_kstat: fifteen(member.current, member.link.lacks),
  };
}

/** How the group is in one sentence, and the parts of that sentence for who writes it another way. */
function verdictView(verdict: Verdict) {
  const { isSingle, sinceMs, isOlder, because, warnings } = verdict;
  return {
    text: verdictText(wordsOf(verdict)),
    is_single: isSingle,
    since: timestamp(sinceMs),
    is_older: isOlder,
    because,
    warnings,
  };
}

function verdictText(words: readonly Word[]): string {
  return textOf(words, (ms) => new Date(ms).toISOString());
}

/** `inbound` is IPMP's choice, a model where there is no IPMP; `held_by` are the links that have the address. */
function addressView({ heldBy, inbound, ...address }: AddressSnapshot) {
  return { ...address, inbound: inbound ?? null, ...(heldBy ? { held_by: heldBy } : {}) };
}

/** `gr_kstats0` + the sum over members of (`link_kstat` - `phyint_kstats0`) = `kstats`, modulo 2^64; `link_up` is a state. */
export function groupView(snapshot: Snapshot, group: GroupSnapshot) {
  const linkUp = group.kstat && valueOf(group.kstat, "link_up");
  return {
    name: group.name,
    ifname: group.ifname,
    ifindex: group.ifindex,
    source: group.source,
    mode: group.mode,
    state: group.state,
    verdict: verdictView(verdictOf(group, snapshot)),
    link_up: group.linkUp,
    crtime: formatHrtime(group.crtime),
    last_change: formatHrtime(group.lastChange),
    mtu: group.mtu ?? null,
    members_expected: group.membersExpected,
    capacity_bits_per_second: group.capacity?.bitsPerSecond ?? null,
    capacity_without_largest_bits_per_second: group.capacity?.withoutLargestBitsPerSecond ?? null,
    missing: group.missing,
    refused: group.refused,
    cast_device:
      group.castDevice === undefined
        ? null
        : { ipv4: group.castDevice.ipv4 ?? null, ipv6: group.castDevice.ipv6 ?? null },
    addresses: group.addresses?.map(addressView) ?? null,
    failovers: String(group.failovers),
    last_failover: timestamp(group.lastFailoverMs),
    state_nanoseconds: decimals(group.stateTime),
    failure_detection_time_ms: group.failureDetectionTimeMs ?? null,
    targets_mute: group.targetsMute ?? null,
    cross_check: group.crossCheck
      ? {
          agrees_since: timestamp(group.crossCheck.agreesSinceMs),
          disagreements: String(group.crossCheck.disagreements),
        }
      : null,
    shared_fate: group.fate?.shared.map(({ kind, domain, accepted = null }) => ({ kind, domain, accepted })) ?? null,
    survives: group.fate?.survives ?? null,
    rebinds: decimal(group.rebinds),
    cast_changes: decimal(group.castChanges),
    bond: bondView(group),
    kstats: { ...fifteen(group.total, group.lacks), link_up: String(linkUp ?? (group.linkUp ? 1 : 0)) },
    gr_kstats0: fifteen(group.departed, group.lacks),
    members: group.members.map(memberView),
  };
}

/** `supported` names the statistics that some source provides: the others read 0 here, as in every kstat. */
export function groupsView(snapshot: Snapshot) {
  const { groups, supported, without } = snapshot;
  const words = wordsOfAll(groups.map((group) => verdictOf(group, snapshot)));
  return {
    ...instant(snapshot),
    ...(without ? { without } : {}),
    verdict: verdictText(without ? withoutWords(without, words) : words),
    supported: [...supported],
    groups: groups.map((group) => groupView(snapshot, group)),
  };
}

function linkView(link: LinkSnapshot) {
  const { attributes } = link;
  return {
    ifindex: attributes.ifindex,
    source: link.id.source,
    name: attributes.name,
    alt_names: attributes.altNames ?? [],
    alias: attributes.alias,
    hardware_type: attributes.hardwareType,
    kind: attributes.kind ?? null,
    driver: attributes.driver ?? null,
    lladdr: attributes.lladdr,
    mtu: attributes.mtu,
    admin_up: attributes.adminUp,
    running: attributes.running,
    oper_state: attributes.operState,
    promiscuous: attributes.promiscuous ?? null,
    speed_bits_per_second: attributes.speedBitsPerSecond ?? null,
    last_change: formatHrtime(link.lastChange),
    read_at: formatHrtime(link.readAt),
    group: link.group ?? null,
    master_ifindex: attributes.masterIfindex ?? null,
    lldp_neighbour: attributes.neighbour
      ? {
          chassis: attributes.neighbour.chassis,
          system_name: attributes.neighbour.systemName ?? null,
          port: attributes.neighbour.port ?? null,
        }
      : null,
    addresses: link.addresses.map(({ address, prefixLength }) => ({ address, prefix_length: prefixLength })),
    link_kstat: Object.fromEntries(statistics(link.kstat, link.lacks).map(({ name, value }) => [name, value])),
  };
}

export function linksView(snapshot: Snapshot) {
  return { ...instant(snapshot), links: snapshot.links.map(linkView) };
}

function statistics({ schema, values }: KstatReading, lacks?: ReadonlySet<string>) {
  return (schema?.statistics ?? []).flatMap(({ name, type }, index) =>
    lacks?.has(name) ? [] : { name, type, value: shown(type, values[index]) },
  );
}

/** A stored word as its type reads it; a string's slot holds nothing that could be shown. */
function shown(type: StatisticType, word = 0n): string {
  if (BITS[type] === 0) return "";
  const signed = type === "int32" || type === "int64" || type === "long";
  return String(signed ? BigInt.asIntN(BITS[type], word) : BigInt.asUintN(BITS[type], word));
}

/**
 * Every kstat with its statistics in the order of its schema, in which a name may stand twice. Those of a system that has kstats itself are
 * as that printed them.
 */
export function kstatsView(snapshot: Snapshot) {
  const { groups, links, sources } = snapshot;
  const printing = new Set(sources.flatMap(({ name, account }) => (account ? name : [])));
  const readings = [
    ...groups.flatMap(({ kstat, source }) =>
      kstat && source !== "illumos" ? { reading: kstat, lacks: undefined } : [],
    ),
    ...links.flatMap(({ id, kstat, lacks }) => (printing.has(id.source) ? [] : { reading: kstat, lacks })),
  ];
  const kstats = readings.map(({ reading, lacks }) => ({
    ...reading.id,
    crtime: formatHrtime(reading.crtime),
    snaptime: formatHrtime(reading.snaptime),
    statistics: statistics(reading, lacks),
  }));
  const printed = sources.flatMap(({ account }) => account?.kstats.map(printedKstat) ?? []);
  return { ...instant(snapshot), kstats: [...kstats, ...printed] };
}

/** What is no number is text: `zonename`. */
function printedKstat(kstat: PrintedKstat) {
  const statistics = kstat.statistics.map(({ name, value }) => ({
    name,
    type: /^-?\d+$/.test(value) ? "uint64" : "string",
    value,
  }));
  return { ...kstat, statistics };
}

/** The tables of ipmpstat as systems with IPMP of their own printed them; a field is null where the system could not tell it. */
export function ipmpstatView(snapshot: Snapshot) {
  const rows = (mode: keyof PrintedTables) =>
    snapshot.sources.flatMap(({ account }) => account?.tables[mode].map(printedRow) ?? []);
  return {
    ...instant(snapshot),
    groups: rows("groups"),
    interfaces: rows("interfaces"),
    addresses: rows("addresses"),
    targets: rows("targets"),
  };
}

function printedRow(row: PrintedRow) {
  return Object.fromEntries(Object.entries(row).map(([field, value]) => [field, value ?? null]));
}

/** When: `at` in seconds since boot, as kstats count, and `time` for people. */
export function instant(snapshot: Snapshot) {
  return { at: formatHrtime(snapshot.at), time: timestamp(snapshot.wallMs) };
}
