/**
 * What an earlier run of the program left behind, given back piece by piece as links and groups turn up. A link of this host is the same
 * one when boot, network namespace and ifindex are, and its name or its MAC; of another system, when its ifindex and its name are, and the
 * system's own source says whether its counters go on.
 */

import { NET_INDEX, NET_STATISTICS } from "../../kstat/net.ts";
import type { Schema } from "../../kstat/schema.ts";
import type { LinkAttributes } from "../../link/link-attributes.ts";
import { type LinkId, LOCAL, linkLabel } from "../../link/link-id.ts";
import { type CounterForm, SettledLink } from "../../settling/settled-link.ts";
import type { SavedGroup, SavedMember, SavedState, SavedUplinks, SystemIdentity } from "../../state/saved-state.ts";

/** Whether an earlier run left counters that go on, and if not, why. Times are nanoseconds since boot. */
export type Restored =
  | {
      readonly kind: "restored";
      readonly groups: number;
      /** When the oldest of the groups began to count, and when a member was last read. */
      readonly since: bigint | undefined;
      readonly readAt: bigint | undefined;
    }
  /** `expected`: a first start or a reboot. Otherwise there was something to go on from, which somebody will miss. */
  | { readonly kind: "begun"; readonly reason: string; readonly expected: boolean };

/** Another system as an earlier run last knew it. */
export interface RestoredSystem {
  readonly identity: string;
  readonly links: readonly SavedMember[];
}

export class Restoration {
  readonly restored: Restored;
  readonly uplinks: SavedUplinks | undefined;
  #waiting: SavedState | undefined;
  readonly #groups: Map<string, SavedGroup>;
  /** Sources whose links may be those that the earlier run knew; those of any other system begin again. */
  readonly #resumed = new Set([LOCAL]);
  /** Names of the statistics that each source had, in their order. */
  readonly #statistics: ReadonlyMap<string, readonly string[]>;

  /**
   * `saved` of another boot or namespace has nothing to give: its counters are of other links. Where the system does not tell
   * its boot, every run is taken for one after a reboot. `isLost`: an earlier run has left a state, and nothing of it can be used.
   */
  constructor(saved: SavedState | undefined, { boot, namespace }: SystemIdentity, isLost = false) {
    const isHere = boot !== "" && saved?.system.boot === boot && saved.system.namespace === namespace;
    const usable = isHere ? saved : undefined;
    this.restored = usable ? restoredOf(usable) : whyNot(saved, boot, isLost);
    this.uplinks = usable?.uplinks;
    this.#waiting = usable;
    this.#groups = new Map(usable?.groups.map((group) => [group.ifname, group]));
    this.#statistics = new Map(usable?.sources.map(({ name, statistics }) => [name, statistics]));
  }

  /** The whole of what has been left behind, until all that can be given back has been. */
  get waiting(): SavedState | undefined {
    return this.#waiting;
  }

  /** The counters of a link that was a member, to be gone on with; undefined for a link that is new to us. */
  link(source: string, link: LinkAttributes, form: CounterForm, now: BigUint64Array): SettledLink | undefined {
    const saved = this.#find(source, link);
    if (!saved) return undefined;
    const statistics = this.#statisticsOf(saved);
    // A statistic that the source did not have then begins with its present reading.
    const take = (words: BigUint64Array) =>
      BigUint64Array.from(
        form.schema.statistics,
        ({ name }, slot) => words[statistics.indexOf(name)] ?? now[slot] ?? 0n,
      );
    return new SettledLink(form, take(saved.reading.seen), saved.reading.seenAt, take(saved.reading.counters));
  }

  /** When that link's counters began; undefined for a link that is new to us. */
  crtime(source: string, link: LinkAttributes): bigint | undefined {
    return this.#find(source, link)?.crtime;
  }

  /** Links of another system that were members, and what told that run of it; undefined when nothing of it can go on. */
  systemOf(source: string, { statistics }: Schema): RestoredSystem | undefined {
    const saved = this.#waiting?.sources.find(({ name }) => name === source);
    const isAsNow = saved?.statistics.join() === statistics.map(({ name }) => name).join();
    if (saved?.identity === undefined || !isAsNow) return undefined;
    this.#resumed.add(source);
    const members = [...this.#groups.values()].flatMap((group) => group.members);
    return { identity: saved.identity, links: members.filter((member) => member.source === source) };
  }

  group(ifname: string): SavedGroup | undefined {
    return this.#groups.get(ifname);
  }

  /** Drops a saved group: the group of that name is another one now. */
  disown(ifname: string): void {
    this.#groups.delete(ifname);
  }

  /**
   * The membership of that link in that group, once: it is then no longer departed. `baseline` is the link's counters at the
   * join, and becomes those of the earlier join for every statistic that the source had then and has now. What was counted
   * of statistics that it has no more goes to `departed`.
   */
  claim(
    ifname: string,
    { id: { source }, attributes }: { readonly id: LinkId; readonly attributes: LinkAttributes },
    { schema, baseline, departed }: { schema: Schema; baseline: BigUint64Array; departed: BigUint64Array },
  ): SavedMember | undefined {
    const group = this.#groups.get(ifname);
    const member = group?.members.find((saved) => this.#isSame(saved, source, attributes));
    if (!group || !member) return undefined;
    this.#groups.set(ifname, { ...group, members: group.members.filter((saved) => saved !== member) });
    const share = this.#share(member);
    for (const [slot, { name }] of NET_STATISTICS.entries()) {
      if (!this.#statisticsOf(member).includes(name)) continue;
      if (schema.indexOf(name) === undefined) departed[slot] = (departed[slot] ?? 0n) + (share[slot] ?? 0n);
      else baseline[slot] = member.baseline[slot] ?? 0n;
    }
    return member;
  }

  /** Members that did not turn up again: what each carried until it was last read, as 15 counters. */
  departed(ifname: string): { readonly device: string; readonly id: LinkId; readonly share: BigUint64Array }[] {
    const members = this.#groups.get(ifname)?.members ?? [];
    return members.map((member) => ({
      device: linkLabel(member.source, member.device),
      id: { source: member.source, ifindex: member.ifindex },
      share: this.#share(member),
    }));
  }

  /** Labels of a source's links that were members and are no longer among its links: what they carried at the end is not known. */
  vanished(source: string, links: Iterable<{ readonly attributes: LinkAttributes }>): string[] {
    const present = Array.from(links, ({ attributes }) => attributes);
    return [...this.#groups.values()]
      .flatMap(({ members }) => members)
      .filter((saved) => saved.source === source && !present.some((link) => this.#isSame(saved, source, link)))
      .map(({ device }) => linkLabel(source, device));
  }

  /** Drops saved members that nobody claimed. */
  finish(): void {
    this.#groups.clear();
    this.#waiting = undefined;
  }

  #share(member: SavedMember): BigUint64Array {
    const { reading, baseline } = member;
    const statistics = this.#statisticsOf(member);
    return BigUint64Array.from(NET_STATISTICS, ({ name }, slot) => {
      const last = reading.counters[statistics.indexOf(name)];
      return slot === NET_INDEX.link_up || last === undefined ? 0n : last - (baseline[slot] ?? 0n);
    });
  }

  #statisticsOf({ source }: SavedMember): readonly string[] {
    return this.#statistics.get(source) ?? [];
  }

  #isSame(saved: SavedMember, source: string, { ifindex, name, lladdr }: LinkAttributes): boolean {
    if (saved.source !== source || saved.ifindex !== ifindex || !this.#resumed.has(source)) return false;
    return saved.device === name || (source === LOCAL && saved.lladdr !== "" && saved.lladdr === lladdr);
  }

  #find(source: string, link: LinkAttributes): SavedMember | undefined {
    for (const { members } of this.#groups.values()) {
      const member = members.find((saved) => this.#isSame(saved, source, link));
      if (member) return member;
    }
    return undefined;
  }
}

function restoredOf({ groups }: SavedState): Restored {
  const since = groups.map(({ crtime }) => crtime).toSorted(ascending)[0];
  const readAt = groups
    .flatMap(({ members }) => members.map(({ reading }) => reading.seenAt))
    .toSorted(ascending)
    .at(-1);
  return { kind: "restored", groups: groups.length, since, readAt };
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function whyNot(saved: SavedState | undefined, boot: string, isLost: boolean): Restored {
  const begun = (reason: string, expected: boolean) => ({ kind: "begun", reason, expected }) as const;
  if (isLost) return begun("the saved state cannot be used", false);
  if (!saved) return begun("no state of an earlier run", true);
  if (boot === "") return begun("the system does not tell its boot, so the saved state may be of another one", false);
  return saved.system.boot === boot
    ? begun("the saved state is of another network namespace, which has other links", false)
    : begun(
        "the saved state is of an earlier boot, or of another host: these links have counted from zero since",
        true,
      );
}
