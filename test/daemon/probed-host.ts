/**
 * A daemon on an invented host whose members are probed: links with addresses and next hops, and a network behind them that answers, or does
 * not. Time is the test's: it passes in steps, and the loop has a turn at each.
 */

import { Core } from "#src/daemon/core.js";
import { EventLog } from "#src/daemon/snapshots/event-log.js";
import { hrtime } from "#src/kstat/hrtime.js";
import { parseIpAddress } from "#src/net-address/ip-address.js";
import type { Hear, ProbeAnswer, ProbeMethod, ProbeOrigin } from "#src/probe-socket/probe-socket.js";
import type { ProbeSockets } from "#src/probe-socket/probe-sockets.js";
import type { GroupSnapshot, MemberSnapshot } from "#src/snapshot/snapshot.js";
import { StateFile } from "#src/state/state-file.js";
import { FakeSystem } from "../support/fake-system.ts";
import { configuration, type Told } from "./configuration.ts";

const STEP_MS = 50;
const ROUND_TRIP_NS = 300_000n;

/** The network behind the links. */
export class Wires {
  /** Devices whose path is cut behind the carrier, and targets that answer nobody. */
  readonly cut = new Set<string>();
  readonly mute = new Set<string>();
  /** Who answers what is sent to everybody by a device. */
  readonly hosts = new Map<string, readonly string[]>();
  /** Why nothing can be sent by a device. */
  readonly refusals = new Map<string, string>();
  /** Methods that the system refuses, with what. */
  readonly refused = new Map<ProbeMethod, string>();
  /** Every probe: when, by which device, to whom. */
  readonly sent: { readonly at: number; readonly device: string; readonly target: string | undefined }[] = [];
  readonly open = new Map<string, ProbeOrigin>();
  /** Takes an answer, by the device of a socket that is or was open. */
  readonly hears = new Map<string, Hear>();
  /** Sockets that were opened so far. */
  opened = 0;
  /** Nanoseconds since the system received an answer, as it says. */
  age = 0;
  /** Answers under way, and when they are there: milliseconds. */
  #waiting: { readonly at: number; readonly answer: ProbeAnswer; readonly hear: Hear }[] = [];
  now: () => number = () => 0;

  readonly #open: ProbeSockets["open"] = (method, origin, hear) => {
    const errno = this.refused.get(method);
    if (errno !== undefined) return { kind: "refused", step: "socket", errno };
    const { refusals } = this;
    const name = `${origin.device} ${origin.family} ${method}`;
    this.open.set(name, origin);
    this.hears.set(origin.device, hear);
    this.opened++;
    return {
      kind: "open",
      socket: {
        method,
        get refusal() {
          return refusals.get(origin.device);
        },
        send: ({ target, ...probe }) => {
          if (refusals.has(origin.device)) return "blocked";
          this.sent.push({ at: this.now(), device: origin.device, target });
          const asked = target === undefined ? (this.hosts.get(origin.device) ?? []) : [target];
          const answering = this.cut.has(origin.device)
            ? []
            : asked.flatMap((address) => parseIpAddress(address) ?? []);
          const at = this.now() + Number(ROUND_TRIP_NS) / 1e6;
          for (const from of answering)
            if (!this.mute.has(from)) this.#waiting.push({ at, answer: { ...probe, from, age: this.age }, hear });
          return "sent";
        },
        close: () => {
          this.open.delete(name);
          this.#waiting = this.#waiting.filter((answer) => answer.hear !== hear);
        },
      },
    };
  };

  readonly sockets: ProbeSockets = { open: this.#open, poll: () => this.deliver() };

  /** Answers that are there by now are taken. */
  deliver(): void {
    const there = this.#waiting.filter(({ at }) => at <= this.now());
    this.#waiting = this.#waiting.filter(({ at }) => at > this.now());
    for (const { answer, hear } of there) hear(answer);
  }
}

export class ProbedHost {
  readonly system = new FakeSystem();
  readonly wires = new Wires();
  readonly events = new EventLog();
  readonly #told: Told;
  core: Core | undefined;
  /** Nanoseconds. */
  #now = 1_000_000_000_000n;
  readonly #ifindexes = new Map<string, number>();

  constructor(told: Told) {
    this.#told = told;
    this.wires.now = () => Number(this.#now) / 1e6;
  }

  /** A link with an address in a subnet of its own, and routers of that subnet as next hops of the default route. */
  plumb(name: string, address: string, ...routers: readonly string[]): this {
    const ifindex = this.system.add(name);
    this.#ifindexes.set(name, ifindex);
    const family = address.includes(":") ? "ipv6" : "ipv4";
    const prefixLength = family === "ipv4" ? 24 : 64;
    this.system.addressList = [
      ...this.system.addressList,
      { ifindex, family, address, prefixLength, tentative: false, duplicate: false },
    ];
    const hops = routers.map((gateway) => ({ ifindex, gateway, weight: 1, dead: false }));
    const [route] = this.system.routes ?? [];
    if (hops.length > 0) this.system.routes = [{ family, metric: 0, nextHops: [...(route?.nextHops ?? []), ...hops] }];
    return this;
  }

  /** The program begins, or begins anew: `file` has what it keeps over that. */
  start(file?: string): this {
    this.core?.close();
    const stateFile = file === undefined ? undefined : new StateFile(file);
    this.core = new Core({
      sources: [this.system],
      clock: { now: () => hrtime(this.#now), wallMs: () => 1_700_000_000_000 + Number(this.#now) / 1e6 },
      events: this.events,
      configuration: configuration(this.#told),
      stateFile,
      loaded: stateFile?.load(new Date(0)) ?? { kind: "none" },
      system: { boot: "b", namespace: "n" },
      probeSockets: this.wires.sockets,
    });
    this.core.start();
    return this;
  }

  reload(told: Told): this {
    this.core?.reconfigure(configuration(told));
    return this;
  }

  /** So many seconds pass. */
  run(seconds: number): this {
    for (let step = 0; step < (seconds * 1000) / STEP_MS; step++) {
      this.#now += BigInt(STEP_MS) * 1_000_000n - ROUND_TRIP_NS;
      this.core?.tick();
      this.#now += ROUND_TRIP_NS;
      this.wires.deliver();
    }
    return this;
  }

  /** So many seconds pass in which nothing calls the loop but timers: the mocked ones of a test. */
  idle(timers: { tick(milliseconds: number): void }, seconds: number): this {
    for (let step = 0; step < (seconds * 1000) / STEP_MS; step++) {
      this.#now += BigInt(STEP_MS) * 1_000_000n;
      timers.tick(STEP_MS);
      this.wires.deliver();
    }
    return this;
  }

  /** So many seconds pass in which the program does not run: it is stopped, or the whole machine is. */
  stopFor(seconds: number): this {
    this.#now += BigInt(seconds) * 1_000_000_000n;
    return this;
  }

  /** Seconds until something is so. */
  until(condition: () => boolean, limit = 600): number {
    for (let seconds = 0; seconds < limit; seconds += STEP_MS / 1000) {
      if (condition()) return seconds;
      this.run(STEP_MS / 1000);
    }
    throw new Error(`Not within ${limit} s: ${condition}`);
  }

  carrier(name: string, up: boolean): void {
    this.system.setRunning(this.#ifindexes.get(name) ?? 0, up);
  }

  group(): GroupSnapshot {
    const group = this.core?.snapshots.within(0n).groups.find(({ name }) => name === "ipmp0");
    if (!group) throw new Error("there is no group");
    return group;
  }

  member(device: string): MemberSnapshot {
    const member = this.group().members.find((one) => one.device === device);
    if (!member) throw new Error(`there is no member ${device}`);
    return member;
  }

  /** `eth0 active, eth1 failed: 5 probes lost to …` */
  members(): string {
    return this.group()
      .members.map(({ device, state, reason }) => `${device} ${state}${reason === undefined ? "" : `: ${reason}`}`)
      .join(", ");
  }

  causes(kind: string): string[] {
    return this.events.since().flatMap((event) => (event.kind === kind ? event.cause : []));
  }
}
