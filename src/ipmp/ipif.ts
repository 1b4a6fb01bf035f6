/** A logical address on an ill (ipif_t), and the kinds of address: data, test, stub. */

import { type IpAddress, isUnspecified } from "./address.ts";
import { IPIF } from "./flags.ts";
import type { Ill } from "./ill.ts";

export class Ipif {
  /** Identifies it in effects; unique in its stack. */
  readonly id: string;
  readonly ill: Ill;
  /** ipif_lcl_addr. */
  addr: IpAddress;
  /** ipif_flags: IPIF bits. */
  flags: number;
  /** ipif_bound: the resolver announces it. */
  bound = false;
  /** ipif_bound_ill: the member it is assigned to. May be set while `bound` is false: the resolver refused. */
  boundIll: Ill | undefined = undefined;

  constructor(id: string, ill: Ill, addr: IpAddress, flags: number) {
    this.id = id;
    this.ill = ill;
    this.addr = addr;
    this.flags = flags;
  }

  get isUp(): boolean {
    return (this.flags & IPIF.UP) !== 0;
  }
}

/** ipmp_ipif_is_stubaddr: a placeholder, down and unspecified. */
export function ipifIsStubaddr(ipif: Ipif): boolean {
  return !ipif.isUp && isUnspecified(ipif.addr);
}

/** ipmp_ipif_is_dataaddr: carries the group's data, up or not. */
export function ipifIsDataaddr(ipif: Ipif): boolean {
  return (ipif.flags & IPIF.NOFAILOVER) === 0 && !isUnspecified(ipif.addr);
}

/** ipmp_ipif_is_up_dataaddr. */
export function ipifIsUpDataaddr(ipif: Ipif): boolean {
  return ipif.isUp && ipifIsDataaddr(ipif);
}

/** ill_appaddr_cnt: addresses that an application owns (DHCP, autoconfiguration) and that are no test addresses. */
export function countAppaddrs(ill: Ill): number {
  return ill.ipifs.filter(
    ({ flags }) => (flags & (IPIF.DHCPRUNNING | IPIF.ADDRCONF)) !== 0 && (flags & IPIF.NOFAILOVER) === 0,
  ).length;
}

/** ill_ptpaddr_cnt: point-to-point addresses. */
export function countPtpaddrs(ill: Ill): number {
  return ill.ipifs.filter(({ flags }) => (flags & IPIF.POINTOPOINT) !== 0).length;
}

/** ipmp_packet_is_probe: sent by a member from one of its test addresses, so not to be counted as the group's data. */
export function packetIsProbe(ill: Ill, source: IpAddress): boolean {
  if (!ill.isUnderIpmp || isUnspecified(source)) return false;
  const ok = ill.ipifs.some((ipif) => (ipif.flags & IPIF.NOFAILOVER) !== 0 && ipif.addr === source);
  ill.stack.effects.ipifLookupTestaddr(ill, source, ok);
  return ok;
}
