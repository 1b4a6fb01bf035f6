/**
 * Rules that name the same link: the first that fits gives the link its place, and the groups of the others go without it. They have it
 * among their `placed`, with why, and each is told of once.
 */

import { isDeepStrictEqual } from "node:util";
import { namesOf } from "../../link/link-attributes.ts";
import { linkLabel } from "../../link/link-id.ts";
import { type GroupRule, namedDevices } from "../../membership/rule.ts";
import type { Transition } from "../../snapshot/event.ts";
import type { Link } from "../links/link.ts";
import type { Group } from "./group.ts";
import type { Refusal } from "./group-plan.ts";

export class Rivals {
  readonly #groups: ReadonlyMap<string, Group>;
  readonly #announce: (transition: Transition) => void;
  /** The group has other refusals than before. */
  readonly #changed: (group: Group) => void;
  /** The groups of the rules that name a link, by its label under that name. */
  #named: ReadonlyMap<string, readonly string[]> = new Map();
  /** Links that rules of more than one place name: a group may have them among its `placed`, and no group has others there. */
  readonly #placed = new Set<Link>();

  /** `groups`: all that there are, as they come and go. */
  constructor(
    groups: ReadonlyMap<string, Group>,
    announce: (transition: Transition) => void,
    changed: (group: Group) => void,
  ) {
    this.#groups = groups;
    this.#announce = announce;
    this.#changed = changed;
  }

  /** The rules that hold from now on. */
  follow(rules: readonly GroupRule[]): void {
    this.#named = groupsByDevice(rules);
  }

  /** Looks which rules name a link beside the one that gives it its place, in the group `place`; undefined when it has none. */
  look(link: Link, place: string | undefined): void {
    const rivals = this.#rivalsOf(link, place);
    if (rivals.size > 0) this.#placed.add(link);
    else if (!this.#placed.delete(link)) return;
    for (const group of this.#groups.values()) {
      const known = group.placed.get(link);
      const refusals = rivals.get(group.name);
      if (isDeepStrictEqual(known, refusals)) continue;
      if (refusals) group.placed.set(link, refusals);
      else group.placed.delete(link);
      this.#changed(group);
      for (const { device, errno, why } of refusals ?? []) {
        if (known?.some((refusal) => refusal.device === device && refusal.why === why)) continue;
        this.#announce({ kind: "member-refused", group: group.name, device, errno, cause: why });
      }
    }
  }

  /** The link is gone. */
  forget(link: Link): void {
    if (!this.#placed.delete(link)) return;
    for (const group of this.#groups.values()) if (group.placed.delete(link)) this.#changed(group);
  }

  /** Refusals of what names the link beside the one rule that it is in its group by, by group. */
  #rivalsOf({ id, attributes, label }: Link, place: string | undefined): ReadonlyMap<string, readonly Refusal[]> {
    const rivals = new Map<string, Refusal[]>();
    let isIn = false;
    for (const name of namesOf(attributes)) {
      const device = linkLabel(id.source, name);
      for (const group of this.#named.get(device) ?? []) {
        if (group === place && !isIn) {
          isIn = true;
          continue;
        }
        const what = device === label ? "it" : `it is ${label}, which`;
        const why =
          group === place ? `${what} has its place in the group already` : `${what} belongs to the group ${place}`;
        const others = rivals.get(group);
        if (others) others.push({ device, errno: "EBUSY", why });
        else rivals.set(group, [{ device, errno: "EBUSY", why }]);
      }
    }
    return rivals;
  }
}

/** The groups that name a link, by its label under that name. */
function groupsByDevice(rules: readonly GroupRule[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const rule of rules) {
    for (const { device } of namedDevices(rule)) {
      const others = groups.get(device);
      if (others) others.push(rule.group);
      else groups.set(device, [rule.group]);
    }
  }
  return groups;
}
