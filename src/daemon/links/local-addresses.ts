/** The addresses of this host's links that can be used now, and who is told when they change. */

import { isLinkLocal } from "../../net-address/ip-prefix.ts";
import type { HostAddresses } from "../../snapshot/host-addresses.ts";
import type { LinkTable } from "./link-table.ts";

export class LocalAddresses implements HostAddresses {
  readonly #links: LinkTable | undefined;
  readonly #listeners = new Set<() => void>();

  constructor(links: LinkTable | undefined) {
    this.#links = links;
  }

  list(): readonly string[] {
    const usable = new Set<string>();
    for (const { attributes, addresses } of this.#links ?? []) {
      // The kernel answers for no address of a link that is taken down, nor while it looks whether somebody else has it.
      if (!attributes.adminUp) continue;
      for (const { address, tentative, duplicate } of addresses) {
        if (!tentative && !duplicate) usable.add(isLinkLocal(address) ? `${address}%${attributes.name}` : address);
      }
    }
    return [...usable];
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Others may be usable than before. */
  changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
