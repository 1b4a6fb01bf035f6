/** Where engine stories are played: the service's own IP and engine, with names for everything and a tap on what they tell others. */

import { Ip } from "#src/ip/ip.js";
import type { Family } from "#src/ipmp/address.js";
import type { FaultPoint } from "#src/ipmp/effects.js";
import type { Errno } from "#src/ipmp/errno.js";
import type { Ill } from "#src/ipmp/ill.js";
import type { Ipif } from "#src/ipmp/ipif.js";
import type { IpmpGroup } from "#src/ipmp/ipmp-group.js";
import type { Ire } from "#src/ipmp/ire.js";
import type { Ncec } from "#src/ipmp/neighbour.js";
import type { Phyint } from "#src/ipmp/phyint.js";
import { type Hrtime, hrtime, seconds } from "#src/kstat/hrtime.js";
import { Registry } from "#src/kstat/registry.js";
import { tap } from "./tap.ts";

/** What a story can watch: who hears of it. */
export const TOPICS = ["resolver", "notes", "nominee", "timer", "routing", "neighbours", "routes", "kstats"] as const;
export type Topic = (typeof TOPICS)[number];

export class EngineStage {
  readonly ip: Ip;
  /** By meta-interface name. */
  readonly groups = new Map<string, IpmpGroup>();
  readonly phyints = new Map<string, Phyint>();
  readonly ipifs = new Map<string, Ipif>();
  readonly ncecs = new Map<string, Ncec>();
  readonly ires = new Map<string, Ire>();
  readonly watched = new Set<Topic>();
  /** Calls that are going to fail, one an element. */
  readonly faults: FaultPoint[] = [];
  now: Hrtime = hrtime(seconds(1));
  #told: string[] = [];
  #ifindex = 0;

  constructor() {
    this.ip = new Ip(new Registry(), this.now);
    tap(this.ip.effects, (topic, line) => {
      if (this.watched.has(topic)) this.#told.push(line.replace(/\b02(:\w\w){5}$/, (mac) => this.deviceAt(mac)));
    });
    this.ip.effects.succeeds = (point) => {
      const index = this.faults.indexOf(point);
      if (index >= 0) this.faults.splice(index, 1);
      return index < 0;
    };
  }

  get nextIfindex(): number {
    this.#ifindex += 1;
    return this.#ifindex;
  }

  /** One operation; what it told the rest of IP, then `said` of its result. */
  operation<T>(run: () => T, said: (result: T) => readonly string[] = () => []): string[] {
    const result = this.ip.operation(this.now, run);
    return [...this.take(), ...said(result)];
  }

  /** An operation that answers an errno: shown when it is none of success. */
  request(run: () => Errno): string[] {
    return this.operation(run, (errno) => (errno === 0 ? [] : [errno]));
  }

  take(): string[] {
    const told = this.#told;
    this.#told = [];
    return told;
  }

  /** Nothing more is shown than what commands answered. */
  endStep(): readonly string[] {
    return this.take();
  }

  group(name: string): IpmpGroup {
    return found(this.groups.get(name), `group "${name}"`);
  }

  phyint(name: string): Phyint {
    return found(this.groups.get(name)?.phyint ?? this.phyints.get(name), `interface "${name}"`);
  }

  ipif(name: string): Ipif {
    return found(this.ipifs.get(name), `address "${name}"`);
  }

  /** Whose MAC that is; itself when it is nobody's. */
  deviceAt(mac: string): string {
    return [...this.phyints.values()].find(({ v4, v6 }) => (v4 ?? v6)?.physAddr === mac)?.name ?? mac;
  }

  /** `net0` is its IPv4 half unless it has none; `net0/v6` is the other. */
  ill(name: string): Ill {
    const [device = "", family] = name.split("/");
    const { v4, v6 } = this.phyint(device);
    if (family === undefined) return found(v4 ?? v6, `an address family on "${device}"`);
    return found({ v4, v6 }[family as Family], `"${name}"`); // a word that is no family finds nothing
  }
}

export function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`there is no ${what}`);
  return value;
}
