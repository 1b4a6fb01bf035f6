/**
 * What an earlier run of the program left behind, given back piece by piece as links and groups turn up. A link is the same
 * one when boot, network namespace and ifindex are, and its name or its MAC.
 */

import { NET_INDEX, NET_STATISTICS } from "../kstat/net.ts";
import { type CounterForm, SettledLink } from "../settling/settled-link.ts";
import type { LinkAttributes } from "../sources/source.ts";
import type { SavedGroup, SavedMember, SavedState, SavedUplinks, SystemIdentity } from "../state/saved-state.ts";

export class Restoration {
  readonly uplinks: SavedUplinks | undefined;
  readonly #groups: Map<string, SavedGroup>;
  readonly #statistics: readonly string[];

  /** `saved` of another boot or namespace has nothing to give: its counters are of other links. */
  constructor(saved: SavedState | undefined, system: SystemIdentity) {
    const usable =
      saved?.system.boot === system.boot && saved.system.namespace === system.namespace ? saved : undefined;
    this.uplinks = usable?.uplinks;
    this.#groups = new Map(usable?.groups.map((group) => [group.ifname, group]));
    this.#statistics = usable?.statistics ?? [];
  }

  /** The counters of a link that was a member, to be gone on with; undefined for a link that is new to us. */
  link(link: LinkAttributes, form: CounterForm, now: BigUint64Array): SettledLink | undefined {
    const saved = this.#find(link);
    if (!saved) return undefined;
    // A statistic that the source did not have then begins with its present reading.
    const take = (words: BigUint64Array) =>
      BigUint64Array.from(
        form.schema.statistics,
        ({ name }, slot) => words[this.#statistics.indexOf(name)] ?? now[slot] ?? 0n,
      );
    return new SettledLink(form, take(saved.seen), saved.seenAt, take(saved.counters));
  }

  /** When that link's counters began; undefined for a link that is new to us. */
  crtime(link: LinkAttributes): bigint | undefined {
    return this.#find(link)?.crtime;
  }

  group(ifname: string): SavedGroup | undefined {
    return this.#groups.get(ifname);
  }

  /** What was saved of that group is of another one that only had its name. */
  disown(ifname: string): void {
    this.#groups.delete(ifname);
  }

  /** The membership of that link in that group, once: it is then no longer departed. */
  claim(ifname: string, link: LinkAttributes): SavedMember | undefined {
    const group = this.#groups.get(ifname);
    const member = group?.members.find((saved) => isSame(saved, link));
    if (group && member) {
      this.#groups.set(ifname, { ...group, members: group.members.filter((saved) => saved !== member) });
    }
    return member;
  }

  /** Members that did not turn up again: what each carried until it was last read, as 15 counters. */
  departed(ifname: string): { readonly device: string; readonly share: BigUint64Array }[] {
    const members = this.#groups.get(ifname)?.members ?? [];
    return members.map(({ device, counters, baseline }) => {
      const share = BigUint64Array.from(NET_STATISTICS, ({ name }, slot) => {
        const last = counters[this.#statistics.indexOf(name)];
        return slot === NET_INDEX.link_up || last === undefined ? 0n : last - (baseline[slot] ?? 0n);
      });
      return { device, share };
    });
  }

  /** Everything that is to be had has been had. */
  finish(): void {
    this.#groups.clear();
  }

  #find(link: LinkAttributes): SavedMember | undefined {
    for (const { members } of this.#groups.values()) {
      const member = members.find((saved) => isSame(saved, link));
      if (member) return member;
    }
    return undefined;
  }
}

function isSame(saved: SavedMember, link: LinkAttributes): boolean {
  return saved.ifindex === link.ifindex && (saved.device === link.name || saved.lladdr === link.lladdr);
}
