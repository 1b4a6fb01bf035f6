/**
 * Random histories of the probe machine: losses, delays, answers that overtake each other or come twice, paths that are cut, links and targets that
 * come and go, late calls, administrators and restarts.
 */

import type { ProbePacket } from "#src/probing/system.js";
import { Random } from "../simulation/random.ts";
import { Invariants } from "./invariants.ts";
import { Network } from "./network.ts";

export interface Tally {
  histories: number;
  steps: number;
  probes: number;
  restarts: number;
  failures: number;
  repairs: number;
  raises: number;
}

export function emptyTally(): Tally {
  return { histories: 0, steps: 0, probes: 0, restarts: 0, failures: 0, repairs: 0, raises: 0 };
}

/** What the wire does to the packets of one interface. */
interface Path {
  readonly lossPercent: number;
  readonly twicePercent: number;
  readonly delayMs: number;
  readonly isCut: boolean;
}

const NAMES = ["net0", "net1", "net2", "net3"] as const;
const STEPS = 120;
const STEP_MS_MAX = 15_000;

class History {
  readonly #random: Random;
  readonly #network: Network;
  readonly #invariants: Invariants;
  readonly #tally: Tally;
  readonly #plumbed = new Set<string>();
  readonly #paths = new Map<string, Path>();
  /** Addresses that answer to all. */
  #hosts: readonly string[] = [];

  constructor(seed: number, tally: Tally) {
    const random = new Random(seed);
    this.#random = random;
    this.#tally = tally;
    this.#network = new Network({ failureDetectionTimeMs: this.#pick([1000, 10_000]), failback: random.chance(70) });
    this.#network.number = () => random.word();
    this.#network.wire = (packet) => this.#answers(packet);
    this.#invariants = new Invariants(this.#network);
    for (const name of NAMES) if (random.chance(80)) this.#plumb(name);
  }

  live(): void {
    this.#tally.histories++;
    for (let step = 0; step < STEPS; step++) {
      this.#pick(this.#happenings)();
      this.#invariants.check();
      this.#run(this.#random.below(STEP_MS_MAX));
      this.#tally.steps++;
    }
    const seen = (kind: "failure" | "repair" | "fdt-raised") => this.#invariants.seen.get(kind) ?? 0;
    this.#tally.failures += seen("failure");
    this.#tally.repairs += seen("repair");
    this.#tally.raises += seen("fdt-raised");
    this.#tally.probes += this.#network.sent.length;
  }

  #run(milliseconds: number): void {
    const end = this.#network.now + milliseconds * 1_000_000;
    while (this.#network.step(end)) this.#invariants.check();
    this.#network.now = end;
  }

  #pick<T>(list: readonly T[]): T {
    const item = list[this.#random.below(list.length)];
    if (item === undefined) throw new RangeError("Cannot pick from an empty list");
    return item;
  }

  /** Some of the addresses there are, in any order. */
  #some(most: number): string[] {
    const addresses = Array.from({ length: 8 }, (_, index) => `10.0.0.${index + 1}`);
    return Array.from({ length: this.#random.below(most + 1) }, () =>
      addresses.splice(this.#random.below(addresses.length), 1),
    ).flat();
  }

  #answers({ kind, interface: name, target }: ProbePacket): (readonly [from: string, afterMs: number])[] {
    const path = this.#paths.get(name);
    if (path === undefined || path.isCut) return [];
    const from = target === undefined ? this.#hosts : [target];
    return from.flatMap((address) => {
      if (this.#random.chance(path.lossPercent)) return [];
      const answer = () => [address, 0.2 + this.#random.below(1 + path.delayMs * 1000) / 1000] as const;
      return kind === "uni" && this.#random.chance(path.twicePercent) ? [answer(), answer()] : [answer()];
    });
  }

  #plumb(name: string): void {
    this.#plumbed.add(name);
    this.#paths.set(name, { lossPercent: 0, twicePercent: 0, delayMs: 1, isCut: false });
    this.#network.plumb(name, {
      flags: this.#random.chance(25) ? ["STANDBY"] : [],
      families: this.#pick([["v4"], ["v4"], ["v6"], ["v4", "v6"]] as const),
      test: this.#pick([[], ["v4"], ["v4", "v6"], ["v4", "v6"]] as const),
      link: this.#random.chance(90),
      hardwareAddress: `02:00:00:00:00:0${this.#random.below(6)}`,
    });
  }

  #withOne(act: (name: string) => unknown): () => void {
    return () => {
      const present = [...this.#plumbed];
      if (present.length > 0) act(this.#pick(present));
    };
  }

  #changePath(change: (path: Path) => Path): () => void {
    return this.#withOne((name) => {
      const path = this.#paths.get(name);
      if (path !== undefined) this.#paths.set(name, change(path));
    });
  }

  readonly #happenings: readonly (() => void)[] = [
    () => {},
    this.#changePath((path) => ({ ...path, lossPercent: this.#pick([0, 0, 1, 10, 30, 60]) })),
    this.#changePath((path) => ({ ...path, delayMs: this.#pick([1, 1, 20, 500, 2000, 8000]) })),
    this.#changePath((path) => ({ ...path, twicePercent: this.#pick([0, 20]) })),
    this.#changePath((path) => ({ ...path, isCut: !path.isCut })),
    this.#changePath((path) => ({ ...path, isCut: false })),
    this.#withOne((name) => this.#network.link(false, name)),
    this.#withOne((name) => this.#network.link(true, name)),
    () => this.#network.link(this.#random.chance(50), ...this.#plumbed),
    this.#withOne((name) => this.#network.route(name, ...this.#some(7))),
    this.#withOne((name) => this.#network.route(name)),
    this.#withOne((name) => this.#network.route6(name, ...this.#some(3))),
    () => {
      this.#hosts = this.#some(6);
    },
    this.#withOne((name) => this.#network.offline(name, this.#random.below(2))),
    this.#withOne((name) => this.#network.online(name)),
    this.#withOne((name) => this.#network.flags(name, ["STANDBY"], [])),
    this.#withOne((name) => this.#network.flags(name, [], ["STANDBY", "INACTIVE"])),
    this.#withOne((name) => this.#network.change(name, { v4: { up: true, testAddress: this.#random.chance(70) } })),
    this.#withOne((name) =>
      this.#network.change(name, { hardwareAddress: `02:00:00:00:00:0${this.#random.below(6)}` }),
    ),
    this.#withOne((name) => {
      this.#plumbed.delete(name);
      this.#network.unplumb(name);
    }),
    () => {
      const absent = NAMES.filter((name) => !this.#plumbed.has(name));
      if (absent.length > 0) this.#plumb(this.#pick(absent));
    },
    () => {
      this.#network.sends = () => this.#pick(["sent", "sent", "sent", "blocked", "failed"]);
    },
    () => {
      this.#network.sends = () => "sent";
    },
    () => {
      this.#network.now += this.#random.below(100_000) * 1_000_000; // nobody calls for a while
    },
    () => {
      this.#tally.restarts++;
      this.#network.restart();
    },
  ];
}

/** Lives the history of that seed. @throws Error that tells how to repeat it */
export function live(seed: number, tally: Tally): void {
  try {
    new History(seed, tally).live();
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\nSeed ${seed}`, { cause: error });
  }
}
