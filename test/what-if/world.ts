/**
 * A host made at random: cards with ports, links that lie on links, bonds, groups with standby members and addresses, targets that answer or
 * do not. Things fail in it for real, by what the world knows of itself; what the program believes of that plays no part.
 */

import { Core } from "#src/daemon/core.js";
import { EventLog } from "#src/daemon/snapshots/event-log.js";
import type { AggregateAttributes, PortAttributes } from "#src/link/aggregate.js";
import type { LinkAttributes } from "#src/link/link-attributes.js";
import { parseIpAddress } from "#src/net-address/ip-address.js";
import type { Snapshot } from "#src/snapshot/snapshot.js";
import type { Supposition } from "#src/snapshot/supposition.js";
import { configuration } from "../daemon/configuration.ts";
import { Wires } from "../daemon/probed-host.ts";
import type { Random } from "../simulation/random.ts";
import { VirtualTime } from "../simulation/virtual-time.ts";
import { A_PORT, NO_AGGREGATE } from "../support/fake-bond.ts";
import { FakeSystem } from "../support/fake-system.ts";
import { NO_HARDWARE } from "../support/no-hardware.ts";

const SPEEDS = [1_000_000_000, 10_000_000_000, undefined];
const PARTNERS = ["02:aa:00:00:00:01", "02:aa:00:00:00:02"];
const STEP_MS = 100;

/** A bond as its driver is: it elects when a port of it goes. */
interface Bond {
  readonly ifindex: number;
  readonly ports: readonly number[];
  aggregate: AggregateAttributes;
}

export class World {
  readonly system = new FakeSystem();
  readonly #random: Random;
  readonly #time = new VirtualTime();
  readonly #wires = new Wires();
  readonly #attributes = new Map<number, Partial<LinkAttributes> & { readonly name: string }>();
  /** By kind and name: the links that lose their carrier with it, before what lies on them. */
  readonly #things = new Map<string, number[]>();
  /** Links that lie on a link, and have their carrier from it. */
  readonly #above = new Map<number, number[]>();
  readonly #bonds: Bond[] = [];
  readonly #core: Core;
  readonly #probed: boolean;

  constructor(random: Random) {
    this.#random = random;
    this.#makeLinks();
    this.#probed = random.chance(30);
    const names = [...this.#attributes.values()].flatMap(({ name, masterIfindex }) =>
      masterIfindex === undefined ? name : [],
    );
    this.#core = new Core({
      sources: [this.system],
      clock: this.#time,
      events: new EventLog(),
      configuration: configuration({
        groups: this.#makeGroups(shuffled(names, random)),
        failback: random.chance(70),
        ...(this.#probed ? { probes: {}, failureDetectionTime: 1_000 } : {}),
      }),
      stateFile: undefined,
      loaded: { kind: "none" },
      system: { boot: "b", namespace: "n" },
      probeSockets: this.#wires.sockets,
    });
  }

  /** `body` on the world's own clock, from the start of the program on. */
  live<T>(body: () => T): T {
    return this.#time.while(() => {
      this.#core.start();
      this.#haveAPast();
      return body();
    });
  }

  /** Things that can fail, as they are named. */
  get things(): readonly string[] {
    return [...this.#things.keys()];
  }

  suppose(without: readonly string[]): Supposition {
    return this.#core.suppose(without);
  }

  snapshot(): Snapshot {
    return this.#core.snapshots.within(0n);
  }

  /** Whether the bond that would lose its port tells what it will do. */
  isForeseeable(things: readonly string[]): boolean {
    const lost = this.#lostWith(things);
    return this.#bonds.every((bond) => {
      const left = bond.ports.filter((port) => this.#isRunning(port) && !lost.has(port));
      return (
        bond.aggregate.mode !== "active-backup" ||
        left.length < 2 ||
        left.includes(bond.aggregate.activeIfindex ?? 0) ||
        left.includes(bond.aggregate.primaryIfindex ?? 0)
      );
    });
  }

  /** They fail at once. */
  takeDown(things: readonly string[]): void {
    this.system.hold();
    this.#loseCarrier(this.#lostWith(things));
    this.#core.tick();
  }

  #makeLinks(): void {
    const random = this.#random;
    const cards = 1 + random.below(3);
    const ports = 2 + random.below(5);
    const made: number[] = [];
    for (let n = 0; n < ports; n++) {
      const slot = `0000:${(0x3b + random.below(cards)).toString(16)}:00`;
      const isTold = random.chance(80);
      const hardware = isTold ? { ...NO_HARDWARE, pciFunction: `${slot}.${n % 8}` } : undefined;
      const ifindex = this.#add(`eth${n}`, { hardware, speedBitsPerSecond: SPEEDS[random.below(3)] });
      made.push(ifindex);
      if (isTold) this.#fallsWith(`card=${slot}`, ifindex);
    }
    for (let n = random.below(4); n > 0; n--) {
      const below = made[random.below(made.length)] ?? 0;
      const kind = random.chance(50) ? "vlan" : "macvlan";
      const ifindex = this.#add(`on${n}`, { kind, hasDevice: false, lowerIfindex: below });
      this.#above.set(below, [...(this.#above.get(below) ?? []), ifindex]);
      made.push(ifindex);
    }
    for (let n = random.below(3); n > 0; n--) this.#makeBond(`bond${n}`, made.slice(0, ports));
  }

  #makeBond(name: string, ethernet: readonly number[]): void {
    const random = this.#random;
    const free = ethernet.filter(
      (ifindex) => this.#attributes.get(ifindex)?.masterIfindex === undefined && !this.#above.has(ifindex),
    );
    const ports = shuffled(free, random).slice(0, 1 + random.below(3));
    const [first] = ports;
    if (first === undefined) return;
    const mode = (["balance-rr", "active-backup", "802.3ad"] as const)[random.below(3)] ?? "balance-rr";
    const primaryIfindex = mode === "active-backup" && random.chance(50) ? ports.at(-1) : undefined;
    const activeIfindex = mode === "active-backup" ? (primaryIfindex ?? first) : undefined;
    const activeAggregator = mode === "802.3ad" ? 1 : undefined;
    const partnerLladdr = mode === "802.3ad" ? PARTNERS[0] : undefined;
    const minLinks = mode === "802.3ad" ? random.below(3) : undefined;
    const aggregate = {
      ...NO_AGGREGATE,
      mode,
      activeIfindex,
      primaryIfindex,
      activeAggregator,
      partnerLladdr,
      minLinks,
    };
    const used = ports.filter((_, n) => mode !== "802.3ad" || n % 2 === 0).length;
    const running = mode !== "802.3ad" || used >= Math.max(1, minLinks ?? 0);
    const ifindex = this.#add(name, {
      kind: "bond",
      hasDevice: false,
      running,
      operState: running ? "up" : "down",
      aggregate,
    });
    for (const [n, port] of ports.entries()) {
      const aggregator = mode === "802.3ad" ? 1 + (n % 2) : undefined;
      const isUsed = mode === "active-backup" ? port === activeIfindex : aggregator === undefined || aggregator === 1;
      const lladdr = mode === "802.3ad" ? PARTNERS[n % 2] : undefined;
      this.#change(port, {
        masterIfindex: ifindex,
        port: {
          ...A_PORT,
          role: isUsed ? "active" : "backup",
          aggregator,
          partnerLladdr: lladdr,
          actorState: 0x3d,
          partnerState: 0x3d,
        },
      });
      if (lladdr !== undefined) this.#fallsWith(`switch=${lladdr}`, port);
    }
    const bond: Bond = { ifindex, ports, aggregate };
    this.#bonds.push(bond);
    this.#elect(bond); // it is as fast as the ports in use
  }

  #makeGroups(names: readonly string[]) {
    const random = this.#random;
    const groups = [];
    const rest = [...names];
    for (let n = 0; rest.length > 0 && n < 3; n++) {
      const members = rest.splice(0, 1 + random.below(5));
      const addresses = Array.from({ length: random.below(7) }, (_, host) =>
        random.chance(30) ? `2001:db8:${n}::${host + 1}` : `192.0.${n}.${host + 1}`,
      );
      groups.push({
        name: `g${n}`,
        ifname: `ipmp${n}`,
        members: members.map((device) => ({ kind: "device", device, standby: random.chance(35) }) as const),
        addresses: addresses.flatMap((text) => parseIpAddress(text) ?? []),
        minActive: 1 + random.below(2),
      });
    }
    return groups;
  }

  /** What happened before anybody asked: losses and repairs, links out of service, paths that are cut behind the carrier. */
  #haveAPast(): void {
    const random = this.#random;
    this.#pass(1);
    const ethernet = [...this.#attributes].filter(([, { kind }]) => kind === undefined);
    for (let n = random.below(8); n > 0; n--) {
      const [ifindex = 0, { name = "" } = {}] = ethernet[random.below(ethernet.length)] ?? [];
      const happens = random.below(5);
      if (happens < 2 && this.#isRunning(ifindex)) this.#loseCarrier(this.#withAbove([ifindex]));
      else if (happens === 2) this.#findCarrier(ifindex);
      else if (happens === 3) this.#core.setOffline(name, random.chance(60));
      else if (this.#probed) this.#wires.cut.add(name);
      this.#pass(random.below(4));
    }
    if (this.#probed) this.#pass(15);
  }

  #pass(seconds: number): void {
    const step = this.#probed ? STEP_MS : 1000; // only probes need a turn so often
    for (let ms = 0; ms <= seconds * 1000; ms += step) {
      this.#time.pass(step);
      this.#core.tick();
      this.#wires.deliver();
    }
  }

  #add(name: string, attributes: Partial<LinkAttributes>): number {
    const ifindex = this.system.add(name, attributes);
    this.#attributes.set(ifindex, { running: true, ...attributes, name });
    this.#fallsWith(name, ifindex);
    const subnet = `10.1.${ifindex}`;
    this.system.addressList = [
      ...this.system.addressList,
      { ifindex, family: "ipv4", address: `${subnet}.1`, prefixLength: 24, tentative: false, duplicate: false },
    ];
    const hop = { ifindex, gateway: `${subnet}.254`, weight: 1, dead: false };
    const [route] = this.system.routes ?? [];
    this.system.routes = [{ family: "ipv4", metric: 0, nextHops: [...(route?.nextHops ?? []), hop] }];
    return ifindex;
  }

  #change(ifindex: number, attributes: Partial<LinkAttributes>): void {
    const before = this.#attributes.get(ifindex) ?? { name: "" };
    this.#attributes.set(ifindex, { ...before, ...attributes, name: before.name });
    this.system.change(ifindex, attributes);
  }

  #fallsWith(thing: string, ifindex: number): void {
    this.#things.set(thing, [...(this.#things.get(thing) ?? []), ifindex]);
  }

  #isRunning(ifindex: number): boolean {
    return this.#attributes.get(ifindex)?.running === true;
  }

  #lostWith(things: readonly string[]): Set<number> {
    return this.#withAbove(things.flatMap((thing) => this.#things.get(thing) ?? []));
  }

  #withAbove(links: readonly number[]): Set<number> {
    const lost = new Set(links);
    for (const link of lost) for (const above of this.#above.get(link) ?? []) lost.add(above);
    return lost;
  }

  #loseCarrier(links: ReadonlySet<number>): void {
    for (const ifindex of links) this.#set(ifindex, false);
    for (const bond of this.#bonds) this.#elect(bond, links.has(bond.ifindex));
  }

  #findCarrier(ifindex: number): void {
    for (const link of this.#withAbove([ifindex])) this.#set(link, true);
    for (const bond of this.#bonds) this.#elect(bond);
  }

  #set(ifindex: number, running: boolean): void {
    const { port, aggregate } = this.#attributes.get(ifindex) ?? {};
    if (aggregate && running) return; // it has its carrier from its ports
    const told: Partial<PortAttributes> = { miiStatus: running ? "up" : "down", role: running ? "active" : "backup" };
    this.#change(ifindex, {
      running,
      operState: running ? "up" : "down",
      ...(port ? { port: { ...port, ...told } } : {}),
    });
  }

  /** As the driver does it (bond_select_active_slave, ad_agg_selection_logic, bond_set_carrier). */
  #elect(bond: Bond, isDown = false): void {
    const { aggregate } = bond;
    const left = bond.ports.filter((port) => this.#isRunning(port));
    const portOf = (ifindex: number): PortAttributes => this.#attributes.get(ifindex)?.port ?? A_PORT;
    let used = left;
    if (aggregate.mode === "active-backup") {
      const active =
        [aggregate.primaryIfindex, aggregate.activeIfindex].find((port) => left.includes(port ?? 0)) ?? left[0];
      used = left.filter((port) => port === active);
      bond.aggregate = { ...aggregate, activeIfindex: active };
    }
    if (aggregate.mode === "802.3ad") {
      const has = (aggregator: number | undefined) => left.some((port) => portOf(port).aggregator === aggregator);
      const active = has(aggregate.activeAggregator) ? aggregate.activeAggregator : [1, 2].find(has);
      used = left.filter((port) => portOf(port).aggregator === active);
      const partnerLladdr = active === undefined ? aggregate.partnerLladdr : PARTNERS[active - 1];
      bond.aggregate = { ...aggregate, activeAggregator: active ?? aggregate.activeAggregator, partnerLladdr };
    }
    for (const port of left)
      this.#change(port, { port: { ...portOf(port), role: used.includes(port) ? "active" : "backup" } });
    const isUp = !isDown && used.length >= Math.max(1, aggregate.minLinks ?? 0);
    const speed = used.reduce((sum, port) => sum + (this.#attributes.get(port)?.speedBitsPerSecond ?? 0), 0);
    const told = { aggregate: bond.aggregate, speedBitsPerSecond: speed || undefined };
    this.#change(bond.ifindex, { running: isUp, operState: isUp ? "up" : "down", ...told });
  }
}

export function shuffled<T>(list: readonly T[], random: Random): T[] {
  const rest = [...list];
  return list.map(() => rest.splice(random.below(rest.length), 1)[0] as T);
}
