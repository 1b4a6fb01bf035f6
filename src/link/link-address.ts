/** An IP address of a link, as the system shows it (RTM_GETADDR of rtnetlink(7)). */

import type { IpFamily } from "../net-address/ip-address.ts";

export interface LinkAddress {
  readonly ifindex: number;
  readonly family: IpFamily;
  /** Canonical text, without a prefix length. */
  readonly address: string;
  readonly prefixLength: number;
  /** IFA_F_TENTATIVE, IFA_F_DADFAILED: not usable (yet). */
  readonly tentative: boolean;
  readonly duplicate: boolean;
}
