/** Turns what the daemon holds into a snapshot: one instant, the same for every face. */

import type { Ip } from "../ip/ip.ts";
import { FAMILIES } from "../ipmp/address.ts";
import { flagNames, PHYINT_FLAGS } from "../ipmp/flags.ts";
import { grpTotals } from "../ipmp/group-kstats.ts";
import { phyintGetKstats } from "../ipmp/link-kstats.ts";
import type { Hrtime } from "../kstat/hrtime.ts";
import type { KstatReading } from "../kstat/kstat.ts";
import { NET_COUNT, NET_INDEX } from "../kstat/net.ts";
import { read } from "../kstat/registry.ts";
import type { AddressSnapshot, GroupSnapshot, LinkSnapshot, MemberSnapshot } from "../snapshot/snapshot.ts";
import type { Group } from "./group.ts";
import type { Link } from "./link.ts";
import type { Member } from "./member.ts";

/** Names of the families in configuration, metrics and the API. */
const FAMILY_NAMES = { v4: "ipv4", v6: "ipv6" } as const;

export function linkSnapshot(link: Link, group: Group | undefined, at: Hrtime): LinkSnapshot {
  const { attributes } = link;
  return {
    ifindex: attributes.ifindex,
    name: attributes.name,
    alias: attributes.alias,
    hardwareType: attributes.hardwareType,
    kind: attributes.kind,
    driver: attributes.driver,
    lladdr: attributes.lladdr,
    mtu: attributes.mtu,
    adminUp: attributes.adminUp,
    running: attributes.running,
    operState: attributes.operState,
    promiscuous: attributes.promiscuous,
    speedBitsPerSecond: attributes.speedBitsPerSecond,
    lastChange: link.lastChange,
    kstat: read(link.kstat, at),
    group: group?.name,
    masterIfindex: attributes.masterIfindex,
    addresses: link.addresses,
  };
}

export function groupSnapshot(
  group: Group,
  ip: Ip,
  linkSnapshots: ReadonlyMap<Link, LinkSnapshot>,
  at: Hrtime,
): { readonly group: GroupSnapshot; readonly kstat: KstatReading | undefined } {
  const { engine, plan } = group;
  const members = [...group.members.values()]
    .map((member) => memberSnapshot(group, member, linkSnapshots))
    .filter((member) => member !== undefined)
    .sort((a, b) => (a.device < b.device ? -1 : 1));
  const total = new BigUint64Array(NET_COUNT);
  grpTotals(engine, total);
  total[NET_INDEX.link_up] = 0n;
  const missing = group.missing();
  const activity = ip.effects.activity(engine);
  const isIpmp = plan.mode === "ipmp";
  return {
    kstat: engine.ksp && read(engine.ksp, at),
    group: {
      name: group.name,
      ifname: plan.ifname,
      ifindex: engine.phyint.ifindex,
      source: plan.source,
      mode: plan.mode,
      state: group.state,
      linkUp: flagNames(PHYINT_FLAGS, engine.phyint.flags).includes("RUNNING"),
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
    },
  };
}

function memberSnapshot(
  group: Group,
  member: Member,
  linkSnapshots: ReadonlyMap<Link, LinkSnapshot>,
): MemberSnapshot | undefined {
  const { link, phyint } = member;
  const snapshot = linkSnapshots.get(link);
  if (!snapshot) return undefined;
  const current = new BigUint64Array(NET_COUNT);
  phyintGetKstats(phyint, current);
  const health = group.health(link.name);
  return {
    device: link.name,
    state: member.currentState(),
    active: member.active,
    linkUp: link.attributes.running,
    standby: member.standby,
    flags: flagNames(PHYINT_FLAGS, phyint.flags),
    boundAddresses: group.plan.mode === "ipmp" ? (phyint.v4?.boundCnt ?? 0) + (phyint.v6?.boundCnt ?? 0) : undefined,
    reason: member.reason(),
    failures: { ...health.failures },
    repairs: { ...health.repairs },
    joinedAt: member.joinedAt,
    baseline: phyint.kstats0.slice(),
    current,
    share: difference(current, phyint.kstats0),
    link: snapshot,
  };
}

/** Modulo 2^64, as the engine subtracts: storing into the array wraps. */
function difference(now: BigUint64Array, baseline: BigUint64Array): BigUint64Array {
  const share = new BigUint64Array(now.length);
  for (let i = 0; i < now.length; i++) share[i] = (now[i] ?? 0n) - (baseline[i] ?? 0n);
  return share;
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
