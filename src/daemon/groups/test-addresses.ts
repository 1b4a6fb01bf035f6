/**
 * Addresses that members have of their own are test addresses to the engine: they stay where they are, and nothing but probes
 * should use them. The group's data addresses are the configuration's.
 */

import { addressesOf, setAddresses } from "../../ip/addresses.ts";
import { type Ip, illsOf } from "../../ip/ip.ts";
import { IPIF } from "../../ipmp/flags.ts";
import type { Ill } from "../../ipmp/ill.ts";
import type { Hrtime } from "../../kstat/hrtime.ts";
import type { LinkAddress } from "../../link/link-address.ts";
import { FAMILY_NAMES } from "./family-names.ts";
import type { Group } from "./group.ts";

/** Makes each member's addresses in the engine those that the system shows now. */
export function followTestAddresses(ip: Ip, { plan, members }: Group, now: Hrtime): void {
  if (plan.mode !== "ipmp") return;
  for (const { link, phyint } of members.values()) {
    const own = link.addresses.filter(({ address }) => !plan.addresses.includes(address));
    if (own.length === 0 && illsOf(phyint).every((ill) => addressesOf(ill).length === 0)) continue; // most have none
    ip.operation(now, () => {
      for (const ill of illsOf(phyint)) {
        const ofFamily = own.filter(({ family }) => family === FAMILY_NAMES[ill.family]);
        setAddresses(ill, usable(ill, ofFamily), IPIF.NOFAILOVER | IPIF.DEPRECATED);
      }
    });
  }
}

/** One that cannot be used (yet) comes again when it can; one that the engine has stays. */
function usable(ill: Ill, addresses: readonly LinkAddress[]): string[] {
  const present = new Set(addressesOf(ill).map(({ addr }) => addr));
  return addresses
    .filter(({ address, tentative, duplicate }) => present.has(address) || !(tentative || duplicate))
    .map(({ address }) => address);
}
