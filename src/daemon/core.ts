/**
 * The heart of the daemon: takes in what happened, keeps the engine up to date, and hands out snapshots. Everything here is
 * synchronous and runs one thing at a time; what the operating system reports in between waits in its queue.
 */

import type { Configuration } from "../config/configuration.ts";
import { Ip } from "../ip/ip.ts";
import type { Hrtime } from "../kstat/hrtime.ts";
import { NET_STATISTICS, type NetStatistic } from "../kstat/net.ts";
import { Registry } from "../kstat/registry.ts";
import type { Transition } from "../snapshot/event.ts";
import type { CollectorOutcome, Snapshot, Snapshots, SnmpSnapshot } from "../snapshot/snapshot.ts";
import { type EngineIdentity, LAST_BOOTS } from "../snmp/engine-identity.ts";
import type { Source } from "../sources/source.ts";
import type { SavedMember, SavedState, SystemIdentity } from "../state/saved-state.ts";
import type { Loaded, StateFile } from "../state/state-file.ts";
import { audit, type Violation } from "./groups/audit.ts";
import { BindingWatch } from "./groups/binding-watch.ts";
import { Detection } from "./groups/detection.ts";
import type { Member } from "./groups/member.ts";
import { Membership } from "./groups/membership.ts";
import { Planner } from "./groups/planner.ts";
import { followProbeAddresses } from "./groups/probe-addresses.ts";
import { LinkTable } from "./links/link.ts";
import { Restoration } from "./links/restoration.ts";
import { SourceEvents } from "./links/source-events.ts";
import type { Clock } from "./process/clock.ts";
import type { EventLog } from "./snapshots/event-log.ts";
import { Saving } from "./snapshots/saving.ts";
import { groupSnapshots, linkSnapshots } from "./snapshots/snapshot-builder.ts";

export interface CoreParts {
  readonly source: Source;
  readonly clock: Clock;
  readonly events: EventLog;
  readonly configuration: Configuration;
  /** Where the state is kept; undefined keeps nothing. */
  readonly stateFile: StateFile | undefined;
  /** What was in it, and which system this is. */
  readonly loaded: Loaded;
  readonly system: SystemIdentity;
  /** Ends the program: the engine is in a state that cannot be, and nothing of it may be shown or saved. */
  readonly panic?: (error: Error) => void;
}

/** kstat instance of this host's links: `link:0:<name>`, as illumos has them. */
const LOCAL_INSTANCE = 0;

/** Bursts of changes are saved together, at most this long after the first. */
const SAVE_DELAY_MS = 50;

export class Core implements Snapshots {
  readonly #source: Source;
  readonly #clock: Clock;
  readonly #events: EventLog;
  readonly #kstats = new Registry();
  readonly #links: LinkTable;
  readonly #sourceEvents: SourceEvents;
  readonly #ip: Ip;
  readonly #membership: Membership;
  readonly #detection: Detection;
  readonly #bindings: BindingWatch;
  readonly #planner: Planner;
  readonly #saving: Saving;
  readonly #system: SystemIdentity;
  readonly #startedAt: Hrtime;
  readonly #supported: ReadonlySet<NetStatistic>;
  #configuration: Configuration;
  #audit = { violations: 0n, last: true };
  #readSnmp: (() => SnmpSnapshot) | undefined;
  #last: Snapshot | undefined;
  #pending: Promise<Snapshot> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #saveTimer: NodeJS.Timeout | undefined;
  #snmp: SavedState["snmp"];

  constructor({ source, clock, events, configuration, stateFile, loaded, system, panic }: CoreParts) {
    const now = clock.now();
    this.#source = source;
    this.#clock = clock;
    this.#events = events;
    this.#configuration = configuration;
    this.#startedAt = now;
    this.#links = new LinkTable(this.#kstats, { source: source.name, instance: LOCAL_INSTANCE, schema: source.schema });
    this.#ip = new Ip(this.#kstats, now, panic);
    const announce = (transition: Transition): void => this.#announce(transition);
    const saved = loaded.kind === "state" ? loaded.state : undefined;
    const restoration = new Restoration(saved, system);
    this.#planner = new Planner(restoration.uplinks);
    this.#saving = new Saving(stateFile, clock, announce, loaded.kind === "unusable" ? loaded.fault : undefined);
    this.#system = system;
    this.#snmp = saved?.snmp;
    this.#membership = new Membership(this.#ip, this.#links, restoration, announce, now);
    this.#sourceEvents = new SourceEvents({
      source,
      clock,
      links: this.#links,
      ip: this.#ip,
      membership: this.#membership,
      restoration: restoration,
      announce,
    });
    this.#sourceEvents.followsLinks = configuration.groups.length === 0;
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
    this.#sourceEvents.drain(now);
    if (this.#sourceEvents.planDue !== undefined) this.#plan(this.#sourceEvents.planDue, now);
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
    this.#sourceEvents.followsLinks = configuration.groups.length === 0;
    this.#membership.forgetVanished();
    this.#plan("configuration reloaded", now);
    this.#detect(now);
    this.#last = undefined;
  }

  /** if_mpadm -d and -r. Refused: no other member of the group would be left to work. */
  setOffline(device: string, offline: boolean): "done" | "refused" | "unknown" {
    this.tick();
    for (const group of this.#membership.groups.values()) {
      const member = [...group.members.values()].find(({ link }) => link.name === device);
      if (!member) continue;
      const others = [...group.members.values()].filter((other) => other !== member && isUsable(other.currentState()));
      if (offline && others.length === 0 && group.state !== "failed") return "refused";
      member.offlined = offline;
      this.#membership.dirty.add(group);
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
    this.#sourceEvents.readCounters();
    this.#saving.touch();
    this.#save();
    this.audit();
  }

  /** Checks that every group adds up; says so where one does not. */
  audit(): readonly Violation[] {
    this.tick();
    const violations = audit(this.#membership.groups.values(), this.#clock.now());
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
    this.#saving.touch();
    this.#save();
    return this.#saving.snapshot()?.saved === true;
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
    this.#saving.save(() => this.#state());
  }

  #saveSoon(): void {
    if (this.#saving.isDue) this.#saveTimer ??= setTimeout(() => this.#save(), SAVE_DELAY_MS).unref();
  }

  #state(): SavedState {
    const groups = [...this.#membership.groups.values()].map((group) =>
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

  #plan(cause: string, now: Hrtime): void {
    const sourceEvents = this.#sourceEvents;
    sourceEvents.planDue = undefined;
    sourceEvents.readCounters(); // whoever joins or leaves by a plan does so at the present reading
    sourceEvents.noticeVanished();
    const plans = this.#planner.plan(this.#configuration, this.#links, sourceEvents.defaultRoutes(cause));
    this.#membership.plan(plans, cause, now);
  }

  #detect(now: Hrtime): void {
    const { failback } = this.#configuration.detection;
    for (const group of this.#membership.dirty) {
      this.#detection.step(group, { failback }, now);
      followProbeAddresses(this.#ip, group, now);
      this.#bindings.look(group);
    }
    this.#membership.dirty.clear();
  }

  #rearm(now: Hrtime): void {
    clearTimeout(this.#timer);
    const next = this.#ip.nextDeadline();
    if (next === undefined) return;
    this.#timer = setTimeout(() => this.tick(), Math.max(0, Number((next - now) / 1_000_000n) + 1)).unref();
  }

  #announce(transition: Transition): void {
    this.#saving.touch();
    this.#events.append(transition, this.#clock.wallMs());
  }

  #collect(): Snapshot {
    const refusals = this.#sourceEvents.refusals;
    this.tick();
    const began = this.#clock.now();
    this.#sourceEvents.readCounters();
    const success = this.#sourceEvents.refusals === refusals;
    if (success) this.#sourceEvents.answered();
    this.#save();
    const at = this.#clock.now();
    const durationSeconds = Number(at - began) / 1e9;
    this.#last = this.#snapshot(at, [{ name: this.#source.kind, success, durationSeconds }]);
    return this.#last;
  }

  #snapshot(at: Hrtime, collectors: readonly CollectorOutcome[]): Snapshot {
    const bySystem = linkSnapshots(this.#links, (link) => this.#membership.groupOf(link), at);
    const byName = [...this.#membership.groups.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    const groups = groupSnapshots(byName, this.#ip, bySystem, at);
    const links = [...bySystem.values()].sort((a, b) => a.id.ifindex - b.id.ifindex);
    return {
      at,
      wallMs: this.#clock.wallMs(),
      startedAt: this.#startedAt,
      groups,
      links,
      supported: this.#supported,
      source: { kind: this.#source.kind, deliversEvents: this.#source.deliversEvents, gaps: this.#sourceEvents.gaps },
      collectors,
      resets: this.#sourceEvents.resets.list(),
      engine: {
        joinsRefused: Object.fromEntries(this.#membership.refusals),
        linkNotes: { ...this.#ip.effects.linkNotes },
        routingMessages: { ...this.#ip.effects.routingMessages },
      },
      state: this.#saving.snapshot(),
      snmp: this.#readSnmp?.(),
      audit: { ok: this.#audit.last, violations: this.#audit.violations },
      tableLastChange: later(this.#sourceEvents.linksChanged, this.#membership.groupsChanged),
      stackLastChange: this.#membership.membershipChanged,
    };
  }
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
