/** What routing sockets hear when a member's addresses vanish into a group or come out of it. IPMP-aware listeners are spared. */

import type { RtsCommand } from "./effects.ts";
import type { Ill } from "./ill.ts";

/** ipmp_ill_rtsaddrmsg: nothing without an address up; the interface is announced before its addresses, and withdrawn after them. */
export function illRtsaddrmsg(ill: Ill, command: RtsCommand): void {
  const { effects } = ill.stack;
  const first = ill.ipifs[0];
  if (ill.ipifUpCount === 0 || first === undefined) return;
  if (command === "RTM_ADD") effects.ipRtsXifmsg(first, true);
  for (const ipif of ill.ipifs) {
    if (ipif.isUp) effects.ipRtsNewaddrmsg(command, ipif);
  }
  if (command === "RTM_DELETE") effects.ipRtsXifmsg(first, false);
}
