/** Which groups there are to be: those of the configuration, bonds and teams, LAGs of devices, and the host's uplinks. */

import type { Configuration, DiscoveryConfiguration, SourceConfiguration } from "../../config/configuration.ts";
import type { LinkAttributes } from "../../link/link-attributes.ts";
import { LOCAL } from "../../link/link-id.ts";
import { aggregateRule, findAggregates, findLags } from "../../membership/aggregates.ts";
import { DEFAULT_GROUP, type Uplinks, defaultGroupRule, findUplinks } from "../../membership/default-route.ts";
import { countedTwice } from "../../membership/counted-twice.ts";
import { assign, type GroupRule } from "../../membership/rule.ts";
import type { DefaultRoute } from "../../sources/source.ts";
import { lagGroupName } from "./lag-group-name.ts";
import type { Link } from "../links/link.ts";
import type { LinkTable } from "../links/link-table.ts";
import type { Links } from "../links/links.ts";
import type { GroupPlan, Refusal } from "./group-plan.ts";

/** The groups that systems have themselves. */
export interface SystemPlans {
  readonly told: readonly GroupPlan[];
  /** This host is such a system: it gets no group for want of others. */
  readonly isEnough: boolean;
}

const NO_SYSTEM: SystemPlans = { told: [], isEnough: false };

/** Remembers which uplinks were found before, because a link that fails loses its routes. */
export class Planner {
  #uplinks: Uplinks | undefined;
  #forgetsWithdrawn = false;
  /** Bonds and teams by ifindex, with the name under which each became a group: its meta-interface's for life. */
  readonly #aggregates = new Map<number, string>();
  /** Names of the LAGs that are groups, by device. */
  readonly #lags = new Map<string, ReadonlySet<string>>();

  /** `uplinks`: those that an earlier run on the same system found. */
  constructor(uplinks: Uplinks | undefined) {
    this.#uplinks = uplinks;
  }

  /** At the next plan uplinks that work and that no route uses go: the operator has loaded the configuration again. */
  forgetWithdrawn(): void {
    this.#forgetsWithdrawn = true;
  }

  /** As last found. */
  get uplinks(): Uplinks | undefined {
    return this.#uplinks;
  }

  /**
   * The plans now. `routes` is undefined when the system does not tell them. `system` are the
   * groups that systems have themselves.
   */
  plan(
    configuration: Configuration,
    all: Links,
    routes: readonly DefaultRoute[] | undefined,
    system: SystemPlans = NO_SYSTEM,
  ): GroupPlan[] {
    const links = all.local;
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
    const lags = all.tables.flatMap((table) => this.#planLags(table, configured));
    const named = [...configured, ...aggregates, ...lags, ...system.told];
    const isTaken = named.some(({ rule, ifname }) => rule.group === DEFAULT_GROUP || ifname === DEFAULT_GROUP);
    if (!configuration.discovery.defaultRoutes || isTaken || system.isEnough) return named;
    // Where LAGs of devices are groups, those of a device that has not answered yet are still to come.
    const fallback = named.length === 0 && !configuration.sources.some(discoversLags);
    if (!fallback && this.#uplinks?.source === "default") this.#uplinks = undefined; // it was for want of a better group
    this.#uplinks = findUplinks(
      {
        routes: routes ?? [],
        links: Array.from(links ?? [], ({ attributes }) => attributes),
      },
      this.#uplinks,
      { fallback, keepWithdrawn: !this.#forgetsWithdrawn },
    );
    this.#forgetsWithdrawn = false;
    const plan = this.#uplinks && defaultPlan(this.#uplinks, probes, links);
    return plan && !isTakenUp(plan, named, links) ? [...named, plan] : named;
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

  /** The LAGs of a device. A port that a configured group has counts there, and this group goes without it. */
  #planLags(links: LinkTable, configured: readonly GroupPlan[]): GroupPlan[] {
    const { source } = links;
    if (source === LOCAL) return [];
    const known = this.#lags.get(source) ?? new Set();
    const lags = findLags(
      Array.from(links, ({ attributes }) => attributes),
      known,
    );
    this.#lags.set(source, new Set(lags.map(({ name }) => name)));
    const plans = lags.map(({ ifindex, name }): GroupPlan => {
      const group = lagGroupName(source, name);
      const rule = aggregateRule(group, ifindex, source);
      const master = lagLink(links, ifindex);
      const mode = master?.attributes.aggregate?.mode ?? "lag";
      const leftOut = takenBefore(rule, configured, links);
      return {
        rule,
        ifname: group,
        source: "lag",
        mode,
        ...(master ? { master } : {}),
        ...(leftOut.length > 0 ? { leftOut } : {}),
        addresses: [],
        minActive: 1,
        probed: false,
      };
    });
    return plans.filter((plan) => !isTakenUp(plan, configured, links));
  }
}

function discoversLags(source: SourceConfiguration): boolean {
  return source.kind === "snmp" && source.discoversLags;
}

/** The LAG's own link, once the device has told that it is one. */
function lagLink(links: LinkTable, ifindex: number): Link | undefined {
  const link = links.get(ifindex);
  return link?.attributes.aggregate ? link : undefined;
}

/** Links that would be members, and belong to a group before it. */
function takenBefore(rule: GroupRule, before: readonly GroupPlan[], links: LinkTable): Refusal[] {
  const rules = before.map((plan) => plan.rule);
  return Array.from(links).flatMap(({ id, attributes, label }): Refusal[] => {
    const candidate = { ...attributes, source: id.source };
    const other = assign([rule], candidate) && assign(rules, candidate);
    return other ? [{ device: label, errno: "EBUSY", why: `it is a member of the group ${other.group}` }] : [];
  });
}

/** Whether links would be its members and every one belongs to a group before it: it would be empty, and failed from the start. */
function isTakenUp({ rule }: GroupPlan, before: readonly GroupPlan[], links: LinkTable | undefined): boolean {
  const rules = before.map((plan) => plan.rule);
  const candidates = Array.from(links ?? [], ({ id, attributes }) => ({ ...attributes, source: id.source }));
  const own = candidates.filter((candidate) => assign([rule], candidate) !== undefined);
  return own.length > 0 && own.every((candidate) => assign(rules, candidate) !== undefined);
}

function defaultPlan(uplinks: Uplinks, probed: boolean, links: LinkTable | undefined): GroupPlan {
  const twice = countedTwice(
    uplinks.members,
    Array.from(links ?? [], ({ attributes }) => attributes),
  );
  const nameOf = (ifindex: number) => links?.get(ifindex)?.label ?? `link ${ifindex}`;
  const left = new Set(twice.map(({ ifindex }) => ifindex));
  return {
    rule: defaultGroupRule(uplinks.members.filter((ifindex) => !left.has(ifindex))),
    leftOut: twice.map(({ ifindex, by }) => ({
      device: nameOf(ifindex),
      errno: "EBUSY",
      why: `its traffic is counted by ${nameOf(by)}, which is a member`,
    })),
    ifname: DEFAULT_GROUP,
    source: uplinks.source,
    mode: uplinks.rank === 1 ? "ecmp" : "set",
    ...(uplinks.rank === 3 ? {} : { followsRoutes: true }),
    addresses: [],
    minActive: 1,
    probed,
  };
}

/** Whether what is new about a link bears on which bonds, teams and LAGs are groups, or what they are called. */
export function bearsOnAggregates(before: LinkAttributes | undefined, after: LinkAttributes | undefined): boolean {
  return aggregateNews(before) !== aggregateNews(after);
}

function aggregateNews(link: LinkAttributes | undefined): string {
  const { aggregate, port } = link ?? {};
  const part = port && [link?.masterIfindex, link?.masterName];
  return JSON.stringify([aggregate && [link?.name, link?.adminUp, aggregate.mode], part]);
}
