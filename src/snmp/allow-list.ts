/** Source addresses from which something is allowed: prefixes of both families. */

import { BlockList } from "node:net";
import { type IpPrefix, parseIpPrefix } from "../net-address/ip-prefix.ts";

export class AllowList {
  // Only named for the opposite use: it answers whether an address is in the list, also for ::ffff:192.0.2.1.
  readonly #list = new BlockList();
  /** Whoever asks asks again: the answer for the last address, which costs more to find than the rest of a request. */
  #last = { address: "", has: false };

  constructor(sources: readonly IpPrefix[]) {
    for (const { address, prefixLength, family } of sources) this.#list.addSubnet(address, prefixLength, family);
  }

  has(address: string): boolean {
    if (this.#last.address !== address) this.#last = { address, has: this.#check(address) };
    return this.#last.has;
  }

  #check(address: string): boolean {
    const zone = address.indexOf("%");
    const bare = zone < 0 ? address : address.slice(0, zone);
    return this.#list.check(bare, bare.includes(":") ? "ipv6" : "ipv4");
  }
}

/** 127.0.0.0/8 and ::1: this host, which nobody can be harmed from and no rate limit applies to. */
export const LOOPBACK = new AllowList(["127.0.0.0/8", "::1"].flatMap((text) => parseIpPrefix(text) ?? []));
