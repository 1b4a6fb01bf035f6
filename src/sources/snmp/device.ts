/**
 * One device as it is polled: when its links are looked up, when each is read, and whether what is read goes on from what was read before. A
 * round of questions becomes events; nothing of a round that was not answered to its end counts.
 */

import type { Hrtime } from "../../kstat/hrtime.ts";
import { sameAttributes } from "../../link/link-attributes.ts";
import type { CounterRow, KnownLink, SourceEvent } from "../source.ts";
import { type Answer, type Unanswered, unanswered } from "./answer.ts";
import { type DeviceRun, isSameRun } from "./device-run.ts";
import { type InterfaceNames, walkNames } from "./interface-names.ts";
import { LAST_CHANGES, LagWatch } from "./lag-watch.ts";
import { LLDP_LAST_CHANGE } from "./lldp-tables.ts";
import { LldpWatch } from "./lldp-watch.ts";
import { LookUpTurns } from "./look-up-turns.ts";
import type { Manager } from "./manager.ts";
import type { Port } from "./port.ts";
import { Ports } from "./ports.ts";
import { Requests } from "./requests.ts";
import type { Continuity } from "./uptime.ts";
import { HR_SYSTEM_UPTIME, SYS_UP_TIME, UptimeWatch } from "./uptime-watch.ts";
import { engineId, timeTicks, type Varbinds } from "./varbind.ts";

const SNMP_ENGINE_ID = "1.3.6.1.6.3.10.2.1.1.0";
const IF_TABLE_LAST_CHANGE = "1.3.6.1.2.1.31.1.5.0";
/** Milliseconds: as long as the eleven walks of a look-up may take that has LAGs, each to its own deadline (manager.ts). */
const LOOK_UP_MS = 330_000;
/** What is told of a device in any answer, if it has that. */
const TIMES = [SYS_UP_TIME, HR_SYSTEM_UPTIME, IF_TABLE_LAST_CHANGE, LLDP_LAST_CHANGE];

export interface DeviceOptions {
  readonly name: string;
  readonly manager: Manager;
  readonly now: () => Hrtime;
  /** Whether a link with these names, of which any may be meant, is to be read. */
  readonly wants: (names: readonly string[]) => boolean;
  /** Whether its LAGs are looked for: these and their ports are read then, whether or not they are wanted otherwise. */
  readonly discoversLags?: boolean;
  /** Milliseconds that one round may take, before and after a look-up of its links. */
  readonly roundMs: number;
  /** Milliseconds that a look-up may take, from when it is its turn. */
  readonly lookUpMs?: number;
  /** Shared with other devices that are looked up. */
  readonly turns?: LookUpTurns;
}

/** What came of one round. Events hold in any case; counters are among them only when it was answered to its end. */
export interface Round {
  readonly events: readonly SourceEvent[];
  readonly failure: Unanswered | undefined;
}

export class Device {
  readonly #name: string;
  readonly #manager: Manager;
  readonly #requests: Requests;
  readonly #now: () => Hrtime;
  readonly #roundMs: number;
  readonly #lookUpMs: number;
  readonly #turns: LookUpTurns;
  /** Ends its turn to be looked up. */
  #leave: () => void = () => {};
  readonly #ports: Ports;
  readonly #lags: LagWatch | undefined;
  /** Why a table of its LAGs could last not be read. */
  #lagsBroken: string | undefined;
  readonly #lldp = new LldpWatch();
  #engine: string | undefined;
  readonly #uptime = new UptimeWatch();
  /** What is asked for in each request: sysUpTime, and what of the like the device has. */
  #always: readonly string[] = [SYS_UP_TIME];
  #tableChanged: number | undefined;
  /** A link has left its name to another, and takes it back when that goes or it comes up: no counter of changes tells. */
  #yields = false;
  /** The ifIndexes have to be looked up before counters are read. */
  #isLookUpDue = true;
  /** What a later run of the program goes on from: as of the last poll whose counters were taken. */
  #run: DeviceRun | undefined;
  /** Its links were told to be unknown, and are to be told again. */
  #wasUnanswered = false;

  constructor({
    name,
    manager,
    now,
    wants,
    roundMs,
    lookUpMs = LOOK_UP_MS,
    discoversLags = false,
    turns = new LookUpTurns(),
  }: DeviceOptions) {
    this.#name = name;
    this.#manager = manager;
    this.#requests = new Requests(manager);
    this.#now = now;
    this.#roundMs = roundMs;
    this.#lookUpMs = lookUpMs;
    this.#turns = turns;
    this.#lags = discoversLags ? new LagWatch() : undefined;
    this.#ports = new Ports(name, wants, this.#lags);
  }

  /** Goes on from what an earlier run of the program knew. */
  resume(run: DeviceRun, links: readonly KnownLink[]): void {
    this.#run = run;
    this.#engine = run.engine;
    this.#uptime.resume(run.uptime);
    this.#ports.resume(run, links);
    for (const { ifindex, name, lag } of links)
      if (lag) this.#lags?.resume(ifindex, { name, lag: lag.ifindex, lagName: lag.name });
  }

  /** Undefined until counters of it have been taken; the same object for as long as it says the same. */
  get run(): DeviceRun | undefined {
    return this.#run;
  }

  /** Other links may be wanted now. */
  lookAgain(): void {
    this.#isLookUpDue = true;
  }

  async poll(): Promise<Round> {
    try {
      return await this.#pollOnce();
    } finally {
      this.#leave();
      this.#leave = () => {};
    }
  }

  async #pollOnce(): Promise<Round> {
    this.#requests.limit(this.#roundMs);
    const wasIncomplete = this.#uptime.isIncomplete;
    if (this.#lags?.isDue || this.#yields) this.#isLookUpDue = true;
    const events: SourceEvent[] = [];
    let rows: CounterRow[] = [];
    // A second time when the first finds that an ifIndex has another link, or that the device has been started anew.
    for (let attempt = 0; attempt < 2; attempt++) {
      rows = [];
      const failure =
        (this.#isLookUpDue && (await this.#lookUp(events))) ||
        (await this.#lookAtPorts(events)) ||
        (await this.#readPorts(events, rows));
      if (failure) return this.#failed(events, failure);
      if (!this.#isLookUpDue) break;
    }
    this.#wasUnanswered = false;
    if (wasIncomplete && !this.#uptime.isIncomplete) this.#forgetNarrow();
    this.#lags?.polled();
    for (const { ifindex } of rows) {
      const port = this.#ports.get(ifindex);
      if (port) port.anew = undefined;
    }
    this.#keepRun();
    events.push({ kind: "reading", at: this.#now(), rows });
    return { events, failure: undefined };
  }

  /** An agent may not have had all counters when it was just started. */
  #forgetNarrow(): void {
    for (const port of this.#ports) if (port.isNarrow) port.forgetCounters();
  }

  /** After a poll: asks who is at the other end of each link, where that may have changed. `most`: milliseconds that it may take. */
  async askNeighbours(most: number): Promise<readonly SourceEvent[]> {
    const broken = await this.#lldp.look(this.#manager, most);
    const events: SourceEvent[] = [];
    if (broken !== undefined)
      events.push({ kind: "limit", cause: `${this.#name}: nobody is known by LLDP: ${broken}` });
    for (const port of this.#ports) {
      const { attributes } = port;
      port.neighbour = this.#lldp.neighbourOf(port.ifindex);
      if (!attributes) continue;
      const now = { ...attributes, neighbour: port.neighbour };
      if (sameAttributes(attributes, now)) continue;
      port.attributes = now;
      events.push({ kind: "link", link: now, counters: undefined });
    }
    return events;
  }

  /** Not while a link's counters are still to begin anew: a run of the program that went on from here would not know of it. */
  #keepRun(): void {
    const [engine, uptime, ports] = [this.#engine, this.#uptime.first, [...this.#ports]];
    if (engine === undefined || !uptime || this.#uptime.isIncomplete || ports.some(({ anew }) => anew)) return;
    const discontinuities = ports.flatMap(({ ifindex, discontinuity }) =>
      discontinuity === undefined ? [] : [[ifindex, discontinuity] as const],
    );
    const run = { engine, uptime, discontinuities: new Map(discontinuities) };
    if (!this.#run || !isSameRun(this.#run, run)) this.#run = run;
  }

  #failed(events: readonly SourceEvent[], failure: Unanswered): Round {
    this.#wasUnanswered = true;
    return { events, failure };
  }

  /** Finds the wanted links by name, and how each new one is read. */
  async #lookUp(events: SourceEvent[]): Promise<Unanswered | undefined> {
    const times = [...TIMES, ...(this.#lags ? LAST_CHANGES : [])];
    const system = await this.#requests.get([], [...times, SNMP_ENGINE_ID]);
    if (system.kind === "unanswered") return system;
    this.#always = times.filter((oid) => timeTicks(system.value.get(oid)) !== undefined);
    const engine = engineId(system.value.get(SNMP_ENGINE_ID)) ?? "";
    const isOther = this.#engine !== undefined && this.#engine !== engine;
    this.#engine = engine;
    const uptime = this.#takeUptime(system.value);
    if (!uptime) return NO_UPTIME;
    if (uptime === "reboot" || isOther) this.#beginAnew();
    this.#tableChanged = timeTicks(system.value.get(IF_TABLE_LAST_CHANGE));
    await this.#takeTurn();
    const walked = await walkNames(this.#requests);
    if (walked.kind === "unanswered") return walked;
    const found = await this.#withLeftOut(walked.value);
    if (found.kind === "unanswered") return found;
    const lags = await this.#lags?.look(this.#requests, found.value, system.value, this.#now());
    if (lags?.kind === "unanswered") return lags;
    this.#tellBroken(lags?.value, events);
    this.#yields = found.value.some(({ yields }) => yields);
    this.#ports.arrange(found.value, events);
    this.#lldp.arranged(found.value);
    this.#isLookUpDue = false;
    this.#requests.limit(this.#roundMs);
    return undefined;
  }

  /** Only a device that answers takes one: others have nothing to do but to wait. */
  async #takeTurn(): Promise<void> {
    this.#leave();
    this.#leave = await this.#turns.enter();
    this.#requests.limit(this.#lookUpMs);
  }

  /** How links are read that are new, or may be read otherwise now. */
  async #lookAtPorts(events: SourceEvent[]): Promise<Unanswered | undefined> {
    for (const port of [...this.#ports]) {
      const failure = port.hasForm ? undefined : await this.#firstSight(port, events);
      if (failure) return failure;
    }
    return undefined;
  }

  /** A walk that ends too early leaves out links that are there: a link that was read until now is gone only when it is not where it was. */
  async #withLeftOut(walked: readonly InterfaceNames[]): Promise<Answer<readonly InterfaceNames[]>> {
    const there = new Set(walked.map(({ ifindex }) => ifindex));
    const leftOut = [...this.#ports].filter(({ ifindex }) => !there.has(ifindex));
    if (leftOut.length === 0) return { kind: "answered", value: walked };
    const answer = await this.#requests.get(
      [SYS_UP_TIME],
      leftOut.flatMap(({ nameOids }) => nameOids),
    );
    if (answer.kind === "unanswered") return answer;
    const still = leftOut.filter((port) => port.isSaidIn(answer.value));
    const names = still.map(({ ifindex, name, said, all }) => ({ ifindex, name, said, all }));
    return { kind: "answered", value: [...walked, ...names] };
  }

  #tellBroken(cause: string | undefined, events: SourceEvent[]): void {
    if (cause !== undefined && cause !== this.#lagsBroken)
      events.push({ kind: "limit", cause: `${this.#name}: not all of its LAGs may be known: ${cause}` });
    this.#lagsBroken = cause;
  }

  async #firstSight(port: Port, events: SourceEvent[]): Promise<Unanswered | undefined> {
    const answer = await this.#requests.get([SYS_UP_TIME], port.firstOids);
    if (answer.kind === "unanswered") return answer;
    if (!port.isSaidIn(answer.value)) return undefined; // the walk, or this answer, is not to be believed
    const bits = port.choose(answer.value);
    if (!port.bits || port.bits.every((one, slot) => one === bits[slot])) return undefined;
    // Counters of another width do not go on from the last ones: as if the link had gone, and another had come.
    this.#ports.replace(port, events).choose(answer.value);
    return undefined;
  }

  async #readPorts(events: SourceEvent[], rows: CounterRow[]): Promise<Unanswered | undefined> {
    const ports = [...this.#ports];
    if (ports.length === 0) return this.#askWhetherItRuns();
    const widest = Math.max(1, ...ports.map(({ width }) => width));
    while (ports.length > 0) {
      const part = ports.splice(0, this.#requests.setsOf(widest, this.#always.length));
      const answer = await this.#requests.get(
        this.#always,
        part.flatMap(({ oids }) => oids),
      );
      if (answer.kind === "unanswered") return answer;
      const failure = this.#takeSystem(answer.value);
      if (failure || this.#isLookUpDue) return failure;
      for (const port of part) this.#takePort(port, answer.value, events, rows);
    }
    return undefined;
  }

  /** A device of which no link is wanted is polled all the same: whether it answers is said of every source. */
  async #askWhetherItRuns(): Promise<Unanswered | undefined> {
    const answer = await this.#requests.get([], this.#always);
    return answer.kind === "unanswered" ? answer : this.#takeSystem(answer.value);
  }

  /** What every answer says of the device. A look-up is due when it has been started anew, or its interfaces have changed. */
  #takeSystem(varbinds: Varbinds): Unanswered | undefined {
    const uptime = this.#takeUptime(varbinds);
    if (!uptime) return NO_UPTIME;
    if (uptime === "reboot") this.#beginAnew();
    if (uptime !== "on" || timeTicks(varbinds.get(IF_TABLE_LAST_CHANGE)) !== this.#tableChanged)
      this.#isLookUpDue = true;
    this.#lags?.told(varbinds);
    this.#lldp.told(varbinds);
    return undefined;
  }

  #beginAnew(): void {
    for (const port of this.#ports) {
      port.anew = "reboot";
      port.forgetCounters(); // another firmware may have others
    }
  }

  /** "on": it has run on; "restart": only its agent has been started anew, and counters go on; "reboot": they do not. */
  #takeUptime(varbinds: Varbinds): Continuity | undefined {
    const how = this.#uptime.told(varbinds, this.#now());
    // ifCounterDiscontinuityTime is a time on the clock that began anew.
    if (how === "restart" || how === "reboot") for (const port of this.#ports) port.discontinuity = undefined;
    return how;
  }

  #takePort(port: Port, varbinds: Varbinds, events: SourceEvent[], rows: CounterRow[]): void {
    const seen = port.see(varbinds);
    if (seen.kind === "elsewhere") {
      port.forget(); // it may say its name in another column now
      this.#isLookUpDue = true;
      return;
    }
    const { attributes, counters } = seen;
    const { ifindex } = port;
    if (!counters) {
      if (!port.isMalformed) events.push({ kind: "limit", cause: `${this.#name}: ${port.name} ${MALFORMED}` });
      port.isMalformed = true;
      return;
    }
    port.isMalformed = false;
    // Without its optics a link may have had fewer.
    if (attributes.running && port.attributes?.running === false && port.isNarrow) port.forget();
    // It may be part of another LAG now, or of none.
    if (port.attributes && port.attributes.port?.aggregator !== attributes.port?.aggregator) this.#isLookUpDue = true;
    if (!port.isTold) {
      events.push({ kind: "link", link: attributes, counters, bits: port.tell() });
      if (this.#uptime.isIncomplete) port.anew = "incomplete";
    } else {
      const isLeaving = port.attributes && port.attributes.masterIfindex !== attributes.masterIfindex;
      const last = isLeaving && !port.anew && !this.#uptime.isIncomplete ? counters : undefined;
      if (this.#wasUnanswered || port.attributes !== attributes)
        events.push({ kind: "link", link: attributes, counters: last });
      if (!this.#uptime.isIncomplete)
        rows.push({ ifindex, counters, at: this.#now(), ...(port.anew ? { anew: port.anew } : {}) });
    }
    port.attributes = attributes;
  }
}

const NO_UPTIME = unanswered(
  "malformed",
  `it does not tell sysUpTime (${SYS_UP_TIME}), which says whether its counters go on: let the view of whoever asks include that`,
);
const MALFORMED = "lacks a counter that it had, or has one of the wrong type or length: its counters are not taken";
