/**
 * The groups that there are: how one is made and goes, what it is called, and which ifIndex it has. Who is a member is not decided here. A group keeps
 * the name of its meta-interface for life, and what an earlier run counted for it is given back when it is made.
 */

import type { Ip } from "../../ip/ip.ts";
import { type MetaInterfaceSpec, plumbGroup, unplumbGroup } from "../../ip/plumbing.ts";
import { grpLookup, grpRename } from "../../ipmp/ipmp-group.ts";
import { type Hrtime, hrtime } from "../../kstat/hrtime.ts";
import { LOCAL } from "../../link/link-id.ts";
import type { Transition } from "../../snapshot/event.ts";
import type { Link } from "../links/link.ts";
import type { Links } from "../links/links.ts";
import type { Restoration } from "../links/restoration.ts";
import { Group } from "./group.ts";
import { groupIfindex } from "./group-ifindex.ts";
import { type GroupPlan, masterIfindexOf } from "./group-plan.ts";

/** Begins a name that no group is called by: that of a group which for a moment must give up its own. */
const PLACEHOLDER = "\u0000";

export class GroupTable {
  readonly #ip: Ip;
  readonly #links: Links;
  readonly #restoration: Restoration;
  readonly #announce: (transition: Transition) => void;
  /** By meta-interface name. */
  readonly #groups = new Map<string, Group>();
  #changed: Hrtime;

  constructor(ip: Ip, links: Links, restoration: Restoration, announce: (transition: Transition) => void, now: Hrtime) {
    this.#ip = ip;
    this.#links = links;
    this.#restoration = restoration;
    this.#announce = announce;
    this.#changed = now;
  }

  /** By meta-interface name. */
  get all(): ReadonlyMap<string, Group> {
    return this.#groups;
  }

  /** When a group last came, went or was given another ifIndex. */
  get changed(): Hrtime {
    return this.#changed;
  }

  /** The group that is called so now. */
  named(name: string): Group | undefined {
    for (const group of this.#groups.values()) if (group.name === name) return group;
    return undefined;
  }

  /** Undefined when the engine refuses it, which is said. */
  add(plan: GroupPlan, cause: string, now: Hrtime): Group | undefined {
    const name = plan.rule.group;
    const masterIfindex = masterIfindexOf(plan);
    if (masterIfindex !== undefined && this.#restoration.group(plan.ifname)?.ifindex !== masterIfindex)
      this.#restoration.disown(plan.ifname);
    if (plan.system && this.#restoration.group(plan.ifname)?.crtime !== plan.system.began)
      this.#restoration.disown(plan.ifname);
    const saved = this.#restoration.group(plan.ifname);
    const ifindex = masterIfindex ?? this.#freeIfindex(plan.ifname, saved?.ifindex);
    const began = saved ? hrtime(saved.crtime) : (plan.system?.began ?? now);
    const engine = this.#ip.operation(began, () => this.#plumb({ name, ifname: plan.ifname, ifindex }));
    if (typeof engine === "string") {
      this.#announce({ kind: "group-refused", group: name, cause: `the engine refuses it: ${engine}` });
      return undefined;
    }
    const group = new Group(plan, engine, now);
    if (saved) {
      engine.kstats0.set(saved.departed);
      group.restore(saved);
    }
    this.#groups.set(plan.ifname, group);
    this.#changed = now;
    this.#announce({ kind: "group-added", group: name, cause });
    return group;
  }

  /**
   * IP makes a group under the name of its interface, and renames it then. Another group may be called as that interface: it gets a placeholder
   * for so long.
   */
  #plumb(spec: MetaInterfaceSpec): ReturnType<typeof plumbGroup> {
    const namesake = spec.name === spec.ifname ? undefined : grpLookup(this.#ip.stack, spec.ifname);
    if (namesake) grpRename(namesake, PLACEHOLDER);
    const made = plumbGroup(this.#ip, spec);
    if (namesake) grpRename(namesake, spec.ifname);
    return made;
  }

  /** A group that has no members and no data addresses any more. */
  remove(group: Group, cause: string, now: Hrtime): void {
    this.#ip.operation(now, () => unplumbGroup(group.engine));
    this.#groups.delete(group.plan.ifname);
    this.#changed = now;
    this.#announce({ kind: "group-removed", group: group.name, cause });
  }

  /** Calls the groups as the plans do. Two may exchange names, so that each gets a placeholder first. */
  rename(plans: readonly GroupPlan[], now: Hrtime): void {
    const renamed = plans.flatMap((plan) => {
      const group = this.#groups.get(plan.ifname);
      return group && group.name !== plan.rule.group ? [{ group, name: plan.rule.group }] : [];
    });
    for (const [n, { group }] of renamed.entries()) {
      this.#ip.operation(now, () => grpRename(group.engine, `${PLACEHOLDER}${n}`));
    }
    for (const { group, name } of renamed) this.#ip.operation(now, () => grpRename(group.engine, name));
  }

  /**
   * A link appeared. A group that has its ifIndex takes another, so that both have a row in IF-MIB, where links of other systems have none.
   * Answers the groups that have another.
   */
  makeWay({ id: { source, ifindex }, label }: Link, now: Hrtime): readonly Group[] {
    if (source !== LOCAL) return [];
    const inTheWay = [...this.#groups.values()].filter(
      ({ masterIfindex, engine }) => masterIfindex === undefined && engine.phyint.ifindex === ifindex,
    );
    for (const { engine, name, plan } of inTheWay) {
      const other = this.#freeIfindex(plan.ifname);
      engine.phyint.ifindex = other;
      this.#changed = now;
      const cause = `${label} has ifIndex ${ifindex}`;
      this.#announce({ kind: "group-renumbered", group: name, ifindex: other, cause });
    }
    return inTheWay;
  }

  /** An ifIndex that no group and no link has: `wanted`, when it is free. */
  #freeIfindex(ifname: string, wanted?: number): number {
    const ofGroups = new Set(Array.from(this.#groups.values(), ({ engine }) => engine.phyint.ifindex));
    const isTaken = (ifindex: number) => ofGroups.has(ifindex) || this.#links.local?.get(ifindex) !== undefined;
    return wanted !== undefined && !isTaken(wanted) ? wanted : groupIfindex(ifname, isTaken);
  }
}
