/**
 * Addresses that members have of their own are test addresses to the engine: they stay where they are, and nothing but probes
 * should use them. The group's data addresses are the configuration's.
 */

import { addAddress, addressUp, deleteAddress } from "../../ip/addresses.ts";
import { type Ip, illsOf } from "../../ip/ip.ts";
import { IPIF } from "../../ipmp/flags.ts";
import type { Ill } from "../../ipmp/ill.ts";
import type { Hrtime } from "../../kstat/hrtime.ts";
import type { LinkAddress } from "../../link/link-address.ts";
import type { Group } from "./group.ts";

/** Makes each member's addresses in the engine those that the system shows now. */
export function followProbeAddresses(ip: Ip, { plan, members }: Group, now: Hrtime): void {
  if (plan.mode !== "ipmp") return;
  for (const { link, phyint } of members.values()) {
    const own = link.addresses.filter(({ address }) => !plan.addresses.includes(address));
    ip.operation(now, () => {
      for (const ill of illsOf(phyint))
        follow(
          ill,
          own.filter(({ family }) => family === (ill.family === "v4" ? "ipv4" : "ipv6")),
        );
    });
  }
}

function follow(ill: Ill, wanted: readonly LinkAddress[]): void {
  const present = ill.ipifs.slice(1); // the first is the placeholder
  for (const ipif of present) if (!wanted.some(({ address }) => address === ipif.addr)) deleteAddress(ipif);
  for (const { address, tentative, duplicate } of wanted) {
    if (present.some((ipif) => ipif.addr === address)) continue;
    if (tentative || duplicate) continue; // not usable (yet): it comes again when it is
    addressUp(addAddress(ill, `${ill.name}:${address}`, address, IPIF.NOFAILOVER | IPIF.DEPRECATED));
  }
}
