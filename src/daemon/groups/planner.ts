/** Which groups there are to be: those of the configuration, bonds and teams, and the host's uplinks. */

import type { Configuration, DiscoveryConfiguration } from "../../config/configuration.ts";
import type { LinkAttributes } from "../../link/link-attributes.ts";
import { aggregateRule, findAggregates } from "../../membership/aggregates.ts";
import {
  countedTwice,
  DEFAULT_GROUP,
  type DefaultGroup,
  defaultGroupRule,
  findDefaultGroup,
} from "../../membership/default-route.ts";
import { assign } from "../../membership/rule.ts";
import type { DefaultRoute } from "../../sources/source.ts";
import type { LinkTable } from "../links/link.ts";
import type { GroupPlan } from "./group.ts";

/** The groups that systems have themselves. */
export interface SystemPlans {
  readonly told: readonly GroupPlan[];
  /** This host is such a system: it gets no group for want of others. */
  readonly isEnough: boolean;
}

const NO_SYSTEM: SystemPlans = { told: [], isEnough: false };

/** Remembers which uplinks were found before, because a link that fails loses its routes. */
export class Planner {
  #found: DefaultGroup | undefined;
  #forgetsWithdrawn = false;
  /** Bonds and teams by ifindex, with the name under which each became a group: its meta-interface's for life. */
  readonly #aggregates = new Map<number, string>();

  /** `found`: by an earlier run on the same system. */
  constructor(found: DefaultGroup | undefined) {
    this.#found = found;
  }

  /** At the next plan uplinks that work and that no route uses go: the operator has loaded the configuration again. */
  forgetWithdrawn(): void {
    this.#forgetsWithdrawn = true;
  }

  get found(): DefaultGroup | undefined {
    return this.#found;
  }

  /**
   * The plans now. `links` are those of this host; `routes` is undefined when the system does not tell them. `system` are the
   * groups that systems have themselves.
   */
  plan(
    configuration: Configuration,
    links: LinkTable | undefined,
    routes: readonly DefaultRoute[] | undefined,
    system: SystemPlans = NO_SYSTEM,
  ): GroupPlan[] {
    const probes = configuration.detection.probes.enabled;
    const configured = configuration.groups.map(
      (group): GroupPlan => ({
        rule: { group: group.name, members: group.members },
        ifname: group.ifname,
        source: "configuration",
        mode: "ipmp",
        addresses: group.addresses,
        minActive: group.minActive,
        probed: group.probes ?? probes,
      }),
    );
    const aggregates = this.#planAggregates(configuration.discovery, links).filter(
      (plan) => !isTakenUp(plan, configured, links),
    );
    const named = [...configured, ...aggregates, ...system.told];
    const isTaken = named.some(({ rule, ifname }) => rule.group === DEFAULT_GROUP || ifname === DEFAULT_GROUP);
    if (!configuration.discovery.defaultRoutes || isTaken || system.isEnough) return named;
    const fallback = named.length === 0;
    if (!fallback && this.#found?.source === "default") this.#found = undefined; // it was for want of a better group
    this.#found = findDefaultGroup(
      {
        routes: routes ?? [],
        links: Array.from(links ?? [], ({ attributes }) => attributes),
      },
      this.#found,
      { fallback, keepWithdrawn: !this.#forgetsWithdrawn },
    );
    this.#forgetsWithdrawn = false;
    const uplinks = this.#found && defaultPlan(this.#found, probes, links);
    return uplinks && !isTakenUp(uplinks, named, links) ? [...named, uplinks] : named;
  }

  #planAggregates({ bonds, teams }: DiscoveryConfiguration, links: LinkTable | undefined): GroupPlan[] {
    const attributes = Array.from(links ?? [], (link) => link.attributes);
    const found = findAggregates(attributes, { bond: bonds, team: teams }, new Set(this.#aggregates.keys()));
    const there = new Set(found.map(({ ifindex }) => ifindex));
    for (const ifindex of this.#aggregates.keys()) if (!there.has(ifindex)) this.#aggregates.delete(ifindex);
    return found.flatMap(({ ifindex, name, aggregate }) => {
      const master = links?.get(ifindex);
      if (!master || !aggregate) return [];
      const ifname = this.#aggregates.get(ifindex) ?? name;
      this.#aggregates.set(ifindex, ifname);
      const { kind, mode = kind } = aggregate;
      const rule = aggregateRule(name, ifindex);
      // A slave has no address to send from: the bond's own monitor looks after it.
      return [{ rule, ifname, source: kind, mode, master, addresses: [], minActive: 1, probed: false }];
    });
  }
}

/** Whether links would be its members and every one belongs to a group before it: it would be empty, and failed from the start. */
function isTakenUp({ rule }: GroupPlan, before: readonly GroupPlan[], links: LinkTable | undefined): boolean {
  const rules = before.map((plan) => plan.rule);
  const candidates = Array.from(links ?? [], ({ id, attributes }) => ({ ...attributes, source: id.source }));
  const own = candidates.filter((candidate) => assign([rule], candidate) !== undefined);
  return own.length > 0 && own.every((candidate) => assign(rules, candidate) !== undefined);
}

function defaultPlan(found: DefaultGroup, probed: boolean, links: LinkTable | undefined): GroupPlan {
  const twice = countedTwice(
    found.members,
    Array.from(links ?? [], ({ attributes }) => attributes),
  );
  const nameOf = (ifindex: number) => links?.get(ifindex)?.label ?? `link ${ifindex}`;
  const left = new Set(twice.map(({ ifindex }) => ifindex));
  return {
    rule: defaultGroupRule(found.members.filter((ifindex) => !left.has(ifindex))),
    leftOut: twice.map(({ ifindex, by }) => ({
      device: nameOf(ifindex),
      errno: "EBUSY",
      why: `its traffic is counted by ${nameOf(by)}, which is a member`,
    })),
    ifname: DEFAULT_GROUP,
    source: found.source,
    mode: found.rank === 1 ? "ecmp" : "set",
    ...(found.rank === 3 ? {} : { followsRoutes: true }),
    addresses: [],
    minActive: 1,
    probed,
  };
}

/** Whether what is new about a link bears on which bonds and teams are groups, or what they are called. */
export function bearsOnAggregates(before: LinkAttributes | undefined, after: LinkAttributes | undefined): boolean {
  return aggregateNews(before) !== aggregateNews(after);
}

function aggregateNews(link: LinkAttributes | undefined): string {
  const { aggregate, port } = link ?? {};
  return JSON.stringify([aggregate && [link?.name, link?.adminUp, aggregate.mode], port && link?.masterIfindex]);
}
