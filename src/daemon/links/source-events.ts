/**
 * Applies what one source says, in order: changes of links, readings, addresses, routes, groups. What a source does not answer stays as
 * it was last seen, and is asked for again.
 */

import type { Hrtime } from "../../kstat/hrtime.ts";
import { AT_START, type Transition } from "../../snapshot/event.ts";
import type { DefaultRoute, LinkState, Source, SourceEvent } from "../../sources/source.ts";
import type { SystemGroups } from "../groups/system-groups.ts";
import type { Clock } from "../process/clock.ts";
import { CounterReadings } from "./counter-readings.ts";
import type { LinkTable } from "./link-table.ts";
import { LinkAddresses } from "./link-addresses.ts";
import { LinkChanges, type LinkChangesParts } from "./link-changes.ts";
import { PollCounts } from "./poll-counts.ts";
import { type Answer, Questions } from "./questions.ts";
import type { Restoration } from "./restoration.ts";
import { resumeLinks } from "./resumed-links.ts";

/** After which a link, or the set of links, may be other than before. */
const CONCERNS_LINKS: ReadonlySet<SourceEvent["kind"]> = new Set(["link", "gone", "resync", "unreachable", "speed"]);

export interface SourceEventsParts
  extends Pick<
    LinkChangesParts,
    "source" | "links" | "ip" | "membership" | "restoration" | "announce" | "planDue" | "judge"
  > {
  readonly clock: Clock;
  readonly systemGroups: SystemGroups;
  /** Links may have changed. */
  readonly linksChanged: () => void;
  /** Other addresses of the links may be usable. */
  readonly addressesChanged: () => void;
}

export class SourceEvents {
  readonly #source: Source;
  readonly #clock: Clock;
  readonly #links: LinkTable;
  readonly #systemGroups: SystemGroups;
  readonly #restoration: Restoration;
  readonly #announce: (transition: Transition) => void;
  readonly #planDue: SourceEventsParts["planDue"];
  readonly #tellLinksChanged: SourceEventsParts["linksChanged"];
  readonly #tellAddressesChanged: SourceEventsParts["addressesChanged"];
  /** What the links have counted. */
  readonly counters: CounterReadings;
  /** Polls that the source made by itself. */
  readonly polls = new PollCounts();
  #gaps = 0n;
  #isListed = false;
  #applied = 0;
  readonly #questions: Questions;
  readonly #addresses: LinkAddresses;
  readonly #linkChanges: LinkChanges;
  #routes: readonly DefaultRoute[] | undefined;

  constructor(parts: SourceEventsParts) {
    const { source, clock, links, membership, systemGroups, restoration } = parts;
    const { announce, planDue, linksChanged, addressesChanged } = parts;
    this.#source = source;
    this.#clock = clock;
    this.#links = links;
    this.#systemGroups = systemGroups;
    this.#restoration = restoration;
    this.#announce = announce;
    this.#planDue = planDue;
    this.#tellLinksChanged = linksChanged;
    this.#tellAddressesChanged = addressesChanged;
    this.#questions = new Questions(source.name, announce);
    this.counters = new CounterReadings({ source, clock, links, membership, questions: this.#questions, announce });
    this.#addresses = new LinkAddresses(source, this.#questions, links, membership);
    const asked = { counters: this.counters, addresses: this.#addresses };
    this.#linkChanges = new LinkChanges({ ...parts, ...asked }, clock.now());
    resumeLinks(source, links, restoration);
  }

  /** Times that events were lost. */
  get gaps(): bigint {
    return this.#gaps;
  }

  /** When the set of links, or a name among them, last changed. */
  get linksChangedAt(): Hrtime {
    return this.#linkChanges.changedAt;
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

  /** Applies everything that happened since the last call, in its order. */
  drain(now: Hrtime): void {
    if (this.#source.readCounters) this.#questions.forgive(); // a source that polls answers when it does
    const news = this.#questions.ask(() => this.#source.drain());
    if (news.kind === "answered") {
      this.#linkChanges.fetched(now);
      for (const event of news.value) this.#apply(event, now);
    }
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
        this.#linkChanges.answered(event.link.ifindex);
        this.#linkChanges.seen(event.link, event.counters, now, event.bits);
        break;
      case "gone":
        this.#linkChanges.gone(event.ifindex, event.counters, now);
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
        this.#linkChanges.speed(event.ifindex, event.speedBitsPerSecond, now);
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
        this.#linkChanges.unanswered(event.cause, event.failed ?? false, now);
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

  #resync(links: readonly LinkState[], gap: string | undefined, now: Hrtime): void {
    if (gap !== undefined) {
      this.#gaps++;
      this.#announce({ kind: "events-lost", cause: gap });
    }
    this.#linkChanges.listed(links, now);
    this.#isListed = true;
    this.#addresses.doubt();
    this.#planDue("resync", gap === undefined ? AT_START : "events were lost");
  }
}
