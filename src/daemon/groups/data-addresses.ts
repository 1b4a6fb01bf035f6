/** The data addresses of a group, which the configuration gives it: in the engine they are addresses of the meta-interface. */

import { setAddresses } from "../../ip/addresses.ts";
import { type Ip, illsOf } from "../../ip/ip.ts";
import type { Hrtime } from "../../kstat/hrtime.ts";
import type { Group } from "./group.ts";

/** Makes the group's addresses in the engine those of its plan, each up. */
export function followDataAddresses(ip: Ip, { engine, plan }: Group, now: Hrtime): void {
  for (const ill of illsOf(engine.phyint)) {
    const wanted = plan.addresses.filter((address) => address.includes(":") === (ill.family === "v6"));
    ip.operation(now, () => setAddresses(ill, wanted, 0));
  }
}
