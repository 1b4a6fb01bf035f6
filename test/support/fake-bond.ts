/**
 * A bonding master on the fake system, with a counter of its own kept the way the driver keeps it (bond_get_stats): what its
 * slaves have carried since they were enslaved, with the share of those that were released.
 */

import { type AggregateAttributes, type PortAttributes, UNTOLD_AGGREGATE, UNTOLD_PORT } from "#src/link/aggregate.js";
import type { FakeSystem } from "./fake-system.ts";

export const NO_AGGREGATE: AggregateAttributes = { ...UNTOLD_AGGREGATE, kind: "bond", monitor: "mii" };

export const A_PORT: PortAttributes = {
  ...UNTOLD_PORT,
  kind: "bond",
  role: "active",
  miiStatus: "up",
  linkFailures: 0n,
};

export class FakeBond {
  readonly ifindex: number;
  /** bond_stats: bytes of slaves that were released. */
  #released = 0n;
  /** By slave: bytes carried ever, and when it was enslaved (slave_stats). */
  readonly #slaves = new Map<number, { now: bigint; since: bigint }>();
  readonly #system: FakeSystem;
  #aggregate: AggregateAttributes;

  constructor(system: FakeSystem, name: string, aggregate: Partial<AggregateAttributes>, adminUp = true) {
    this.#system = system;
    this.#aggregate = { ...NO_AGGREGATE, ...aggregate };
    const { kind } = this.#aggregate;
    this.ifindex = system.add(name, { kind, hasDevice: false, adminUp, aggregate: this.#aggregate });
  }

  /** What `ip -s link show dev` says of the bond: bytes. */
  get bytes(): bigint {
    return [...this.#slaves.values()].reduce((sum, { now, since }) => sum + now - since, this.#released);
  }

  says(news: Partial<AggregateAttributes>): void {
    this.#aggregate = { ...this.#aggregate, ...news };
    this.#system.change(this.ifindex, { aggregate: this.#aggregate });
  }

  /** @param carried what the link has carried until now */
  enslave(slave: number, port: Partial<PortAttributes> = {}, carried = 0n): void {
    this.#slaves.set(slave, { now: carried, since: carried });
    const { kind } = this.#aggregate;
    this.#system.change(slave, { masterIfindex: this.ifindex, port: { ...A_PORT, kind, ...port } });
  }

  slaveSays(slave: number, port: Partial<PortAttributes>, running = true): void {
    const operState = running ? "up" : "down";
    this.#system.change(slave, { running, operState, port: { ...A_PORT, ...port } });
  }

  carry(slave: number, bytes: bigint): void {
    this.#system.carry(slave, bytes);
    const counter = this.#slaves.get(slave);
    if (counter) counter.now += bytes;
  }

  release(slave: number): void {
    this.#forget(slave);
    this.#system.change(slave, { masterIfindex: undefined, port: undefined });
  }

  /** The device goes, and the bond has one slave less: the kernel tells only the first. */
  unplug(slave: number): void {
    this.#forget(slave);
    this.#system.delete(slave);
  }

  #forget(slave: number): void {
    const { now, since } = this.#slaves.get(slave) ?? { now: 0n, since: 0n };
    this.#released += now - since;
    this.#slaves.delete(slave);
  }
}
