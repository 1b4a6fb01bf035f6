/**
 * A host on a small network, for the probe machine: interfaces in groups, routers and hosts that answer, and a wire that loses and delays what
 * the test tells it to. Time is the test's, and answers arrive in the order of their times.
 */

import { PHYI } from "#src/ipmp/flags.js";
import type { Answer } from "#src/probing/answer.js";
import { SERVICE } from "#src/probing/deviations.js";
import type { ProbeEvent } from "#src/probing/events.js";
import type { Instance } from "#src/probing/instance.js";
import { ProbeMachine } from "#src/probing/machine.js";
import type { Phyint } from "#src/probing/phyint.js";
import type { Settings } from "#src/probing/prober.js";
import type {
  ProbePacket,
  Router,
  SendOutcome,
  System,
  SystemEntry,
  SystemGroup,
  SystemInterface,
} from "#src/probing/system.js";

type Family = "v4" | "v6";
export type Flag = Exclude<keyof typeof PHYI, "IPMP" | "VIRTUAL">;

export interface Plumbing {
  readonly group?: string;
  readonly flags?: readonly Flag[];
  /** Families that are plumbed, and those of them with a test address. */
  readonly families?: readonly Family[];
  readonly test?: readonly Family[];
  readonly link?: boolean;
  readonly hardwareAddress?: string;
}

/** Who answers a packet, and in how many milliseconds. */
export type Wire = (packet: ProbePacket) => readonly (readonly [from: string, afterMs: number])[];

/** The target answers within a millisecond, and nobody answers what goes to all. */
export const QUICK: Wire = ({ target }) => (target === undefined ? [] : [[target, 0.4]]);
export const MUTE: Wire = () => [];

export const SETTINGS: Settings = {
  failureDetectionTimeMs: 10_000,
  failback: true,
  trackAll: false,
  echo: true,
  deviations: SERVICE,
};
/** The probe interval of these settings. */
export const INTERVAL_MS = 1428;
/** Of which the machine makes, with these settings: a timer that starts at once, and probes that are regular, or as early as they may be. */
export const REGULAR = 1429;
export const EARLY = 0;

const NANOSECONDS_PER_MILLISECOND = 1_000_000;

function bits(flags: readonly Flag[]): number {
  return flags.reduce((word, flag) => word | PHYI[flag], 0);
}

type Changeable = { -readonly [K in keyof SystemInterface]: SystemInterface[K] };

export class Network implements System {
  readonly settings: Settings;
  machine: ProbeMachine;
  /** Nanoseconds. */
  now = 1_000_000 * NANOSECONDS_PER_MILLISECOND;
  wire: Wire = QUICK;
  /** What becomes of a packet on the way out. It may take time. */
  sends: (packet: ProbePacket) => SendOutcome = () => "sent";
  number: () => number = () => REGULAR;
  /** Nanoseconds that an answer lies with the system before the machine gets it, if it is not busy. */
  age = 0;
  /** Called for each event, at its moment. */
  watch: (event: ProbeEvent) => void = () => {};
  readonly sent: ProbePacket[] = [];
  readonly #told: string[] = [];
  #routers: readonly Router[] = [];
  readonly #entries: (Changeable | SystemGroup)[] = [];
  readonly #answers: { readonly at: number; readonly answer: Answer }[] = [];

  constructor(settings: Partial<Settings> = {}) {
    this.settings = { ...SETTINGS, ...settings };
    this.machine = new ProbeMachine(this, this.settings, this.now);
  }

  /** An interface in group g, with IPv4 and a test address unless said otherwise. */
  plumb(name: string, { group = "g", flags = [], families = ["v4"], ...rest }: Plumbing = {}): this {
    const { test = families, link = true, hardwareAddress } = rest;
    const family = (one: Family) =>
      families.includes(one) ? { up: true, testAddress: test.includes(one) } : undefined;
    if (group !== "" && !this.#entries.some((entry) => entry.kind === "group" && entry.name === group))
      this.#entries.push({ kind: "group", name: group });
    this.#entries.push({
      kind: "interface",
      name,
      group,
      flags: bits(flags) | (link ? PHYI.RUNNING : 0),
      hardwareAddress,
      v4: family("v4"),
      v6: family("v6"),
    });
    this.machine.scan(this.now);
    return this;
  }

  unplumb(name: string): void {
    this.#entries.splice(this.#entries.indexOf(this.#entry(name)), 1);
    this.machine.scan(this.now);
  }

  /** Something about an interface is another, and the machine is told to look. */
  change(name: string, fields: Partial<SystemInterface>): void {
    Object.assign(this.#entry(name), fields);
    this.machine.scan(this.now);
  }

  /** Links go down or come up, all in one message. */
  link(up: boolean, ...names: readonly string[]): void {
    for (const name of names) this.#set(name, up ? ["RUNNING"] : [], up ? [] : ["RUNNING"]);
    this.machine.linksChanged(this.now, names);
  }

  /** Another program changes flags. */
  flags(name: string, set: readonly Flag[], clear: readonly Flag[]): void {
    this.#set(name, set, clear);
    this.machine.flagsChanged(this.now, name);
  }

  #set(name: string, set: readonly Flag[], clear: readonly Flag[]): void {
    const entry = this.#entry(name);
    entry.flags = (entry.flags | bits(set)) & ~bits(clear);
  }

  /** The next hops over an interface, for IPv4. */
  route(name: string, ...addresses: readonly string[]): this {
    return this.#route(name, "v4", addresses);
  }

  /** The next hops over an interface, for IPv6. */
  route6(name: string, ...addresses: readonly string[]): this {
    return this.#route(name, "v6", addresses);
  }

  #route(name: string, family: Family, addresses: readonly string[]): this {
    const others = this.#routers.filter((router) => router.interface !== name || router.family !== family);
    this.#routers = [...others, ...addresses.map((address) => ({ interface: name, family, address }))];
    this.machine.routersChanged(this.now);
    return this;
  }

  offline(name: string, minimumRedundancy = 1): string {
    return this.machine.offline(this.now, name, minimumRedundancy);
  }

  online(name: string): string {
    return this.machine.online(this.now, name);
  }

  /** The program ends and begins anew. What the system has stays. */
  restart(): void {
    this.#answers.length = 0;
    this.machine = new ProbeMachine(this, this.settings, this.now);
    this.machine.scan(this.now);
  }

  /** So many milliseconds pass. */
  run(milliseconds: number): this {
    const end = this.now + milliseconds * NANOSECONDS_PER_MILLISECOND;
    while (this.step(end));
    this.now = end;
    return this;
  }

  /** The next thing that is due before `end` happens; false if there is none. */
  step(end = Number.POSITIVE_INFINITY): boolean {
    const deadline = this.machine.nextDeadline;
    const [next] = this.#answers;
    if (next !== undefined && next.at <= Math.min(deadline, end)) {
      this.#answers.shift();
      this.now = Math.max(this.now, next.at);
      this.machine.received(this.now, { ...next.answer, age: next.answer.age + this.now - next.at });
      return true;
    }
    if (deadline > end) return false;
    this.now = Math.max(this.now, deadline);
    this.machine.due(this.now);
    return true;
  }

  /** Runs until something is so. */
  until(condition: () => boolean, limitMs = 600_000): this {
    const end = this.now + limitMs * NANOSECONDS_PER_MILLISECOND;
    while (!condition()) if (!this.step(end)) throw new Error(`Not within ${limitMs} ms: ${condition}`);
    return this;
  }

  get milliseconds(): number {
    return this.now / NANOSECONDS_PER_MILLISECOND;
  }

  phyint(name: string): Phyint {
    const phyint = this.machine.phyint(name);
    if (phyint === undefined) throw new Error(`The machine does not know ${name}`);
    return phyint;
  }

  instance(name: string, family: Family = "v4"): Instance {
    const instance = this.phyint(name)[family];
    if (instance === undefined) throw new Error(`The machine does not know ${name}/${family}`);
    return instance;
  }

  /** Its state, and the flags that it has beside RUNNING. */
  state(name: string): string {
    const phyint = this.phyint(name);
    const flags = (["STANDBY", "INACTIVE", "FAILED", "OFFLINE"] as const).filter((flag) => phyint.has(flag));
    return [phyint.state, ...flags].join(" ");
  }

  groupState(name = "g"): string {
    return this.machine.groups.find((group) => group.name === name)?.state ?? "none";
  }

  /** What was told since the last call, a line each; probes apart. */
  told(): string[] {
    return this.#told.splice(0);
  }

  entries(): Iterable<SystemEntry> {
    return this.#entries;
  }

  routers(): Iterable<Router> {
    return this.#routers;
  }

  /** Everybody is on one subnet, unless a test says otherwise. */
  reaches: System["reaches"] = () => true;

  setFlags(name: string, flags: number): void {
    this.#entry(name).flags = flags;
  }

  random(): number {
    return this.number();
  }

  send(packet: ProbePacket): SendOutcome {
    const leftAt = this.now;
    const outcome = this.sends(packet);
    this.sent.push(packet);
    if (outcome !== "sent") return outcome;
    for (const [from, afterMs] of this.wire(packet)) {
      this.#deliver(leftAt + Math.round(afterMs * NANOSECONDS_PER_MILLISECOND), {
        interface: packet.interface,
        family: packet.family,
        kind: packet.kind,
        sequence: packet.sequence,
        from,
        sentAt: packet.sentAt,
        age: this.age,
      });
    }
    return outcome;
  }

  /** In order of time; of two at one time, the one sent first. */
  #deliver(at: number, answer: Answer): void {
    const index = this.#answers.findIndex((other) => other.at > at);
    this.#answers.splice(index < 0 ? this.#answers.length : index, 0, { at, answer });
  }

  tell(event: ProbeEvent): void {
    this.watch(event);
    const line = lineOf(event);
    if (line !== undefined) this.#told.push(line);
  }

  #entry(name: string): Changeable {
    const found = this.#entries.find((entry) => entry.kind === "interface" && entry.name === name);
    if (found?.kind !== "interface") throw new Error(`There is no interface ${name}`);
    return found;
  }
}

function lineOf(event: ProbeEvent): string | undefined {
  switch (event.kind) {
    case "probe":
      return undefined;
    case "interface-state":
      return `${event.phyint.name} ${event.phyint.state}`;
    case "group-state":
      return `group ${event.group.name} ${event.group.state}`;
    default:
      if ("phyint" in event) return `${event.kind} ${event.phyint.name}`;
      if ("group" in event) return `${event.kind} ${event.group.name}`;
      if ("instance" in event) return `${event.kind} ${event.instance.phyint.name}/${event.instance.family}`;
      return event.kind;
  }
}
