/**
 * All that is told of one link, put together: by the kernel's messages, by ethtool and sysfs (link-details.ts), by lldpd (lldp-watch.ts), by
 * the files of bonds (bond-watch.ts) and by the team driver (team-watch.ts). When one of these says something new, the link is told with that
 * and with what all others said last.
 */

import type { LinkAttributes } from "../../link/link-attributes.ts";
import { ERRNO, type Libc } from "../../os/libc.ts";
import { type LinkState, SourceError } from "../source.ts";
import { BondWatch } from "./bond-watch.ts";
import { LinkDetails } from "./link-details.ts";
import { type LinkMessage, linkRequest, parseNewLink } from "./link-message.ts";
import { type LldpOptions, LldpWatch } from "./lldp-watch.ts";
import { isRefusal, type NetlinkRequests } from "./netlink-requests.ts";
import type { LinkEvent } from "./resync.ts";
import { TeamWatch } from "./team-watch.ts";

export interface AccountOptions {
  /** Where they are mounted. */
  readonly procfs: string;
  readonly sysfs: string;
  readonly lldp: LldpOptions;
  /** Called for a link that is told with another carrier, or up or down by the administrator, than it had. */
  readonly carrierChanged: (ifindex: number) => void;
}

export class LinkAccount {
  readonly #libc: Libc;
  readonly #carrierChanged: (ifindex: number) => void;
  readonly #details: LinkDetails;
  readonly #bonds: BondWatch;
  readonly #teams: TeamWatch;
  readonly #lldp: LldpWatch;

  constructor(libc: Libc, { procfs, sysfs, lldp, carrierChanged }: AccountOptions) {
    this.#libc = libc;
    this.#carrierChanged = carrierChanged;
    this.#details = new LinkDetails(sysfs);
    this.#bonds = new BondWatch(procfs);
    this.#teams = new TeamWatch(libc);
    this.#lldp = new LldpWatch(lldp);
  }

  /** `onNews` is called when there is something to {@link takeNews}, `onLimit` when somebody is there who does not let us ask. */
  open(onNews: () => void, onLimit: (cause: string) => void): void {
    this.#details.open(this.#libc);
    this.#teams.listen(onNews);
    this.#lldp.open(onNews, onLimit);
  }

  close(): void {
    this.#teams.close();
    this.#lldp.close();
    this.#details.close();
  }

  /** Links that were told and not forgotten. */
  get ifindexes(): ReadonlySet<number> {
    return this.#details.ifindexes;
  }

  nameOf(ifindex: number): string | undefined {
    return this.#details.get(ifindex)?.name;
  }

  /** The files of bonds are read again, once, when something of them is next wanted. */
  refreshFiles(): void {
    this.#bonds.refresh();
  }

  /** The link of a message, with all that is told of it elsewhere. */
  complete(message: LinkMessage): LinkAttributes {
    return this.#withBondAndTeam(this.#describe(message));
  }

  forget(ifindex: number): void {
    this.#details.forget(ifindex);
    this.#bonds.forget(ifindex);
    this.#teams.forget(ifindex);
    this.#lldp.forget(ifindex);
  }

  /** Asks for the speed of a link that is up. @returns an event if it is another one */
  refreshSpeed(ifindex: number): LinkEvent | undefined {
    return this.#details.refreshSpeed(ifindex);
  }

  /** Links of which the team driver or lldpd has said something since the last call. @throws SourceError */
  takeNews(): LinkAttributes[] {
    const news = new Set([...this.#teams.take(), ...this.#lldp.take()]);
    return [...news].flatMap((ifindex) => {
      const link = this.#details.get(ifindex);
      return link ? [this.#withBondAndTeam(this.#lldp.complete(link))] : [];
    });
  }

  /** Whether a bond may know more than it announces. */
  get hasSilentBonds(): boolean {
    return this.#bonds.watched.length > 0;
  }

  /** Asks for the links of which a bond may know more than it announces. @returns those of which it does */
  askSilentBonds(requests: NetlinkRequests): LinkState[] {
    this.#bonds.refresh();
    return this.#bonds.watched.flatMap((ifindex) => {
      try {
        return requests.list("RTM_GETLINK", linkRequest(ifindex), parseNewLink).flatMap((message) => {
          const before = this.#details.get(ifindex);
          const described = this.#describe(message);
          const hasOtherSpeed = before?.speedBitsPerSecond !== described.speedBitsPerSecond;
          if (!hasOtherSpeed && !this.#bonds.isNews(described)) return [];
          return [{ link: this.#withBondAndTeam(described), counters: message.counters }];
        });
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        if (isRefusal(error, ERRNO.ENODEV)) this.#bonds.forget(ifindex); // its last event is still to come
        return [];
      }
    });
  }

  /** An answer may tell of a carrier before the event does: whichever comes first is the change. */
  #describe(message: LinkMessage): LinkAttributes {
    const before = this.#details.get(message.ifindex);
    const link = this.#lldp.complete(this.#details.describe(message));
    if (before?.running !== link.running || before.adminUp !== link.adminUp) this.#carrierChanged(link.ifindex);
    return link;
  }

  #withBondAndTeam(link: LinkAttributes): LinkAttributes {
    return this.#teams.complete(this.#bonds.complete(link));
  }
}
