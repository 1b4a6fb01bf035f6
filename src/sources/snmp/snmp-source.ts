/** A device as a source of links: polled over SNMP at times of its own, and heard by the daemon when a poll has ended. */

import type { Hrtime } from "../../kstat/hrtime.ts";
import type { SnmpEndpoint } from "../../net-address/snmp-endpoint.ts";
import { EventQueue } from "../event-queue.ts";
import { Rounds } from "../rounds.ts";
import type { KnownSystem, Source, SourceEvent } from "../source.ts";
import { Device } from "./device.ts";
import type { DeviceRun } from "./device-run.ts";
import { INTERFACE_SCHEMA } from "./interface-columns.ts";
import type { LookUpTurns } from "./look-up-turns.ts";
import { type Credential, Manager } from "./manager.ts";
import { readRun, writeRun } from "./run-text.ts";

export interface SnmpSourceOptions {
  readonly name: string;
  readonly target: SnmpEndpoint;
  readonly credential: Credential;
  /** Milliseconds from one poll to the next; a poll begins up to a tenth earlier. */
  readonly intervalMs: number;
  /** Milliseconds in which a request is answered. */
  readonly timeoutMs: number;
  /** Polls in a row that are not answered, after which links count as failed. */
  readonly failures: number;
  /** Milliseconds until the first poll: devices are not asked all at once. */
  readonly firstMs: number;
  readonly now: () => Hrtime;
  /** Whether a link with these names is to be read. */
  readonly wants: (names: readonly string[]) => boolean;
  /** Whether its LAGs are looked for, to be groups. */
  readonly discoversLags: boolean;
  /** Shared with other devices. */
  readonly turns: LookUpTurns;
}

const JITTER = 0.1;
/** Milliseconds. */
const PAUSE_MS = 100;
/** Milliseconds in which a device is asked for everything at the latest: the first time, also where the interval is shorter. */
const LEAST_ROUND_MS = 30_000;
/** Milliseconds in which the LLDP-MIB is read, after a poll: the next one is not to wait for it. */
const MOST_FOR_NEIGHBOURS_MS = 10_000;

export class SnmpSource implements Source {
  readonly name: string;
  readonly kind = "snmp";
  readonly schema = INTERFACE_SCHEMA;
  readonly restartsAtZero = false;
  readonly deliversEvents = false;
  readonly #options: SnmpSourceOptions;
  readonly #manager: Manager;
  readonly #device: Device;
  /** The device's run as text, for as long as it is the same. */
  #written: { readonly run: DeviceRun; readonly text: string } | undefined;
  readonly #rounds: Rounds;
  readonly #queue = new EventQueue();
  #failures = 0;
  #closed = false;

  constructor(options: SnmpSourceOptions) {
    const { name, target: device, credential, intervalMs, timeoutMs, now, wants, discoversLags, turns } = options;
    this.name = name;
    this.#options = options;
    this.#manager = new Manager({ device, credential, timeoutMs });
    this.#device = new Device({
      name,
      manager: this.#manager,
      now,
      wants,
      discoversLags,
      turns,
      roundMs: Math.max(intervalMs, LEAST_ROUND_MS),
    });
    const round = () => this.#poll();
    this.#rounds = new Rounds({ intervalMs, pauseMs: PAUSE_MS, jitter: JITTER, round });
  }

  resume({ identity, links }: KnownSystem): void {
    const run = readRun(identity);
    if (!run) {
      // Nobody can tell whether counters go on: these links are over, and come again.
      const gone = links.map(
        ({ ifindex, name }): SourceEvent => ({ kind: "gone", ifindex, name, counters: undefined }),
      );
      this.#queue.push(...gone);
      return;
    }
    this.#device.resume(run, links);
  }

  identity(): string | undefined {
    const { run } = this.#device;
    if (run && this.#written?.run !== run) this.#written = { run, text: writeRun(run) };
    return this.#written?.text;
  }

  open(wake: () => void): void {
    this.#queue.open(wake);
    this.#rounds.start(this.#options.firstMs);
  }

  drain(): SourceEvent[] {
    return this.#queue.drain();
  }

  /** Other links may be wanted now: they are looked for in the next poll. */
  lookAgain(): void {
    this.#device.lookAgain();
  }

  async #poll(): Promise<void> {
    const { events, failure } = await this.#device.poll();
    if (this.#closed) return;
    if (!failure) {
      this.#failures = 0;
      this.#queue.push(...events);
      this.#queue.push(
        ...(await this.#device.askNeighbours(Math.min(this.#options.intervalMs, MOST_FOR_NEIGHBOURS_MS))),
      );
      return;
    }
    this.#failures++;
    const { outcome } = failure;
    const cause = `${this.name}: ${failure.cause}`;
    const failed = this.#failures >= this.#options.failures;
    this.#queue.push(...events, { kind: "unreachable", cause, outcome, failed });
  }

  close(): void {
    this.#closed = true;
    this.#queue.close();
    void this.#rounds.stop(); // what is under way ends by its deadline, and nobody waits for it
    this.#manager.close();
  }
}
