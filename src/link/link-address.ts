/** An IP address of a link, as the system shows it (RTM_GETADDR of rtnetlink(7)). */

export type AddressFamily = "ipv4" | "ipv6";

export interface LinkAddress {
  readonly ifindex: number;
  readonly family: AddressFamily;
  /** Canonical text, without a prefix length. */
  readonly address: string;
  readonly prefixLength: number;
  /** IFA_F_TENTATIVE, IFA_F_DADFAILED: not usable (yet). */
  readonly tentative: boolean;
  readonly duplicate: boolean;
}
