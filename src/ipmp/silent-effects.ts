/** Effects that do nothing: every call succeeds and nobody is told. Implementations that need only a few of them extend it. */

import type { IpAddress, LinkLayerAddress } from "./address.ts";
import type { Arpent } from "./arpent.ts";
import type { Effects, FaultPoint, ResolverAction, RtsCommand } from "./effects.ts";
import type { Ill } from "./ill.ts";
import type { Illgrp } from "./illgrp.ts";
import type { Ipif } from "./ipif.ts";
import { countAppaddrs, countPtpaddrs } from "./ipif.ts";
import type { IpmpGroup } from "./ipmp-group.ts";
import type { Ire, IreMatch } from "./ire.ts";
import type { DlNotification } from "./link-note.ts";
import type { Nce, Ncec } from "./neighbour.ts";
import type { Phyint } from "./phyint.ts";

export class SilentEffects implements Effects {
  succeeds(_point: FaultPoint): boolean {
    return true;
  }
  kstatCreate(_name: string, _ok: boolean): void {}
  kstatInstall(_name: string): void {}
  kstatDelete(_name: string): void {}
  ipDlnotifyAlloc(_notification: DlNotification, _ok: boolean): void {}
  put(_ill: Ill, _notification: DlNotification): void {}
  freemsg(_notification: DlNotification): void {}
  timeout(_ill: Ill, _seconds: number): number {
    return 1;
  }
  untimeout(_ill: Ill): void {}
  ipsqTryEnter(_ill: Ill, _ok: boolean): void {}
  ipsqExit(_phyint: Phyint): void {}
  illLeaveMulticast(_ill: Ill): void {}
  illRecoverMulticast(_ill: Ill): void {}
  ipifMulticastUp(_ipif: Ipif): void {}
  ipifMulticastDown(_ipif: Ipif): void {}
  updateConnIll(_ill: Ill): void {}
  resetMrtIll(_ill: Ill): void {}
  resetMrtVifIpif(_ipif: Ipif): void {}
  ipPurgeAllmulti(_ill: Ill): void {}
  ipRtsXifmsg(_ipif: Ipif, _up: boolean): void {}
  ipRtsNewaddrmsg(_command: RtsCommand, _ipif: Ipif): void {}
  ipifResolverUp(_ipif: Ipif, _ill: Ill, _action: "initial" | "rebind", _ok: boolean): void {}
  ipifNdpUp(_ipif: Ipif, _ill: Ill, _initial: boolean, _ok: boolean): void {}
  ipifArpDown(_ipif: Ipif): void {}
  ipifNdpDown(_ipif: Ipif): void {}
  ncecWalk(_ill: Ill): void {}
  ncecDelete(_ncec: Ncec): void {}
  nceFlush(_ill: Ill): void {}
  nceDelete(_nce: Nce): void {}
  nceFastpathListDelete(_ill: Ill, _ncec: Ncec): void {}
  nceLookupThenAdd(_ill: Ill, _lladdr: LinkLayerAddress, _addr: IpAddress, _flags: number, _ok: boolean): void {}
  nceUpdate(_addr: IpAddress, _lladdr: LinkLayerAddress): void {}
  ireWalkIll(_ill: Ill, _match: IreMatch): void {}
  ireTesthidden(_ire: Ire): void {}
  ireDelete(_ire: Ire): void {}
  illAppaddrCnt(ill: Ill): number {
    return countAppaddrs(ill);
  }
  illPtpaddrCnt(ill: Ill): number {
    return countPtpaddrs(ill);
  }
  illCheckAndRefhold(_ill: Ill, _ok: boolean): void {}
  illRefhold(_ill: Ill): void {}
  ipifLookupTestaddr(_ill: Ill, _addr: IpAddress, _ok: boolean): void {}
  castDisabled(_illgrp: Illgrp, _ill: Ill): void {}
  castEnabled(_illgrp: Illgrp, _ill: Ill): void {}
  groupCreated(_group: IpmpGroup): void {}
  groupRenamed(_group: IpmpGroup, _before: string): void {}
  groupDestroyed(_group: IpmpGroup): void {}
  phyintJoined(_phyint: Phyint, _group: IpmpGroup): void {}
  phyintLeft(_phyint: Phyint, _group: IpmpGroup): void {}
  illJoined(_ill: Ill, _illgrp: Illgrp): void {}
  illLeft(_ill: Ill, _illgrp: Illgrp): void {}
  illActivated(_ill: Ill): void {}
  illDeactivated(_ill: Ill): void {}
  ipifBound(_ipif: Ipif, _ill: Ill, _action: ResolverAction): void {}
  ipifUnbound(_ipif: Ipif, _ill: Ill): void {}
  mtuSet(_illgrp: Illgrp, _before: number): void {}
  arpentCreated(_arpent: Arpent): void {}
  arpentDestroyed(_arpent: Arpent): void {}
}
