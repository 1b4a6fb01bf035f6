/** One family's half of a group (ipmp_illgrp_t): its members, which of them are active, and who speaks for it. */

import { type LinkLayerAddress, MIN_MTU } from "./address.ts";
import type { Arpent } from "./arpent.ts";
import type { Errno } from "./errno.ts";
import type { Ill } from "./ill.ts";
import type { IpmpGroup } from "./ipmp-group.ts";
import { illgrpSetMtu } from "./mtu.ts";
import { precondition } from "./panic.ts";

export class Illgrp {
  /** ig_ipmp_ill: the meta-interface's ill, for life. */
  readonly ipmpIll: Ill;
  /** ig_if: all members, in the order of joining. */
  readonly ills: Ill[] = [];
  /** ig_actif: the active ones, in the order of activation. */
  readonly actif: Ill[] = [];
  /** ig_next_ill: whose turn it is to send. */
  nextIll: Ill | undefined = undefined;
  /** ig_cast_ill: the nominee for multicast and broadcast. */
  castIll: Ill | undefined = undefined;
  /** ig_arpent: newest first. */
  readonly arpents: Arpent[] = [];
  /** ig_mtu: the MTU last announced; 0 when the first announcement failed. */
  mtu = 0;

  constructor(ipmpIll: Ill) {
    this.ipmpIll = ipmpIll;
  }

  /** Its meta-interface ill's name: there is one illgrp to such an ill. */
  get name(): string {
    return this.ipmpIll.name;
  }

  /** ig_nactif. */
  get nactif(): number {
    return this.actif.length;
  }

  /** The group that this is or will be a half of, once it has been made. */
  get group(): IpmpGroup | undefined {
    return this.ipmpIll.phyint.grp;
  }
}

/** ipmp_illgrp_create: attached to a meta-interface's ill, with the family's least MTU; undefined without memory. */
export function illgrpCreate(ill: Ill): Illgrp | undefined {
  precondition(ill.isIpmp && ill.grp === undefined, `"${ill.name}" is a meta-interface without an illgrp`);
  if (!ill.stack.effects.succeeds("kmem_zalloc")) return undefined;
  const illgrp = new Illgrp(ill);
  ill.grp = illgrp;
  illgrpSetMtu(illgrp, MIN_MTU[ill.family]);
  return illgrp;
}

/** ipmp_illgrp_destroy. Its last member has left, so that it has no nominee, and it is unlinked from its group. */
export function illgrpDestroy(illgrp: Illgrp): void {
  const { ipmpIll } = illgrp;
  precondition(ipmpIll.grp === illgrp, `"${illgrp.name}" has not been destroyed before`);
  precondition(illgrp.ills.length === 0 && illgrp.castIll === undefined, `"${illgrp.name}" has no members`);
  precondition(illgrp.group?.[ipmpIll.family] !== illgrp, `"${illgrp.name}" is unlinked from its group`);
  ipmpIll.grp = undefined;
}

/** ipmp_illgrp_ipmp_ill. */
export function illgrpIpmpIll(illgrp: Illgrp): Ill {
  return illgrp.ipmpIll;
}

/** ipmp_illgrp_find_ill: the first member, active or not, with that link-layer address (and so of that length). */
export function illgrpFindIll(illgrp: Illgrp, lladdr: LinkLayerAddress): Ill | undefined {
  return illgrp.ills.find((ill) => ill.physAddr === lladdr);
}

/** ipmp_illgrp_link_grp: members may join from now on. Linking again does nothing. */
export function illgrpLinkGrp(illgrp: Illgrp, group: IpmpGroup): void {
  const { family } = illgrp.ipmpIll;
  precondition(illgrp.group === group, `"${illgrp.name}" belongs to the meta-interface of group "${group.name}"`);
  precondition(
    group[family] === undefined || group[family] === illgrp,
    `group "${group.name}" has no other ${family} half`,
  );
  group[family] = illgrp;
}

/** ipmp_illgrp_unlink_grp: EBUSY while an ill of the family has joined or is promised to. */
export function illgrpUnlinkGrp(illgrp: Illgrp): Errno {
  const { group } = illgrp;
  const { family } = illgrp.ipmpIll;
  precondition(group !== undefined, `the meta-interface of "${illgrp.name}" has its group`);
  const busy = family === "v4" ? group.nv4 + group.pendv4 : group.nv6 + group.pendv6;
  if (busy !== 0) return "EBUSY";
  group[family] = undefined;
  return 0;
}
