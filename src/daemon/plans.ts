/** Which groups there are to be: those of the configuration, and the host's uplinks. */

import type { Configuration } from "../config/configuration.ts";
import { DEFAULT_GROUP, type DefaultGroup, defaultGroupRule, findDefaultGroup } from "../membership/default-route.ts";
import type { DefaultRoute } from "../sources/source.ts";
import type { GroupPlan } from "./group.ts";
import type { LinkTable } from "./link.ts";

/** Keeps what was found before, because a link that fails takes its routes with it. */
export class Planner {
  #found: DefaultGroup | undefined;

  /** `found`: by an earlier run on the same system. */
  constructor(found: DefaultGroup | undefined) {
    this.#found = found;
  }

  get found(): DefaultGroup | undefined {
    return this.#found;
  }

  /** The plans now. `routes` is undefined when the system does not tell them. */
  plan(configuration: Configuration, links: LinkTable, routes: readonly DefaultRoute[] | undefined): GroupPlan[] {
    const configured = configuration.groups.map(
      (group): GroupPlan => ({
        rule: { group: group.name, members: group.members },
        ifname: group.ifname,
        source: "configuration",
        mode: "ipmp",
        addresses: group.addresses,
        minActive: group.minActive,
      }),
    );
    const isTaken = configuration.groups.some(({ name, ifname }) => name === DEFAULT_GROUP || ifname === DEFAULT_GROUP);
    if (!configuration.discovery.defaultRoutes || isTaken) return configured;
    this.#found = findDefaultGroup(
      {
        routes: (routes ?? []).map(({ nextHops }) => nextHops.map(({ ifindex }) => ifindex)),
        links: Array.from(links, ({ attributes }) => attributes),
      },
      this.#found,
      configuration.groups.length === 0,
    );
    return this.#found ? [...configured, defaultPlan(this.#found)] : configured;
  }
}

function defaultPlan(found: DefaultGroup): GroupPlan {
  return {
    rule: defaultGroupRule(found),
    ifname: DEFAULT_GROUP,
    source: found.source,
    mode: found.rank === 3 ? "set" : "ecmp",
    addresses: [],
    minActive: 1,
  };
}
