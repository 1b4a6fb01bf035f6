/** Which links are lost when things fail, and how anybody would notice. */

import type { AggregateAttributes } from "../link/aggregate.ts";
import type { LinkAttributes } from "../link/link-attributes.ts";
import { linkBelow } from "../link/stacked.ts";
import { type Election, electionOf } from "./bond-election.ts";
import { type FailureDomain, isSameDomain } from "./failure-domain.ts";
import { type FateSystem, ownDomainsOf } from "./link-domains.ts";

export interface Loss {
  readonly cause: FailureDomain;
  /** The link loses its carrier. Otherwise it stays up, and nothing gets through. */
  readonly showsInLink: boolean;
}

export interface Losses {
  /** By ifindex. */
  readonly links: ReadonlyMap<number, Loss>;
  /** What each bond or team that has lost a port does, by ifindex. */
  readonly elections: ReadonlyMap<number, Election>;
}

type Aggregate = LinkAttributes & { readonly aggregate: AggregateAttributes };

/** Kinds whose carrier is that of the link below (netif_stacked_transfer_operstate). A tunnel stays up whatever it is bound to. */
const FOLLOWS_CARRIER: ReadonlySet<string | undefined> = new Set([
  ...["vlan", "macvlan", "macvtap", "ipvlan", "ipvtap", "macsec", "dsa"],
]);

export function lossesOf(failed: readonly FailureDomain[], system: FateSystem): Losses {
  const all = [...system.links.values()];
  const links = new Map<number, Loss>();
  for (const link of all) {
    const own = ownDomainsOf(link, system);
    const cause = failed.find((domain) => own.some((other) => isSameDomain(domain, other)));
    if (cause) links.set(link.ifindex, { cause, showsInLink: cause.kind !== "gateway" });
  }
  if (links.size === 0) return { links, elections: new Map() };
  const masters = all.filter(isAggregate).map((master) => ({
    master,
    ports: all.filter(({ masterIfindex }) => masterIfindex === master.ifindex),
  }));
  // A loss goes up from link to link, as often as links lie on each other.
  for (let before = -1; before !== links.size; ) {
    before = links.size;
    const lose = ({ ifindex }: LinkAttributes, loss: Loss | undefined): void => {
      if (loss && !links.has(ifindex)) links.set(ifindex, loss);
    };
    for (const link of all) lose(link, fromBelow(link, links));
    for (const { master, ports } of masters) lose(master, fromPorts(master, ports, links));
  }
  const touched = masters.filter(({ ports }) => ports.some(({ ifindex }) => links.has(ifindex)));
  const elections = touched.map(({ master, ports }) => [master.ifindex, elect(master, ports, links)] as const);
  return { links, elections: new Map(elections) };
}

function elect(master: Aggregate, ports: readonly LinkAttributes[], links: ReadonlyMap<number, Loss>): Election {
  return electionOf(master, ports, (ifindex) => links.has(ifindex));
}

/** A bond that is left without ports loses its carrier, unless it watches nothing: then it only carries nothing. */
function fromPorts(
  master: Aggregate,
  ports: readonly LinkAttributes[],
  links: ReadonlyMap<number, Loss>,
): Loss | undefined {
  const cause = ports.flatMap(({ ifindex }) => links.get(ifindex)?.cause ?? [])[0];
  if (cause === undefined) return undefined;
  const election = elect(master, ports, links);
  if (master.running && !election.running) return { cause, showsInLink: true };
  return election.ports.size === 0 ? { cause, showsInLink: false } : undefined;
}

/** The router of a link is nothing to what lies on it: that has routes of its own. */
function fromBelow(link: LinkAttributes, links: ReadonlyMap<number, Loss>): Loss | undefined {
  const loss = links.get(linkBelow(link) ?? 0);
  if (loss === undefined || loss.cause.kind === "gateway") return undefined;
  return { ...loss, showsInLink: loss.showsInLink && FOLLOWS_CARRIER.has(link.kind) };
}

function isAggregate(link: LinkAttributes): link is Aggregate {
  return link.aggregate !== undefined;
}
