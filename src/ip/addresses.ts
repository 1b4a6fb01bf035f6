/** Addresses of interfaces: added, brought up and down, deleted (ipif_up, ipif_down and what they call). */

import type { IpAddress } from "../ipmp/address.ts";
import { illgrpRefreshArpent } from "../ipmp/arpent.ts";
import { illgrpAddIpif, illgrpDelIpif } from "../ipmp/binding.ts";
import { IPIF } from "../ipmp/flags.ts";
import type { Ill } from "../ipmp/ill.ts";
import { Ipif, ipifIsDataaddr } from "../ipmp/ipif.ts";
import { illRefreshActive } from "../ipmp/refresh.ts";

/** The addresses of an ill but for its placeholder, which is the first (see plumbing.ts). */
export function addressesOf(ill: Ill): readonly Ipif[] {
  return ill.ipifs.slice(1);
}

/** Makes these the addresses of an ill, each up. Those that it has already stay as they are. `flags`: IPIF bits of new ones. */
export function setAddresses(ill: Ill, wanted: readonly IpAddress[], flags: number): void {
  for (const ipif of addressesOf(ill)) if (!wanted.includes(ipif.addr)) deleteAddress(ipif);
  for (const address of wanted) {
    if (ill.ipifs.some((ipif) => ipif.addr === address)) continue;
    addressUp(addAddress(ill, `${ill.name}:${address}`, address, flags));
  }
}

/** A new address, down, at the end of the ill's list. `flags`: IPIF bits. */
export function addAddress(ill: Ill, id: string, address: IpAddress, flags: number): Ipif {
  const ipif = new Ipif(id, ill, address, flags & ~IPIF.UP);
  ill.ipifs = ill.ipifs.concat(ipif); // nearly every ill has one for ever, and push makes room for seventeen
  return ipif;
}

/** Brings an address up. On a group it is bound to the member with the fewest; the first on a member may activate it. */
export function addressUp(ipif: Ipif): void {
  if (ipif.isUp) return;
  const { ill } = ipif;
  if (ill.isIpmp && ill.grp && ipifIsDataaddr(ipif) && !ipif.boundIll) illgrpAddIpif(ill.grp, ipif);
  ipif.flags |= IPIF.UP;
  ill.ipifUpCount++;
  if (ill.ipifUpCount > 1) return;
  ill.dlUp = true;
  refresh(ill);
}

/** Takes an address down. The last on a member deactivates it. */
export function addressDown(ipif: Ipif): void {
  if (!ipif.isUp) return;
  const { ill } = ipif;
  ipif.flags &= ~IPIF.UP;
  ill.ipifUpCount--;
  if (ill.isIpmp && ill.grp) illgrpDelIpif(ill.grp, ipif);
  if (ill.ipifUpCount > 0) return;
  ill.dlUp = false;
  refresh(ill);
}

/** Takes an address down and off its ill. */
export function deleteAddress(ipif: Ipif): void {
  addressDown(ipif);
  const index = ipif.ill.ipifs.indexOf(ipif);
  if (index >= 0) ipif.ill.ipifs.splice(index, 1);
}

/** After the first up or the last down: a member is re-examined, a group's ARP entries are refreshed. */
function refresh(ill: Ill): void {
  if (ill.isUnderIpmp) illRefreshActive(ill);
  else if (ill.isIpmp && ill.family === "v4" && ill.grp) illgrpRefreshArpent(ill.grp);
}

/** An address that a system has already, on the member that it says; undefined: bound nowhere. Nobody is told of it. */
export function adoptAddress(meta: Ill, address: IpAddress, isUp: boolean, member: Ill | undefined): void {
  const ipif = addAddress(meta, `${meta.name}:${address}`, address, 0);
  if (!isUp) return;
  ipif.flags |= IPIF.UP;
  meta.ipifUpCount++;
  meta.dlUp = true;
  if (member === undefined) return;
  ipif.bound = true;
  ipif.boundIll = member;
  member.boundIpifs.unshift(ipif);
}
