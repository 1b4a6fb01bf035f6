/** Which links of a device are wanted, and under which ifIndex each of them is now. */

import type { KnownLink, SourceEvent } from "../source.ts";
import type { DeviceRun } from "./device-run.ts";
import type { InterfaceNames } from "./interface-names.ts";
import type { LagWatch } from "./lag-watch.ts";
import { Port } from "./port.ts";

export class Ports implements Iterable<Port> {
  readonly #device: string;
  readonly #wants: (names: readonly string[]) => boolean;
  readonly #lags: LagWatch | undefined;
  readonly #byIfindex = new Map<number, Port>();

  /** `wants`: whether a link with these names is to be read; `lags`: those whose ports are read too, whether or not they are wanted otherwise. */
  constructor(device: string, wants: (names: readonly string[]) => boolean, lags: LagWatch | undefined) {
    this.#device = device;
    this.#wants = wants;
    this.#lags = lags;
  }

  [Symbol.iterator](): Iterator<Port> {
    return this.#byIfindex.values();
  }

  get(ifindex: number): Port | undefined {
    return this.#byIfindex.get(ifindex);
  }

  /** Goes on from what an earlier run of the program knew. */
  resume({ discontinuities }: DeviceRun, links: readonly KnownLink[]): void {
    for (const { ifindex, name, bits = [] } of links)
      this.#byIfindex.set(ifindex, new Port(ifindex, { name }, { bits, discontinuity: discontinuities.get(ifindex) }));
  }

  /** Ports are the links that are wanted now. One that has another ifIndex is another link; one that has another name is the same. */
  arrange(found: readonly InterfaceNames[], events: SourceEvent[]): void {
    const wanted = new Map(found.filter((one) => this.#isWanted(one)).map((one) => [one.ifindex, one]));
    const names = new Set(found.map(({ name }) => name));
    for (const port of this) {
      const now = wanted.get(port.ifindex);
      if (now && (now.name === port.name || !names.has(port.name))) port.rename(now);
      else this.#remove(port, events);
    }
    for (const one of wanted.values()) {
      if (this.#byIfindex.has(one.ifindex)) continue;
      this.#byIfindex.set(one.ifindex, new Port(one.ifindex, one));
      if (one.name !== one.said)
        events.push({
          kind: "limit",
          cause: `${this.#device}: several links are called ${one.said}: one is ${one.name}`,
        });
    }
    for (const port of this) this.#giveRole(port);
  }

  /** As if the link had gone, and another had come in its place. Answers with that. */
  replace(port: Port, events: SourceEvent[]): Port {
    this.#remove(port, events);
    const other = new Port(port.ifindex, port);
    other.wide = port.wide;
    this.#giveRole(other);
    this.#byIfindex.set(port.ifindex, other);
    return other;
  }

  /** One that was told to be part of a LAG, and is not any more, is read once again: so it leaves with what it carried. */
  #isWanted({ ifindex, all }: InterfaceNames): boolean {
    if (this.#wants(all)) return true;
    if (!this.#lags) return false;
    const wasPart = this.get(ifindex)?.attributes?.masterIfindex !== undefined;
    return wasPart || this.#lags.roleOf(ifindex).kind !== "none";
  }

  #giveRole(port: Port): void {
    if (this.#lags) port.lagRole = this.#lags.roleOf(port.ifindex);
  }

  #remove({ ifindex, name, isTold }: Port, events: SourceEvent[]): void {
    this.#byIfindex.delete(ifindex);
    if (isTold) events.push({ kind: "gone", ifindex, name, counters: undefined });
  }
}
