/** Makes links join and leave groups of the engine, so that each link is where the rules put it. */

import { isDeepStrictEqual } from "node:util";
import { mayJoin, setGroupName } from "../../ip/group-name.ts";
import type { Ip } from "../../ip/ip.ts";
import { unplumbLink } from "../../ip/plumbing.ts";
import { phyintRename } from "../../ipmp/phyint.ts";
import { type Hrtime, hrtime } from "../../kstat/hrtime.ts";
import { NET_STATISTICS } from "../../kstat/net.ts";
import type { Route } from "../../membership/route-use.ts";
import { type Assignment, assign, assignGone, type GroupRule } from "../../membership/rule.ts";
import type { Transition } from "../../snapshot/event.ts";
import type { Link } from "../links/link.ts";
import type { Links } from "../links/links.ts";
import type { Restoration } from "../links/restoration.ts";
import { plumbCandidate } from "./candidate.ts";
import { followDataAddresses } from "./data-addresses.ts";
import type { Group } from "./group.ts";
import { type GroupPlan, isAggregate, isSamePlan, masterIfindexOf } from "./group-plan.ts";
import { GroupTable } from "./group-table.ts";
import { Member } from "./member.ts";
import { PlanRefusals } from "./plan-refusals.ts";
import { refusal } from "./refusal.ts";
import { Rivals } from "./rivals.ts";

export class Membership {
  readonly #table: GroupTable;
  readonly #ip: Ip;
  readonly #links: Links;
  readonly #restoration: Restoration;
  readonly #announce: (transition: Transition) => void;
  readonly #groupOf = new Map<Link, Group>();
  /** As last asked for; undefined before the first plan. */
  #planned: readonly GroupPlan[] | undefined;
  /** The rules of the last plan. The first that fits a link decides. */
  #rules: readonly GroupRule[] = [];
  readonly #planRefusals: PlanRefusals;
  readonly #rivals: Rivals;
  #membershipChanged: Hrtime;
  /** Joins that the vetting refused, by errno. */
  readonly refusals = new Map<string, bigint>();
  /** Groups to be looked at again by detection. */
  readonly dirty = new Set<Group>();

  constructor(ip: Ip, links: Links, restoration: Restoration, announce: (transition: Transition) => void, now: Hrtime) {
    this.#ip = ip;
    this.#links = links;
    this.#restoration = restoration;
    this.#announce = announce;
    this.#planRefusals = new PlanRefusals(announce);
    this.#table = new GroupTable(ip, links, restoration, announce, now);
    this.#rivals = new Rivals(this.#table.all, announce, (group) => this.#lookAgain(group));
    this.#membershipChanged = now;
  }

  /** By meta-interface name, which a group keeps for life. */
  get groups(): ReadonlyMap<string, Group> {
    return this.#table.all;
  }

  /** When the set of groups, or an ifIndex of one, last changed. */
  get groupsChanged(): Hrtime {
    return this.#table.changed;
  }

  /** When a link last joined, left, or was a candidate no more. */
  get membershipChanged(): Hrtime {
    return this.#membershipChanged;
  }

  groupOf(link: Link): Group | undefined {
    return this.#groupOf.get(link);
  }

  memberOf(link: Link): Member | undefined {
    return this.#groupOf.get(link)?.members.get(link);
  }

  /**
   * Whether these plans hold already and no link that was refused would be let in now, as one of another medium is when the last
   * member has left: then there is nothing to do for them.
   */
  isPlanned(plans: readonly GroupPlan[]): boolean {
    const now = this.#planned;
    const waiting = [...this.groups.values()].some((group) => {
      const { refused, vanished, engine } = group;
      const isLetIn = (link: Link) => mayJoin(plumbCandidate(this.#ip, link, group, false), engine);
      return (vanished.size > 0 && group.isDiscovered) || [...refused.keys()].some(isLetIn);
    });
    return !waiting && now?.length === plans.length && plans.every((plan, n) => isSamePlan(plan, now[n]));
  }

  /** Makes the groups those of `plans`: who moves leaves first, then groups go, come and are renamed, then links join. */
  plan(wanted: readonly GroupPlan[], cause: string, now: Hrtime): void {
    this.#planned = wanted;
    const plans = this.#planRefusals.withoutClashes(wanted);
    const planned = new Map(plans.map((plan) => [plan.ifname, plan]));
    const byGroup = new Map(plans.map((plan) => [plan.rule.group, plan]));
    const planOf = (ifname: string, group: Group): GroupPlan | undefined => {
      const plan = planned.get(ifname);
      return isSameGroup(group, plan) ? plan : undefined;
    };
    for (const [ifname, group] of this.groups) {
      const plan = planOf(ifname, group);
      group.plan = plan ?? { ...group.plan, rule: { ...group.plan.rule, members: [] }, addresses: [] };
      if (!plan || group.isDiscovered) group.forgetVanished();
      this.#lookAgain(group);
    }
    this.#rules = plans.map(({ rule }) => rule);
    this.#rivals.follow(this.#rules);
    this.#planRefusals.announceLeftOut(plans);
    for (const link of this.#links) {
      const current = this.groupOf(link);
      const assigned = this.#assignment(link);
      const plan = assigned && byGroup.get(assigned.group);
      if (current?.plan.ifname !== plan?.ifname || (current && !isSameGroup(current, plan)))
        this.leave(link, cause, now);
    }
    for (const [ifname, group] of this.groups) {
      if (planOf(ifname, group)) continue;
      followDataAddresses(this.#ip, group, now);
      this.#table.remove(group, cause, now);
      this.dirty.delete(group);
    }
    this.#table.rename(plans, now);
    for (const plan of plans) {
      const added = this.groups.has(plan.ifname) ? undefined : this.#table.add(plan, cause, now);
      if (!added) continue;
      for (const label of added.vanished) if (!this.#mayMiss(added, label)) added.forgetVanished(label);
      this.dirty.add(added);
    }
    for (const group of this.groups.values()) followDataAddresses(this.#ip, group, now);
    for (const link of this.#links) this.reconcile(link, cause, now);
    for (const group of this.groups.values()) this.#countDeparted(group);
    this.#restoration.finish();
  }

  /** Tells the groups that follow the default routes what these are now; undefined where the system does not tell. */
  routesAre(routes: readonly Route[] | undefined): void {
    for (const group of this.groups.values()) {
      const followed = group.plan.followsRoutes ? routes : undefined;
      if (isDeepStrictEqual(group.routes, followed)) continue;
      group.routes = followed;
      this.dirty.add(group);
    }
  }

  /** Links that vanished are no longer expected: the operator has loaded the configuration again. */
  forgetVanished(): void {
    for (const group of this.groups.values()) {
      group.forgetVanished();
      this.#lookAgain(group);
    }
  }

  /** After a link appeared or changed: joins, leaves or moves it as the rules say about its present name. */
  reconcile(link: Link, cause: string, now: Hrtime): void {
    const wanted = this.#assignment(link);
    const current = this.groupOf(link);
    if (link.attributes.aggregate) {
      for (const group of this.groups.values()) if (group.plan.master === link) this.dirty.add(group);
    }
    if (current && current.name !== wanted?.group) this.leave(link, cause, now);
    this.#forgetRefusals(link, wanted?.group, now);
    this.#rivals.look(link, wanted?.group);
    const member = this.memberOf(link);
    if (member && current) {
      member.standby = wanted?.standby ?? false;
      current.changed();
    } else if (wanted) this.#join(link, wanted, cause, now);
  }

  /** Whether the rules keep a member of that name where it is. */
  wouldStay(link: Link, name: string): boolean {
    const current = this.groupOf(link);
    return current !== undefined && this.#assignment(link, name)?.group === current.name;
  }

  /** A member's kstat got another name and the member stays: its phyint follows. */
  renamed(link: Link): void {
    const group = this.groupOf(link);
    const member = group?.members.get(link);
    if (!group || !member) return;
    phyintRename(member.phyint, link.kstat.id.name);
    this.#lookAgain(group);
  }

  /** A link appeared: no group may have the ifIndex of a link of this host. */
  makeWay(link: Link, now: Hrtime): void {
    for (const group of this.#table.makeWay(link, now)) this.dirty.add(group);
  }

  /** Takes a link that is gone out of its group. Its kstat holds its last counters. */
  gone(link: Link, cause: string, now: Hrtime): void {
    const group = this.groupOf(link);
    const named = group && this.#assignment(link);
    if (group && named && !named.named) group.addVanished(link.label); // those that the rules name are expected anyway
    group?.changed();
    this.leave(link, cause, now);
    this.#forgetRefusals(link, undefined, now);
    this.#rivals.forget(link);
  }

  /** The link is no candidate any more, but for the group of that name. */
  #forgetRefusals(link: Link, candidateOf: string | undefined, now: Hrtime): void {
    for (const group of this.groups.values()) {
      if (group.refused.size > 0 && group.name !== candidateOf && group.refused.delete(link)) this.#changed(group, now);
    }
  }

  #assignment(link: Link, name = link.name): Assignment | undefined {
    const { source, ifindex } = link.id;
    const { loopback, masterIfindex, altNames } = link.attributes;
    return assign(this.#rules, { source, ifindex, name, loopback, masterIfindex, altNames });
  }

  /** Whether a member of an earlier run may be missed: the configuration of now may mean it for another group, or for none. */
  #mayMiss(group: Group, label: string): boolean {
    return group.isDiscovered || isAggregate(group.plan) || assignGone(this.#rules, label)?.group === group.name;
  }

  #join(link: Link, { group: name, standby }: Assignment, cause: string, now: Hrtime): void {
    const group = this.#table.named(name);
    if (!group) return;
    const phyint = plumbCandidate(this.#ip, link, group, standby);
    const errno = this.#ip.operation(now, () => setGroupName(this.#ip, phyint, name));
    if (errno !== 0) {
      const refused = refusal(errno, link);
      this.refusals.set(errno, (this.refusals.get(errno) ?? 0n) + 1n);
      const known = group.refused.get(link);
      group.refused.set(link, refused);
      this.#lookAgain(group);
      if (known?.errno !== errno || known.device !== refused.device) {
        this.#announce({ kind: "member-refused", group: name, device: link.label, errno, cause: refused.why });
      }
      return;
    }
    const saved = this.#restoration.claim(group.plan.ifname, link, {
      schema: link.schema,
      baseline: phyint.kstats0,
      departed: group.engine.kstats0,
    });
    if (!saved) beginAtEnslavement(link, group, phyint.kstats0);
    const member = new Member(link, phyint, standby, saved ? hrtime(saved.joinedAt) : now);
    member.offlined = saved?.offlined ?? false;
    member.flagsBefore = saved?.flags;
    member.probeFailure = saved?.probeFailure;
    group.refused.delete(link);
    group.forgetVanished(link.label);
    group.members.set(link, member);
    group.discards.joined(link);
    this.#groupOf.set(link, group);
    this.#changed(group, now);
    group.happened(link.label, `${link.label} joined: ${cause}`);
    this.#announce({ kind: "member-joined", group: name, device: link.label, ...link.id, cause });
  }

  /** Takes a link out of its group. The group keeps the member's share. */
  leave(link: Link, cause: string, now: Hrtime): void {
    const group = this.groupOf(link);
    const member = this.memberOf(link);
    if (!group || !member) return;
    if (member.state === "active") group.failovers.lose(link.label, now);
    this.#ip.operation(now, () => unplumbLink(member.phyint));
    group.members.delete(link);
    group.discards.left(link);
    this.#groupOf.delete(link);
    this.#changed(group, now);
    group.happened(link.label, `${link.label} left: ${cause}`);
    this.#announce({ kind: "member-left", group: group.name, device: link.label, ...link.id, cause });
  }

  #changed(group: Group, now: Hrtime): void {
    this.#membershipChanged = now;
    this.#lookAgain(group);
  }

  /** Something of a group is not as it was: what it has cached goes, and it is judged again. */
  #lookAgain(group: Group): void {
    group.changed();
    this.dirty.add(group);
  }

  /** Adds the share of members that left while the program was stopped, as last read, to the group. */
  #countDeparted(group: Group): void {
    const { kstats0 } = group.engine;
    const cause = "gone when the program started again";
    for (const { device, id, share } of this.#restoration.departed(group.plan.ifname)) {
      for (const [slot, carried] of share.entries()) kstats0[slot] = (kstats0[slot] ?? 0n) + carried;
      const released = isAggregate(group.plan) && [...this.#links].some(({ label }) => label === device);
      if (this.#mayMiss(group, device) && !released && !group.expected().has(device)) group.addVanished(device);
      group.changed();
      this.#announce({ kind: "member-left", group: group.name, device, ...id, cause });
    }
  }
}

/** Whether the plan is of that very group: a bond, or a group of the system, that was made anew under its name is another one. */
function isSameGroup(group: Group, plan: GroupPlan | undefined): boolean {
  if (plan === undefined || masterIfindexOf(plan) !== group.masterIfindex) return false;
  const { systemPlan } = group;
  return plan.system?.source === systemPlan?.source && plan.system?.crtime === systemPlan?.crtime;
}

/**
 * What a slave carries counts from its enslavement, as in the bond's own counter: a bond becomes a group a little later, when it
 * has been seen whole.
 */
function beginAtEnslavement({ enslaved, schema }: Link, group: Group, baseline: BigUint64Array): void {
  if (enslaved === undefined || enslaved.masterIfindex !== group.masterIfindex) return;
  for (const [slot, { name }] of NET_STATISTICS.entries()) {
    const position = schema.indexOf(name);
    if (position !== undefined) baseline[slot] = enslaved.counters[position] ?? 0n;
  }
}
