/** Names of the address families: the engine's, and those of links, configuration, metrics and the API. */

import type { Family } from "../../ipmp/address.ts";
import type { IpFamily } from "../../net-address/ip-address.ts";

export const FAMILY_NAMES = { v4: "ipv4", v6: "ipv6" } as const satisfies Record<Family, IpFamily>;
