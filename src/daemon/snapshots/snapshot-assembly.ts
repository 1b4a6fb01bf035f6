/**
 * Puts a snapshot together: of everything, or of a scope. What hangs together (the links of a system, its groups, the systems
 * that share these) is of one instant. Others may have their turn between some links and the next, because ten thousand take a tenth of a second; when
 * something has happened in such a turn, what hangs together is made anew, at first in turns too, then at once. A device is read at times of its own, and so of an instant of its own.
 */

import type { Ip } from "../../ip/ip.ts";
import type { Hrtime } from "../../kstat/hrtime.ts";
import type { CollectorOutcome } from "../../snapshot/program.ts";
import { GROUP_STATES, type GroupSnapshot, type LinkSnapshot, type Snapshot } from "../../snapshot/snapshot.ts";
import { atOnce } from "../../turns/in-turns.ts";
import type { Group } from "../groups/group.ts";
import type { Membership } from "../groups/membership.ts";
import type { SystemGroups } from "../groups/system-groups.ts";
import type { Feeds } from "../links/feeds.ts";
import type { Links } from "../links/links.ts";
import type { Probing } from "../probing/probing.ts";
import type { Clock } from "../process/clock.ts";
import { holdersOf } from "./address-snapshots.ts";
import type { GroupFates } from "./group-fates.ts";
import { type Part, partOf, type Scope } from "./scope.ts";
import { groupSnapshots, linkSnapshots } from "./snapshot-builder.ts";
import { countByState } from "./summary.ts";

export interface SnapshotAssemblyParts {
  readonly clock: Clock;
  readonly links: Links;
  readonly feeds: Feeds;
  readonly ip: Ip;
  readonly membership: Membership;
  readonly systemGroups: SystemGroups;
  readonly probing: Probing;
  readonly fates: GroupFates;
  /** Another number whenever links, their counters or groups may be others than before. */
  readonly changes: () => number;
  /** What the program says of itself. */
  readonly program: () => Pick<Snapshot, "startedAt" | "state" | "snmp" | "audit">;
}

/** A part as it was at one instant. */
interface MadePart extends Pick<Snapshot, "at" | "wallMs"> {
  readonly links: Iterable<LinkSnapshot>;
  readonly groups: readonly GroupSnapshot[];
}

export class SnapshotAssembly {
  readonly #parts: SnapshotAssemblyParts;

  constructor(parts: SnapshotAssemblyParts) {
    this.#parts = parts;
  }

  /** With the counters as last read at `countersAt`. */
  *steps(countersAt: Hrtime, collectors: readonly CollectorOutcome[], scope?: Scope): Generator<void, Snapshot> {
    const { clock, feeds, ip, membership, systemGroups, program } = this.#parts;
    const arranged = this.#arranged();
    const rowsChanged = this.#rowsChanged;
    const groups: GroupSnapshot[] = [];
    const links: LinkSnapshot[] = [];
    let instant = { at: clock.now(), wallMs: clock.wallMs() };
    for (const [n, part] of this.#partsFor(scope).entries()) {
      if (n > 0) yield;
      const made = yield* this.#ofOneInstant(part, countersAt, arranged);
      if (!made) return atOnce(this.steps(countersAt, collectors, scope));
      instant = { at: made.at, wallMs: made.wallMs };
      for (const link of made.links) links.push(link);
      for (const group of made.groups) groups.push(group);
    }
    groups.sort((a, b) => (a.name < b.name ? -1 : 1));
    links.sort((a, b) => a.id.ifindex - b.id.ifindex);
    return {
      ...instant,
      countersAt,
      groups,
      counts: countByState(GROUP_STATES, groups),
      links,
      supported: feeds.supported,
      sources: feeds.snapshot().map((one) => ({ ...one, account: systemGroups.accountOf(one.name) })),
      collectors,
      resets: feeds.discontinuities(),
      engine: {
        joinsRefused: Object.fromEntries(membership.refusals),
        linkNotes: { ...ip.effects.linkNotes },
        routingMessages: { ...ip.effects.routingMessages },
      },
      tableLastChange: feeds.linksChangedAt(rowsChanged),
      stackLastChange: rowsChanged,
      ...program(),
    };
  }

  /**
   * Makes a part in turns. When something happens in one of them the part is no longer of one instant and is begun anew; after so many `attempts` it
   * is made at once. Undefined when links or members came or went meanwhile: they may have moved from one part to another.
   */
  *#ofOneInstant(
    part: Part,
    countersAt: Hrtime,
    arranged: string,
    attempts = 2,
  ): Generator<void, MadePart | undefined> {
    const { changes } = this.#parts;
    if (this.#arranged() !== arranged) return undefined;
    const before = changes();
    const steps = this.#stepsOf(part, countersAt);
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done) return step.value;
      yield;
      if (changes() === before) continue;
      if (attempts > 1) return yield* this.#ofOneInstant(part, countersAt, arranged, attempts - 1);
      return this.#arranged() === arranged ? atOnce(this.#stepsOf(part, countersAt)) : undefined;
    }
  }

  *#stepsOf(part: Part, countersAt: Hrtime): Generator<void, MadePart> {
    const { clock, ip, membership, probing, fates, links: all } = this.#parts;
    const holders = holdersOf(all.local ?? []);
    const [at, wallMs] = [clock.now(), clock.wallMs()];
    const links = yield* linkSnapshots([...part.links], (link) => membership.groupOf(link), countersAt);
    const groups = yield* groupSnapshots(part.groups, ip, links, probing.view(), fates, holders, at);
    return { at, wallMs, links: links.values(), groups };
  }

  /** Another text whenever links, groups or members have come or gone. */
  #arranged(): string {
    const { feeds, membership } = this.#parts;
    return `${feeds.linksChangedAt(membership.groupsChanged)} ${membership.membershipChanged}`;
  }

  /** When a group or a member last came or went, or a group was given another ifIndex: these are the rows of ifTable. */
  get #rowsChanged(): Hrtime {
    const { groupsChanged, membershipChanged } = this.#parts.membership;
    if (groupsChanged > membershipChanged) return groupsChanged;
    return membershipChanged;
  }

  /** What hangs together, each by itself. */
  #partsFor(scope: Scope | undefined): readonly Part[] {
    const { links, membership } = this.#parts;
    if (scope) return [partOf(scope, links, membership)];
    const groups = [...membership.groups.values()];
    return links.tables.length > 1 ? partsOf(links, groups) : [{ links, groups }];
  }
}

/** Systems that have a group in common are in one part; a group without members is in that of the first system. */
function partsOf({ tables }: Links, groups: readonly Group[]): readonly Part[] {
  const bySystem = new Map(tables.map((table) => [table.source, { tables: [table], groups: [] as Group[] }]));
  for (const group of groups) {
    const systems = new Set(Array.from(group.members.keys(), ({ id }) => id.source));
    if (systems.size === 0 && tables[0]) systems.add(tables[0].source);
    const [first, ...others] = new Set([...systems].map((system) => bySystem.get(system)));
    if (!first) continue;
    first.groups.push(group);
    for (const other of others) {
      if (!other) continue;
      first.tables.push(...other.tables);
      first.groups.push(...other.groups);
      for (const { source } of other.tables) bySystem.set(source, first);
    }
  }
  return Array.from(new Set(bySystem.values()), (part) => ({
    links: part.tables.flatMap((table) => [...table]),
    groups: part.groups,
  }));
}
