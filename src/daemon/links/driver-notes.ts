/** What changed about a member's link, told to the engine as a driver tells it: by link notes (DL_NOTE_* of dlpi(4P)). */

import { type Ip, illsOf } from "../../ip/ip.ts";
import { receiveNote, setPhysAddr } from "../../ip/link-notes.ts";
import type { Hrtime } from "../../kstat/hrtime.ts";
import type { LinkAttributes } from "../../link/link-attributes.ts";
import type { Membership } from "../groups/membership.ts";
import type { Link } from "./link.ts";

export class DriverNotes {
  readonly #ip: Ip;
  readonly #membership: Membership;

  constructor(ip: Ip, membership: Membership) {
    this.#ip = ip;
    this.#membership = membership;
  }

  /** Tells what is other now than `before`; nothing of a link that is no member. */
  tell(link: Link, before: LinkAttributes, now: Hrtime): void {
    const member = this.#membership.memberOf(link);
    const group = this.#membership.groupOf(link);
    if (!member || !group) return;
    const { label: name } = link;
    const { running, mtu, lladdr } = link.attributes;
    if (mtu !== before.mtu) group.happened(name, `MTU of ${name} is ${mtu}`);
    if (lladdr !== before.lladdr) group.happened(name, `MAC of ${name} is ${lladdr}`);
    this.#ip.operation(now, () => {
      for (const ill of illsOf(member.phyint)) {
        if (running !== before.running)
          receiveNote(ill, { note: running ? "DL_NOTE_LINK_UP" : "DL_NOTE_LINK_DOWN", data: 0 });
        if (mtu !== before.mtu) receiveNote(ill, { note: "DL_NOTE_SDU_SIZE", data: mtu });
        if (lladdr !== before.lladdr) setPhysAddr(ill, lladdr);
      }
    });
    this.#membership.dirty.add(group);
  }
}
