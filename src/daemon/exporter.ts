/**
 * The heart of the daemon: takes in what happened, keeps the engine up to date, and hands out snapshots. Everything here is
 * synchronous and runs one thing at a time; what the operating system reports in between waits in its queue.
 */

import type { Configuration } from "../config/configuration.ts";
import { Ip, illsOf } from "../ip/ip.ts";
import { receiveNote, setPhysAddr } from "../ip/link-notes.ts";
import { type Hrtime, hrtime } from "../kstat/hrtime.ts";
import { NET_STATISTICS, type NetStatistic } from "../kstat/net.ts";
import { Registry } from "../kstat/registry.ts";
import { RESET_REASONS, type ResetReason } from "../settling/reset-reason.ts";
import { type CounterForm, type ReadingContext, SettledLink } from "../settling/settled-link.ts";
import type { Transition } from "../snapshot/event.ts";
import type { CollectorOutcome, Snapshot, Snapshots, SnmpSnapshot } from "../snapshot/snapshot.ts";
import { type EngineIdentity, LAST_BOOTS } from "../snmp/engine-identity.ts";
import type { DefaultRoute, LinkAddress, LinkAttributes, LinkState, Source, SourceEvent } from "../sources/source.ts";
import type { SavedMember, SavedState, SystemIdentity } from "../state/saved-state.ts";
import type { Loaded, StateFile } from "../state/state-file.ts";
import { audit, type Violation } from "./audit.ts";
import { BindingWatch } from "./binding-watch.ts";
import { Checkpoint } from "./checkpoint.ts";
import type { Clock } from "./clock.ts";
import { groupSnapshots, linkSnapshots } from "./collection.ts";
import { Detection } from "./detection.ts";
import type { EventLog } from "./event-log.ts";
import { type Link, LinkTable } from "./link.ts";
import type { Member } from "./member.ts";
import { bearsOnAggregates, Planner } from "./plans.ts";
import { ResetCounts } from "./reset-counts.ts";
import { Restoration } from "./restoration.ts";
import { Roster } from "./roster.ts";
import { followTestAddresses } from "./test-addresses.ts";

export interface ExporterParts {
  readonly source: Source;
  readonly clock: Clock;
  readonly events: EventLog;
  readonly configuration: Configuration;
  /** Where the state is kept; undefined keeps nothing. */
  readonly stateFile: StateFile | undefined;
  /** What was in it, and which system this is. */
  readonly loaded: Loaded;
  readonly system: SystemIdentity;
}

/** Bursts of changes are saved together, at most this long after the first. */
const SAVE_DELAY_MS = 50;

export class Exporter implements Snapshots {
  readonly #source: Source;
  readonly #clock: Clock;
  readonly #events: EventLog;
  readonly #kstats = new Registry();
  readonly #links: LinkTable;
  readonly #form: CounterForm;
  readonly #ip: Ip;
  readonly #roster: Roster;
  readonly #detection: Detection;
  readonly #bindings: BindingWatch;
  readonly #planner: Planner;
  readonly #restoration: Restoration;
  readonly #checkpoint: Checkpoint;
  readonly #system: SystemIdentity;
  readonly #resets = new ResetCounts();
  readonly #startedAt: Hrtime;
  readonly #supported: ReadonlySet<NetStatistic>;
  #configuration: Configuration;
  #routes: readonly DefaultRoute[] | undefined;
  /** Why the groups have to be planned anew at the end of this tick. */
  #planDue: string | undefined;
  #addressesDue = false;
  #audit = { violations: 0n, last: true };
  #gaps = 0n;
  #readSnmp: (() => SnmpSnapshot) | undefined;
  /** Times that the system would not answer, and why, until it does again. */
  #refusals = 0;
  #refusal: string | undefined;
  #linksChanged: Hrtime;
  /** When events were last drained, and before that: what has been drained happened between the two. */
  #drainedAt: Hrtime;
  #drainedBefore: Hrtime;
  #last: Snapshot | undefined;
  #pending: Promise<Snapshot> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #saveTimer: NodeJS.Timeout | undefined;
  #snmp: SavedState["snmp"];

  constructor({ source, clock, events, configuration, stateFile, loaded, system }: ExporterParts) {
    const now = clock.now();
    this.#source = source;
    this.#clock = clock;
    this.#events = events;
    this.#configuration = configuration;
    this.#startedAt = now;
    this.#linksChanged = now;
    this.#drainedAt = now;
    this.#drainedBefore = now;
    this.#links = new LinkTable(this.#kstats, source.schema);
    this.#form = { schema: source.schema, bits: source.counterBits ?? 64 };
    this.#ip = new Ip(this.#kstats, now);
    const announce = (transition: Transition): void => this.#announce(transition);
    const saved = loaded.kind === "state" ? loaded.state : undefined;
    this.#restoration = new Restoration(saved, system);
    this.#planner = new Planner(this.#restoration.uplinks);
    this.#checkpoint = new Checkpoint(
      stateFile,
      clock,
      announce,
      loaded.kind === "unusable" ? loaded.fault : undefined,
    );
    this.#system = system;
    this.#snmp = saved?.snmp;
    this.#roster = new Roster(this.#ip, this.#links, this.#restoration, announce, now);
    this.#bindings = new BindingWatch(announce);
    this.#detection = new Detection(this.#ip, clock, announce);
    this.#supported = supported(source);
  }

  /** Begins to listen and forms the groups. @throws SourceError when the system does not let us. */
  start(): void {
    this.#source.open(() => this.tick());
    this.tick();
  }

  /** Takes in everything that happened since the last call, in its order. */
  tick(): void {
    const now = this.#clock.now();
    const news = this.#ask(() => this.#source.drain(), undefined);
    if (news) {
      this.#drainedBefore = this.#drainedAt;
      this.#drainedAt = now;
    }
    for (const event of news ?? []) this.#apply(event, now);
    if (this.#addressesDue) this.#readAddresses();
    if (this.#planDue !== undefined) this.#plan(this.#planDue, now);
    this.#ip.expire(now);
    this.#detect(now);
    this.#rearm(now);
    this.#saveSoon();
  }

  /** Goes over to another configuration; what both have in common goes on undisturbed. */
  reconfigure(configuration: Configuration): void {
    this.tick();
    const now = this.#clock.now();
    this.#configuration = configuration;
    this.#roster.forgetVanished();
    this.#plan("configuration reloaded", now);
    this.#detect(now);
    this.#last = undefined;
  }

  /** if_mpadm -d and -r. Refused: no other member of the group would be left to work. */
  setOffline(device: string, offline: boolean): "done" | "refused" | "unknown" {
    this.tick();
    for (const group of this.#roster.groups.values()) {
      const member = [...group.members.values()].find(({ link }) => link.name === device);
      if (!member) continue;
      const others = [...group.members.values()].filter((other) => other !== member && isUsable(other.currentState()));
      if (offline && others.length === 0 && group.state !== "failed") return "refused";
      member.offlined = offline;
      this.#roster.dirty.add(group);
      this.tick();
      this.#last = undefined;
      return "done";
    }
    return "unknown";
  }

  fresh(): Promise<Snapshot> {
    this.#pending ??= new Promise<Snapshot>((resolve, reject) => {
      setImmediate(() => {
        this.#pending = undefined;
        try {
          resolve(this.#collect());
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
    return this.#pending;
  }

  within(maxAge: bigint): Snapshot {
    const last = this.#last;
    return last && this.#clock.now() - last.at <= maxAge ? last : this.#collect();
  }

  /** Writes everything through to the disk, with the readings of now. */
  checkpoint(): void {
    this.tick();
    this.#readCounters();
    this.#checkpoint.touch();
    this.#save();
    this.audit();
  }

  /** Checks that every group adds up; says so where one does not. */
  audit(): readonly Violation[] {
    this.tick();
    const violations = audit(this.#roster.groups.values(), this.#clock.now());
    for (const { group, statistic, total, departed, present } of violations) {
      const cause = `${statistic}: total ${total} is not departed ${departed} plus present ${present}`;
      this.#announce({ kind: "audit-failed", group, cause });
    }
    this.#audit = { violations: this.#audit.violations + BigInt(violations.length), last: violations.length === 0 };
    return violations;
  }

  /**
   * Who the SNMP engine is: the saved one, started once more, on the disk before anybody hears of it. `fresh`: the id of a new
   * one, for the first start and for an engine that has been started as often as can be counted, or whose number of starts
   * cannot be kept: managers take a number that comes again for a replay.
   */
  bootSnmpEngine(fresh: Uint8Array): EngineIdentity {
    const saved = this.#snmp;
    const identity =
      saved && saved.engineBoots + 1 < LAST_BOOTS
        ? { id: Buffer.from(saved.engineId, "hex"), boots: saved.engineBoots + 1 }
        : { id: fresh, boots: 1 };
    if (this.#keepSnmpEngine(identity)) return identity;
    const anew = { id: fresh, boots: 1 };
    this.#keepSnmpEngine(anew);
    return anew;
  }

  /** Whether it is on the disk. */
  #keepSnmpEngine({ id, boots }: EngineIdentity): boolean {
    this.#snmp = { engineId: Buffer.from(id).toString("hex"), engineBoots: boots };
    this.#checkpoint.touch();
    this.#save();
    return this.#checkpoint.snapshot()?.saved === true;
  }

  /** From now on snapshots tell of the SNMP agent too. */
  showSnmp(read: () => SnmpSnapshot): void {
    this.#readSnmp = read;
  }

  /** Stops listening to the system, with a last save. */
  close(): void {
    this.checkpoint();
    clearTimeout(this.#timer);
    clearTimeout(this.#saveTimer);
    this.#source.close();
  }

  #save(): void {
    clearTimeout(this.#saveTimer);
    this.#saveTimer = undefined;
    this.#checkpoint.save(() => this.#state());
  }

  #saveSoon(): void {
    if (this.#checkpoint.isDue) this.#saveTimer ??= setTimeout(() => this.#save(), SAVE_DELAY_MS).unref();
  }

  #state(): SavedState {
    const groups = [...this.#roster.groups.values()].map((group) =>
      group.save([...group.members.values()].map(savedMember)),
    );
    return {
      system: this.#system,
      statistics: this.#links.schema.statistics.map(({ name }) => name),
      groups,
      uplinks: this.#planner.found,
      snmp: this.#snmp,
    };
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
        this.#planDue ??= "default routes changed";
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
    if (bearsOnAggregates(link?.attributes, attributes)) this.#planDue ??= "bonds or teams changed";
    if (!link) {
      const appeared = this.#add(attributes, counters ?? this.#readOne(attributes.ifindex), now);
      this.#linksCameOrWent("link appeared", now);
      this.#roster.reconcile(appeared, "link appeared", now);
      return;
    }
    if (counters) link.settled.atLeast(counters, contextOf(link, now));
    const before = link.attributes;
    if (attributes.name !== before.name) this.#renamed(link, attributes, now);
    else this.#links.update(link, attributes, now);
    this.#tellEngine(link, before, now);
    this.#roster.reconcile(link, "link changed", now);
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
    this.#roster.renamed(holder);
  }

  #renamed(link: Link, attributes: LinkAttributes, now: Hrtime): void {
    const from = link.name;
    this.#announce({ kind: "link-renamed", device: attributes.name, from, cause: "renamed by the system" });
    const stays = this.#roster.wouldStay(link, attributes.name);
    if (!stays) this.#roster.leave(link, `renamed to ${attributes.name}`, now);
    this.#links.update(link, attributes, now);
    if (stays) this.#roster.renamed(link);
    this.#linksChanged = now;
  }

  /** A member's news reach the engine the way a driver's would: as link notes. */
  #tellEngine(link: Link, before: LinkAttributes, now: Hrtime): void {
    const member = this.#roster.memberOf(link);
    const group = this.#roster.groupOf(link);
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
    this.#roster.dirty.add(group);
  }

  #linkGone(ifindex: number, counters: BigUint64Array | undefined, now: Hrtime): void {
    const link = this.#links.get(ifindex);
    if (!link) return;
    if (counters) link.settled.atLeast(counters, contextOf(link, now));
    else if (this.#roster.memberOf(link)) this.#noticeReset(link.name, "vanished");
    this.#roster.gone(link, "link vanished", now);
    this.#links.delete(link);
    if (bearsOnAggregates(link.attributes, undefined)) this.#planDue ??= "bonds or teams changed";
    this.#linksCameOrWent("link vanished", now);
  }

  /** Without configured groups the links themselves decide what the group of uplinks is. */
  #linksCameOrWent(cause: string, now: Hrtime): void {
    this.#linksChanged = now;
    if (this.#configuration.groups.length === 0) this.#planDue ??= cause;
  }

  /** The whole truth at once: who is missing is gone, who is there is seen. */
  #resync(links: readonly LinkState[], gap: string | undefined, now: Hrtime): void {
    if (gap !== undefined) {
      this.#gaps++;
      this.#announce({ kind: "events-lost", cause: gap });
    }
    const present = new Set(links.map(({ link }) => link.ifindex));
    for (const { ifindex } of [...this.#links]) if (!present.has(ifindex)) this.#linkGone(ifindex, undefined, now);
    for (const { link, counters } of links) this.#linkSeen(link, counters, now);
    this.#addressesDue = true;
    this.#planDue = gap === undefined ? "start" : "events were lost";
  }

  #plan(cause: string, now: Hrtime): void {
    this.#planDue = undefined;
    this.#readCounters(); // whoever joins or leaves by a plan does so at the present reading
    for (const device of this.#restoration.vanished(this.#links)) this.#noticeReset(device, "vanished");
    const refusals = this.#refusals;
    this.#routes = this.#ask(() => this.#source.defaultRoutes(), this.#routes);
    if (this.#refusals !== refusals) this.#planDue = cause; // the routes are asked for again
    const plans = this.#planner.plan(this.#configuration, this.#links, this.#routes);
    this.#roster.plan(plans, cause, now);
  }

  #readAddresses(): void {
    const refusals = this.#refusals;
    const addresses = this.#ask(() => this.#source.addresses(), undefined);
    this.#addressesDue = this.#refusals !== refusals;
    if (this.#addressesDue) return;
    const byLink = new Map<number, LinkAddress[]>();
    for (const address of addresses ?? []) {
      const others = byLink.get(address.ifindex);
      if (others) others.push(address);
      else byLink.set(address.ifindex, [address]);
    }
    for (const link of this.#links) {
      link.addresses = byLink.get(link.ifindex) ?? [];
      const group = this.#roster.groupOf(link);
      if (group) this.#roster.dirty.add(group);
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

  #detect(now: Hrtime): void {
    const { failback } = this.#configuration.detection;
    for (const group of this.#roster.dirty) {
      this.#detection.step(group, { failback }, now);
      followTestAddresses(this.#ip, group, now);
      this.#bindings.look(group);
    }
    this.#roster.dirty.clear();
  }

  #rearm(now: Hrtime): void {
    clearTimeout(this.#timer);
    const next = this.#ip.nextDeadline();
    if (next === undefined) return;
    this.#timer = setTimeout(() => this.tick(), Math.max(0, Number((next - now) / 1_000_000n) + 1)).unref();
  }

  #announce(transition: Transition): void {
    this.#checkpoint.touch();
    this.#events.append(transition, this.#clock.wallMs());
  }

  #collect(): Snapshot {
    const refusals = this.#refusals;
    this.tick();
    const began = this.#clock.now();
    this.#readCounters();
    const success = this.#refusals === refusals;
    if (success) this.#refusal = undefined;
    this.#save();
    const at = this.#clock.now();
    const durationSeconds = Number(at - began) / 1e9;
    this.#last = this.#snapshot(at, [{ name: this.#source.name, success, durationSeconds }]);
    return this.#last;
  }

  #readCounters(): void {
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
      this.#refusals++;
      if (cause !== this.#refusal) this.#announce({ kind: "events-lost", cause });
      this.#refusal = cause;
      return otherwise;
    }
  }

  #noticeReset(device: string, reason: ResetReason): void {
    this.#resets.count(device, reason);
    this.#announce({ kind: "counter-reset", device, reason, cause: RESET_REASONS[reason].cause });
  }

  #snapshot(at: Hrtime, collectors: readonly CollectorOutcome[]): Snapshot {
    const bySystem = linkSnapshots(this.#links, (link) => this.#roster.groupOf(link), at);
    const byName = [...this.#roster.groups.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    const { groups, kstats } = groupSnapshots(byName, this.#ip, bySystem, at);
    const links = [...bySystem.values()].sort((a, b) => a.ifindex - b.ifindex);
    return {
      at,
      wallMs: this.#clock.wallMs(),
      startedAt: this.#startedAt,
      groups,
      links,
      kstats: [...kstats, ...links.map(({ kstat }) => kstat)],
      supported: this.#supported,
      source: { name: this.#source.name, deliversEvents: this.#source.deliversEvents, gaps: this.#gaps },
      collectors,
      resets: this.#resets.list(),
      engine: {
        joinsRefused: Object.fromEntries(this.#roster.refusals),
        linkNotes: { ...this.#ip.effects.linkNotes },
        routingMessages: { ...this.#ip.effects.routingMessages },
      },
      state: this.#checkpoint.snapshot(),
      snmp: this.#readSnmp?.(),
      audit: { ok: this.#audit.last, violations: this.#audit.violations },
      tableLastChange: later(this.#linksChanged, this.#roster.groupsChanged),
      stackLastChange: this.#roster.membershipChanged,
    };
  }
}

function contextOf({ attributes: { speedBitsPerSecond } }: Link, at: Hrtime): ReadingContext {
  return { at, speedBitsPerSecond };
}

function savedMember({ link, phyint, joinedAt, offlined }: Member): SavedMember {
  const { name, ifindex, lladdr } = link.attributes;
  const { counters, seen, seenAt } = link.settled;
  return {
    device: name,
    ifindex,
    lladdr,
    crtime: link.crtime,
    joinedAt,
    offlined,
    baseline: phyint.kstats0,
    counters,
    seen,
    seenAt,
  };
}

function isUsable(state: string): boolean {
  return state === "active" || state === "inactive";
}

function later(a: Hrtime, b: Hrtime): Hrtime {
  return a > b ? a : b;
}

function supported(source: Source): ReadonlySet<NetStatistic> {
  const names = NET_STATISTICS.map(({ name }) => name).filter((name) => source.schema.indexOf(name) !== undefined);
  return new Set<NetStatistic>([...names, "link_up"]);
}
