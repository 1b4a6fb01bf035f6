/** A group as the daemon runs it: the engine's group, its expected and present members, and the records of what they have been through. */

import type { Verdicts } from "../../detection/link-based.ts";
import { PHYI } from "../../ipmp/flags.ts";
import type { IpmpGroup } from "../../ipmp/ipmp-group.ts";
import type { Phyint } from "../../ipmp/phyint.ts";
import type { Hrtime } from "../../kstat/hrtime.ts";
import { NET_INDEX } from "../../kstat/net.ts";
import type { BondMonitor } from "../../link/aggregate.ts";
import { namesOf } from "../../link/link-attributes.ts";
import { linkLabel, sourceOfLabel } from "../../link/link-id.ts";
import type { SystemGroup } from "../../link/system-group.ts";
import type { Route } from "../../membership/route-use.ts";
import { assignGone, namedDevices } from "../../membership/rule.ts";
import type { IpFamily } from "../../net-address/ip-address.ts";
import { AT_START } from "../../snapshot/event.ts";
import type { GroupState } from "../../snapshot/snapshot.ts";
import type { SavedGroup } from "../../state/saved-state.ts";
import type { Link } from "../links/link.ts";
import { CrossCheck } from "./cross-check.ts";
import { Failovers } from "./failovers.ts";
import { GroupDiscards } from "./discards.ts";
import { type GroupPlan, masterIfindexOf, type Refusal, type SystemPlan } from "./group-plan.ts";
import { HealthRecord } from "./health-record.ts";
import type { Member } from "./member.ts";
import { StateTimes } from "./state-times.ts";

const NONE: readonly Refusal[] = [];

/** Vanished members that are remembered. Names of links can be many where containers come and go. */
const REMEMBERED_VANISHED = 1_000;

export class Group {
  plan: GroupPlan;
  /** The bond or team of this host that it is, for life: another one of that name is another group. */
  readonly masterIfindex: number | undefined;
  /** The system whose group it is, for life. */
  readonly systemPlan: SystemPlan | undefined;
  /** What that system says of it now. */
  system: SystemGroup | undefined = undefined;
  /** How our sum compares with the system's own. */
  readonly crossCheck = new CrossCheck();
  /** Changes of addresses and nominees that were announced. They are the counters of a group of the system; otherwise the engine's own are shown. */
  rebinds = 0n;
  castChanges = 0n;
  readonly engine: IpmpGroup;
  readonly members = new Map<Link, Member>();
  readonly discards = new GroupDiscards();
  readonly health = new HealthRecord(() => [...this.members.keys()].map(({ label }) => label));
  /** Tried once, and again when the link changes. */
  readonly refused = new Map<Link, Refusal>();
  /** Links that its rules name and that have a place already: in another group, or in this one under another of their names. */
  readonly placed = new Map<Link, readonly Refusal[]>();
  readonly #vanished = new Set<string>();
  verdicts: Verdicts = new Map();
  /** Default routes as last read, where it follows them and the system tells them. */
  routes: readonly Route[] | undefined = undefined;
  readonly states: StateTimes;
  /** No target answers any member, though links are up: nobody is to blame, and traffic stays where it is. */
  targetsMute = false;
  readonly failovers = new Failovers();
  /** What watched the links of the bond when detection last looked. */
  monitor: BondMonitor | undefined = undefined;
  /** What happened to members since the engine's rearrangements were last looked at, by device, and the last of all. */
  readonly #causes = new Map<string, string>();
  #lastCause: string = AT_START;
  #missing: readonly string[] | undefined;
  #expected: ReadonlyMap<string, boolean> | undefined;
  #byDevice: readonly Member[] | undefined;
  #saved: SavedGroup | undefined;

  constructor(plan: GroupPlan, engine: IpmpGroup, now: Hrtime) {
    this.plan = plan;
    this.masterIfindex = masterIfindexOf(plan);
    this.systemPlan = plan.system;
    this.engine = engine;
    this.states = new StateTimes(now);
  }

  get name(): string {
    return this.engine.name;
  }

  /**
   * Labels of members whose links are gone. They are still expected, until the configuration is loaded again; of a group of uplinks until the
   * next plan, which says anew what the routes use. The kernel forgets a slave whose device is gone; the bond is the worse for it all the same.
   */
  get vanished(): ReadonlySet<string> {
    return this.#vanished;
  }

  /** A member's link is gone, and no rule expects it by its name. */
  addVanished(label: string): void {
    this.#vanished.add(label);
    const [first] = this.#vanished;
    if (this.#vanished.size > REMEMBERED_VANISHED && first !== undefined) this.#vanished.delete(first);
  }

  /** Nobody waits any more for that link; left out, for any of those that are gone. */
  forgetVanished(label?: string): void {
    if (label === undefined) this.#vanished.clear();
    else this.#vanished.delete(label);
  }

  /**
   * Labels of expected members (named by the rules, present, refused by a rule that names them, or vanished), each with whether it is a
   * standby. A link that the rules name by another of its names, or by several, is expected once, under its label.
   */
  expected(): ReadonlyMap<string, boolean> {
    this.#expected ??= this.#findExpected();
    return this.#expected;
  }

  /** Links that are here: in, refused, or in a place that they have already. */
  get #present(): Link[] {
    return [...this.members.keys(), ...this.refused.keys(), ...this.placed.keys()];
  }

  /** Everything that was to join and may not, and what the plan leaves out. */
  refusals(): readonly Refusal[] {
    const { leftOut = NONE } = this.plan;
    return this.refused.size + this.placed.size === 0 ? leftOut : [...this.notLetIn(), ...leftOut];
  }

  /** What was to join and may not: the group is the worse for each. */
  notLetIn(): readonly Refusal[] {
    return [...this.refused.values(), ...[...this.placed.values()].flat()];
  }

  /** Of links that are here: their labels by every name that they answer to. */
  #labelsByName(): Map<string, string> {
    const labels = new Map<string, string>();
    for (const { id, attributes, label } of this.#present)
      for (const name of namesOf(attributes)) labels.set(linkLabel(id.source, name), label);
    return labels;
  }

  /** Whether nobody configured it: it has whatever the routes of the system use. */
  get isDiscovered(): boolean {
    return this.plan.source === "route" || this.plan.source === "default";
  }

  /** That of the bond or team that it is; otherwise that of its members, as the engine has it. Undefined while there is none. */
  get mtu(): number | undefined {
    const { master } = this.plan;
    if (master) return master.attributes.mtu || undefined;
    if ([...this.members.keys()].some(({ attributes }) => attributes.mtu === 0)) return undefined;
    return this.members.size > 0 ? this.engine.phyint.v4?.mtu || undefined : undefined;
  }

  /** Whether its meta-interface runs: a member is active. */
  get linkUp(): boolean {
    const told = this.system?.kstat?.values[NET_INDEX.link_up];
    if (told !== undefined) return told !== 0n;
    return (this.engine.phyint.flags & PHYI.RUNNING) !== 0;
  }

  /** Labels of the members that are nominated for multicast and broadcast. */
  get castDevices(): Readonly<Record<IpFamily, string | undefined>> {
    if (this.system) return castOf(this.system);
    const { v4, v6 } = this.engine;
    return { ipv4: this.labelOf(v4?.castIll?.phyint), ipv6: this.labelOf(v6?.castIll?.phyint) };
  }

  /** Label of the member that has this phyint, whose name alone may be that of a link of another system too. */
  labelOf(phyint: Phyint | undefined): string | undefined {
    if (!phyint) return undefined;
    for (const member of this.members.values()) if (member.phyint === phyint) return member.link.label;
    return phyint.name;
  }

  /** Labels of expected members that are not there, sorted. One that may not join is there. */
  missing(): readonly string[] {
    this.#missing ??= this.#findMissing();
    return this.#missing;
  }

  /** Whether a member, or one that is expected, is a link of that system. */
  concerns(source: string): boolean {
    for (const { id } of this.members.keys()) if (id.source === source) return true;
    return this.missing().some((label) => sourceOfLabel(label) === source);
  }

  /** Present members, sorted by device. */
  membersByDevice(): readonly Member[] {
    this.#byDevice ??= [...this.members.values()].sort((a, b) => (a.link.label < b.link.label ? -1 : 1));
    return this.#byDevice;
  }

  /** Drops what is cached of members, their names and the plan, because one of them changed. */
  changed(): void {
    this.#missing = undefined;
    this.#expected = undefined;
    this.#byDevice = undefined;
  }

  /** Remembers what happened to a member: it may be the cause of what the engine rearranges. */
  happened(device: string, cause: string): void {
    this.#causes.set(device, cause);
    this.#lastCause = cause;
  }

  /** What happened to the first of these devices that anything happened to; otherwise what happened last to any. */
  causeFor(...devices: readonly (string | undefined)[]): string {
    for (const device of devices) {
      const cause = device === undefined ? undefined : this.#causes.get(device);
      if (cause !== undefined) return cause;
    }
    return this.#lastCause;
  }

  /** Forgets these causes: what they rearranged has been announced. */
  causesSeen(): void {
    this.#causes.clear();
  }

  #findExpected(): Map<string, boolean> {
    const expected = new Map<string, boolean>();
    const labels = this.#labelsByName();
    const { rule } = this.plan;
    for (const device of this.#vanished) expected.set(device, assignGone([rule], device)?.standby ?? false);
    for (const { device, standby } of namedDevices(rule)) expected.set(labels.get(device) ?? device, standby);
    if (this.isDiscovered) for (const link of this.refused.keys()) expected.set(link.label, false);
    for (const member of this.members.values()) expected.set(member.link.label, member.standby);
    return expected;
  }

  #findMissing(): string[] {
    const present = new Set(this.#present.map(({ label }) => label));
    return [...this.expected().keys()].filter((device) => !present.has(device)).sort();
  }

  /** How many members are to be active: as many as are expected and no standby, at least `min_active`, at least one. */
  wantedActive(): number {
    const primaries = [...this.expected().values()].filter((standby) => !standby).length;
    return Math.max(primaries, this.plan.minActive, 1);
  }

  /** A bond without a monitor does not: it goes on with the slave that it has, link or no link. */
  get #failsOver(): boolean {
    return this.plan.master?.attributes.aggregate?.monitor !== "none";
  }

  /** Whether the member carries traffic, or would as soon as those that do are lost. */
  isReadyToUse(member: Member): boolean {
    return member.isUsable && (this.#failsOver || member.currentState() === "active");
  }

  /**
   * ok: every expected member is usable. failed: none is, or the bond that they make has no carrier itself, or none is in use and no
   * other one will be. degraded: some are, or fewer than `min_active` are active.
   */
  currentState(): GroupState {
    if (this.system?.state) return this.system.state;
    const { master } = this.plan;
    if (master && !(master.attributes.adminUp && master.attributes.running)) return "failed";
    const members = [...this.members.values()];
    const usable = members.filter(({ isUsable }) => isUsable).length;
    if (usable === 0 || !members.some((member) => this.isReadyToUse(member) || member.isUseUnknown)) return "failed";
    if (usable < this.expected().size) return "degraded";
    const active = members.filter((member) => member.currentState() === "active").length;
    return active < this.plan.minActive && !members.some((member) => member.isUseUnknown) ? "degraded" : "ok";
  }

  /** Continues the history that an earlier run saved. */
  restore(saved: SavedGroup): void {
    this.states.restore(saved);
    this.failovers.restore(saved);
    for (const device of saved.vanished) this.addVanished(device);
    this.health.restore(saved.health);
  }

  /** The group for the state file: the same object as before, unless the group was touched. */
  save(): SavedGroup {
    this.#saved ??= {
      name: this.name,
      ifname: this.plan.ifname,
      ifindex: this.engine.phyint.ifindex,
      crtime: this.engine.ksp?.crtime ?? this.states.lastChange,
      ...this.states.save(),
      ...this.failovers.save(),
      vanished: [...this.#vanished],
      health: this.health.save(),
      departed: this.engine.kstats0.slice(),
      members: Array.from(this.members.values(), (member) => member.save()),
    };
    return this.#saved;
  }

  /** Something of it, of a member or of a member's link may have changed: it has to be saved anew. */
  touched(): void {
    this.#saved = undefined;
  }
}

function castOf({ members }: SystemGroup): Readonly<Record<IpFamily, string | undefined>> {
  const nominee = (family: IpFamily) => members.find(({ cast }) => cast[family])?.device;
  return { ipv4: nominee("ipv4"), ipv6: nominee("ipv6") };
}
