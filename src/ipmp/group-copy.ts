/**
 * A group as it is now, on a stack of its own: to ask the engine what it would do, without its doing it. Every list has the order of the
 * original, because the engine chooses by order. Only counters of links are shared, which the engine reads and never writes.
 */

import { Arpent } from "./arpent.ts";
import { FAMILIES } from "./address.ts";
import { Ill } from "./ill.ts";
import { Illgrp } from "./illgrp.ts";
import { Ipif } from "./ipif.ts";
import { grpInsert, IpmpGroup } from "./ipmp-group.ts";
import { Ire } from "./ire.ts";
import { Nce, Ncec } from "./neighbour.ts";
import { Phyint } from "./phyint.ts";
import type { IpStack } from "./stack.ts";

export interface GroupCopy {
  readonly group: IpmpGroup;
  /** The copy of each member, by the original. */
  readonly members: ReadonlyMap<Phyint, Phyint>;
}

/** What has been copied, by the original: objects point at each other both ways. */
interface Copied {
  readonly ills: Map<Ill, Ill>;
  readonly ipifs: Map<Ipif, Ipif>;
  readonly ncecs: Map<Ncec, Ncec>;
}

/** `stack` has no group of that name. The copy shows no kstat of its own: `ksp` is the original's, whose name and beginning it shares. */
export function copyGroup(original: IpmpGroup, stack: IpStack): GroupCopy {
  const copied: Copied = { ills: new Map(), ipifs: new Map(), ncecs: new Map() };
  const meta = copyPhyint(original.phyint, stack, copied);
  const group = new IpmpGroup(original.ifname, meta);
  const { name, mactype, nif, nactif, nv4, nv6, pendv4, pendv6, linkdownmp, ksp } = original;
  Object.assign(group, { name, mactype, nif, nactif, nv4, nv6, pendv4, pendv6, linkdownmp, ksp });
  group.kstats0.set(original.kstats0);
  meta.grp = group;
  grpInsert(stack, group);
  const members = new Map<Phyint, Phyint>();
  for (const member of original.members) {
    const copy = copyPhyint(member, stack, copied);
    copy.grp = group;
    group.members.add(copy);
    members.set(member, copy);
  }
  for (const family of FAMILIES) {
    const illgrp = original.phyint[family]?.grp;
    if (illgrp === undefined) continue;
    const copy = copyIllgrp(illgrp, copied);
    if (original[family] === illgrp) group[family] = copy;
  }
  connect(copied);
  return { group, members };
}

function copyPhyint(original: Phyint, stack: IpStack, copied: Copied): Phyint {
  const { name, ifindex, flags, linkKstat } = original;
  const phyint = new Phyint({ stack, name, ifindex, flags, linkKstat });
  phyint.kstats0.set(original.kstats0);
  for (const family of FAMILIES) {
    const ill = original[family];
    if (ill !== undefined) phyint[family] = copyIll(ill, phyint, copied);
  }
  return phyint;
}

function copyIll(original: Ill, phyint: Phyint, copied: Copied): Ill {
  const ill = new Ill(phyint, original.family, original);
  const { name, physAddrLength, ndLlaLen, condemned, dlUp, nomCast, refreshTid } = original;
  const { ipifUpCount, ipifDupCount, usesrcIfindex, usesrcGrpNext } = original;
  Object.assign(ill, { name, physAddrLength, ndLlaLen, condemned, dlUp, nomCast, refreshTid });
  Object.assign(ill, { ipifUpCount, ipifDupCount, usesrcIfindex, usesrcGrpNext });
  copied.ills.set(original, ill);
  for (const ipif of original.ipifs) {
    const copy = new Ipif(ipif.id, ill, ipif.addr, ipif.flags);
    copy.bound = ipif.bound;
    copied.ipifs.set(ipif, copy);
    ill.ipifs.push(copy);
  }
  for (const ncec of original.ncecs) {
    const copy = new Ncec(ncec.id, ill, ncec.addr, ncec.lladdr, ncec.flags, ncec.state);
    copied.ncecs.set(ncec, copy);
    ill.ncecs.add(copy);
  }
  for (const { id, type, testhidden } of original.ires) ill.ires.add(new Ire(id, ill, type, testhidden));
  return ill;
}

/** The meta-interface's ill and all members' have been copied before. */
function copyIllgrp(original: Illgrp, { ills }: Copied): Illgrp {
  const of = (ill: Ill): Ill => ills.get(ill) ?? ill;
  const illgrp = new Illgrp(of(original.ipmpIll));
  illgrp.ills.push(...original.ills.map(of));
  illgrp.actif.push(...original.actif.map(of));
  illgrp.nextIll = original.nextIll && of(original.nextIll);
  illgrp.castIll = original.castIll && of(original.castIll);
  illgrp.mtu = original.mtu;
  for (const entry of original.arpents) {
    const copy = new Arpent(illgrp, entry);
    copy.notified = entry.notified;
    illgrp.arpents.push(copy);
  }
  for (const ill of [illgrp.ipmpIll, ...illgrp.ills]) ill.grp = illgrp;
  return illgrp;
}

/** Addresses are bound to members, and members have handles on neighbours of the meta-interface: both ends are there only now. */
function connect({ ills, ipifs, ncecs }: Copied): void {
  for (const [original, ill] of ills) {
    for (const ipif of original.boundIpifs) {
      const copy = ipifs.get(ipif);
      if (copy === undefined) continue;
      copy.boundIll = ill;
      ill.boundIpifs.push(copy);
    }
    for (const { common } of original.nces) ill.nces.push(new Nce(ill, ncecs.get(common) ?? common));
  }
}
