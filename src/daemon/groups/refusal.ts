/** Why the kernel would not let a link into a group, and what to do about it: the vetting's errno in words. */

import type { Errno } from "../../ipmp/errno.ts";
import type { LinkAttributes } from "../../link/link-attributes.ts";
import type { Link } from "../links/link.ts";
import type { Refusal } from "./group-plan.ts";

interface Explanation {
  readonly errno: Errno;
  readonly applies: (link: LinkAttributes) => boolean;
  readonly why: (link: LinkAttributes) => string;
}

/** The first that applies is the reason. */
const EXPLANATIONS: readonly Explanation[] = [
  {
    errno: "EINVAL",
    applies: (link) => link.loopback,
    why: () => "it is a loopback, which never reaches a network: take it out of the group",
  },
  {
    errno: "EINVAL",
    applies: (link) => link.pointToPoint === true,
    why: () => "it is a point-to-point link, which shares no LAN with the others: take it out of the group",
  },
  {
    errno: "EINVAL",
    applies: () => true,
    why: (link) =>
      `its medium (hardware type ${link.hardwareType}) is not that of the other members: put links of one kind in a group`,
  },
  {
    errno: "ENOTSUP",
    applies: (link) => link.multicast === false,
    why: (link) => `it has no multicast: set it with "ip link set dev ${link.name} multicast on", or take it out`,
  },
  {
    errno: "ENOTSUP",
    applies: (link) => link.noArp === true,
    why: (link) => `it does no ARP: set it with "ip link set dev ${link.name} arp on", or take it out of the group`,
  },
  {
    errno: "EAFNOSUPPORT",
    applies: () => true,
    why: () => "the group lacks an address family that the link has",
  },
];

export function refusal(errno: Exclude<Errno, 0>, { label, attributes }: Link): Refusal {
  const explanation = EXPLANATIONS.find((row) => row.errno === errno && row.applies(attributes));
  return { device: label, errno, why: explanation?.why(attributes) ?? "the kernel would not let it join" };
}
