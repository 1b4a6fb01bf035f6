/**
 * Turns what the daemon holds into a snapshot: one instant, the same for every face. A host can have thousands of links, and
 * a snapshot is made for every scrape, so the rows are thin views over what does not change and over two blocks of counters
 * that are filled in one go.
 */

import { addressesOf } from "../../ip/addresses.ts";
import { type Ip, illsOf } from "../../ip/ip.ts";
import { flagNames, PHYI, PHYINT_FLAGS } from "../../ipmp/flags.ts";
import { grpTotals, narrowTotals } from "../../ipmp/group-kstats.ts";
import type { Hrtime } from "../../kstat/hrtime.ts";
import type { KstatReading } from "../../kstat/kstat.ts";
import { NET_COUNT, NET_INDEX, NET_STATISTICS } from "../../kstat/net.ts";
import type { Schema } from "../../kstat/schema.ts";
import { LOCAL } from "../../link/link-id.ts";
import type { MemberProbes } from "../../snapshot/probes.ts";
import {
  type AddressSnapshot,
  type GroupSnapshot,
  type LacpMemberSnapshot,
  type LacpSnapshot,
  type LinkSnapshot,
  MEMBER_STATES,
  type MemberSnapshot,
  type MemberState,
  type RouteMemberSnapshot,
} from "../../snapshot/snapshot.ts";
import { FAMILY_NAMES } from "../groups/family-names.ts";
import type { Group } from "../groups/group.ts";
import { lacpOfBond, lacpOfMember } from "../groups/lacp.ts";
import type { Health, Member } from "../groups/member.ts";
import type { Link } from "../links/link.ts";
import type { Links } from "../links/links.ts";
import type { ProbeView } from "../probing/probe-view.ts";
import { capacityOf, countByState, countOfAllReasons } from "./summary.ts";

/** Every link with its counters of now, by the daemon's own record of it. */
export function linkSnapshots(
  links: Links,
  groupOf: (link: Link) => Group | undefined,
  at: Hrtime,
): Map<Link, LinkSnapshot> {
  const words = links.tables.reduce((sum, { size, schema }) => sum + size * schema.statistics.length, 0);
  const counters = new BigUint64Array(words);
  const snapshots = new Map<Link, LinkSnapshot>();
  let offset = 0;
  for (const link of links) {
    const width = link.schema.statistics.length;
    const values = counters.subarray(offset, offset + width);
    values.set(link.settled.counters);
    offset += width;
    const { id, crtime, schema } = link.kstat;
    const kstat = { id, crtime, snaptime: at, schema, values };
    snapshots.set(link, {
      id: link.id,
      attributes: link.attributes,
      addresses: link.addresses,
      kstat,
      group: groupOf(link)?.name,
      lastChange: link.lastChange,
    });
  }
  return snapshots;
}

/** All groups, in the order given, with totals and kstats as the engine adds them up now. */
export function groupSnapshots(
  groups: readonly Group[],
  ip: Ip,
  links: ReadonlyMap<Link, LinkSnapshot>,
  probes: ProbeView,
  at: Hrtime,
): GroupSnapshot[] {
  const memberCount = groups.reduce((sum, group) => sum + group.members.size, 0);
  const holders = holdersOf(links.values());
  const rows = counterRows(3 * groups.length + memberCount);
  return groups.map((group) => {
    const departed = rows();
    departed.set(group.engine.kstats0);
    const total = rows();
    grpTotals(group.engine, total);
    const kstat = groupKstat(group, total, rows(), at);
    total[NET_INDEX.link_up] = 0n;
    const members: MemberSnapshot[] = [];
    const lacp = lacpOfBond(group.plan.master, group.members.values());
    for (const member of group.membersByDevice()) {
      const link = links.get(member.link);
      if (!link) continue;
      const share = rows();
      subtract(link.kstat, member.phyint.kstats0, share);
      members.push(new MemberView(member, link, share, group, lacp, probes.probesOf(member)));
    }
    return groupSnapshot(
      group,
      ip,
      { members, lacp, departed, total, kstat, holders },
      probes.detectionTimeOf(group),
      at,
    );
  });
}

/** Hands out `count` rows of 15 counters, one after the other, from one block of memory. */
function counterRows(count: number): () => BigUint64Array {
  const block = new BigUint64Array(count * NET_COUNT);
  let row = 0;
  return () => block.subarray(row * NET_COUNT, ++row * NET_COUNT);
}

/** ipmp:0:<ifname> as kstat(8) shows it: the totals, each in its width. Undefined while the engine has none. */
function groupKstat(
  { engine: { ksp } }: Group,
  total: BigUint64Array,
  values: BigUint64Array,
  at: Hrtime,
): KstatReading | undefined {
  if (!ksp) return undefined;
  values.set(total);
  narrowTotals(values);
  return { id: ksp.id, crtime: ksp.crtime, snaptime: at, schema: ksp.schema, values };
}

function groupSnapshot(
  group: Group,
  ip: Ip,
  {
    holders,
    ...parts
  }: Pick<GroupSnapshot, "members" | "lacp" | "departed" | "total" | "kstat"> & { holders: Holders },
  failureDetectionTimeMs: number | undefined,
  at: Hrtime,
): GroupSnapshot {
  const { members } = parts;
  const { engine, plan } = group;
  const activity = ip.effects.activity(engine);
  const missing = group.missing();
  const isIpmp = plan.mode === "ipmp";
  return {
    name: group.name,
    ifname: plan.ifname,
    ifindex: engine.phyint.ifindex,
    source: plan.source,
    mode: plan.mode,
    monitor: plan.master?.attributes.aggregate?.monitor,
    state: group.state,
    linkUp: (engine.phyint.flags & PHYI.RUNNING) !== 0,
    crtime: engine.ksp?.crtime ?? at,
    lastChange: group.lastChange,
    mtu: plan.master
      ? plan.master.attributes.mtu || undefined
      : members.length > 0
        ? engine.phyint.v4?.mtu || undefined
        : undefined,
    counts: countByState(MEMBER_STATES, members),
    capacity: capacityOf(members),
    membersExpected: group.expected().size,
    missing,
    refused: group.refused.size > 0 || plan.leftOut ? [...group.refused.values(), ...(plan.leftOut ?? [])] : NONE,
    castDevice: isIpmp ? { ipv4: engine.v4?.castIll?.phyint.name, ipv6: engine.v6?.castIll?.phyint.name } : undefined,
    addresses: isIpmp ? addressSnapshots(group, holders) : undefined,
    failovers: group.failovers,
    lastFailoverMs: group.lastFailoverMs,
    stateTime: group.stateTime(at),
    failureDetectionTimeMs,
    targetsMute: failureDetectionTimeMs === undefined ? undefined : group.targetsMute,
    rebinds: isIpmp ? activity.rebinds : undefined,
    castChanges: isIpmp ? activity.castChanges : undefined,
    // Last: an object that begins with a spread has no room of its own for what follows, and V8 moves its parts about.
    ...parts,
  };
}

const NONE: GroupSnapshot["refused"] = [];

class MemberView implements MemberSnapshot {
  readonly device: string;
  readonly state: MemberState;
  readonly active: boolean;
  readonly standby: boolean;
  readonly boundAddresses: number | undefined;
  readonly reason: string | undefined;
  readonly route: RouteMemberSnapshot | undefined;
  readonly lacp: LacpMemberSnapshot | undefined;
  readonly joinedAt: Hrtime;
  readonly probes: MemberProbes | undefined;
  readonly baseline: BigUint64Array;
  readonly share: BigUint64Array;
  readonly link: LinkSnapshot;
  readonly #flags: number;
  readonly #health: Health;

  constructor(
    member: Member,
    link: LinkSnapshot,
    share: BigUint64Array,
    group: Group,
    lacp: LacpSnapshot | undefined,
    probes: MemberProbes | undefined,
  ) {
    const { phyint } = member;
    const bindsAddresses = group.plan.mode === "ipmp";
    this.device = link.attributes.name;
    this.state = member.currentState();
    this.active = member.active;
    this.standby = member.standby;
    this.boundAddresses = bindsAddresses ? (phyint.v4?.boundCnt ?? 0) + (phyint.v6?.boundCnt ?? 0) : undefined;
    this.reason = member.reason();
    this.route = member.route && {
      inRoute: member.route.inRoute,
      weight: member.route.weight,
      isReachable: member.route.rank !== "none",
    };
    this.joinedAt = member.joinedAt;
    this.probes = probes;
    this.baseline = phyint.kstats0; // taken at the join, and never changed while it is a member
    this.share = share;
    this.link = link;
    this.#flags = phyint.flags;
    this.#health = group.health(member.link.label);
    this.lacp = lacpOfMember(member, lacp);
  }

  get linkUp(): boolean {
    return this.link.attributes.running;
  }

  get flags(): readonly string[] {
    return namesOf(this.#flags);
  }

  get failures() {
    return this.#health.failures;
  }

  get repairs() {
    return this.#health.repairs;
  }

  get failureCount(): bigint {
    return countOfAllReasons(this.#health.failures);
  }

  get repairCount(): bigint {
    return countOfAllReasons(this.#health.repairs);
  }

  get current(): BigUint64Array {
    return this.baseline.map((baseline, slot) => baseline + (this.share[slot] ?? 0n));
  }
}

/** Names of flags by their bits. There are few combinations, and every scrape asks for those of every member. */
const flagLists = new Map<number, readonly string[]>();

function namesOf(flags: number): readonly string[] {
  let names = flagLists.get(flags);
  if (!names) {
    names = flagNames(PHYINT_FLAGS, flags);
    flagLists.set(flags, names);
  }
  return names;
}

/** Where each of the 15 statistics lies in a schema; -1 where it is absent. Link kstats share one schema. */
const slotsOf = new WeakMap<Schema, Int32Array>();

function slots(schema: Schema): Int32Array {
  let known = slotsOf.get(schema);
  if (!known) {
    known = Int32Array.from(NET_STATISTICS, ({ name }) => schema.indexOf(name) ?? -1);
    slotsOf.set(schema, known);
  }
  return known;
}

/** share = now - baseline, modulo 2^64 as the engine subtracts. */
function subtract(link: KstatReading, baseline: BigUint64Array, share: BigUint64Array): void {
  if (!link.schema) return;
  const from = slots(link.schema);
  const { values } = link;
  // Every index is within bounds, which the casts say. A sum in one expression is one machine word to the compiler, where a
  // value chosen beforehand would be an object on the heap.
  for (let slot = 0; slot < NET_COUNT; slot++) {
    const source = from[slot] as number;
    if (source < 0) share[slot] = BigInt.asUintN(64, -(baseline[slot] as bigint));
    else share[slot] = BigInt.asUintN(64, (values[source] as bigint) - (baseline[slot] as bigint));
  }
}

function addressSnapshots({ engine }: Group, holders: Holders): AddressSnapshot[] {
  return illsOf(engine.phyint).flatMap((ill) =>
    addressesOf(ill).map(({ addr, isUp, boundIll }) => ({
      address: addr,
      family: FAMILY_NAMES[ill.family],
      up: isUp,
      inbound: boundIll?.phyint.name,
      heldBy: holders(addr),
    })),
  );
}

/** Names of this host's links that have an address. */
type Holders = (address: string) => readonly string[];

/** Looked up only when a group has addresses: a host can have thousands of them. */
function holdersOf(links: Iterable<LinkSnapshot>): Holders {
  let byAddress: Map<string, string[]> | undefined;
  return (address) => {
    byAddress ??= namesByAddress(links);
    return byAddress.get(address) ?? [];
  };
}

function namesByAddress(links: Iterable<LinkSnapshot>): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const { id, attributes, addresses } of links) {
    if (id.source !== LOCAL) continue;
    for (const { address } of addresses) names.set(address, [...(names.get(address) ?? []), attributes.name]);
  }
  return names;
}
