/** The counters of all links at one moment: one RTM_GETSTATS dump, or where that is not known one of RTM_GETLINK. */

import { ERRNO } from "../../os/libc.ts";
import { CounterTable } from "./counter-table.ts";
import { copyCounters, LINK_SCHEMA } from "./link-counters.ts";
import { findLinkCounters, linkDumpRequest } from "./link-message.ts";
import { isRefusal, type NetlinkRequests } from "./netlink-requests.ts";
import { type Frame, type Message, payloadEnd, payloadStart, u32 } from "./netlink-wire.ts";
import { findStats, statsDumpRequest } from "./stats-message.ts";

export class CounterReader {
  readonly #requests: NetlinkRequests;
  readonly #table = new CounterTable(LINK_SCHEMA.statistics.length);
  #statsMissing = false;

  constructor(requests: NetlinkRequests) {
    this.#requests = requests;
  }

  /** Calls `visit` for each link once all have been read; what it is given is valid until the next reading. @throws SourceError */
  read(visit: (ifindex: number, counters: BigUint64Array) => void): void {
    if (!this.#statsMissing) {
      try {
        this.#dump("RTM_GETSTATS", statsDumpRequest(), findStats);
      } catch (error) {
        // Kernels before 4.7 and sandboxes that know only the older requests.
        if (!isRefusal(error, ERRNO.EOPNOTSUPP, ERRNO.EINVAL)) throw error;
        this.#statsMissing = true;
      }
    }
    if (this.#statsMissing) this.#dump("RTM_GETLINK", linkDumpRequest(), findLinkCounters);
    this.#table.visit(visit); // only when the answer is complete: `visit` may throw
  }

  #dump(
    what: "RTM_GETSTATS" | "RTM_GETLINK",
    ask: Frame,
    find: (frame: Frame, message: Message) => number | undefined,
  ): void {
    const table = this.#table;
    this.#requests.dump(
      what,
      ask,
      () => table.clear(),
      (frame, message) => {
        const at = find(frame, message);
        if (at === undefined) return;
        const row = table.add(u32(frame, message.start + 4)); // ifindex is the second word of both kinds
        copyCounters(frame, payloadStart(at), payloadEnd(frame, at), table.words, row);
      },
    );
  }
}
