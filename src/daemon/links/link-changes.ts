/**
 * What a change of one link does: the link table of its source is kept up to date, the engine is told what a driver would tell it, groups
 * are planned anew where that may matter, and membership looks again at the link.
 */

import type { Ip } from "../../ip/ip.ts";
import { type Hrtime, hrtime } from "../../kstat/hrtime.ts";
import type { LinkAttributes } from "../../link/link-attributes.ts";
import { linkLabel } from "../../link/link-id.ts";
import { type CounterForm, SettledLink } from "../../settling/settled-link.ts";
import type { Transition } from "../../snapshot/event.ts";
import type { LinkState, Source } from "../../sources/source.ts";
import type { Membership } from "../groups/membership.ts";
import type { PlanReason } from "../groups/plan-schedule.ts";
import { bearsOnAggregates } from "../groups/planner.ts";
import { type CounterReadings, contextOf } from "./counter-readings.ts";
import { DriverNotes } from "./driver-notes.ts";
import type { Link } from "./link.ts";
import type { LinkAddresses } from "./link-addresses.ts";
import type { LinkTable } from "./link-table.ts";
import type { Restoration } from "./restoration.ts";
import { formOf } from "./resumed-links.ts";

export interface LinkChangesParts {
  readonly source: Source;
  readonly links: LinkTable;
  readonly membership: Membership;
  readonly restoration: Restoration;
  readonly ip: Ip;
  readonly counters: CounterReadings;
  readonly addresses: LinkAddresses;
  readonly announce: (transition: Transition) => void;
  /** The groups have to be planned anew. `cause` is a short sentence for people. */
  readonly planDue: (reason: PlanReason, cause: string) => void;
  /** Judges the groups that changed so far: called before a second change of a link hides the first. */
  readonly judge: (now: Hrtime) => void;
}

export class LinkChanges {
  readonly #source: Source;
  readonly #links: LinkTable;
  readonly #membership: Membership;
  readonly #restoration: Restoration;
  readonly #notes: DriverNotes;
  readonly #counters: CounterReadings;
  readonly #addresses: LinkAddresses;
  readonly #announce: (transition: Transition) => void;
  readonly #planDue: LinkChangesParts["planDue"];
  readonly #judge: LinkChangesParts["judge"];
  readonly #form: CounterForm;
  #changedAt: Hrtime;
  /** Members whose state may have changed since the groups were last judged. */
  readonly #unjudged = new Set<Link>();
  /** When changes were last fetched, and before that: what has been fetched happened between the two. */
  #fetchedAt: Hrtime;
  #fetchedBefore: Hrtime;

  constructor(parts: LinkChangesParts, now: Hrtime) {
    this.#source = parts.source;
    this.#links = parts.links;
    this.#membership = parts.membership;
    this.#restoration = parts.restoration;
    this.#notes = new DriverNotes(parts.ip, parts.membership);
    this.#counters = parts.counters;
    this.#addresses = parts.addresses;
    this.#announce = parts.announce;
    this.#planDue = parts.planDue;
    this.#judge = parts.judge;
    this.#form = formOf(parts.source);
    this.#changedAt = now;
    this.#fetchedAt = now;
    this.#fetchedBefore = now;
  }

  /** When the set of links, or a name among them, last changed. */
  get changedAt(): Hrtime {
    return this.#changedAt;
  }

  get #aggregatesChanged(): string {
    return this.#source.kind === "snmp" ? `LAGs of ${this.#source.name} changed` : "bonds or teams changed";
  }

  /** Changes have been fetched, and are told next. */
  fetched(now: Hrtime): void {
    this.#fetchedBefore = this.#fetchedAt;
    this.#fetchedAt = now;
    this.#unjudged.clear();
  }

  /** A list of all links: links that are not in it are gone. */
  listed(links: readonly LinkState[], now: Hrtime): void {
    const present = new Set(links.map(({ link }) => link.ifindex));
    for (const { ifindex } of [...this.#links]) if (!present.has(ifindex)) this.gone(ifindex, undefined, now);
    for (const { link, counters } of links) {
      this.answered(link.ifindex);
      this.seen(link, counters, now);
    }
  }

  /** A link appeared or changed. Its counters of that moment come first, so that who leaves takes along what it carried. */
  seen(
    attributes: LinkAttributes,
    counters: BigUint64Array | undefined,
    now: Hrtime,
    bits?: CounterForm["bits"],
  ): void {
    const link = this.#links.get(attributes.ifindex);
    if (link?.name !== attributes.name) this.#makeWay(attributes);
    if (bearsOnAggregates(link?.attributes, attributes)) this.#planDue("aggregates", this.#aggregatesChanged);
    if (link && attributes.hasDevice && link.attributes.masterIfindex !== attributes.masterIfindex)
      this.#planDue("routes", "a link has another master");
    if (link && attributes.hasDevice && !link.attributes.hasDevice) this.#planDue("links", "a link's device is known");
    this.#addresses.linkBecomes(link, attributes);
    if (!link) {
      const appeared = this.#add(attributes, counters ?? this.#counters.readOne(attributes.ifindex), now, bits);
      this.#membership.makeWay(appeared, now);
      this.#cameOrWent("link appeared", now);
      this.#membership.reconcile(appeared, "link appeared", now);
      return;
    }
    const before = link.attributes;
    const group = this.#membership.groupOf(link);
    this.#judgeBetween(link, before, attributes, now);
    if (counters) link.settled.atLeast(counters, contextOf(link, now));
    if (attributes.name !== before.name) this.#renamed(link, attributes, now);
    else this.#links.update(link, attributes, now);
    this.#notes.tell(link, before, now);
    this.#membership.reconcile(link, "link changed", now);
    if (group && this.#membership.groupOf(link) !== group) this.#planDue("members", "a link left its group");
  }

  /** A link vanished; `counters`: its last ones, where the system tells them. */
  gone(ifindex: number, counters: BigUint64Array | undefined, now: Hrtime): void {
    const link = this.#links.get(ifindex);
    if (!link) return;
    if (counters) link.settled.atLeast(counters, contextOf(link, now));
    else if (this.#membership.memberOf(link)) this.#counters.noticeReset(link.label, "vanished");
    this.#addresses.linkBecomes(link, undefined);
    this.#membership.gone(link, "link vanished", now);
    this.#links.delete(link);
    if (bearsOnAggregates(link.attributes, undefined)) this.#planDue("aggregates", this.#aggregatesChanged);
    this.#cameOrWent("link vanished", now);
  }

  /** Another speed is known of a link, in bits per second; undefined: it is no longer known. */
  speed(ifindex: number, speedBitsPerSecond: number | undefined, now: Hrtime): void {
    const link = this.#links.get(ifindex);
    if (link) this.#links.update(link, { ...link.attributes, speedBitsPerSecond }, now);
  }

  /** What the links of a system are that does not answer is not known: they are as last seen, until they count as failed. */
  unanswered(cause: string, failed: boolean, now: Hrtime): void {
    for (const link of [...this.#links]) {
      const { running } = link.attributes;
      link.unanswered = cause;
      if (link.attributes.operState === "unknown" && (!failed || !running)) continue;
      this.seen({ ...link.attributes, operState: "unknown", running: running && !failed }, undefined, now);
    }
  }

  /** The link is known again, after {@link unanswered}. */
  answered(ifindex: number): void {
    const link = this.#links.get(ifindex);
    if (link) link.unanswered = undefined;
  }

  #add(attributes: LinkAttributes, counters: BigUint64Array | undefined, now: Hrtime, bits = this.#form.bits): Link {
    const form = { ...this.#form, bits };
    const first = counters ?? new BigUint64Array(this.#links.schema.statistics.length);
    const restored = this.#restoration.link(this.#source.name, attributes, form, first);
    const reset = restored?.read(first, { at: now, speedBitsPerSecond: attributes.speedBitsPerSecond });
    const crtime = hrtime(this.#restoration.crtime(this.#source.name, attributes) ?? now);
    const link = this.#links.add(attributes, restored ?? new SettledLink(form, first, this.#fetchedBefore), crtime);
    if (reset) this.#counters.noticeReset(link.label, reset);
    return link;
  }

  /**
   * Two changes of one member's state within one drain are two transitions: the first is judged before the second is applied. Changes of
   * different links that come together are judged together.
   */
  #judgeBetween(link: Link, before: LinkAttributes, after: LinkAttributes, now: Hrtime): void {
    const changes =
      before.running !== after.running || before.adminUp !== after.adminUp || before.operState !== after.operState;
    if (!changes || !this.#membership.memberOf(link)) return;
    if (this.#unjudged.has(link)) {
      this.#judge(now);
      this.#unjudged.clear();
    }
    this.#unjudged.add(link);
  }

  /** If another link still holds this name (names were swapped), its kstat gets a placeholder until its own event arrives. */
  #makeWay({ name, ifindex }: LinkAttributes): void {
    const holder = this.#links.holderOf(name, ifindex);
    if (!holder) return;
    this.#links.setAside(holder);
    this.#membership.renamed(holder);
  }

  #renamed(link: Link, attributes: LinkAttributes, now: Hrtime): void {
    const from = link.label;
    this.#announce({
      kind: "link-renamed",
      device: linkLabel(link.id.source, attributes.name),
      from,
      cause: "renamed by the system",
    });
    const stays = this.#membership.wouldStay(link, attributes.name);
    if (!stays) this.#membership.leave(link, `renamed to ${attributes.name}`, now);
    this.#links.update(link, attributes, now);
    if (stays) this.#membership.renamed(link);
    this.#changedAt = now;
  }

  #cameOrWent(cause: string, now: Hrtime): void {
    this.#changedAt = now;
    this.#planDue("links", cause);
  }
}
