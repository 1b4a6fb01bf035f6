/**
 * Applies what one source says, in order: events, readings, addresses, routes. It keeps the source's link table up to date, tells the
 * engine what a driver would tell it, and has membership look again at each link that changed. What a source does not answer stays
 * as it was last seen, and is asked for again.
 */

import type { Ip } from "../../ip/ip.ts";
import { type Hrtime, hrtime } from "../../kstat/hrtime.ts";
import type { LinkAttributes } from "../../link/link-attributes.ts";
import { linkLabel } from "../../link/link-id.ts";
import { type CounterForm, SettledLink } from "../../settling/settled-link.ts";
import { AT_START, type Transition } from "../../snapshot/event.ts";
import type { DefaultRoute, LinkState, Source, SourceEvent } from "../../sources/source.ts";
import type { Membership } from "../groups/membership.ts";
import { bearsOnAggregates } from "../groups/planner.ts";
import type { SystemGroups } from "../groups/system-groups.ts";
import type { Clock } from "../process/clock.ts";
import { CounterReadings, contextOf } from "./counter-readings.ts";
import { DriverNotes } from "./driver-notes.ts";
import type { Link } from "./link.ts";
import type { LinkTable } from "./link-table.ts";
import { LinkAddresses } from "./link-addresses.ts";
import { PollCounts } from "./poll-counts.ts";
import { type Answer, Questions } from "./questions.ts";
import type { Restoration } from "./restoration.ts";
import { formOf, resumeLinks } from "./resumed-links.ts";

/** Why the groups have to be planned anew. */
export type PlanReason =
  /** A link appeared, vanished, or has its device: that is looked for by its name, which it may have given up meanwhile. */
  | "links"
  /** A bond or a team, or what belongs to one. */
  | "aggregates"
  /** A link is there and no member any more: who was refused for its sake may join. */
  | "members"
  | "routes"
  /** All links were listed: at the start, or because events were lost. */
  | "resync";

/** After which a link, or the set of links, may be other than before. */
const CONCERNS_LINKS: ReadonlySet<SourceEvent["kind"]> = new Set(["link", "gone", "resync", "unreachable", "speed"]);

export interface SourceEventsParts {
  readonly source: Source;
  readonly clock: Clock;
  readonly links: LinkTable;
  readonly ip: Ip;
  readonly membership: Membership;
  readonly systemGroups: SystemGroups;
  readonly restoration: Restoration;
  readonly announce: (transition: Transition) => void;
  /** The groups have to be planned anew. `cause` is a short sentence for people. */
  readonly planDue: (reason: PlanReason, cause: string) => void;
  /** Judges the groups that changed so far: called before a second change of a link hides the first. */
  readonly judge: (now: Hrtime) => void;
  /** Links may have changed. */
  readonly linksChanged: () => void;
  /** Other addresses of the links may be usable. */
  readonly addressesChanged: () => void;
}

export class SourceEvents {
  readonly #source: Source;
  readonly #clock: Clock;
  readonly #links: LinkTable;
  readonly #form: CounterForm;
  readonly #notes: DriverNotes;
  readonly #membership: Membership;
  readonly #systemGroups: SystemGroups;
  readonly #restoration: Restoration;
  readonly #announce: (transition: Transition) => void;
  readonly #planDue: SourceEventsParts["planDue"];
  readonly #judge: SourceEventsParts["judge"];
  readonly #tellLinksChanged: SourceEventsParts["linksChanged"];
  readonly #tellAddressesChanged: SourceEventsParts["addressesChanged"];
  /** What the links have counted. */
  readonly counters: CounterReadings;
  /** Polls that the source made by itself. */
  readonly polls = new PollCounts();
  #gaps = 0n;
  #linksChangedAt: Hrtime;
  #isListed = false;
  #applied = 0;
  readonly #questions: Questions;
  readonly #addresses: LinkAddresses;
  #routes: readonly DefaultRoute[] | undefined;
  /** Members whose state may have changed since the groups were last judged. */
  readonly #unjudged = new Set<Link>();
  /** When events were last drained, and before that: what has been drained happened between the two. */
  #drainedAt: Hrtime;
  #drainedBefore: Hrtime;

  constructor(parts: SourceEventsParts) {
    const { source, clock, links, ip, membership, systemGroups, restoration } = parts;
    const { announce, planDue, judge, linksChanged, addressesChanged } = parts;
    const now = clock.now();
    this.#source = source;
    this.#clock = clock;
    this.#links = links;
    this.#form = formOf(source);
    this.#notes = new DriverNotes(ip, membership);
    this.#membership = membership;
    this.#systemGroups = systemGroups;
    this.#restoration = restoration;
    this.#announce = announce;
    this.#planDue = planDue;
    this.#judge = judge;
    this.#tellLinksChanged = linksChanged;
    this.#tellAddressesChanged = addressesChanged;
    this.#questions = new Questions(source.name, announce);
    this.counters = new CounterReadings({ source, clock, links, membership, questions: this.#questions, announce });
    this.#addresses = new LinkAddresses(source, this.#questions, links, membership);
    this.#linksChangedAt = now;
    this.#drainedAt = now;
    this.#drainedBefore = now;
    resumeLinks(source, links, restoration);
  }

  /** Times that events were lost. */
  get gaps(): bigint {
    return this.#gaps;
  }

  /** When the set of links, or a name among them, last changed. */
  get linksChangedAt(): Hrtime {
    return this.#linksChangedAt;
  }

  /** Whether the source has told all of its links: a first list that was interrupted leaves some to be told later. */
  get isListed(): boolean {
    return this.#isListed;
  }

  /** Whether everything asked since the beginning of the last drain was answered; of a source that polls, its last poll. */
  get outcome(): Answer<void> {
    return this.#questions.outcome;
  }

  /** Another number whenever links or counters may be others than before. */
  get changes(): number {
    return this.#applied + Number(this.counters.reads);
  }

  /** Whether the system has IPMP groups of its own, so that it needs none made of its links. */
  get hasOwnGroups(): boolean {
    return this.#source.kind === "illumos";
  }

  get #aggregatesChanged(): string {
    return this.#source.kind === "snmp" ? `LAGs of ${this.#source.name} changed` : "bonds or teams changed";
  }

  /** Applies everything that happened since the last call, in its order. */
  drain(now: Hrtime): void {
    if (this.#source.readCounters) this.#questions.forgive(); // a source that polls answers when it does
    const news = this.#questions.ask(() => this.#source.drain());
    if (news.kind === "answered") {
      this.#drainedBefore = this.#drainedAt;
      this.#drainedAt = now;
      for (const event of news.value) this.#apply(event, now);
    }
    this.#unjudged.clear();
    this.#addresses.settle();
    if (news.kind === "answered" && news.value.some(({ kind }) => CONCERNS_LINKS.has(kind))) this.#tellLinksChanged();
    if (this.#addresses.takeChanged()) this.#tellAddressesChanged();
  }

  /** The default routes of now; those last seen, to be asked for again, when the source refuses. */
  defaultRoutes(cause: string): readonly DefaultRoute[] | undefined {
    const answer = this.#questions.askPatiently(() => this.#source.defaultRoutes?.());
    if (answer.kind === "answered") this.#routes = answer.value;
    else this.#planDue("routes", cause);
    return this.#routes;
  }

  /** Says which members of an earlier run are no longer there: what they carried since it last looked is lost. */
  noticeVanished(): void {
    for (const device of this.#restoration.vanished(this.#source.name, this.#links))
      this.counters.noticeReset(device, "vanished");
  }

  #apply(event: SourceEvent, now: Hrtime): void {
    this.#applied++;
    switch (event.kind) {
      case "link":
        this.#answered(event.link.ifindex);
        this.#linkSeen(event.link, event.counters, now, event.bits);
        break;
      case "gone":
        this.#linkGone(event.ifindex, event.counters, now);
        break;
      case "resync":
        this.#resync(event.links, event.gap, now);
        break;
      case "routes":
        this.#planDue("routes", "default routes changed");
        break;
      case "address":
        this.#addresses.apply(event.address, event.present);
        break;
      case "addresses":
        this.#addresses.doubt();
        break;
      case "speed":
        this.#speedSeen(event.ifindex, event.speedBitsPerSecond, now);
        break;
      case "reading":
        this.#readingCame(event);
        break;
      case "groups":
        if (this.#systemGroups.tell(this.#source.name, event.account, now))
          this.#planDue("aggregates", "the system's own groups changed");
        break;
      case "limit":
        this.#announce({ kind: "source-limit", cause: event.cause });
        break;
      case "unreachable":
        this.polls.count(event.outcome ?? "unreachable", undefined);
        this.#questions.refused(event.cause);
        this.#unanswered(event.cause, event.failed ?? false, now);
        break;
      default:
        event satisfies never;
    }
  }

  #readingCame({ at, rows, failed }: Extract<SourceEvent, { kind: "reading" }>): void {
    this.#questions.forgive();
    if (failed) this.#questions.refused(failed.cause);
    else this.#questions.collected();
    this.polls.count(failed?.outcome ?? "answered", failed ? undefined : this.#clock.wallMs());
    this.counters.takePoll(rows, at, failed === undefined);
    this.#systemGroups.compare(this.#source.name);
  }

  /** A link appeared or changed. Its counters of that moment come first, so that who leaves takes along what it carried. */
  #linkSeen(
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
      const appeared = this.#add(attributes, counters ?? this.counters.readOne(attributes.ifindex), now, bits);
      this.#membership.makeWay(appeared, now);
      this.#linksCameOrWent("link appeared", now);
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

  #add(attributes: LinkAttributes, counters: BigUint64Array | undefined, now: Hrtime, bits = this.#form.bits): Link {
    const form = { ...this.#form, bits };
    const first = counters ?? new BigUint64Array(this.#links.schema.statistics.length);
    const restored = this.#restoration.link(this.#source.name, attributes, form, first);
    const reset = restored?.read(first, { at: now, speedBitsPerSecond: attributes.speedBitsPerSecond });
    const crtime = hrtime(this.#restoration.crtime(this.#source.name, attributes) ?? now);
    const link = this.#links.add(attributes, restored ?? new SettledLink(form, first, this.#drainedBefore), crtime);
    if (reset) this.counters.noticeReset(link.label, reset);
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
    this.#linksChangedAt = now;
  }

  /** What the links of a system are that does not answer is not known: they are as last seen, until they count as failed. */
  #unanswered(cause: string, failed: boolean, now: Hrtime): void {
    for (const link of [...this.#links]) {
      const { running } = link.attributes;
      link.unanswered = cause;
      if (link.attributes.operState === "unknown" && (!failed || !running)) continue;
      this.#linkSeen({ ...link.attributes, operState: "unknown", running: running && !failed }, undefined, now);
    }
  }

  #answered(ifindex: number): void {
    const link = this.#links.get(ifindex);
    if (link) link.unanswered = undefined;
  }

  #speedSeen(ifindex: number, speedBitsPerSecond: number | undefined, now: Hrtime): void {
    const link = this.#links.get(ifindex);
    if (link) this.#links.update(link, { ...link.attributes, speedBitsPerSecond }, now);
  }

  #linkGone(ifindex: number, counters: BigUint64Array | undefined, now: Hrtime): void {
    const link = this.#links.get(ifindex);
    if (!link) return;
    if (counters) link.settled.atLeast(counters, contextOf(link, now));
    else if (this.#membership.memberOf(link)) this.counters.noticeReset(link.label, "vanished");
    this.#addresses.linkBecomes(link, undefined);
    this.#membership.gone(link, "link vanished", now);
    this.#links.delete(link);
    if (bearsOnAggregates(link.attributes, undefined)) this.#planDue("aggregates", this.#aggregatesChanged);
    this.#linksCameOrWent("link vanished", now);
  }

  #linksCameOrWent(cause: string, now: Hrtime): void {
    this.#linksChangedAt = now;
    this.#planDue("links", cause);
  }

  /** Applies a list of all links: links that are not in it are gone. */
  #resync(links: readonly LinkState[], gap: string | undefined, now: Hrtime): void {
    if (gap !== undefined) {
      this.#gaps++;
      this.#announce({ kind: "events-lost", cause: gap });
    }
    const present = new Set(links.map(({ link }) => link.ifindex));
    for (const { ifindex } of [...this.#links]) if (!present.has(ifindex)) this.#linkGone(ifindex, undefined, now);
    for (const { link, counters } of links) {
      this.#answered(link.ifindex);
      this.#linkSeen(link, counters, now);
    }
    this.#isListed = true;
    this.#addresses.doubt();
    this.#planDue("resync", gap === undefined ? AT_START : "events were lost");
  }
}
