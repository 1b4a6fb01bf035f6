/**
 * Label sets of groups and members, encoded once for as long as their rows are there: the same thousands of them stand in
 * every scrape, and encoding them anew would be a large part of its cost.
 */

import type { KstatId } from "../../kstat/kstat.ts";
import type { LinkAttributes } from "../../link/link-attributes.ts";
import type { GroupSnapshot, MemberSnapshot } from "../../snapshot/snapshot.ts";
import { type ClosingLabels, closeLabels, END, type OpenLabels, openLabels } from "./text-format.ts";

export interface Labels {
  /** `{group="ipmp0"`, to be closed. */
  readonly open: OpenLabels;
  /** The same, closed. */
  readonly whole: ClosingLabels;
}

interface MemberEntry {
  readonly labels: Labels;
  info: { readonly of: LinkInfo; readonly close: ClosingLabels } | undefined;
  generation: number;
}

interface GroupEntry {
  readonly labels: Labels;
  /** Other label sets of its samples, by the texts that they hold. */
  readonly closings: Map<string, ClosingLabels>;
  readonly members: Map<string, MemberEntry>;
  generation: number;
}

const CLOSINGS_KEPT = 16;

type LinkInfo = Pick<LinkAttributes, "driver" | "kind" | "lladdr" | "ifindex" | "alias">;

export class RowLabels {
  readonly #groups = new Map<string, GroupEntry>();
  readonly #kstats = new WeakMap<KstatId, OpenLabels>();
  #generation = 0;

  group({ name }: GroupSnapshot): Labels {
    return this.#group(name).labels;
  }

  member(group: GroupSnapshot, { device }: MemberSnapshot): Labels {
    return this.#member(group.name, device).labels;
  }

  /** The labels of `ipmp_member_info` beyond group and device. */
  memberInfo(group: GroupSnapshot, { device, link: { attributes: link } }: MemberSnapshot): ClosingLabels {
    const entry = this.#member(group.name, device);
    if (!entry.info || !isSame(entry.info.of, link)) {
      const { driver = "", kind = "", lladdr, ifindex, alias } = link;
      const close = closeLabels({ driver, kind, lladdr, ifindex: String(ifindex), alias });
      entry.info = { of: { driver: link.driver, kind: link.kind, lladdr, ifindex, alias }, close };
    }
    return entry.info.close;
  }

  kstat(id: KstatId): OpenLabels {
    let open = this.#kstats.get(id);
    if (!open) {
      open = openLabels({ module: id.module, instance: String(id.instance), name: id.name });
      this.#kstats.set(id, open);
    }
    return open;
  }

  /** Further labels of a group's sample, of which there are few kinds: its info, a nominee. */
  close(group: GroupSnapshot, labels: Readonly<Record<string, string>>): ClosingLabels {
    const { closings } = this.#group(group.name);
    let key = "";
    for (const name in labels) key += `${labels[name]}\n`;
    let close = closings.get(key);
    if (!close) {
      // Nominees come and go with the members: those of yesterday are not kept for ever.
      if (closings.size >= CLOSINGS_KEPT) closings.clear();
      close = closeLabels(labels);
      closings.set(key, close);
    }
    return close;
  }

  /** After a scrape: forgets rows that were not in it. */
  sweep(): void {
    for (const [name, { members, generation }] of this.#groups) {
      if (generation !== this.#generation) this.#groups.delete(name);
      for (const [device, entry] of members) if (entry.generation !== this.#generation) members.delete(device);
    }
    this.#generation++;
  }

  #group(name: string): GroupEntry {
    let entry = this.#groups.get(name);
    if (!entry) {
      entry = { labels: encode(openLabels({ group: name })), closings: new Map(), members: new Map(), generation: 0 };
      this.#groups.set(name, entry);
    }
    entry.generation = this.#generation;
    return entry;
  }

  #member(group: string, device: string): MemberEntry {
    const { members } = this.#group(group);
    let entry = members.get(device);
    if (!entry) {
      entry = { labels: encode(openLabels({ group, device })), info: undefined, generation: 0 };
      members.set(device, entry);
    }
    entry.generation = this.#generation;
    return entry;
  }
}

function encode(open: OpenLabels): Labels {
  const whole = new Uint8Array(open.length + END.length);
  whole.set(open);
  whole.set(END, open.length);
  return { open, whole };
}

function isSame(a: LinkInfo, b: LinkInfo): boolean {
  return (
    a.driver === b.driver &&
    a.kind === b.kind &&
    a.lladdr === b.lladdr &&
    a.ifindex === b.ifindex &&
    a.alias === b.alias
  );
}
