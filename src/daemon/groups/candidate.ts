/** A link as IP sees it before it joins a group: with the flags that the vetting of IPMP goes by. */

import type { Ip } from "../../ip/ip.ts";
import { plumbLink } from "../../ip/plumbing.ts";
import type { Phyint } from "../../ipmp/phyint.ts";
import type { LinkAttributes } from "../../link/link-attributes.ts";
import type { Link } from "../links/link.ts";
import type { Group } from "./group.ts";
import { isAggregate } from "./group-plan.ts";

export function plumbCandidate(ip: Ip, link: Link, { plan, isDiscovered }: Group, standby: boolean): Phyint {
  const { attributes } = link;
  return plumbLink(ip, {
    ...attributes,
    ...(isAggregate(plan) || plan.system || isDiscovered ? LET_IN : vettedFlags(attributes)),
    standby,
    kstat: () => link.kstat,
  });
}

/** What the system does not say is no reason to refuse a link. */
function vettedFlags({ pointToPoint = false, noArp = false, multicast = true }: LinkAttributes) {
  return { pointToPoint, noArp, multicast };
}

/** A slave of a bond, a port of a LAG, a member of a group of the system and an uplink of the routes are always let in: the vetting of IPMP is for who is to share addresses. */
const LET_IN = { hardwareType: 1, loopback: false, pointToPoint: false, noArp: false, multicast: true } as const;
