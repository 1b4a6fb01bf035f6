/** Two devices and a hub that polls them: the program with a group over both, and prometheus-snmp-exporter beside it. */

import type { ChildProcess } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { Chassis } from "../../test/support/chassis.ts";
import { FakeDevice, type FakeInterface } from "../../test/support/fake-device.ts";
import { type Hooks, Netns } from "../../test/support/netns.ts";
import { Program } from "../../test/support/program.ts";
import { targetThrough } from "../../test/support/traffic.ts";
import { eventually } from "../../test/support/wait.ts";
import { type Counts, counts, isSame, minus, plus, sum, ZERO } from "../accuracy/counts.ts";
import { Watch } from "../accuracy/watch.ts";
import type { ChassisPlayed } from "./row.ts";
import { SnmpExporter, type Target } from "./snmp-exporter.ts";

/** Milliseconds for which traffic flows at a time. */
const CARRY_MS = 2_000;
const GROUP = "core";

/** One of the two devices. */
export interface Member {
  readonly name: string;
  readonly target: Target;
  /** Everything that its link has carried, by its own counters. */
  read(): Counts;
  startTraffic(): void;
  stopTraffic(): Promise<void>;
}

/** A network namespace with snmpd. */
export class RealMember implements Member {
  readonly name: string;
  readonly chassis: Chassis;
  #traffic: readonly ChildProcess[] = [];
  #device = "eth49";
  /** What links carried that are there no more. */
  #gone = ZERO;

  constructor(name: string, chassis: Chassis) {
    this.name = name;
    this.chassis = chassis;
  }

  get target(): Target {
    return { address: `${this.chassis.address}:161`, isMember: (device) => device.startsWith("eth") };
  }

  read(): Counts {
    return plus(this.#gone, this.#ofLink());
  }

  #ofLink(): Counts {
    const { rx, tx } = this.chassis.ns.link(this.#device).stats64;
    const by = {
      receive_bytes: rx.bytes,
      receive_packets: rx.packets,
      transmit_bytes: tx.bytes,
      transmit_packets: tx.packets,
    };
    return counts((name) => BigInt(by[name]));
  }

  /** Both ways, some hundred packets a second each. */
  startTraffic(): void {
    const { ns } = this.chassis;
    this.#traffic = [this.#device, "far"].map((device) => {
      return ns.spawn([process.execPath, "--eval", SENDER, targetThrough(ns, device)], { stdio: "ignore" });
    });
  }

  async stopTraffic(): Promise<void> {
    const ended = this.#traffic.map((child) => new Promise((resolve) => child.once("exit", resolve)));
    for (const child of this.#traffic) child.kill("SIGTERM");
    await Promise.all(ended);
  }

  rename(to: string): void {
    const { ns } = this.chassis;
    ns.ip("link", "set", this.#device, "down");
    ns.ip("link", "set", this.#device, "name", to);
    ns.ip("link", "set", to, "up");
    ns.waitFor(to, "UP");
    this.#device = to;
    // The kernel has forgotten the neighbours of a link that was down.
    ns.wire(to, ns.lladdr("far"));
    ns.wire("far", ns.lladdr(to));
  }

  /** Its link is deleted, and made again under the same name: another one, which begins at 0. */
  remake(): void {
    const { ns } = this.chassis;
    this.#gone = this.read();
    ns.ip("link", "delete", this.#device);
    ns.addVeth(this.#device, "far");
    this.#gone = minus(this.#gone, this.#ofLink()); // what it counted while it was made
  }
}

/** Five packets each 20 ms. While the link is down or renamed they are refused, and sending goes on. */
const SENDER = `
const socket = require("node:dgram").createSocket("udp4");
const payload = Buffer.alloc(958);
setInterval(() => { for (let n = 0; n < 5; n++) socket.send(payload, 9, process.argv[1], () => {}); }, 20);
`;

/** A device that answers as it is told; its numbers are made up. */
export class FakeMember implements Member {
  readonly name: string;
  readonly device: FakeDevice;
  readonly link: FakeInterface;
  #timer: NodeJS.Timeout | undefined;
  /** Bytes that it carries in 20 ms, and in packets of 1,000. */
  readonly #step: bigint;
  #carried = ZERO;
  readonly #address: string;

  constructor(
    name: string,
    device: FakeDevice,
    { step, address }: { readonly step: bigint; readonly address: string },
  ) {
    this.name = name;
    this.device = device;
    this.link = device.add(49, "eth49");
    this.link.descr = "eth49";
    this.#step = step;
    this.#address = address;
  }

  get target(): Target {
    return { address: this.#address, isMember: () => true };
  }

  read(): Counts {
    return this.#carried;
  }

  startTraffic(): void {
    const { link } = this;
    const packets = this.#step / 1_000n;
    const more = {
      receive_bytes: this.#step,
      transmit_bytes: this.#step,
      receive_packets: packets,
      transmit_packets: packets,
    };
    this.#timer = setInterval(() => {
      link.inOctets += this.#step;
      link.outOctets += this.#step;
      link.inPackets += packets;
      link.outPackets += packets;
      this.#carried = plus(this.#carried, more);
    }, 20);
  }

  async stopTraffic(): Promise<void> {
    clearInterval(this.#timer);
  }

  /** Its counters are as of a device that has just been started. */
  clear(): void {
    this.link.inOctets = 0n;
    this.link.outOctets = 0n;
    this.link.inPackets = 0n;
    this.link.outPackets = 0n;
  }
}

export class ChassisStage<M extends Member> {
  readonly members: readonly [M, M];
  program: Program;
  bound: Counts | undefined = undefined;
  readonly #hooks: Hooks;
  /** Where the program runs; undefined: in the namespace of the bench. */
  readonly #hub: Netns | undefined;
  readonly #config: string;
  readonly #rival: SnmpExporter;
  readonly #watch: Watch;
  #present = true;
  #begun = ZERO;

  private constructor(
    hooks: Hooks,
    hub: Netns | undefined,
    members: readonly [M, M],
    config: string,
    program: Program,
    rival: SnmpExporter,
  ) {
    this.#hooks = hooks;
    this.#hub = hub;
    this.members = members;
    this.#config = config;
    this.program = program;
    this.#rival = rival;
    this.#watch = new Watch({
      groups: [GROUP],
      program: () => (this.#present ? this.program : undefined),
      kernel: () => new Map(),
    });
  }

  /** Two namespaces with snmpd. */
  static async real(hooks: Hooks): Promise<ChassisStage<RealMember>> {
    const hub = Netns.create(hooks, "hub");
    const members = [
      new RealMember("sw1", await Chassis.create(hooks, hub, 1)),
      new RealMember("sw2", await Chassis.create(hooks, hub, 2)),
    ] as const;
    for (const { chassis } of members) {
      chassis.ns.send("far", { packets: 5_000, bytes: 958 }); // a past, which nobody may count
      await chassis.isComplete();
    }
    return ChassisStage.#set(hooks, hub, members);
  }

  /** Two made-up devices, in the namespace of the bench, as the program. */
  static async fake(
    hooks: Hooks,
    { step, prepare }: { readonly step: bigint; readonly prepare: (member: FakeMember) => void },
  ): Promise<ChassisStage<FakeMember>> {
    const made = async (n: number) => {
      const device = await FakeDevice.start(hooks);
      const member = new FakeMember(`sw${n}`, device, { step, address: `127.0.0.1:${device.port}` });
      prepare(member);
      return member;
    };
    return ChassisStage.#set(hooks, undefined, [await made(1), await made(2)]);
  }

  static async #set<N extends Member>(
    hooks: Hooks,
    hub: Netns | undefined,
    members: readonly [N, N],
  ): Promise<ChassisStage<N>> {
    const source = ({ name, target }: Member) =>
      `{ name: ${name}, kind: snmp, target: "udp:${target.address}", interval: 500ms, timeout: 400ms, failures: 2 }`;
    const rules = members.map(({ name }) => `{ source: ${name}, device: eth49 }`);
    const config = `sources: [${members.map(source).join(", ")}]
groups: [{ name: ${GROUP}, interfaces: [${rules.join(", ")}] }]
snmp: { listen_addresses: none }
`;
    const program = await Program.start(hooks, { ...(hub ? { ns: hub } : {}), config });
    await program.until(`ipmp_group_state{group="${GROUP}",state="ok"}`, "1");
    const rival = await SnmpExporter.start(
      hooks,
      hub,
      members.map(({ target }) => target),
    );
    const stage = new ChassisStage(hooks, hub, members, config, program, rival);
    await stage.rest();
    rival.begin();
    await rival.fresh();
    stage.#begun = stage.#read();
    return stage;
  }

  /** Traffic through both members while `during` happens, or for a while. */
  async carry(during: () => Promise<void> = () => wait(CARRY_MS)): Promise<void> {
    for (const member of this.members) member.startTraffic();
    await wait(CARRY_MS);
    await during();
    await wait(CARRY_MS);
    for (const member of this.members) await member.stopTraffic();
  }

  /** Ends the program, and starts it again with its state. */
  async restart(signal: NodeJS.Signals): Promise<void> {
    const { folder } = this.program;
    this.#present = false;
    this.program.signal(signal);
    await this.program.exited();
    await wait(CARRY_MS);
    const ns = this.#hub ? { ns: this.#hub } : {};
    this.program = await Program.start(this.#hooks, { ...ns, config: this.#config, folder });
    this.#present = true;
  }

  async state(state: "ok" | "degraded" | "failed"): Promise<void> {
    await this.program.until(`ipmp_group_state{group="${GROUP}",state="${state}"}`, "1");
  }

  /** Polls of a device that were answered, so far. */
  async polls(device: string): Promise<number> {
    const name = `ipmp_source_polls_total{source="${device}",outcome="answered"}`;
    return Number((await this.program.metrics()).get(name));
  }

  /** Waits until both devices have been polled several times while nothing moved. */
  async rest(): Promise<void> {
    let last: Counts | undefined;
    for (;;) {
      const now = this.#read();
      const before = await Promise.all(this.members.map(({ name }) => this.polls(name)));
      await eventually(
        async () => {
          const polls = await Promise.all(this.members.map(({ name }) => this.polls(name)));
          return polls.every((count, n) => count >= (before[n] ?? 0) + 5);
        },
        () => `a device is not polled: ${before.join(", ")} polls before`,
      );
      if (last && isSame(last, now)) return;
      last = now;
    }
  }

  async outcome(): Promise<ChassisPlayed> {
    await this.rest();
    await this.#watch.fresh();
    await this.#rival.fresh();
    await this.#rival.stop();
    await this.#watch.stop();
    const { sumOfIncreases, increaseOfSum } = this.#rival.sums.outcome("snmpd");
    return {
      carried: minus(this.#read(), this.#begun),
      said: this.#watch.said,
      bound: this.bound,
      sumOfIncreases,
      increaseOfSum,
      rivalSamples: this.#rival.sums.samples,
      faults: this.#watch.faults,
    };
  }

  #read(): Counts {
    return sum(this.members.map((member) => member.read()));
  }
}
