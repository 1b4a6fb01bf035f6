/** Source addresses from which something is allowed: addresses and prefixes of both families. */

import { BlockList, isIP } from "node:net";

export class AllowList {
  // Only named for the opposite use: it answers whether an address is in the list, also for ::ffff:192.0.2.1.
  readonly #list = new BlockList();
  /** Whoever asks asks again: the answer for the last address, which costs more to find than the rest of a request. */
  #last = { address: "", has: false };

  /** @throws RangeError when an entry is neither an address nor a prefix such as 192.0.2.0/24. */
  constructor(sources: readonly string[]) {
    for (const source of sources) {
      const [address = "", length, ...more] = source.split("/");
      const version = isIP(address);
      const bits = version === 6 ? 128 : 32;
      const prefix = length === undefined ? bits : /^[0-9]{1,3}$/.test(length) ? Number(length) : Number.NaN;
      if (version === 0 || more.length > 0 || !(prefix <= bits)) {
        throw new RangeError(
          `Cannot read "${source}" as a source: expected an address or a prefix such as 192.0.2.0/24`,
        );
      }
      this.#list.addSubnet(address, prefix, version === 6 ? "ipv6" : "ipv4");
    }
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
export const LOOPBACK = new AllowList(["127.0.0.0/8", "::1"]);
