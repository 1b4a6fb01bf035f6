/** Messages to routing sockets (route(4P)): a member's addresses vanish into its group or come out of it. Sockets that know IPMP do not get them. */

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
