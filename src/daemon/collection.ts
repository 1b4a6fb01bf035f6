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
import { read } from "../kstat/registry.ts";
import type { Schema } from "../kstat/schema.ts";
import type {
  AddressSnapshot,
  GroupSnapshot,
  LinkSnapshot,
  MemberSnapshot,
  MemberState,
} from "../snapshot/snapshot.ts";
import type { LinkAddress, LinkAttributes } from "../sources/source.ts";
import type { Group } from "./group.ts";
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
  let offset = 0;
  const snapshots = groups.map((group, n) => {
    const total = totals.subarray(n * NET_COUNT, (n + 1) * NET_COUNT);
    total.set(group.engine.kstats0);
    const members: MemberSnapshot[] = [];
    for (const member of group.membersByDevice()) {
      const link = links.get(member.link);
      if (!link) continue;
      const share = shares.subarray(offset, offset + NET_COUNT);
      offset += NET_COUNT;
      subtract(link.kstat, member.phyint.kstats0, share, total);
      members.push(new MemberView(member, link, share, group.health(link.name), group.plan.mode === "ipmp"));
    }
    return groupSnapshot(group, ip, members, total, at);
  });
  const kstats = groups.flatMap(({ engine }) => (engine.ksp ? [read(engine.ksp, at)] : []));
  return { groups: snapshots, kstats };
}

function groupSnapshot(
  group: Group,
  ip: Ip,
  members: readonly MemberSnapshot[],
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
    mtu: members.length > 0 ? engine.phyint.v4?.mtu : undefined,
    membersExpected: missing.length + members.length,
    missing,
    members,
    refused: [...group.refused.values()],
    departed: engine.kstats0.slice(),
    total,
    castDevice: isIpmp ? { ipv4: engine.v4?.castIll?.phyint.name, ipv6: engine.v6?.castIll?.phyint.name } : undefined,
    addresses: isIpmp ? addressSnapshots(group) : undefined,
    failovers: group.failovers,
    lastFailoverMs: group.lastFailoverMs,
    stateTime: group.stateTime(at),
    rebinds: isIpmp ? activity.rebinds : undefined,
    castChanges: isIpmp ? activity.castChanges : undefined,
  };
}

class MemberView implements MemberSnapshot {
  readonly device: string;
  readonly state: MemberState;
  readonly active: boolean;
  readonly standby: boolean;
  readonly boundAddresses: number | undefined;
  readonly reason: string | undefined;
  readonly joinedAt: Hrtime;
  readonly baseline: BigUint64Array;
  readonly share: BigUint64Array;
  readonly link: LinkSnapshot;
  readonly #flags: number;
  readonly #health: Health;

  constructor(member: Member, link: LinkSnapshot, share: BigUint64Array, health: Health, bindsAddresses: boolean) {
    const { phyint } = member;
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
    this.#health = health;
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

/** share = now - baseline, modulo 2^64 as the engine subtracts: storing into the array wraps. The total grows by it. */
function subtract(link: KstatReading, baseline: BigUint64Array, share: BigUint64Array, total: BigUint64Array): void {
  if (!link.schema) return;
  const from = slots(link.schema);
  for (let slot = 0; slot < NET_COUNT; slot++) {
    const source = from[slot] ?? -1;
    const carried = (source < 0 ? 0n : (link.values[source] ?? 0n)) - (baseline[slot] ?? 0n);
    share[slot] = carried;
    total[slot] = (total[slot] ?? 0n) + carried;
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
