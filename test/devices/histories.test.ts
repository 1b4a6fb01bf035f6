/**
 * Random histories of two devices and of the program that polls them: each device is one run after another of one engine, or another engine;
 * the program is killed and goes on from what it has saved. What the group says in the end is what both links carried.
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Core } from "#src/daemon/core.js";
import { systemClock } from "#src/daemon/process/clock.js";
import { EventLog } from "#src/daemon/snapshots/event-log.js";
import { hrtime } from "#src/kstat/hrtime.js";
import { NET_INDEX } from "#src/kstat/net.js";
import { parseSnmpEndpoint } from "#src/net-address/snmp-endpoint.js";
import { LookUpTurns } from "#src/sources/snmp/look-up-turns.js";
import { SnmpSource } from "#src/sources/snmp/snmp-source.js";
import { StateFile } from "#src/state/state-file.js";
import { configuration } from "../daemon/configuration.ts";
import { Disk } from "../simulation/disk.ts";
import { Random } from "../simulation/random.ts";
import { FakeDevice, type FakeInterface } from "../support/fake-device.ts";
import { FakeSystem } from "../support/fake-system.ts";
import type { Hooks } from "../support/netns.ts";
import { eventually } from "../support/wait.ts";

/** Of these, number 4 has a device whose agent is started anew shortly before the program is killed and the counters are cleared. */
const SEED = Number(process.env["SIMULATION_SEED"] ?? 5784);
const HISTORIES = 8;
const STEPS = 25;
const HR_SYSTEM_UPTIME = "1.3.6.1.2.1.25.1.1.0";
/** An agent is believed when it has been up for 20 s: a start takes longer than this, and so long ago it was when the device answers. */
const START_MS = 30_000;
const BELIEVED_MS = 25_000;

/** A device, and its link under whichever ifIndex that has now. */
class Switch {
  readonly name: string;
  readonly device: FakeDevice;
  link: FakeInterface;
  #hostStartedMs = Date.now() - 200_000_000;

  constructor(name: string, device: FakeDevice) {
    this.name = name;
    this.device = device;
    this.link = device.add(7, "eth0");
    this.link.inOctets = 1n << 40n;
    const started = () => this.#hostStartedMs;
    device.more.set(HR_SYSTEM_UPTIME, {
      syntax: "TimeTicks",
      get value() {
        return Math.floor((Date.now() - started()) / 10) % 2 ** 32;
      },
    });
  }

  /** It has been up for so much longer. */
  pass(milliseconds: number): void {
    this.device.startedMs -= milliseconds;
    this.#hostStartedMs -= milliseconds;
  }

  /** Only its agent: counters go on. */
  restartAgent(): void {
    this.device.startedMs = Date.now() - BELIEVED_MS;
  }

  /** The device itself: counters begin anew, anywhere; sometimes under another engine ID. */
  reboot(counter: bigint, engine: number | undefined): void {
    this.restartAgent();
    this.#hostStartedMs = Date.now() - BELIEVED_MS;
    this.link.inOctets = counter;
    this.link.discontinuity = 0;
    if (engine !== undefined) this.device.engine = Uint8Array.of(0x80, 0, 0, 9, 3, 1, 2, engine);
  }

  clear(counter: bigint): void {
    this.link.inOctets = counter;
    this.link.discontinuity = this.device.sysUpTime;
  }

  /** The link under another ifIndex, as a new row: the same one would be the old row, which has counted on. */
  renumber(ifindex: number, counter: bigint): void {
    assert.notEqual(ifindex, this.link.ifindex);
    this.device.interfaces.delete(this.link.ifindex);
    this.link = this.device.add(ifindex, "eth0");
    this.link.inOctets = counter;
    this.device.tableChanged = this.device.sysUpTime;
  }
}

/** The program, and what it has saved. */
class Hub {
  readonly disk = new Disk();
  /** How far its clock is ahead of ours. */
  #ahead = 0n;
  readonly #switches: readonly Switch[];
  core: Core | undefined;
  #sources: readonly SnmpSource[] = [];

  constructor(switches: readonly Switch[]) {
    this.#switches = switches;
  }

  /** Time passes for everybody, as it does while a device starts. */
  pass(milliseconds: number): void {
    this.#ahead += BigInt(milliseconds) * 1_000_000n;
    for (const one of this.#switches) one.pass(milliseconds);
  }

  start(): void {
    const now = () => hrtime(systemClock.now() + this.#ahead);
    const stateFile = new StateFile("/state.json", this.disk);
    this.#sources = this.#switches.map(({ name, device }) => {
      const target = parseSnmpEndpoint(device.target);
      assert.ok(target);
      return new SnmpSource({
        name,
        target,
        credential: { version: 2, community: "public" },
        intervalMs: 100,
        timeoutMs: 100,
        failures: 2,
        firstMs: 0,
        now,
        wants: (names) => names.includes("eth0"),
        discoversLags: false,
        turns: new LookUpTurns(),
      });
    });
    const members = this.#switches.map(
      ({ name }) => ({ kind: "device", device: "eth0", standby: false, source: name }) as const,
    );
    this.core = new Core({
      sources: [new FakeSystem(), ...this.#sources],
      clock: { now, wallMs: () => systemClock.wallMs() },
      events: new EventLog(),
      configuration: configuration({ groups: [{ name: "core", members }] }),
      stateFile,
      loaded: stateFile.load(new Date(0)),
      system: { boot: "b", namespace: "n" },
    });
    this.core.start();
  }

  /** Nothing is saved at the end: what was shown was saved before. */
  kill(): void {
    for (const source of this.#sources) source.close();
    this.core = undefined;
  }

  get total(): bigint {
    return this.core?.snapshots.within(-1n).groups[0]?.total[NET_INDEX.rbytes64] ?? -1n;
  }

  get answered(): readonly bigint[] {
    const devices = this.core?.snapshots.within(-1n).sources.filter(({ kind }) => kind === "snmp") ?? [];
    return devices.map(({ polls }) => polls["answered"] ?? 0n);
  }

  /** Waits until every device that is not silent has been polled from now on. */
  async polled(isSilent: (n: number) => boolean): Promise<void> {
    const before = this.answered;
    await eventually(
      () => this.answered.every((polls, n) => isSilent(n) || polls >= (before[n] ?? 0n) + 2n),
      () => "a device is not polled",
    );
  }
}

async function live(hooks: Hooks, random: Random): Promise<void> {
  const switches = [new Switch("sw1", await FakeDevice.start(hooks)), new Switch("sw2", await FakeDevice.start(hooks))];
  const hub = new Hub(switches);
  hooks.after(() => hub.kill());
  hub.start();
  await hub.polled(() => false);
  let carried = 0n;
  let last = 0n;
  const done: string[] = [];
  const isSilent = (n: number) => switches[n]?.device.misbehave !== undefined;
  const settle = async () => {
    if (!hub.core) hub.start();
    await hub.polled(isSilent);
    assert.ok(hub.total >= 0n); // what is shown is saved
  };
  const counter = () => BigInt(random.below(1_000_000_000)) << BigInt(random.below(20));
  const reboot = (one: Switch, engine: number | undefined) => {
    hub.pass(START_MS);
    one.reboot(counter(), engine);
  };
  /** What comes with a loss when it comes amid traffic: at rest, so that what was carried is exactly what has to be said. */
  const atRest = async (one: Switch, what: () => void) => {
    one.device.misbehave = undefined;
    await settle();
    if (random.below(2) === 0) hub.kill();
    what();
    await settle();
  };
  const steps: Readonly<Record<string, (one: Switch) => Promise<void> | void>> = {
    carry: (one) => {
      const bytes = counter();
      one.link.inOctets += bytes;
      carried += bytes;
    },
    poll: settle,
    kill: () => hub.kill(),
    silence: (one) => {
      one.device.misbehave = () => undefined;
    },
    answer: (one) => {
      one.device.misbehave = undefined;
    },
    "restart of the agent": (one) => {
      hub.pass(START_MS);
      one.restartAgent();
    },
    reboot: (one) => atRest(one, () => reboot(one, undefined)),
    "another device": (one) => atRest(one, () => reboot(one, random.below(256))),
    discontinuity: (one) => atRest(one, () => one.clear(counter())),
    renumbering: (one) =>
      atRest(one, () => one.renumber(8 + ((one.link.ifindex - 7 + random.below(19)) % 20), counter())),
  };
  const names = [...Object.keys(steps), "carry", "carry", "carry", "poll"];
  for (let n = 0; n < STEPS; n++) {
    const name = names[random.below(names.length)] ?? "poll";
    const one = switches[random.below(2)] ?? switches[0];
    assert.ok(one);
    done.push(`${name} ${one.name}`);
    await steps[name]?.(one);
    if (!hub.core) continue;
    const now = hub.total;
    assert.ok(now >= last, `the total fell from ${last} to ${now}: ${done.join(", ")}`);
    assert.ok(now <= carried, `more than was carried (${carried}) is said: ${now}: ${done.join(", ")}`);
    last = now;
  }
  for (const { device } of switches) device.misbehave = undefined;
  await settle();
  assert.equal(hub.total, carried, done.join(", "));
}

describe(`random histories of two devices, with seed ${SEED}`, { concurrency: true }, () => {
  for (let n = 0; n < HISTORIES; n++) test(`number ${n} is counted to the byte`, (t) => live(t, new Random(SEED + n)));
});
