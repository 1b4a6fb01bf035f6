/**
 * Turns what the daemon holds into a snapshot: one instant, the same for every face. A host can have thousands of links, and
 * a snapshot is made for every scrape, so the rows are thin views over what does not change and over two blocks of counters
 * that are filled in one go.
 */

import type { Ip } from "../../ip/ip.ts";
import { grpTotals, narrowTotals } from "../../ipmp/group-kstats.ts";
import { foldKstats } from "../../ipmp/link-kstats.ts";
import type { Hrtime } from "../../kstat/hrtime.ts";
import type { KstatReading } from "../../kstat/kstat.ts";
import { NET_COUNT, NET_INDEX, NET_STATISTICS } from "../../kstat/net.ts";
import { type GroupSnapshot, type LinkSnapshot, MEMBER_STATES, type MemberSnapshot } from "../../snapshot/snapshot.ts";
import type { Group } from "../groups/group.ts";
import { lacpOfBond } from "../groups/lacp.ts";
import type { Link } from "../links/link.ts";
import type { ProbeView } from "../probing/probe-view.ts";
import { addressSnapshots, type Holders } from "./address-snapshots.ts";
import type { GroupFates } from "./group-fates.ts";
import { LinkView } from "./link-view.ts";
import { MemberView } from "./member-view.ts";
import { capacityOf, countByState } from "./summary.ts";
import { crossCheckOf, systemKstatOf, systemProbesOf } from "./system-view.ts";

/** Links that are one step. */
const LINKS_IN_A_STEP = 64;

/** Each link with its counters of now, by the daemon's own record of it; some links are a step. */
export function* linkSnapshots(
  links: readonly Link[],
  groupOf: (link: Link) => Group | undefined,
  at: Hrtime,
): Generator<void, Map<Link, LinkSnapshot>> {
  const count = links.reduce((sum, { schema }) => sum + schema.statistics.length, 0);
  const block = { words: new BigUint64Array(count), at };
  const snapshots = new Map<Link, LinkSnapshot>();
  let offset = 0;
  for (const link of links) {
    snapshots.set(link, new LinkView(link, groupOf(link)?.name, block, offset));
    offset += link.schema.statistics.length;
    if (snapshots.size % LINKS_IN_A_STEP === 0) yield;
  }
  return snapshots;
}

/** All groups, in the order given, with totals and kstats as the engine adds them up now; each group is a step. */
export function* groupSnapshots(
  groups: readonly Group[],
  ip: Ip,
  links: ReadonlyMap<Link, LinkSnapshot>,
  probes: ProbeView,
  fates: GroupFates,
  holders: Holders,
  at: Hrtime,
): Generator<void, GroupSnapshot[]> {
  const memberCount = groups.reduce((sum, group) => sum + group.members.size, 0);
  const rows = counterRows(3 * groups.length + memberCount);
  const snapshots: GroupSnapshot[] = [];
  for (const group of groups) {
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
      foldKstats(member.phyint, share);
      members.push(
        new MemberView(
          member,
          link,
          share,
          group,
          lacp,
          systemProbesOf(group, member) ?? probes.probesOf(member),
          fates.domainsOf(member.link),
        ),
      );
    }
    const detectionTime = group.system ? group.system.failureDetectionTimeMs : probes.detectionTimeOf(group);
    const parts = { members, lacp, departed, total, kstat, holders, fate: fates.of(group) };
    snapshots.push(groupSnapshot(group, ip, parts, detectionTime, at));
    yield;
  }
  return snapshots;
}

/** Hands out `count` rows of 15 counters, one after the other, from one block of memory. */
function counterRows(count: number): () => BigUint64Array {
  const block = new BigUint64Array(count * NET_COUNT);
  let row = 0;
  return () => block.subarray(row * NET_COUNT, ++row * NET_COUNT);
}

/** ipmp:0:<ifname> as kstat(8) shows it: the totals, each in its width. Undefined while the engine has none. */
function groupKstat(
  { engine: { ksp }, system }: Group,
  total: BigUint64Array,
  values: BigUint64Array,
  at: Hrtime,
): KstatReading | undefined {
  if (!ksp) return undefined;
  if (system?.kstat) return systemKstatOf(ksp, system.kstat, at);
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
  }: Pick<GroupSnapshot, "members" | "lacp" | "departed" | "total" | "kstat" | "fate"> & { holders: Holders },
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
    state: group.states.now,
    linkUp: group.linkUp,
    crtime: engine.ksp?.crtime ?? at,
    lastChange: group.states.lastChange,
    mtu: group.mtu,
    discards: group.discards.total(),
    counts: countByState(MEMBER_STATES, members),
    capacity: capacityOf(members),
    membersExpected: group.expected().size,
    missing,
    refused: group.refusals(),
    castDevice: isIpmp ? group.castDevices : undefined,
    addresses: isIpmp ? addressesOf(group, holders) : undefined,
    failovers: group.failovers.total,
    lastFailoverMs: group.failovers.lastMs,
    failoverDurations: group.failovers.durations,
    stateTime: group.states.time(at),
    failureDetectionTimeMs,
    targetsMute: group.system || failureDetectionTimeMs === undefined ? undefined : group.targetsMute,
    rebinds: isIpmp ? (group.system ? group.rebinds : activity.rebinds) : undefined,
    castChanges: isIpmp ? (group.system ? group.castChanges : activity.castChanges) : undefined,
    crossCheck: group.system && crossCheckOf(group),
    lacks: lackedByAll(members, parts.total),
    // Last: an object that begins with a spread has no room of its own for what follows, and V8 moves its parts about.
    ...parts,
  };
}

/** What a member that left had counted is there, whatever those have that are left. */
function lackedByAll([first, ...others]: readonly MemberSnapshot[], total: BigUint64Array): GroupSnapshot["lacks"] {
  const lacks = first?.link.lacks;
  if (!lacks) return undefined;
  const isLacked = (name: string) =>
    others.every(({ link }) => link.lacks?.has(name)) &&
    NET_STATISTICS.every((statistic, slot) => statistic.name !== name || total[slot] === 0n);
  return new Set([...lacks].filter(isLacked));
}

function addressesOf(group: Group, holders: Holders): GroupSnapshot["addresses"] {
  return group.system ? group.system.addresses : addressSnapshots(group, holders);
}
