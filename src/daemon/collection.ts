/**
 * Turns what the daemon holds into a snapshot: one instant, the same for every face. A host can have thousands of links, and
 * a snapshot is made for every scrape, so the rows are thin views over what does not change and over two blocks of counters
 * that are filled in one go.
 */

import type { Ip } from "../ip/ip.ts";
import { FAMILIES } from "../ipmp/address.ts";
import { flagNames, PHYI, PHYINT_FLAGS } from "../ipmp/flags.ts";
import type { Hrtime } from "../kstat/hrtime.ts";
import type { KstatReading } from "../kstat/kstat.ts";
import { NET_COUNT, NET_STATISTICS } from "../kstat/net.ts";
import type { Schema } from "../kstat/schema.ts";
import type {
  AddressSnapshot,
  GroupSnapshot,
  LacpMemberSnapshot,
  LacpSnapshot,
  LinkSnapshot,
  MemberSnapshot,
  MemberState,
} from "../snapshot/snapshot.ts";
import type { LinkAddress, LinkAttributes } from "../sources/source.ts";
import type { Group } from "./group.ts";
import { lacpOfBond, lacpOfMember } from "./lacp.ts";
import type { Link, LinkTable } from "./link.ts";
import type { Health, Member } from "./member.ts";

/** Names of the families in configuration, metrics and the API. */
const FAMILY_NAMES = { v4: "ipv4", v6: "ipv6" } as const;

/** Every link with its counters of now, by the daemon's own record of it. */
export function linkSnapshots(
  links: LinkTable,
  groupOf: (link: Link) => Group | undefined,
  at: Hrtime,
): Map<Link, LinkSnapshot> {
  const width = links.schema.statistics.length;
  const counters = new BigUint64Array(links.size * width);
  const snapshots = new Map<Link, LinkSnapshot>();
  let offset = 0;
  for (const link of links) {
    const values = counters.subarray(offset, offset + width);
    values.set(link.settled.counters);
    offset += width;
    const { id, crtime, schema } = link.kstat;
    const kstat = { id, crtime, snaptime: at, schema, values };
    snapshots.set(link, new LinkView(link, groupOf(link)?.name, kstat));
  }
  return snapshots;
}

class LinkView implements LinkSnapshot {
  readonly #attributes: LinkAttributes;
  readonly kstat: KstatReading;
  readonly group: string | undefined;
  readonly lastChange: Hrtime;
  readonly addresses: readonly LinkAddress[];

  constructor(link: Link, group: string | undefined, kstat: KstatReading) {
    this.#attributes = link.attributes;
    this.kstat = kstat;
    this.group = group;
    this.lastChange = link.lastChange;
    this.addresses = link.addresses;
  }

  get ifindex() {
    return this.#attributes.ifindex;
  }
  get name() {
    return this.#attributes.name;
  }
  get alias() {
    return this.#attributes.alias;
  }
  get hardwareType() {
    return this.#attributes.hardwareType;
  }
  get kind() {
    return this.#attributes.kind;
  }
  get driver() {
    return this.#attributes.driver;
  }
  get lladdr() {
    return this.#attributes.lladdr;
  }
  get mtu() {
    return this.#attributes.mtu;
  }
  get adminUp() {
    return this.#attributes.adminUp;
  }
  get running() {
    return this.#attributes.running;
  }
  get operState() {
    return this.#attributes.operState;
  }
  get promiscuous() {
    return this.#attributes.promiscuous;
  }
  get speedBitsPerSecond() {
    return this.#attributes.speedBitsPerSecond;
  }
  get masterIfindex() {
    return this.#attributes.masterIfindex;
  }
}

/** All groups. The kstat of each is brought up to date by the engine; the totals are what the rows add up to. */
export function groupSnapshots(
  groups: readonly Group[],
  ip: Ip,
  links: ReadonlyMap<Link, LinkSnapshot>,
  at: Hrtime,
): { readonly groups: GroupSnapshot[]; readonly kstats: KstatReading[] } {
  const count = groups.reduce((sum, group) => sum + group.members.size, 0);
  const shares = new BigUint64Array(count * NET_COUNT);
  const totals = new BigUint64Array(groups.length * NET_COUNT);
  const departed = new BigUint64Array(groups.length * NET_COUNT);
  let offset = 0;
  const snapshots = groups.map((group, n) => {
    const total = totals.subarray(n * NET_COUNT, (n + 1) * NET_COUNT);
    const left = departed.subarray(n * NET_COUNT, (n + 1) * NET_COUNT);
    total.set(group.engine.kstats0);
    left.set(group.engine.kstats0);
    const members: MemberSnapshot[] = [];
    const lacp = lacpOfBond(group.plan.master, group.members.values());
    for (const member of group.membersByDevice()) {
      const link = links.get(member.link);
      if (!link) continue;
      const share = shares.subarray(offset, offset + NET_COUNT);
      offset += NET_COUNT;
      subtract(link.kstat, member.phyint.kstats0, share, total);
      members.push(new MemberView(member, link, share, group, lacp));
    }
    return groupSnapshot(group, ip, members, lacp, left, total, at);
  });
  return { groups: snapshots, kstats: groupKstats(groups, at) };
}

/** ipmp:0:*, brought up to date by the engine. */
function groupKstats(groups: readonly Group[], at: Hrtime): KstatReading[] {
  const block = new BigUint64Array(groups.length * NET_COUNT);
  return groups.flatMap(({ engine }, n) => {
    if (!engine.ksp) return [];
    engine.ksp.refresh();
    const { id, crtime, schema } = engine.ksp;
    const values = block.subarray(n * NET_COUNT, (n + 1) * NET_COUNT);
    values.set(engine.ksp.values);
    return [{ id, crtime, snaptime: at, schema, values }];
  });
}

function groupSnapshot(
  group: Group,
  ip: Ip,
  members: readonly MemberSnapshot[],
  lacp: LacpSnapshot | undefined,
  departed: BigUint64Array,
  total: BigUint64Array,
  at: Hrtime,
): GroupSnapshot {
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
    state: group.state,
    linkUp: (engine.phyint.flags & PHYI.RUNNING) !== 0,
    crtime: engine.ksp?.crtime ?? at,
    lastChange: group.lastChange,
    mtu: plan.master ? plan.master.attributes.mtu || undefined : members.length > 0 ? engine.phyint.v4?.mtu : undefined,
    membersExpected: missing.length + members.length,
    missing,
    members,
    refused: group.refused.size > 0 ? [...group.refused.values()] : NONE,
    departed,
    total,
    castDevice: isIpmp ? { ipv4: engine.v4?.castIll?.phyint.name, ipv6: engine.v6?.castIll?.phyint.name } : undefined,
    addresses: isIpmp ? addressSnapshots(group) : undefined,
    failovers: group.failovers,
    lastFailoverMs: group.lastFailoverMs,
    stateTime: group.stateTime(at),
    lacp,
    rebinds: isIpmp ? activity.rebinds : undefined,
    castChanges: isIpmp ? activity.castChanges : undefined,
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
  readonly lacp: LacpMemberSnapshot | undefined;
  readonly joinedAt: Hrtime;
  readonly baseline: BigUint64Array;
  readonly share: BigUint64Array;
  readonly link: LinkSnapshot;
  readonly #flags: number;
  readonly #health: Health;

  constructor(member: Member, link: LinkSnapshot, share: BigUint64Array, group: Group, lacp: LacpSnapshot | undefined) {
    const { phyint } = member;
    const bindsAddresses = group.plan.mode === "ipmp";
    this.device = link.name;
    this.state = member.currentState();
    this.active = member.active;
    this.standby = member.standby;
    this.boundAddresses = bindsAddresses ? (phyint.v4?.boundCnt ?? 0) + (phyint.v6?.boundCnt ?? 0) : undefined;
    this.reason = member.reason();
    this.joinedAt = member.joinedAt;
    this.baseline = phyint.kstats0; // taken at the join, and never changed while it is a member
    this.share = share;
    this.link = link;
    this.#flags = phyint.flags;
    this.#health = group.health(link.name);
    this.lacp = lacpOfMember(member, lacp);
  }

  get linkUp(): boolean {
    return this.link.running;
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

/** share = now - baseline, modulo 2^64 as the engine subtracts. The total grows by it. */
function subtract(link: KstatReading, baseline: BigUint64Array, share: BigUint64Array, total: BigUint64Array): void {
  if (!link.schema) return;
  const from = slots(link.schema);
  const { values } = link;
  // Every index is within bounds, which the casts say. A sum in one expression is one machine word to the compiler, where a
  // value chosen beforehand would be an object on the heap.
  for (let slot = 0; slot < NET_COUNT; slot++) {
    const source = from[slot] as number;
    if (source < 0) share[slot] = BigInt.asUintN(64, -(baseline[slot] as bigint));
    else share[slot] = BigInt.asUintN(64, (values[source] as bigint) - (baseline[slot] as bigint));
    total[slot] = BigInt.asUintN(64, (total[slot] as bigint) + (share[slot] as bigint));
  }
}

function addressSnapshots({ engine }: Group): AddressSnapshot[] {
  return FAMILIES.flatMap((family) =>
    (engine.phyint[family]?.ipifs ?? [])
      .slice(1) // the first is the placeholder
      .map((ipif) => ({
        address: ipif.addr,
        family: FAMILY_NAMES[family],
        up: ipif.isUp,
        inbound: ipif.boundIll?.phyint.name,
      })),
  );
}
