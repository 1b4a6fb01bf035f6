/**
 * What a snapshot has that is not of everything: what one system has a part in, or what transitions tell of. It costs what it has, where a host has
 * hundreds of links and one of them changed.
 */

import { type LinkId, LOCAL } from "../../link/link-id.ts";
import type { Transition } from "../../snapshot/event.ts";
import type { Group } from "../groups/group.ts";
import type { Membership } from "../groups/membership.ts";
import type { Link } from "../links/link.ts";
import type { Links } from "../links/links.ts";

export type Scope = { readonly source: string } | { readonly transitions: readonly Transition[] };

/** Links and groups that are shown together: each group with the links of its members, whatever systems these are of. */
export interface Part {
  readonly links: Iterable<Link>;
  readonly groups: readonly Group[];
}

export function partOf(scope: Scope, links: Links, membership: Membership): Part {
  const all = [...membership.groups.values()];
  if ("source" in scope) {
    const groups = all.filter((group) => group.concerns(scope.source));
    return { groups, links: new Set([...(links.of(scope.source) ?? []), ...groups.flatMap(linksOf)]) };
  }
  const tells = scope.transitions.map((transition) => tellsOf(transition, links, membership));
  const groups = all.filter((group) => tells.some((isTold) => isTold(group)));
  const own = groups.flatMap(({ engine }) => links.local?.get(engine.phyint.ifindex) ?? []);
  const told = scope.transitions.flatMap((transition) =>
    isOfLink(transition) && transition.source === LOCAL ? (links.get(transition) ?? []) : [],
  );
  return { groups, links: new Set([...own, ...told, ...groups.flatMap(linksOf)]) };
}

function linksOf({ members }: Group): readonly Link[] {
  return [...members.keys()];
}

function isOfLink(transition: Transition): transition is Transition & LinkId {
  return "source" in transition && "ifindex" in transition;
}

/** Whether a transition tells of a group: by name; or by a link, which is a member of it or has left it or, of this host's links, is the group itself. */
function tellsOf(transition: Transition, links: Links, membership: Membership): (group: Group) => boolean {
  if ("ifname" in transition) return ({ plan }) => plan.ifname === transition.ifname;
  if (!isOfLink(transition)) return () => false;
  const link = links.get(transition);
  const joined = link && membership.groupOf(link);
  const isHere = transition.source === LOCAL;
  const left = transition.kind === "member-left" ? transition.group : undefined;
  return (group) =>
    group === joined || group.name === left || (isHere && group.engine.phyint.ifindex === transition.ifindex);
}
