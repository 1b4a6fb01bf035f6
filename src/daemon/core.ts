/**
 * The loop of the daemon. It applies what the sources tell, plans and judges the groups that this concerns, and lets snapshots be made
 * of the result. Everything here is synchronous and runs one thing at a time; what a system reports in between waits in its source.
 */

import type { Configuration } from "../config/configuration.ts";
import { inForce } from "../config/in-force.ts";
import { Ip } from "../ip/ip.ts";
import type { Hrtime } from "../kstat/hrtime.ts";
import { Registry } from "../kstat/registry.ts";
import { LOCAL } from "../link/link-id.ts";
import type { ProbeSockets } from "../probe-socket/probe-sockets.ts";
import type { Transition } from "../snapshot/event.ts";
import type { HostAddresses } from "../snapshot/host-addresses.ts";
import type { ProbeHistory } from "../snapshot/probes.ts";
import type { SnmpSnapshot } from "../snapshot/program.ts";
import type { Snapshots } from "../snapshot/snapshot.ts";
import type { Supposition } from "../snapshot/supposition.ts";
import type { Source } from "../sources/source.ts";
import type { SavedState, SystemIdentity } from "../state/saved-state.ts";
import type { Loaded, StateFile } from "../state/state-file.ts";
import { atOnce, inTurns } from "../turns/in-turns.ts";
import { Audit, type Violation } from "./groups/audit.ts";
import { type DetectionSettings, judgeMembers } from "./groups/detection.ts";
import { GroupChanges } from "./groups/group-changes.ts";
import { Membership } from "./groups/membership.ts";
import { type Offlining, setOffline } from "./groups/offlining.ts";
import { type PlanReason, PlanSchedule } from "./groups/plan-schedule.ts";
import { Planner } from "./groups/planner.ts";
import { followTestAddresses } from "./groups/test-addresses.ts";
import { SystemGroups } from "./groups/system-groups.ts";
import { Feeds, linkTables } from "./links/feeds.ts";
import type { Links } from "./links/links.ts";
import { LocalAddresses } from "./links/local-addresses.ts";
import { Restoration, type Restored } from "./links/restoration.ts";
import { untilNow } from "./links/restored-times.ts";
import { Probing } from "./probing/probing.ts";
import type { Clock } from "./process/clock.ts";
import type { EventLog } from "./snapshots/event-log.ts";
import { GroupFates } from "./snapshots/group-fates.ts";
import { Saving } from "./snapshots/saving.ts";
import { SharedSnapshots } from "./snapshots/shared-snapshots.ts";
import { SnapshotAssembly } from "./snapshots/snapshot-assembly.ts";
import { whatIf } from "./what-if/what-if.ts";

export interface CoreParts {
  /** The source of this host first, if there is one. No two sources have the same name. */
  readonly sources: readonly Source[];
  readonly clock: Clock;
  readonly events: EventLog;
  readonly configuration: Configuration;
  /** Where the state is kept; undefined keeps nothing. */
  readonly stateFile: StateFile | undefined;
  /** What was read from that file, and which system this is: state of another boot is not restored. */
  readonly loaded: Loaded;
  readonly system: SystemIdentity;
  /** Left out, no member is probed. */
  readonly probeSockets?: ProbeSockets;
  /** Ends the program: the engine is in a state that cannot be, and nothing of it may be shown or saved. */
  readonly panic?: (error: Error) => void;
}

/** Nanoseconds that counters may be old beside a question that is not about them. */
const SUPPOSED_AGE = 1_000_000_000n;

/** Nanoseconds that the counters of a checkpoint may be old: as old as those of the page's plots, which are read in the same second. */
const CHECKPOINT_AGE = 1_000_000_000n;

const NO_PROBE_SOCKETS: ProbeSockets = {
  open: () => ({ kind: "refused", step: "socket", errno: "not asked for" }),
  poll: () => undefined,
};

export class Core {
  /** Snapshots of everything known here, shared by all who ask. */
  readonly snapshots: Snapshots;
  /** Whether counters of an earlier run go on. */
  readonly restored: Restored;
  /** The addresses of this host, for whoever listens on each of them. */
  readonly addresses: HostAddresses;
  readonly #clock: Clock;
  readonly #events: EventLog;
  readonly #kstats = new Registry();
  readonly #links: Links;
  readonly #feeds: Feeds;
  readonly #ip: Ip;
  readonly #restoration: Restoration;
  readonly #membership: Membership;
  readonly #systemGroups: SystemGroups;
  readonly #changes: GroupChanges;
  readonly #planner: Planner;
  readonly #probing: Probing;
  readonly #saving: Saving;
  readonly #fates: GroupFates;
  readonly #shared: SharedSnapshots;
  readonly #audit: Audit;
  readonly #system: SystemIdentity;
  readonly #startedAt: Hrtime;
  #configuration: Configuration;
  #readSnmp: (() => SnmpSnapshot) | undefined;
  #snmp: SavedState["snmp"];
  readonly #schedule = new PlanSchedule();
  /** Times that groups were planned or judged, or that the engine tried again what it had to put off. */
  #groupChanges = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: CoreParts) {
    const { sources, clock, events, configuration, stateFile, loaded, system, panic } = parts;
    const now = clock.now();
    this.#clock = clock;
    this.#events = events;
    this.#configuration = configuration;
    this.#startedAt = now;
    this.#links = linkTables(sources, this.#kstats);
    this.#ip = new Ip(this.#kstats, now, panic);
    const announce = (transition: Transition): void => this.#announce(transition);
    const unusable = loaded.kind === "unusable" ? loaded : undefined;
    const saved = loaded.kind === "state" ? loaded.state : unusable?.recovered?.state;
    const restoration = new Restoration(saved && untilNow(saved, now), system, unusable !== undefined && !saved);
    this.#restoration = restoration;
    this.restored = restoration.restored;
    this.#planner = new Planner(restoration.uplinks);
    this.#saving = new Saving({ file: stateFile, clock, announce, unusable, state: () => this.#state() });
    this.#system = system;
    this.#snmp = saved?.snmp;
    this.#membership = new Membership(this.#ip, this.#links, restoration, announce, now);
    this.#systemGroups = new SystemGroups(this.#membership, clock, announce);
    this.#fates = new GroupFates(this.#links, configuration.sharedFate);
    const addresses = new LocalAddresses(this.#links.local);
    this.addresses = addresses;
    this.#feeds = new Feeds(sources, this.#links, clock, ({ name }) => ({
      ip: this.#ip,
      membership: this.#membership,
      systemGroups: this.#systemGroups,
      restoration,
      announce,
      planDue: (reason, cause) => this.#requestPlan(reason, cause),
      judge: (at) => this.#judge(at),
      linksChanged: () => this.#fates.linksChanged(),
      addressesChanged: () => {
        if (name === LOCAL) addresses.changed();
      },
    }));
    this.#probing = new Probing({
      membership: this.#membership,
      clock,
      announce,
      sockets: parts.probeSockets ?? NO_PROBE_SOCKETS,
      detection: configuration.detection,
      wake: () => this.tick(),
    });
    this.#changes = new GroupChanges(clock, announce);
    this.#audit = new Audit(announce);
    const assembly = new SnapshotAssembly({
      clock,
      links: this.#links,
      feeds: this.#feeds,
      ip: this.#ip,
      membership: this.#membership,
      systemGroups: this.#systemGroups,
      probing: this.#probing,
      fates: this.#fates,
      changes: () => this.#feeds.changes + this.#groupChanges,
      program: () => ({
        startedAt: this.#startedAt,
        state: this.#saving.snapshot(),
        snmp: this.#readSnmp?.(),
        audit: this.#audit.snapshot(),
      }),
    });
    this.#shared = new SharedSnapshots(
      {
        tick: () => this.tick(),
        read: () => this.#feeds.collect(),
        save: () => this.#saving.save(),
        steps: (countersAt, outcomes, scope) => assembly.steps(countersAt, outcomes, scope),
        sources: () => this.#feeds.snapshot(),
      },
      clock,
    );
    this.snapshots = this.#shared;
  }

  /** Begins to listen and forms the groups. @throws SourceError when the system does not let us. */
  start(): void {
    this.#feeds.open(() => this.tick());
    this.tick();
  }

  /** Applies everything that happened since the last call, in its order. */
  tick(): void {
    const now = this.#clock.now();
    if (this.#feeds.drain(now)) this.#saving.touch();
    const cause = this.#schedule.causeAt(now);
    if (cause !== undefined) this.#plan(cause, now);
    if (this.#ip.expire(now)) this.#groupChanges++;
    this.#judge(now);
    this.#rearm(now);
    this.#saving.saveSoon();
  }

  /** Applies what a reload applies of a configuration. Groups and members that both configurations have keep their counters and their history. */
  reconfigure(loaded: Configuration): void {
    this.tick();
    const now = this.#clock.now();
    const configuration = inForce(this.#configuration, loaded);
    this.#configuration = configuration;
    this.#membership.forgetVanished();
    this.#planner.forgetWithdrawn();
    this.#plan("configuration reloaded", now);
    this.#probing.configure(configuration.detection);
    this.#fates.configure(configuration.sharedFate);
    this.#judge(now);
    this.#rearm(now);
    this.#shared.age();
    this.#saving.saveSoon();
  }

  /** Takes a member out of service or back (see {@link setOffline}). */
  setOffline(device: string, offline: boolean): Offlining {
    this.tick();
    const outcome = setOffline(this.#membership, device, offline);
    if (outcome !== "done") return outcome;
    this.tick();
    this.#shared.age();
    return outcome;
  }

  /** What would become of the groups without some things (see {@link whatIf}); the counters are at most two seconds old. */
  suppose(without: readonly string[]): Supposition {
    this.tick();
    const snapshot = this.snapshots.within(SUPPOSED_AGE);
    const groups = this.#membership.groups.values();
    const parts = { links: this.#links, groups: [...groups], fates: this.#fates, settings: this.#detectionSettings };
    return whatIf(without, parts, snapshot, this.#clock.now());
  }

  /** Reads all counters and saves them, and whatever else has changed. */
  checkpoint(): void {
    this.tick();
    this.#feeds.readCounters();
    this.#saving.touch();
    this.#saving.save(true);
  }

  /** As {@link checkpoint} and {@link audit}, in turns, with counters that somebody else may have asked for in the last second, or may ask for in the next. */
  async sharedCheckpoint(): Promise<void> {
    await this.snapshots.fresh(CHECKPOINT_AGE);
    this.#saving.touch();
    this.#saving.save(true);
    await inTurns(this.#auditSteps());
  }

  /** Checks that the total of every group is the sum of its parts, and announces each that is not. */
  audit(): readonly Violation[] {
    return atOnce(this.#auditSteps());
  }

  /** Identity and number of starts of the SNMP engine as saved; undefined before its first start. */
  get savedSnmp(): SavedState["snmp"] {
    return this.#snmp;
  }

  /** Saves the identity of the SNMP engine. Answers whether it is on the disk. */
  saveSnmp(snmp: NonNullable<SavedState["snmp"]>): boolean {
    this.#snmp = snmp;
    this.#saving.touch();
    this.#saving.save(true);
    return this.#saving.snapshot()?.saved === true;
  }

  /** The last probes that were answered or lost. */
  get probes(): ProbeHistory {
    return this.#probing.history;
  }

  /** Gives snapshots the counters of the SNMP agent, which starts after this. */
  showSnmp(read: () => SnmpSnapshot): void {
    this.#readSnmp = read;
  }

  /** Saves a last time and closes the sources. */
  close(): void {
    this.checkpoint();
    clearTimeout(this.#timer);
    this.#saving.close();
    this.#probing.close();
    this.#feeds.close();
  }

  #auditSteps(): Generator<void, readonly Violation[]> {
    this.tick();
    return this.#audit.steps(this.#membership.groups, this.#clock);
  }

  /** Before the first plan: what the earlier run left, which nobody has taken over yet. */
  #state(): SavedState {
    const { waiting } = this.#restoration;
    if (waiting) return { ...waiting, snmp: this.#snmp };
    return {
      system: this.#system,
      sources: this.#feeds.saved(),
      groups: Array.from(this.#membership.groups.values(), (group) => group.save()),
      uplinks: this.#planner.uplinks,
      snmp: this.#snmp,
    };
  }

  #requestPlan(reason: PlanReason, cause: string): void {
    // Only where no groups are configured do the links themselves decide which are uplinks.
    if (reason === "links" && this.#configuration.groups.length > 0) return;
    this.#schedule.request(reason, cause);
  }

  /** Who plans on a part of the links takes the others for gone. */
  get #canPlan(): boolean {
    return this.#feeds.local?.isListed ?? true;
  }

  #plan(cause: string, now: Hrtime): void {
    if (!this.#canPlan) return;
    this.#groupChanges++;
    this.#saving.touch(); // also when the groups stay as they are, how the uplinks were found is to be saved
    this.#schedule.planned(now);
    const routes = this.#feeds.local?.defaultRoutes(cause);
    this.#probing.takeRoutes(routes ?? []);
    this.#fates.routesAre(routes ?? []);
    const plans = this.#planner.plan(this.#configuration, this.#links, routes, {
      told: this.#configuration.discovery.illumos ? this.#systemGroups.plans() : [],
      isEnough: this.#feeds.local?.hasOwnGroups ?? false,
    });
    if (!this.#membership.isPlanned(plans)) {
      this.#feeds.readCounters(); // whoever joins or leaves by a plan does so at the present reading
      this.#feeds.noticeVanished();
      this.#membership.plan(plans, cause, now);
      this.#systemGroups.attach();
    }
    this.#membership.routesAre(routes);
  }

  /** Judges the members of each group that something happened to, and announces what that changed. */
  #judge(now: Hrtime): void {
    this.#probing.turn(now);
    if (this.#membership.dirty.size > 0) {
      this.#groupChanges++;
      this.#saving.touch(); // what is saved of a group may be other than before without a transition
    }
    for (const group of this.#membership.dirty) {
      judgeMembers(this.#ip, group, this.#detectionSettings, now);
      followTestAddresses(this.#ip, group, now);
      this.#changes.look(group, now);
      this.#fates.membersChanged(group);
      group.touched();
    }
    this.#membership.dirty.clear();
  }

  get #detectionSettings(): DetectionSettings {
    const { failback, lacpOtherAggregator: otherAggregator } = this.#configuration.detection;
    return { failback, otherAggregator };
  }

  /** Wakes the loop at the earliest deadline: a retry of the engine, or a plan that had to wait. Probes wake it themselves. */
  #rearm(now: Hrtime): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const planAt = this.#canPlan ? this.#schedule.at : undefined;
    const deadlines = [this.#ip.nextDeadline(), planAt];
    const next = deadlines
      .filter((at) => at !== undefined)
      .reduce<bigint | undefined>((soonest, at) => (soonest !== undefined && soonest < at ? soonest : at), undefined);
    if (next === undefined) return;
    this.#timer = setTimeout(() => this.tick(), Math.max(0, Number((next - now) / 1_000_000n) + 1)).unref();
  }

  #announce(transition: Transition): void {
    this.#saving.touch();
    this.#shared.age();
    this.#events.append(transition, this.#clock.wallMs());
  }
}
