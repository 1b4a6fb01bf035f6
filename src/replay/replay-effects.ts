/** The rest of the kernel as traces model it: every effect is an event, in order; failures come from fault points; notes arrive at once. */

import type { IpAddress, LinkLayerAddress } from "../ipmp/address.ts";
import type { FaultPoint, RtsCommand } from "../ipmp/effects.ts";
import { PHYI } from "../ipmp/flags.ts";
import type { Ill } from "../ipmp/ill.ts";
import type { Ipif } from "../ipmp/ipif.ts";
import type { Ire, IreMatch } from "../ipmp/ire.ts";
import type { DlNotification } from "../ipmp/link-note.ts";
import type { Nce, Ncec } from "../ipmp/neighbour.ts";
import type { Phyint } from "../ipmp/phyint.ts";
import { SilentEffects } from "../ipmp/silent-effects.ts";
import { Faults } from "./faults.ts";
import { quote } from "./json.ts";
import { Timers } from "./timers.ts";

/** An ill's counts of application and point-to-point addresses, as the trace gives them: it has no such addresses themselves. */
export interface AddressCounts {
  app: number;
  ptp: number;
}

export class ReplayEffects extends SilentEffects {
  readonly faults = new Faults();
  readonly timers = new Timers();
  readonly ncecs = new Map<string, Ncec>();
  readonly ires = new Map<string, Ire>();
  readonly addressCounts = new Map<Ill, AddressCounts>();
  /** Without them for `replay -e`. */
  readonly #withQueries: boolean;
  /** Each event is preceded by a comma. */
  #events = "";

  constructor(withQueries: boolean) {
    super();
    this.#withQueries = withQueries;
  }

  /** The events since the last call, as the elements of a JSON array. */
  takeEvents(): string {
    const events = this.#events;
    if (events === "") return "";
    this.#events = "";
    return events.slice(1);
  }

  override succeeds(point: FaultPoint): boolean {
    return this.faults.succeeds(point);
  }

  override kstatCreate(name: string, ok: boolean): void {
    this.#events += `,{"ev":"kstat_create","name":${quote(name)},"ok":${ok}}`;
  }
  override kstatInstall(name: string): void {
    this.#events += `,{"ev":"kstat_install","name":${quote(name)}}`;
  }
  override kstatDelete(name: string): void {
    this.#events += `,{"ev":"kstat_delete","name":${quote(name)}}`;
  }

  override ipDlnotifyAlloc({ note, data }: DlNotification, ok: boolean): void {
    this.#events += `,{"ev":"ip_dlnotify_alloc","note":"${note}","data":${data},"ok":${ok}}`;
  }
  override put(ill: Ill, { note, data }: DlNotification): void {
    this.#events += `,{"ev":"put","ill":${quote(ill.name)},"note":"${note}","data":${data}}`;
    if (note === "DL_NOTE_SDU_SIZE") ill.mtu = data;
    else if (note === "DL_NOTE_LINK_UP") ill.phyint.flags |= PHYI.RUNNING;
    else ill.phyint.flags &= ~PHYI.RUNNING;
  }
  override freemsg({ note }: DlNotification): void {
    this.#events += `,{"ev":"freemsg","note":"${note}"}`;
  }

  override timeout(ill: Ill, seconds: number): number {
    this.#illEvent("timeout", ill, `,"secs":${seconds}`);
    return this.timers.arm(ill, seconds);
  }
  override untimeout(ill: Ill): void {
    if (this.timers.cancel(ill)) this.#illEvent("untimeout", ill);
  }
  /** A retry timer expires: the clock of the trace reports it, and then calls the engine. */
  timer(ill: Ill): void {
    this.#illEvent("timer", ill, `,"at":${this.timers.clock}`);
  }
  override ipsqTryEnter(ill: Ill, ok: boolean): void {
    this.#illEvent("ipsq_try_enter", ill, `,"ok":${ok}`);
  }
  override ipsqExit(phyint: Phyint): void {
    this.#events += `,{"ev":"ipsq_exit","phyint":${quote(phyint.name)}}`;
  }

  override illLeaveMulticast(ill: Ill): void {
    this.#illEvent("ill_leave_multicast", ill);
  }
  override illRecoverMulticast(ill: Ill): void {
    this.#illEvent("ill_recover_multicast", ill);
  }
  override ipifMulticastUp(ipif: Ipif): void {
    this.#ipifEvent("ipif_multicast_up", ipif);
  }
  override ipifMulticastDown(ipif: Ipif): void {
    this.#ipifEvent("ipif_multicast_down", ipif);
  }
  override updateConnIll(ill: Ill): void {
    this.#illEvent("update_conn_ill", ill);
  }
  override resetMrtIll(ill: Ill): void {
    this.#illEvent("reset_mrt_ill", ill);
  }
  override resetMrtVifIpif(ipif: Ipif): void {
    this.#ipifEvent("reset_mrt_vif_ipif", ipif);
  }
  override ipPurgeAllmulti(ill: Ill): void {
    this.#illEvent("ip_purge_allmulti", ill);
  }

  override ipRtsXifmsg(ipif: Ipif, up: boolean): void {
    this.#ipifEvent("ip_rts_xifmsg", ipif, up ? ',"set":["UP"],"clear":[]' : ',"set":[],"clear":["UP"]');
  }
  override ipRtsNewaddrmsg(command: RtsCommand, ipif: Ipif): void {
    this.#events += `,{"ev":"ip_rts_newaddrmsg","cmd":"${command}","ipif":${quote(ipif.id)}}`;
  }

  override ipifResolverUp(ipif: Ipif, ill: Ill, action: "initial" | "rebind", ok: boolean): void {
    this.#ipifEvent("ipif_resolver_up", ipif, `,"ill":${quote(ill.name)},"act":"Res_act_${action}"${errOf(ok)}`);
  }
  override ipifNdpUp(ipif: Ipif, ill: Ill, initial: boolean, ok: boolean): void {
    this.#ipifEvent("ipif_ndp_up", ipif, `,"ill":${quote(ill.name)},"initial":${initial}${errOf(ok)}`);
  }
  override ipifArpDown(ipif: Ipif): void {
    this.#ipifEvent("ipif_arp_down", ipif);
  }
  override ipifNdpDown(ipif: Ipif): void {
    this.#ipifEvent("ipif_ndp_down", ipif);
  }

  override ncecWalk(ill: Ill): void {
    this.#illEvent("ncec_walk", ill);
  }
  override ncecDelete(ncec: Ncec): void {
    this.ncecs.delete(ncec.id);
    this.#events += `,{"ev":"ncec_delete","ncec":${quote(ncec.id)}}`;
  }
  override nceFlush(ill: Ill): void {
    this.#illEvent("nce_flush", ill, ',"flushall":true');
  }
  override nceDelete(nce: Nce): void {
    this.#illEvent("nce_delete", nce.ill, `,"addr":${quote(nce.addr)}`);
  }
  override nceFastpathListDelete(ill: Ill, ncec: Ncec): void {
    this.#illEvent("nce_fastpath_list_delete", ill, `,"ncec":${quote(ncec.id)}`);
  }
  override nceLookupThenAdd(ill: Ill, lladdr: LinkLayerAddress, addr: IpAddress, flags: number, ok: boolean): void {
    const rest = `,"lladdr":${quote(lladdr)},"addr":${quote(addr)},"flags":${flags},"state":"ND_UNCHANGED","ok":${ok}`;
    this.#illEvent(ill.family === "v4" ? "nce_lookup_then_add_v4" : "nce_lookup_then_add_v6", ill, rest);
  }
  override nceUpdate(addr: IpAddress, lladdr: LinkLayerAddress): void {
    this.#events += `,{"ev":"nce_update","addr":${quote(addr)},"lladdr":${quote(lladdr)},"state":"ND_UNCHANGED"}`;
  }

  override ireWalkIll(ill: Ill, match: IreMatch): void {
    const type = match === "MATCH_IRE_TYPE" ? "IRE_IF_CLONE" : "0";
    this.#illEvent("ire_walk_ill", ill, `,"match_flags":"${match}","ire_type":"${type}"`);
  }
  override ireTesthidden(ire: Ire): void {
    this.#events += `,{"ev":"ire_testhidden","ire":${quote(ire.id)},"ire_testhidden":${ire.testhidden}}`;
  }
  override ireDelete(ire: Ire): void {
    this.ires.delete(ire.id);
    this.#events += `,{"ev":"ire_delete","ire":${quote(ire.id)}}`;
  }

  override illAppaddrCnt(ill: Ill): number {
    const count = this.addressCounts.get(ill)?.app ?? 0;
    if (this.#withQueries) this.#illEvent("ill_appaddr_cnt", ill, `,"cnt":${count}`);
    return count;
  }
  override illPtpaddrCnt(ill: Ill): number {
    const count = this.addressCounts.get(ill)?.ptp ?? 0;
    if (this.#withQueries) this.#illEvent("ill_ptpaddr_cnt", ill, `,"cnt":${count}`);
    return count;
  }
  override illCheckAndRefhold(ill: Ill, ok: boolean): void {
    if (this.#withQueries) this.#illEvent("ill_check_and_refhold", ill, `,"ok":${ok}`);
  }
  override illRefhold(ill: Ill): void {
    if (this.#withQueries) this.#illEvent("ill_refhold", ill);
  }
  override ipifLookupTestaddr(ill: Ill, addr: IpAddress, ok: boolean): void {
    if (!this.#withQueries) return;
    const name = ill.family === "v4" ? "ipif_lookup_testaddr_v4" : "ipif_lookup_testaddr_v6";
    this.#illEvent(name, ill, `,"addr":${quote(addr)},"ok":${ok}`);
  }

  #illEvent(name: string, ill: Ill, rest = ""): void {
    this.#events += `,{"ev":"${name}","ill":${quote(ill.name)}${rest}}`;
  }
  #ipifEvent(name: string, ipif: Ipif, rest = ""): void {
    this.#events += `,{"ev":"${name}","ipif":${quote(ipif.id)}${rest}}`;
  }
}

function errOf(ok: boolean): string {
  return ok ? ',"err":0' : ',"err":"ENOMEM"';
}
