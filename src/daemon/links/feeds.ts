/** The sources side by side: each with the table of its links and what applies its events to them. */

import type { Hrtime } from "../../kstat/hrtime.ts";
import { NET_STATISTICS, type NetStatistic } from "../../kstat/net.ts";
import type { Registry } from "../../kstat/registry.ts";
import { LOCAL } from "../../link/link-id.ts";
import type { CollectorOutcome, SourceSnapshot } from "../../snapshot/program.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";
import type { Source } from "../../sources/source.ts";
import type { SavedSource } from "../../state/saved-state.ts";
import type { Clock } from "../process/clock.ts";
import { LinkTable } from "./link-table.ts";
import { Links } from "./links.ts";
import { SourceEvents, type SourceEventsParts } from "./source-events.ts";

/** One source and what is done with its events. */
interface Feed {
  readonly source: Source;
  readonly events: SourceEvents;
  /** What {@link Source.identity} answered when the source's events were last applied. */
  identity?: string | undefined;
}

/** The tables of the sources' links, in their order. The kstat instance tells the source: 0 is this host, as on illumos. */
export function linkTables(sources: readonly Source[], kstats: Registry): Links {
  return new Links(
    sources.map(({ name, schema }, instance) => new LinkTable(kstats, { source: name, instance, schema })),
  );
}

export class Feeds {
  /** Statistics that some source provides. */
  readonly supported: ReadonlySet<NetStatistic>;
  readonly #clock: Clock;
  readonly #feeds: readonly Feed[];

  /** `partsOf` gives what a source's events need beside the source and its links. */
  constructor(
    sources: readonly Source[],
    links: Links,
    clock: Clock,
    partsOf: (source: Source) => Omit<SourceEventsParts, "source" | "links" | "clock">,
  ) {
    this.#clock = clock;
    this.#feeds = sources.flatMap((source, n): Feed[] => {
      const table = links.tables[n];
      if (!table) return [];
      return [{ source, events: new SourceEvents({ ...partsOf(source), source, links: table, clock }) }];
    });
    const names = NET_STATISTICS.map(({ name }) => name);
    const provided = names.filter((name) => sources.some(({ schema }) => schema.indexOf(name) !== undefined));
    this.supported = new Set<NetStatistic>([...provided, "link_up"]);
  }

  /** This host's links and routes; undefined where only other systems are watched. */
  get local(): SourceEvents | undefined {
    return this.#feeds.find(({ source }) => source.name === LOCAL)?.events;
  }

  /** When the set of links of any source, or a name among them, last changed; `since` when that is later. */
  linksChangedAt(since: Hrtime): Hrtime {
    let latest = since;
    for (const { events } of this.#feeds) if (events.linksChangedAt > latest) latest = events.linksChangedAt;
    return latest;
  }

  /** Another number whenever links or counters of any source may be others than before. */
  get changes(): number {
    return this.#feeds.reduce((sum, { events }) => sum + events.changes, 0);
  }

  /** Opens all sources, or none. @throws SourceError when a system does not let us. */
  open(wake: () => void): void {
    const opened: Source[] = [];
    try {
      for (const { source } of this.#feeds) {
        source.open(wake);
        opened.push(source);
      }
    } catch (error) {
      for (const source of opened) source.close();
      throw error;
    }
  }

  /**
   * Applies everything that the sources tell, each in its order. Answers whether a system is another one than before, or has been started
   * anew: its counters go on by what is saved of that.
   */
  drain(now: Hrtime): boolean {
    let isOther = false;
    for (const feed of this.#feeds) {
      feed.events.drain(now);
      const identity = feed.source.identity?.();
      if (identity !== feed.identity) isOther = true;
      feed.identity = identity;
    }
    return isOther;
  }

  /** Reads the counters of all links now, where a source can be asked. */
  readCounters(): void {
    for (const { events } of this.#feeds) events.counters.readAll();
  }

  /** As {@link readCounters}, for a collection: how it went and how long it took, for each source. */
  collect(): readonly CollectorOutcome[] {
    return this.#feeds.map(({ source, events }) => {
      const began = this.#clock.now();
      events.counters.readAll();
      const durationSeconds = Number(this.#clock.now() - began) / 1e9;
      const name = source.name === LOCAL ? source.kind : source.name;
      return { name, success: events.outcome.kind === "answered", durationSeconds };
    });
  }

  /** Announces the members of an earlier run whose links are gone. */
  noticeVanished(): void {
    for (const { events } of this.#feeds) events.noticeVanished();
  }

  /** What is saved of each source. */
  saved(): readonly SavedSource[] {
    return this.#feeds.map(({ source }) => {
      const identity = source.identity?.();
      const statistics = source.schema.statistics.map(({ name }) => name);
      return { name: source.name, ...(identity === undefined ? {} : { identity }), statistics };
    });
  }

  /** What a snapshot says of the sources. */
  snapshot(): readonly SourceSnapshot[] {
    return this.#feeds.map(
      ({ source: { name, kind, deliversEvents }, events: { gaps, counters, polls, outcome } }) => ({
        name,
        kind,
        deliversEvents,
        gaps,
        reads: counters.reads,
        up: outcome.kind === "answered",
        cause: outcome.kind === "answered" ? undefined : outcome.cause,
        polls: polls.byOutcome(),
        lastSuccessMs: polls.lastSuccessMs,
      }),
    );
  }

  /** What a snapshot says of counters that could not be continued. */
  discontinuities(): Snapshot["resets"] {
    return this.#feeds.flatMap(({ events }) => events.counters.resets.list());
  }

  close(): void {
    for (const { source } of this.#feeds) source.close();
  }
}
