/** Label sets of groups, members and the exporter, each the same object in every scrape for as long as its row is there. */

import { type DomainKind, isSameDomain } from "../../fate/failure-domain.ts";
import type { KstatId } from "../../kstat/kstat.ts";
import type { LinkAttributes } from "../../link/link-attributes.ts";
import { LOCAL, linkLabel } from "../../link/link-id.ts";
import type { GroupSnapshot, MemberSnapshot } from "../../snapshot/snapshot.ts";
import { type LabelSet, LabelSets, type Labels, labelSet } from "./label-set.ts";

/** Label sets of a member: its own, and those of `ipmp_member_info` beyond them. */
interface MemberLabels {
  readonly labels: LabelSet;
  readonly info: LabelSet;
}

interface MemberEntry {
  readonly labels: LabelSet;
  info: { readonly of: LinkInfo; readonly domains: MemberSnapshot["domains"]; readonly labels: LabelSet } | undefined;
  generation: number;
}

interface GroupEntry {
  readonly labels: LabelSet;
  readonly more: LabelSets;
  readonly members: Map<string, MemberEntry>;
  generation: number;
}

/** Nominees come and go with the members: those of yesterday are not kept for ever. */
const KEPT_PER_GROUP = 16;
/** Most are of devices that have had a discontinuity. */
const KEPT_OF_EXPORTER = 1024;

type LinkInfo = Pick<LinkAttributes, "driver" | "kind" | "lladdr" | "ifindex" | "alias" | "altNames" | "hardware">;

export class RowLabels {
  readonly #groups = new Map<string, GroupEntry>();
  readonly #kstats = new WeakMap<KstatId, LabelSet>();
  readonly #exporter = new LabelSets(KEPT_OF_EXPORTER);
  /** Number of the page that was begun last. Each entry has that of the last one that asked for it. */
  #generation = 0;

  group({ name }: GroupSnapshot): LabelSet {
    return this.#group(name).labels;
  }

  member(group: GroupSnapshot, member: MemberSnapshot): MemberLabels {
    const entry = this.#member(group, member);
    const link = member.link.attributes;
    if (!entry.info || !isSame(entry.info.of, link) || !isSameDomains(entry.info.domains, member.domains)) {
      const { driver, kind, lladdr, ifindex, alias, altNames, hardware } = link;
      const labels = labelSet({
        ...{ driver, kind, lladdr, ifindex, alias, altnames: altNames?.join(",") },
        card: namesOf(member, "card"),
        switch: namesOf(member, "switch"),
        gateway: namesOf(member, "gateway"),
        kernel_module: hardware?.module,
        numa_node: hardware?.numaNode,
      });
      entry.info = {
        of: { driver, kind, lladdr, ifindex, alias, altNames, hardware },
        domains: member.domains,
        labels,
      };
    }
    return { labels: entry.labels, info: entry.info.labels };
  }

  kstat(id: KstatId): LabelSet {
    let labels = this.#kstats.get(id);
    if (!labels) {
      labels = labelSet({ module: id.module, instance: id.instance, name: id.name });
      this.#kstats.set(id, labels);
    }
    return labels;
  }

  /** Further labels of a group's sample, of which there are few kinds: its info, a nominee. */
  ofGroup({ name }: GroupSnapshot, more: Labels): LabelSet {
    return this.#group(name).more.of(more);
  }

  /** Labels of a sample about the exporter as a whole. */
  ofExporter(labels: Labels): LabelSet {
    return this.#exporter.of(labels);
  }

  /** Before the rows of a page are asked for. Answers with the number of the page, for {@link sweep}. */
  begin(): number {
    return ++this.#generation;
  }

  /** After a page: forgets rows that are neither in it nor in one that was begun after it, which may not have ended yet. */
  sweep(page: number): void {
    for (const [name, { members, generation }] of this.#groups) {
      if (generation < page) this.#groups.delete(name);
      for (const [device, entry] of members) if (entry.generation < page) members.delete(device);
    }
  }

  #group(name: string): GroupEntry {
    let entry = this.#groups.get(name);
    if (!entry) {
      const labels = labelSet({ group: name });
      entry = { labels, more: new LabelSets(KEPT_PER_GROUP), members: new Map(), generation: 0 };
      this.#groups.set(name, entry);
    }
    entry.generation = this.#generation;
    return entry;
  }

  #member({ name: group }: GroupSnapshot, { device, link }: MemberSnapshot): MemberEntry {
    const { members } = this.#group(group);
    const { source } = link.id;
    const key = linkLabel(source, device);
    let entry = members.get(key);
    if (!entry) {
      // Only what is not this host's own has the label.
      const labels = labelSet({ group, device, source: source === LOCAL ? "" : source });
      entry = { labels, info: undefined, generation: 0 };
      members.set(key, entry);
    }
    entry.generation = this.#generation;
    return entry;
  }
}

function isSame(a: LinkInfo, b: LinkInfo): boolean {
  return (
    a.driver === b.driver &&
    a.kind === b.kind &&
    a.lladdr === b.lladdr &&
    a.ifindex === b.ifindex &&
    a.alias === b.alias &&
    a.hardware?.module === b.hardware?.module &&
    a.hardware?.numaNode === b.hardware?.numaNode &&
    isSameList(a.altNames, b.altNames)
  );
}

/** Each event of a link brings a new list of its names, nearly always with the same ones. */
function isSameList(a: readonly string[] = [], b: readonly string[] = []): boolean {
  return a === b || (a.length === b.length && a.every((name, n) => name === b[n]));
}

function isSameDomains(a: MemberSnapshot["domains"] = [], b: MemberSnapshot["domains"] = []): boolean {
  return a === b || (a.length === b.length && a.every((domain, n) => isSameDomain(domain, b[n] ?? NO_DOMAIN)));
}

const NO_DOMAIN = { kind: "link", domain: "" } as const;

/** Those of a kind, joined by commas; nearly always one or none. */
function namesOf({ domains = [] }: MemberSnapshot, wanted: DomainKind): string {
  return domains
    .filter(({ kind }) => kind === wanted)
    .map(({ domain }) => domain)
    .join(",");
}
