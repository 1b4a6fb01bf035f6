/** Whether an interface may join a group. The first test that fails decides, and later queries are not made. */

import type { Errno } from "./errno.ts";
import { ILLF } from "./flags.ts";
import type { Ill } from "./ill.ts";
import type { IpmpGroup } from "./ipmp-group.ts";
import type { Phyint } from "./phyint.ts";

/** The seven tests of ipmp_grp_vet_ill, in its order. */
const VETTING: readonly { readonly errno: Errno; readonly refuses: (group: IpmpGroup, ill: Ill) => boolean }[] = [
  // An address is up, or was taken down as a duplicate and may come up again at any moment.
  { errno: "EADDRINUSE", refuses: (_group, ill) => ill.ipifUpCount + ill.ipifDupCount !== 0 },
  { errno: "EADDRNOTAVAIL", refuses: (_group, ill) => ill.stack.effects.illAppaddrCnt(ill) !== 0 },
  { errno: "EINVAL", refuses: (_group, ill) => ill.stack.effects.illPtpaddrCnt(ill) !== 0 },
  { errno: "ENOTSUP", refuses: (_group, ill) => (ill.flags & ILLF.MULTICAST) === 0 },
  { errno: "ENOTSUP", refuses: (_group, ill) => (ill.flags & (ILLF.NONUD | ILLF.NOARP)) !== 0 },
  { errno: "ENOTSUP", refuses: (_group, ill) => ill.usesrcGrpNext },
  { errno: "EINVAL", refuses: (group, ill) => group.nif !== 0 && group.mactype !== ill.mactype },
];

/** ipmp_grp_vet_ill. */
export function grpVetIll(group: IpmpGroup, ill: Ill): Errno {
  return VETTING.find(({ refuses }) => refuses(group, ill))?.errno ?? 0;
}

/** ipmp_grp_vet_phyint: EAFNOSUPPORT for a family that the group lacks, then the v4 ill's refusal, then the v6 ill's. */
export function grpVetPhyint(group: IpmpGroup, phyint: Phyint): Errno {
  const { v4, v6 } = phyint;
  if ((v4 !== undefined && group.v4 === undefined) || (v6 !== undefined && group.v6 === undefined))
    return "EAFNOSUPPORT";
  const refusal = v4 === undefined ? 0 : grpVetIll(group, v4);
  return refusal === 0 && v6 !== undefined ? grpVetIll(group, v6) : refusal;
}
