/** A copy of a group, and of the engine's half of it, to which things happen in place of the original. */

import type { FailureDomain } from "../../fate/failure-domain.ts";
import { adoptAddress } from "../../ip/addresses.ts";
import { Ip, illsOf } from "../../ip/ip.ts";
import { receiveNote } from "../../ip/link-notes.ts";
import type { Family } from "../../ipmp/address.ts";
import { copyGroup } from "../../ipmp/group-copy.ts";
import { illLeaveIllgrp } from "../../ipmp/membership.ts";
import type { Phyint } from "../../ipmp/phyint.ts";
import type { Hrtime } from "../../kstat/hrtime.ts";
import { Registry } from "../../kstat/registry.ts";
import type { SystemGroup } from "../../link/system-group.ts";
import { type DetectionSettings, judgeMembers } from "../groups/detection.ts";
import { FAMILY_NAMES } from "../groups/family-names.ts";
import { Group } from "../groups/group.ts";
import { Member } from "../groups/member.ts";
import type { SupposedLinks } from "./supposed-links.ts";

/** The group as it would be, in the order of its members' originals. */
export function supposeGroup(original: Group, links: SupposedLinks, settings: DetectionSettings, now: Hrtime): Group {
  const ip = new Ip(new Registry(), now);
  const { group: engine, members } = copyGroup(original.engine, ip.stack);
  const { system: _system, master, ...plan } = original.plan;
  const group = new Group({ ...plan, ...(master ? { master: links.of(master) } : {}) }, engine, now);
  group.restore(original.save());
  const { verdicts, routes, targetsMute } = original;
  Object.assign(group, { verdicts, routes, targetsMute });
  for (const [link, refusal] of original.refused) group.refused.set(links.of(link), refusal);
  for (const [link, refusals] of original.placed) group.placed.set(links.of(link), refusals);
  for (const [link, member] of original.members) {
    const phyint = members.get(member.phyint);
    if (phyint)
      group.members.set(
        links.of(link),
        copyOf(member, new Member(links.of(link), phyint, member.standby, member.joinedAt)),
      );
  }
  const { system } = original;
  if (system) ip.operation(now, () => takeOver(group, system));
  lose(ip, original, group, links, now);
  judgeMembers(ip, group, settings, now);
  for (const [link, { isUseUnknown, why }] of original.members) {
    const member = group.members.get(links.of(link));
    if (!member) continue;
    const isLeftOpen = original.system && isUseUnknown && !links.lossOf(link); // the system does not use it, and keeps why to itself
    if (!isLeftOpen && !links.isCandidate(link)) continue;
    member.isUseUnknown = true;
    member.why = isLeftOpen ? why : "its bond chooses among those that are left";
  }
  return group;
}

function copyOf(member: Member, copy: Member): Member {
  const { offlined, why, route, probeFailure, probeRepair, isUseUnknown } = member;
  return Object.assign(copy, { offlined, why, route, probeFailure, probeRepair, isUseUnknown });
}

/** A loss that no link shows is told as one that probes have found: nothing gets through. */
function lose(ip: Ip, original: Group, group: Group, links: SupposedLinks, now: Hrtime): void {
  ip.operation(now, () => {
    for (const link of original.members.keys()) {
      const loss = links.lossOf(link);
      const member = group.members.get(links.of(link));
      if (!loss || !member) continue;
      if (!loss.showsInLink) member.probeFailure = whyNothingGetsThrough(loss.cause, group.plan.probed);
      else if (link.attributes.running)
        for (const ill of illsOf(member.phyint)) receiveNote(ill, { note: "DL_NOTE_LINK_DOWN", data: 0 });
    }
  });
}

function whyNothingGetsThrough(cause: FailureDomain, isProbed: boolean): string {
  const lost = `${cause.kind} ${cause.domain} is lost`;
  return isProbed ? lost : `${lost}, which without probes may not be noticed`;
}

/**
 * The system has the addresses, says where they are, and takes members out of service: the engine goes on from there. A family of which
 * nobody is the nominee while the group works is one that the group has not.
 */
function takeOver({ engine, members, linkUp }: Group, { addresses = [], members: told }: SystemGroup): void {
  const byName = new Map(Array.from(members.values(), (member) => [member.link.name, member]));
  for (const { device, offline } of told) {
    const member = byName.get(device);
    if (member) member.offlined = offline;
  }
  for (const meta of illsOf(engine.phyint)) {
    const { family, grp: illgrp } = meta;
    const illOf = (device: string | undefined) => byName.get(device ?? "")?.phyint[family];
    for (const { address, up, inbound } of addresses.filter((each) => each.family === FAMILY_NAMES[family]))
      adoptAddress(meta, address, up, illOf(inbound));
    if (!illgrp) continue;
    const nominee = illOf(told.find(({ cast }) => cast[FAMILY_NAMES[family]])?.device);
    if (nominee) illgrp.castIll = nominee;
    else if (linkUp) for (const { phyint } of members.values()) leaveFamily(phyint, family);
  }
}

function leaveFamily(phyint: Phyint, family: Family): void {
  const ill = phyint[family];
  if (ill === undefined) return;
  if (ill.isUnderIpmp) illLeaveIllgrp(ill);
  phyint[family] = undefined;
}
