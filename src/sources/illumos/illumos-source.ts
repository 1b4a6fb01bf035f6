/**
 * The links and the IPMP groups of an illumos system, by its own commands: kstat(8), ipmpstat(8), dladm(8). They are run in rounds at
 * times of the source's own, because they take long and because each question makes in.mpathd look at all interfaces.
 */

import { type Hrtime, hrtime } from "../../kstat/hrtime.ts";
import type { PrintedKstat } from "../../kstat/printed-kstat.ts";
import { type LinkAttributes, sameAttributes } from "../../link/link-attributes.ts";
import { EventQueue } from "../event-queue.ts";
import { Rounds } from "../rounds.ts";
import type { KnownSystem, Source, SourceEvent } from "../source.ts";
import { CommandRunner } from "../command.ts";
import { familyOf, type ModeRow } from "./ipmpstat-rows.ts";
import { attributesOf, countersOf, Ifindexes, LINK_COUNTER_BITS, LINK_SCHEMA } from "./links.ts";
import { RememberedRows } from "./remembered-rows.ts";
import { askAll, failureOf, type Round, warningsOf } from "./round.ts";
import { anonymousInterfaces, type IpmpstatRows, systemGroups } from "./system-account.ts";
import type { LinkRow } from "./tools.ts";

export interface IllumosOptions {
  /** Label of its links: "local" where it is this host. */
  readonly name: string;
  /** In front of usr/bin and usr/sbin: "/" on the system itself. */
  readonly root: string;
  /** Milliseconds from one round to the next. */
  readonly intervalMs: number;
  /** Which boot of the system this is; left out where it does not tell. */
  readonly boot?: string | undefined;
  /** Milliseconds that a command may take; left out: 8 s, because in.mpathd itself gives up after 5. */
  readonly deadlineMs?: number;
}

const DEADLINE_MS = 8_000;
/** Characters: what 10,000 links print, and more. */
const MOST_OUTPUT = 16 * 1024 * 1024;
/** Milliseconds that in.mpathd is left alone between two rounds. */
const LEAST_PAUSE_MS = 5_000;

interface KnownLink {
  attributes: LinkAttributes;
  /** Seconds since boot: another one is another link of that name. */
  readonly crtime: string;
  /** It was not there in the last round. */
  isMissing: boolean;
}

export class IllumosSource implements Source {
  readonly name: string;
  readonly kind = "illumos";
  readonly schema = LINK_SCHEMA;
  readonly counterBits = LINK_COUNTER_BITS;
  readonly deliversEvents = false;
  readonly #root: string;
  readonly #runner: CommandRunner;
  readonly #rounds: Rounds;
  readonly #queue = new EventQueue();
  readonly #intervalMs: number;
  readonly #boot: string | undefined;
  /** ifIndexes of links whose counters are of an earlier boot, until each has been read. */
  readonly #stale = new Set<number>();
  readonly #ifindexes = new Ifindexes();
  readonly #links = new Map<string, KnownLink>();
  readonly #groups = new RememberedRows<ModeRow<"groups">>(({ GROUP }) => GROUP ?? "");
  readonly #interfaces = new RememberedRows<ModeRow<"interfaces">>(({ INTERFACE }) => INTERFACE ?? "");
  readonly #addresses = new RememberedRows<ModeRow<"addresses">>(({ ADDRESS, GROUP }) => `${GROUP} ${ADDRESS}`);
  readonly #targets = new RememberedRows<ModeRow<"targets">>(
    ({ INTERFACE, TESTADDR = "" }) => `${INTERFACE} ${familyOf(TESTADDR)}`,
  );
  readonly #linkRows = new RememberedRows<LinkRow>(({ LINK }) => LINK ?? "");
  #groupKstats: readonly PrintedKstat[] = [];
  #linkKstats: readonly PrintedKstat[] = [];
  #isListed = false;

  constructor({ name, root, intervalMs, boot, deadlineMs = DEADLINE_MS }: IllumosOptions) {
    this.name = name;
    this.#runner = new CommandRunner({ deadlineMs, mostOutput: MOST_OUTPUT });
    this.#root = root;
    this.#intervalMs = intervalMs;
    this.#boot = boot;
    this.#rounds = new Rounds({ intervalMs, pauseMs: LEAST_PAUSE_MS, round: () => this.round() });
  }

  /** After another boot of the system its links have counted from zero. */
  resume({ identity, links }: KnownSystem): void {
    if (identity !== this.#boot) for (const { ifindex } of links) this.#stale.add(ifindex);
  }

  identity(): string | undefined {
    return this.#boot;
  }

  /** The first round has been made, or is made at the first deadline. */
  open(wake: () => void): void {
    this.#queue.open(wake);
    this.#rounds.start(this.#isListed ? Math.max(this.#intervalMs, LEAST_PAUSE_MS) : 0);
  }

  drain(): SourceEvent[] {
    return this.#queue.drain().map((event) => (this.#stale.size === 0 ? event : this.#begunAnew(event)));
  }

  /** The same, where counters of an earlier boot do not go on. */
  #begunAnew(event: SourceEvent): SourceEvent {
    if (event.kind === "resync") {
      const links = event.links.map(({ link, counters }) => ({
        link,
        counters: this.#stale.has(link.ifindex) ? undefined : counters,
      }));
      return { ...event, links };
    }
    if (event.kind !== "reading") return event;
    const rows = event.rows.map((row) =>
      this.#stale.delete(row.ifindex) ? ({ ...row, anew: "reboot" } as const) : row,
    );
    return { ...event, rows };
  }

  close(): void {
    void this.#rounds.stop(); // what is under way is ended, and nobody hears of it
    this.#runner.close();
    this.#queue.close();
  }

  /** Asks everything once, and has the answers waiting as events. */
  async round(): Promise<void> {
    const round = await askAll(this.#root, (command) => this.#runner.run(command));
    const at = hrtime(process.hrtime.bigint());
    this.#remember(round);
    // The groups come before the readings: a member that left is counted up to the reading before.
    this.#queue.push(...this.#account(round), ...this.#linkEvents(round), this.#reading(round, at));
  }

  #remember({ groupKstats, modes, links, linkKstats }: Round): void {
    if (groupKstats.kind === "answered") this.#groupKstats = groupKstats.value;
    if (linkKstats.kind === "answered") this.#linkKstats = linkKstats.value;
    this.#linkRows.take(links);
    if (modes) {
      this.#groups.take(modes.groups);
      this.#interfaces.take(modes.interfaces);
      this.#addresses.take(modes.addresses);
      this.#targets.take(modes.targets);
    } else for (const rows of [this.#groups, this.#interfaces, this.#addresses, this.#targets]) rows.clear();
  }

  /** What is known of the groups; nothing while it never was. */
  #account(round: Round): SourceEvent[] {
    const groups = this.#groups.rows;
    if (!groups) return [];
    const rows: IpmpstatRows = {
      groups,
      interfaces: this.#interfaces.rows,
      addresses: this.#addresses.rows,
      targets: this.#targets.rows,
    };
    const { interfaces = [], addresses = [], targets = [] } = rows;
    return [
      {
        kind: "groups",
        account: {
          groups: systemGroups(rows, this.#groupKstats),
          tables: { groups, interfaces, addresses, targets },
          kstats: [...this.#groupKstats, ...this.#linkKstats],
          anonymousInterfaces: anonymousInterfaces(rows),
          warnings: warningsOf(round),
        },
      },
    ];
  }

  /** What is new of the links. */
  #linkEvents({ linkKstats }: Round): SourceEvent[] {
    if (linkKstats.kind === "failed") return [];
    const seen = linkKstats.value.map((kstat) => ({
      kstat,
      link: this.#attributesOf(kstat),
      counters: countersOf(kstat),
    }));
    const events: SourceEvent[] = [];
    if (!this.#isListed) {
      events.push({ kind: "resync", gap: undefined, links: seen.map(({ link, counters }) => ({ link, counters })) });
      this.#isListed = true;
    } else {
      events.push(...this.#goneOf(linkKstats.value));
      for (const { kstat, link, counters } of seen) {
        const known = this.#links.get(kstat.name);
        if (!known || !sameAttributes(known.attributes, link)) events.push({ kind: "link", link, counters });
      }
    }
    for (const { kstat, link } of seen)
      this.#links.set(kstat.name, { attributes: link, crtime: kstat.crtime, isMissing: false });
    return events;
  }

  /** The counters of the links; none where kstat did not answer, and they stay as they were. */
  #reading(round: Round, at: Hrtime): SourceEvent {
    const { linkKstats } = round;
    const kstats = linkKstats.kind === "answered" ? linkKstats.value : [];
    const rows = kstats.map((kstat) => ({ ifindex: this.#ifindexes.of(kstat.name), counters: countersOf(kstat) }));
    const failure = failureOf(round);
    return {
      kind: "reading",
      at,
      rows,
      ...(failure && { failed: { cause: failure.cause, outcome: failure.outcome } }),
    };
  }

  #attributesOf(kstat: PrintedKstat): LinkAttributes {
    const { name } = kstat;
    const row = this.#linkRows.rows?.find(({ LINK: link }) => link === name);
    const member = this.#interfaces.rows?.find(({ INTERFACE: device }) => device === name);
    return attributesOf(kstat, this.#ifindexes.of(name), row, member);
  }

  /** Links that are not there for the second time (a kstat can vanish while it is read), or that were made anew. */
  #goneOf(kstats: readonly PrintedKstat[]): SourceEvent[] {
    const there = new Map(kstats.map(({ name, crtime }) => [name, crtime]));
    const gone: SourceEvent[] = [];
    for (const [name, known] of this.#links) {
      const crtime = there.get(name);
      if (crtime === known.crtime) continue;
      if (crtime === undefined && !known.isMissing) {
        known.isMissing = true;
        continue;
      }
      gone.push({ kind: "gone", ifindex: known.attributes.ifindex, name, counters: undefined });
      this.#links.delete(name);
      if (crtime === undefined) this.#ifindexes.forget(name);
    }
    return gone;
  }
}
