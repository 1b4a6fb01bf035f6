/** What an interface makes of a link note (ip_dlnotify_notify in ip_if.c): a member's from its driver, a meta-interface's from the engine. */

import type { LinkLayerAddress } from "../ipmp/address.ts";
import { linkLayerLength, MIN_MTU } from "../ipmp/address.ts";
import { ILLF, PHYI } from "../ipmp/flags.ts";
import { type Ill, SUNW_DL_IPMP } from "../ipmp/ill.ts";
import type { DlNotification } from "../ipmp/link-note.ts";
import { illgrpRefreshMtu } from "../ipmp/mtu.ts";
import { addressDown, addressUp } from "./addresses.ts";

/** DL_NOTE_LINK_UP, DL_NOTE_LINK_DOWN, DL_NOTE_SDU_SIZE. */
export function receiveNote(ill: Ill, { note, data }: DlNotification): void {
  switch (note) {
    case "DL_NOTE_LINK_UP":
      ill.phyint.flags |= PHYI.RUNNING;
      if (ill.isIpmp) ill.phyint.flags &= ~PHYI.FAILED;
      return;
    case "DL_NOTE_LINK_DOWN":
      ill.phyint.flags &= ~PHYI.RUNNING;
      if (ill.isIpmp) ill.phyint.flags |= PHYI.FAILED;
      return;
    case "DL_NOTE_SDU_SIZE":
      setMtu(ill, data);
      return;
    default:
      note satisfies never;
  }
}

/** A driver's MTU is ignored when the administrator has fixed one, and never falls below what the family needs. */
function setMtu(ill: Ill, mtu: number): void {
  if (ill.mactype === SUNW_DL_IPMP) {
    ill.mtu = mtu;
    return;
  }
  if ((ill.flags & ILLF.FIXEDMTU) !== 0) return;
  ill.mtu = Math.max(mtu, MIN_MTU[ill.family]);
  if (ill.isUnderIpmp && ill.grp) illgrpRefreshMtu(ill.grp);
}

/** DL_NOTE_PHYS_ADDR: a member has a new MAC. Its addresses go down and come up around the change. */
export function setPhysAddr(ill: Ill, physAddr: LinkLayerAddress): void {
  if (ill.physAddr === physAddr) return;
  const up = ill.ipifs.filter((ipif) => ipif.isUp);
  for (const ipif of up) addressDown(ipif);
  ill.physAddr = physAddr;
  ill.physAddrLength = linkLayerLength(physAddr);
  ill.ndLlaLen = ill.physAddrLength;
  for (const ipif of up) addressUp(ipif);
}
