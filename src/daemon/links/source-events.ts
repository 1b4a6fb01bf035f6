/**
 * What the operating system says, taken in: events in their order, readings, addresses, routes. It keeps the table of links up
 * to date, tells the engine what a driver would tell it, and has the membership look again at whoever changed. What it cannot get
 * it leaves as it was.
 */

import { type Ip, illsOf } from "../../ip/ip.ts";
import { receiveNote, setPhysAddr } from "../../ip/link-notes.ts";
import { type Hrtime, hrtime } from "../../kstat/hrtime.ts";
import type { LinkAddress } from "../../link/link-address.ts";
import type { LinkAttributes } from "../../link/link-attributes.ts";
import { RESET_REASONS, type ResetReason } from "../../settling/reset-reason.ts";
import { type CounterForm, type ReadingContext, SettledLink } from "../../settling/settled-link.ts";
import type { Transition } from "../../snapshot/event.ts";
import type { DefaultRoute, LinkState, Source, SourceEvent } from "../../sources/source.ts";
import type { Membership } from "../groups/membership.ts";
import { bearsOnAggregates } from "../groups/planner.ts";
import type { Clock } from "../process/clock.ts";
import { DiscontinuityCounts } from "./discontinuity-counts.ts";
import type { Link, LinkTable } from "./link.ts";
import type { Restoration } from "./restoration.ts";

export interface SourceEventsParts {
  readonly source: Source;
  readonly clock: Clock;
  readonly links: LinkTable;
  readonly ip: Ip;
  readonly membership: Membership;
  readonly restoration: Restoration;
  readonly announce: (transition: Transition) => void;
}

export class SourceEvents {
  readonly #source: Source;
  readonly #clock: Clock;
  readonly #links: LinkTable;
  readonly #form: CounterForm;
  readonly #ip: Ip;
  readonly #membership: Membership;
  readonly #restoration: Restoration;
  readonly #announce: (transition: Transition) => void;
  readonly resets = new DiscontinuityCounts();
  /** Why the groups have to be planned anew at the end of this tick. */
  planDue: string | undefined;
  /** Whether the group of uplinks is a matter of the links that there are: no groups are configured. */
  followsLinks = true;
  /** Times that events were lost. */
  gaps = 0n;
  /** Times that the system would not answer. */
  refusals = 0;
  /** When the set of links, or a name among them, last changed. */
  linksChanged: Hrtime;
  #addressesDue = false;
  /** Why the system would not answer, until it does again. */
  #refusal: string | undefined;
  #routes: readonly DefaultRoute[] | undefined;
  /** When events were last drained, and before that: what has been drained happened between the two. */
  #drainedAt: Hrtime;
  #drainedBefore: Hrtime;

  constructor({ source, clock, links, ip, membership, restoration, announce }: SourceEventsParts) {
    const now = clock.now();
    this.#source = source;
    this.#clock = clock;
    this.#links = links;
    this.#form = { schema: source.schema, bits: source.counterBits ?? 64 };
    this.#ip = ip;
    this.#membership = membership;
    this.#restoration = restoration;
    this.#announce = announce;
    this.linksChanged = now;
    this.#drainedAt = now;
    this.#drainedBefore = now;
  }

  /** Takes in everything that happened since the last call, in its order. */
  drain(now: Hrtime): void {
    const news = this.#ask(() => this.#source.drain(), undefined);
    if (news) {
      this.#drainedBefore = this.#drainedAt;
      this.#drainedAt = now;
    }
    for (const event of news ?? []) this.#apply(event, now);
    if (this.#addressesDue) this.#readAddresses();
  }

  /** The default routes of now; those last seen, and another plan, when the system will not say. */
  defaultRoutes(cause: string): readonly DefaultRoute[] | undefined {
    const { refusals } = this;
    this.#routes = this.#ask(() => this.#source.defaultRoutes(), this.#routes);
    if (this.refusals !== refusals) this.planDue = cause;
    return this.#routes;
  }

  /** Says which members of an earlier run are no longer there: what they carried since it last looked is lost. */
  noticeVanished(): void {
    for (const device of this.#restoration.vanished(this.#links)) this.#noticeReset(device, "vanished");
  }

  /** Everything was answered: the next refusal is news again. */
  answered(): void {
    this.#refusal = undefined;
  }

  #apply(event: SourceEvent, now: Hrtime): void {
    switch (event.kind) {
      case "link":
        this.#linkSeen(event.link, event.counters, now);
        break;
      case "gone":
        this.#linkGone(event.ifindex, event.counters, now);
        break;
      case "resync":
        this.#resync(event.links, event.gap, now);
        break;
      case "routes":
        this.planDue ??= "default routes changed";
        break;
      case "addresses":
        this.#addressesDue = true;
        break;
      default:
        event satisfies never;
    }
  }

  /** A link appeared or changed. Its counters of that moment come first, so that who leaves takes along what it carried. */
  #linkSeen(attributes: LinkAttributes, counters: BigUint64Array | undefined, now: Hrtime): void {
    const link = this.#links.get(attributes.ifindex);
    if (link?.name !== attributes.name) this.#makeWay(attributes);
    if (bearsOnAggregates(link?.attributes, attributes)) this.planDue ??= "bonds or teams changed";
    if (!link) {
      const appeared = this.#add(attributes, counters ?? this.#readOne(attributes.ifindex), now);
      this.#linksCameOrWent("link appeared", now);
      this.#membership.reconcile(appeared, "link appeared", now);
      return;
    }
    if (counters) link.settled.atLeast(counters, contextOf(link, now));
    const before = link.attributes;
    if (attributes.name !== before.name) this.#renamed(link, attributes, now);
    else this.#links.update(link, attributes, now);
    this.#tellEngine(link, before, now);
    this.#membership.reconcile(link, "link changed", now);
  }

  #add(attributes: LinkAttributes, counters: BigUint64Array | undefined, now: Hrtime): Link {
    const first = counters ?? new BigUint64Array(this.#links.schema.statistics.length);
    const restored = this.#restoration.link(attributes, this.#form, first);
    const reset = restored?.read(first, { at: now, speedBitsPerSecond: attributes.speedBitsPerSecond });
    const crtime = hrtime(this.#restoration.crtime(attributes) ?? now);
    const link = this.#links.add(
      attributes,
      restored ?? new SettledLink(this.#form, first, this.#drainedBefore),
      crtime,
    );
    if (reset) this.#noticeReset(link.name, reset);
    return link;
  }

  /** Whoever is still known by that name keeps its counters under another until it is its turn. */
  #makeWay({ name, ifindex }: LinkAttributes): void {
    const holder = this.#links.holderOf(name, ifindex);
    if (!holder) return;
    this.#links.setAside(holder);
    this.#membership.renamed(holder);
  }

  #renamed(link: Link, attributes: LinkAttributes, now: Hrtime): void {
    const from = link.name;
    this.#announce({ kind: "link-renamed", device: attributes.name, from, cause: "renamed by the system" });
    const stays = this.#membership.wouldStay(link, attributes.name);
    if (!stays) this.#membership.leave(link, `renamed to ${attributes.name}`, now);
    this.#links.update(link, attributes, now);
    if (stays) this.#membership.renamed(link);
    this.linksChanged = now;
  }

  /** A member's news reach the engine the way a driver's would: as link notes. */
  #tellEngine(link: Link, before: LinkAttributes, now: Hrtime): void {
    const member = this.#membership.memberOf(link);
    const group = this.#membership.groupOf(link);
    if (!member || !group) return;
    const { name, running, mtu, lladdr } = link.attributes;
    if (mtu !== before.mtu) group.happened(name, `MTU of ${name} is ${mtu}`);
    if (lladdr !== before.lladdr) group.happened(name, `MAC of ${name} is ${lladdr}`);
    this.#ip.operation(now, () => {
      for (const ill of illsOf(member.phyint)) {
        if (running !== before.running)
          receiveNote(ill, { note: running ? "DL_NOTE_LINK_UP" : "DL_NOTE_LINK_DOWN", data: 0 });
        if (mtu !== before.mtu) receiveNote(ill, { note: "DL_NOTE_SDU_SIZE", data: mtu });
        if (lladdr !== before.lladdr) setPhysAddr(ill, lladdr);
      }
    });
    this.#membership.dirty.add(group);
  }

  #linkGone(ifindex: number, counters: BigUint64Array | undefined, now: Hrtime): void {
    const link = this.#links.get(ifindex);
    if (!link) return;
    if (counters) link.settled.atLeast(counters, contextOf(link, now));
    else if (this.#membership.memberOf(link)) this.#noticeReset(link.name, "vanished");
    this.#membership.gone(link, "link vanished", now);
    this.#links.delete(link);
    if (bearsOnAggregates(link.attributes, undefined)) this.planDue ??= "bonds or teams changed";
    this.#linksCameOrWent("link vanished", now);
  }

  /** Where the links themselves decide what the group of uplinks is, it has to be looked for again. */
  #linksCameOrWent(cause: string, now: Hrtime): void {
    this.linksChanged = now;
    if (this.followsLinks) this.planDue ??= cause;
  }

  /** The whole truth at once: who is missing is gone, who is there is seen. */
  #resync(links: readonly LinkState[], gap: string | undefined, now: Hrtime): void {
    if (gap !== undefined) {
      this.gaps++;
      this.#announce({ kind: "events-lost", cause: gap });
    }
    const present = new Set(links.map(({ link }) => link.ifindex));
    for (const { ifindex } of [...this.#links]) if (!present.has(ifindex)) this.#linkGone(ifindex, undefined, now);
    for (const { link, counters } of links) this.#linkSeen(link, counters, now);
    this.#addressesDue = true;
    this.planDue = gap === undefined ? "start" : "events were lost";
  }

  #readAddresses(): void {
    const refusals = this.refusals;
    const addresses = this.#ask(() => this.#source.addresses(), undefined);
    this.#addressesDue = this.refusals !== refusals;
    if (this.#addressesDue) return;
    const byLink = new Map<number, LinkAddress[]>();
    for (const address of addresses ?? []) {
      const others = byLink.get(address.ifindex);
      if (others) others.push(address);
      else byLink.set(address.ifindex, [address]);
    }
    for (const link of this.#links) {
      link.addresses = byLink.get(link.ifindex) ?? [];
      const group = this.#membership.groupOf(link);
      if (group) this.#membership.dirty.add(group);
    }
  }

  #readOne(wanted: number): BigUint64Array | undefined {
    let found: BigUint64Array | undefined;
    this.#ask(() => {
      this.#source.readCounters((ifindex, counters) => {
        if (ifindex === wanted) found = counters.slice();
      });
    }, undefined);
    return found;
  }

  /** Reads the counters of all links now. */
  readCounters(): void {
    const at = this.#clock.now();
    this.#ask(() => {
      this.#source.readCounters((ifindex, counters) => {
        const link = this.#links.get(ifindex);
        if (!link) return;
        const reset = link.settled.read(counters, contextOf(link, at));
        if (reset) this.#noticeReset(link.name, reset);
      });
    }, undefined);
  }

  /**
   * What the system does not answer now stays as it was last seen, and is asked for again at the next look. Said once per
   * cause, because a system without memory refuses many times a second.
   */
  #ask<T>(question: () => T, otherwise: T): T {
    try {
      return question();
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      this.refusals++;
      if (cause !== this.#refusal) this.#announce({ kind: "events-lost", cause });
      this.#refusal = cause;
      return otherwise;
    }
  }

  #noticeReset(device: string, reason: ResetReason): void {
    this.resets.count(device, reason);
    this.#announce({ kind: "counter-reset", device, reason, cause: RESET_REASONS[reason].cause });
  }
}

function contextOf({ attributes: { speedBitsPerSecond } }: Link, at: Hrtime): ReadingContext {
  return { at, speedBitsPerSecond };
}
