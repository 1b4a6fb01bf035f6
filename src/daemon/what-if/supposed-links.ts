/** The links as they would be if some things failed. Those that nothing would happen to are the daemon's own records, which nobody changes here. */

import { domainsOf, type FateSystem } from "../../fate/link-domains.ts";
import type { FailureDomain } from "../../fate/failure-domain.ts";
import { type Loss, type Losses, lossesOf } from "../../fate/lost-links.ts";
import type { LinkAttributes } from "../../link/link-attributes.ts";
import { Link } from "../links/link.ts";

export class SupposedLinks {
  readonly #failed: readonly FailureDomain[];
  readonly #systemOf: (source: string) => FateSystem;
  readonly #losses = new Map<string, Losses>();
  readonly #systems = new Map<string, FateSystem>();
  readonly #copies = new Map<Link, Link>();

  /** `systemOf`: the links of a source as they are. */
  constructor(failed: readonly FailureDomain[], systemOf: (source: string) => FateSystem) {
    this.#failed = failed;
    this.#systemOf = systemOf;
  }

  /** How it is lost; undefined where it is not. */
  lossOf({ id }: Link): Loss | undefined {
    return this.#lossesIn(id.source).links.get(id.ifindex);
  }

  /** Whether anything would be new about it. */
  isChanged({ id, attributes }: Link): boolean {
    const { links, elections } = this.#lossesIn(id.source);
    return links.has(id.ifindex) || elections.has(id.ifindex) || elections.has(attributes.masterIfindex ?? 0);
  }

  /** Whether its bond might choose it and does not tell whom it will. */
  isCandidate({ id, attributes }: Link): boolean {
    return (
      this.#lossesIn(id.source)
        .elections.get(attributes.masterIfindex ?? 0)
        ?.candidates.has(id.ifindex) === true
    );
  }

  of(link: Link): Link {
    if (!this.isChanged(link)) return link;
    let copy = this.#copies.get(link);
    if (!copy) {
      copy = copyOf(link, after(link.attributes, this.#lossesIn(link.id.source)));
      this.#copies.set(link, copy);
    }
    return copy;
  }

  /** What would take it down from then on. */
  domainsOf(link: Link): FailureDomain[] {
    const { source } = link.id;
    let system = this.#systems.get(source);
    if (!system) {
      const now = this.#systemOf(source);
      const losses = this.#lossesIn(source);
      system = { ...now, links: new Map([...now.links].map(([ifindex, link]) => [ifindex, after(link, losses)])) };
      this.#systems.set(source, system);
    }
    return domainsOf(this.of(link).attributes, system);
  }

  #lossesIn(source: string): Losses {
    let losses = this.#losses.get(source);
    if (!losses) {
      losses = lossesOf(this.#failed, this.#systemOf(source));
      this.#losses.set(source, losses);
    }
    return losses;
  }
}

function copyOf(link: Link, attributes: LinkAttributes): Link {
  const copy = new Link(link.id.source, attributes, link.settled, link.kstat);
  const { addresses, lastChange, enslaved, unanswered } = link;
  return Object.assign(copy, { addresses, lastChange, enslaved, unanswered });
}

function after(link: LinkAttributes, { links, elections }: Losses): LinkAttributes {
  const { ifindex, masterIfindex, port } = link;
  const election = elections.get(ifindex);
  const aggregate = election?.aggregate ?? link.aggregate;
  if (links.get(ifindex)?.showsInLink)
    return {
      ...link,
      running: false,
      operState: "down",
      speedBitsPerSecond: undefined,
      aggregate,
      port: port && { ...port, role: port.role && "backup", miiStatus: port.miiStatus && "down" },
    };
  if (election) return { ...link, aggregate, speedBitsPerSecond: election.speedBitsPerSecond };
  const told = elections.get(masterIfindex ?? 0)?.ports.get(ifindex);
  return told ? { ...link, port: told } : link;
}
