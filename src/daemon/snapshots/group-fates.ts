/**
 * What the members of each group share, from what links and routes are now. Worked out when a snapshot is made, and kept until a member's
 * state, the routers, or what links tell of their domains has changed: a scrape works nothing out, nor does a link that goes up and down.
 */

import { isDeepStrictEqual } from "node:util";
import type { Configuration } from "../../config/configuration.ts";
import type { FailureDomain } from "../../fate/failure-domain.ts";
import { fateOf } from "../../fate/group-fate.ts";
import { isCalled } from "../../fate/named-domain.ts";
import { domainsOf, type FateSystem, type Gateway, tellSameDomains } from "../../fate/link-domains.ts";
import { LOCAL, linkLabel } from "../../link/link-id.ts";
import type { FateSnapshot } from "../../snapshot/snapshot.ts";
import type { DefaultRoute } from "../../sources/source.ts";
import type { Group } from "../groups/group.ts";
import type { Link } from "../links/link.ts";
import type { Links } from "../links/links.ts";

/** What the configuration accepts, and why. */
interface Acceptance {
  readonly reason: string;
  readonly fits: (group: string, domain: FailureDomain) => boolean;
}

function acceptance({ group, kind, domain, reason }: Configuration["sharedFate"][number]): Acceptance {
  return {
    reason,
    fits: (name, found) =>
      kind === found.kind &&
      (group === undefined || group === name) &&
      (domain === undefined || isCalled({ ...found, aliases: [found.called ?? []].flat() }, domain)),
  };
}

export class GroupFates {
  readonly #links: Links;
  #accepted: readonly Acceptance[];
  #gateways: readonly Gateway[] = [];
  /** By name of the source. */
  readonly #systems = new Map<string, FateSystem>();
  /** Links may have changed since the systems were made. */
  #isDue = false;
  #domains = new WeakMap<Link, readonly FailureDomain[]>();
  #fates = new WeakMap<Group, FateSnapshot>();

  constructor(links: Links, accepted: Configuration["sharedFate"]) {
    this.#links = links;
    this.#accepted = accepted.map(acceptance);
  }

  configure(accepted: Configuration["sharedFate"]): void {
    this.#accepted = accepted.map(acceptance);
    this.#fates = new WeakMap();
  }

  /** The default routes of this host. */
  routesAre(routes: readonly DefaultRoute[]): void {
    const gateways = routes.flatMap(({ family, metric, nextHops }) =>
      nextHops.flatMap(({ ifindex, gateway, gatewayLladdr }) =>
        gateway === undefined ? [] : [{ ifindex, family, metric, address: gateway, lladdr: gatewayLladdr }],
      ),
    );
    if (isDeepStrictEqual(gateways, this.#gateways)) return;
    this.#gateways = gateways;
    this.#systems.clear();
    this.#forget();
  }

  /** Links may have changed, or come or gone. */
  linksChanged(): void {
    this.#isDue = true;
  }

  /** A member may be usable that was not, or the other way. */
  membersChanged(group: Group): void {
    this.#fates.delete(group);
  }

  domainsOf(link: Link): readonly FailureDomain[] {
    this.#lookAtLinks();
    let domains = this.#domains.get(link);
    if (!domains) {
      domains = domainsOf(link.attributes, this.systemOf(link.id.source));
      this.#domains.set(link, domains);
    }
    return domains;
  }

  of(group: Group): FateSnapshot {
    this.#lookAtLinks();
    let fate = this.#fates.get(group);
    if (!fate) {
      const usable = group.membersByDevice().filter((member) => group.isReadyToUse(member));
      fate = this.fateOf(
        group.name,
        usable.map(({ link }) => this.domainsOf(link)),
      );
      this.#fates.set(group, fate);
    }
    return fate;
  }

  /** What a group of that name has in common when its usable members have these domains. */
  fateOf(group: string, members: readonly (readonly FailureDomain[])[]): FateSnapshot {
    const { shared, survives } = fateOf(members);
    const reasonOf = (domain: FailureDomain) => this.#accepted.find(({ fits }) => fits(group, domain))?.reason;
    return { shared: shared.map((domain) => ({ ...domain, accepted: reasonOf(domain) })), survives };
  }

  /** The links of a source, and what is told of them together. */
  systemOf(source: string): FateSystem {
    this.#lookAtLinks();
    let system = this.#systems.get(source);
    if (!system) {
      const isHere = source === LOCAL;
      const table = this.#links.of(source);
      system = {
        chassis: isHere ? undefined : source,
        links: new Map(Array.from(table ?? [], ({ ifindex, attributes }) => [ifindex, attributes])),
        gateways: isHere ? this.#gateways : [],
        labelOf: ({ name }) => linkLabel(source, name),
      };
      this.#systems.set(source, system);
    }
    return system;
  }

  /** Makes the systems anew where links may have changed; the domains only where links tell of others. */
  #lookAtLinks(): void {
    if (!this.#isDue) return;
    this.#isDue = false;
    const before = [...this.#systems];
    this.#systems.clear();
    if (!before.every(([source, { links }]) => tellSameDomains(links, this.systemOf(source).links))) this.#forget();
  }

  #forget(): void {
    this.#domains = new WeakMap();
    this.#fates = new WeakMap();
  }
}
