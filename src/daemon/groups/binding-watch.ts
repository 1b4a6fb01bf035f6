/** Notices what the engine rearranged in a group: where addresses are bound, who is nominated, what the MTU is. */

import { FAMILIES } from "../../ipmp/address.ts";
import type { Transition } from "../../snapshot/event.ts";
import type { Group } from "./group.ts";

interface Arrangement {
  readonly mtu: number | undefined;
  readonly cast: Readonly<Record<"ipv4" | "ipv6", string | undefined>>;
  /** Device by data address. */
  readonly bound: ReadonlyMap<string, string | undefined>;
}

export class BindingWatch {
  readonly #last = new WeakMap<Group, Arrangement>();
  readonly #announce: (transition: Transition) => void;

  constructor(announce: (transition: Transition) => void) {
    this.#announce = announce;
  }

  /** Compares a group with what it was; the first look at one only remembers. */
  look(group: Group): void {
    const now = arrangement(group);
    const before = this.#last.get(group);
    this.#last.set(group, now);
    if (before) this.#compare(group, before, now);
    group.causesSeen();
  }

  #compare(group: Group, before: Arrangement, now: Arrangement): void {
    const { name } = group;
    if (now.mtu !== undefined && now.mtu !== before.mtu)
      this.#announce({ kind: "mtu-changed", group: name, mtu: now.mtu, cause: group.causeFor() });
    if (group.plan.mode !== "ipmp") return; // others have no nominee and bind no addresses
    for (const family of ["ipv4", "ipv6"] as const) {
      const [from, to] = [before.cast[family], now.cast[family]];
      const cause = group.causeFor(from, to);
      if (from !== to) this.#announce({ kind: "cast-changed", group: name, family, from, to, cause });
    }
    for (const [address, to] of now.bound) {
      const from = before.bound.get(address);
      const cause = group.causeFor(from, to);
      if (from !== to) this.#announce({ kind: "address-moved", group: name, address, from, to, cause });
    }
  }
}

function arrangement({ engine, members, plan }: Group): Arrangement {
  const data = FAMILIES.flatMap((family) => engine.phyint[family]?.ipifs.slice(1) ?? []); // the first is the placeholder
  return {
    mtu: plan.master ? plan.master.attributes.mtu || undefined : members.size > 0 ? engine.phyint.v4?.mtu : undefined,
    cast: { ipv4: engine.v4?.castIll?.phyint.name, ipv6: engine.v6?.castIll?.phyint.name },
    bound: new Map(data.map((ipif) => [ipif.addr, ipif.boundIll?.phyint.name])),
  };
}
