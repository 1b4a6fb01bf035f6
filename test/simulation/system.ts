/**
 * The operating system of the simulation: links that carry traffic, and a source that tells of them as rtnetlink does.
 * Beside each thing that it tells it keeps what was true, which only the truth of the test gets to see.
 */

import { Schema } from "#src/kstat/schema.js";
import type { LinkAttributes } from "#src/link/link-attributes.js";
import type { LinkState, Source, SourceEvent } from "#src/sources/source.js";
import { aLink } from "../support/fake-system.ts";

/** What a link carries, without regard to how it is counted. */
export const QUANTITIES = ["sent", "received", "framesSent", "framesReceived", "sendErrors", "multicast"] as const;
export type Quantities = bigint[];

/** Statistics of the source, and the quantity that each shows. */
const SHOWN: readonly (readonly [string, number])[] = [
  ["obytes", 0],
  ["obytes64", 0],
  ["rbytes", 1],
  ["rbytes64", 1],
  ["opackets", 2],
  ["opackets64", 2],
  ["ipackets", 3],
  ["ipackets64", 3],
  ["oerrors", 4],
  ["multircv", 5],
];

/** The quantity behind a statistic; undefined where the source has none. */
export const QUANTITY_OF: ReadonlyMap<string, number> = new Map(SHOWN);

/** A link as long as it lives, whatever it is called and wherever it is. */
export class Body {
  attributes: LinkAttributes;
  /** Since it was made, whatever its driver says. */
  readonly carried: Quantities = QUANTITIES.map(() => 0n);
  /** How often its driver has begun again. */
  resets = 0;
  readonly #start: bigint;
  readonly #bits: number;
  #origin: Quantities;

  /** @param start where the driver's counters stand when the link is made */
  constructor(attributes: LinkAttributes, start: bigint, bits: number) {
    this.attributes = attributes;
    this.#start = start;
    this.#bits = bits;
    this.#origin = QUANTITIES.map(() => 0n);
  }

  reset(): void {
    this.resets++;
    this.#origin = [...this.carried];
  }

  /** What the driver says, by quantity. */
  driver(): Quantities {
    const start = this.resets === 0 ? this.#start : 0n;
    return this.carried.map((carried, n) => BigInt.asUintN(this.#bits, start + carried - (this.#origin[n] ?? 0n)));
  }
}

/** What was true of a link at a moment. */
export interface Sighting {
  readonly body: Body;
  readonly attributes: LinkAttributes;
  readonly carried: Quantities;
  readonly driver: Quantities;
  readonly resets: number;
}

export type TrueEvent =
  | { readonly kind: "link"; readonly sighting: Sighting }
  | {
      readonly kind: "gone";
      readonly ifindex: number;
      readonly sighting: Sighting | undefined;
      readonly slots: readonly number[];
    }
  | { readonly kind: "resync"; readonly sightings: readonly Sighting[] };

interface Queued {
  readonly told: SourceEvent;
  readonly truth: TrueEvent;
}

export interface Witness {
  /** The program has been told of these. */
  told(events: readonly TrueEvent[]): void;
  /** The program has read the counters of all links. */
  read(sightings: ReadonlyMap<number, Sighting>): void;
}

export class System implements Source {
  readonly name = "local";
  readonly kind = "netlink";
  readonly deliversEvents = true;
  readonly schema: Schema;
  readonly counterBits: 32 | 64;
  witness: Witness = { told: () => {}, read: () => {} };
  /** Reading fails, as when the kernel has no memory for a socket. */
  isFailing = false;
  readonly present = new Map<number, Body>();
  /** Links in another namespace, by the ifindex that they had here. */
  readonly away: { readonly ifindex: number; readonly body: Body }[] = [];
  #queue: Queued[] = [];
  /** Events from here on are still on their way. */
  #held: number | undefined;
  #nextIfindex = 1;

  constructor(bits: 32 | 64) {
    this.counterBits = bits;
    this.schema = new Schema(SHOWN.map(([name]) => ({ name, type: "uint64" })));
  }

  named(name: string): Body | undefined {
    return [...this.present.values()].find(({ attributes }) => attributes.name === name);
  }

  add(name: string, attributes: Partial<LinkAttributes>, start: bigint, ifindex = this.#nextIfindex++): void {
    const body = new Body({ ...aLink(name, ifindex), ...attributes }, start, this.counterBits);
    this.present.set(ifindex, body);
    this.#linkEvent(body);
  }

  change(body: Body, attributes: Partial<LinkAttributes>): void {
    body.attributes = { ...body.attributes, ...attributes };
    this.#linkEvent(body);
  }

  /**
   * @param last what the message carries: counters of now, of a moment before, those of a veth that has lost its peer, none
   */
  remove(body: Body, last: Sighting | "now" | "veth" | "none"): void {
    const { ifindex, name } = body.attributes;
    this.present.delete(ifindex);
    const sighting = last === "none" ? undefined : typeof last === "object" ? last : sightingOf(body);
    const slots = last === "veth" ? [0, 2, 4] : QUANTITIES.map((_, n) => n);
    const counters = sighting && wordsOf(sighting.driver.map((value, n) => (slots.includes(n) ? value : 0n)));
    this.#report({
      told: { kind: "gone", ifindex, name, counters },
      truth: { kind: "gone", ifindex, sighting, slots },
    });
  }

  moveAway(body: Body): void {
    this.remove(body, "now");
    this.away.push({ ifindex: body.attributes.ifindex, body });
  }

  moveBack(body: Body, ifindex: number): void {
    const name = this.named(body.attributes.name) ? `back${ifindex}` : body.attributes.name;
    body.attributes = { ...body.attributes, name, ifindex: this.present.has(ifindex) ? this.#nextIfindex++ : ifindex };
    this.present.set(body.attributes.ifindex, body);
    this.#linkEvent(body);
  }

  /** The socket's buffer ran over. */
  loseEvents(): void {
    this.#queue = [this.#resync("the socket's buffer ran over")];
    this.#held = undefined;
  }

  /** The last event is told twice. */
  repeatLast(): void {
    const last = this.#queue.at(-1);
    if (last && last.truth.kind !== "resync") this.#queue.push(last);
  }

  /** Events from now on arrive only after {@link release}. */
  hold(): void {
    this.#held ??= this.#queue.length;
  }

  release(): void {
    this.#held = undefined;
  }

  get isHolding(): boolean {
    return this.#held !== undefined;
  }

  open(): void {
    this.#held = undefined;
    this.#queue = [this.#resync(undefined)];
  }

  drain(): SourceEvent[] {
    this.#mayFail();
    const count = this.#held ?? this.#queue.length;
    const delivered = this.#queue.splice(0, count);
    if (this.#held !== undefined) this.#held = 0;
    this.witness.told(delivered.map(({ truth }) => truth));
    return delivered.map(({ told }) => told);
  }

  readCounters(visit: (ifindex: number, counters: BigUint64Array) => void): void {
    this.#mayFail();
    const sightings = new Map(Array.from(this.present, ([ifindex, body]) => [ifindex, sightingOf(body)] as const));
    for (const [ifindex, { driver }] of sightings) visit(ifindex, wordsOf(driver));
    this.witness.read(sightings);
  }

  defaultRoutes() {
    this.#mayFail();
    return [];
  }

  addresses() {
    this.#mayFail();
    return [];
  }

  close(): void {
    this.#queue = [];
  }

  #mayFail(): void {
    if (this.isFailing) throw new Error("No buffer space available");
  }

  #linkEvent(body: Body): void {
    const sighting = sightingOf(body);
    this.#report({ told: { kind: "link", ...stateOf(sighting) }, truth: { kind: "link", sighting } });
  }

  #resync(gap: string | undefined): Queued {
    const sightings = Array.from(this.present.values(), sightingOf);
    return { told: { kind: "resync", gap, links: sightings.map(stateOf) }, truth: { kind: "resync", sightings } };
  }

  #report(event: Queued): void {
    this.#queue.push(event);
  }
}

export function sightingOf(body: Body): Sighting {
  const { attributes, carried, resets } = body;
  return { body, attributes, carried: [...carried], driver: body.driver(), resets };
}

function stateOf({ attributes, driver }: Sighting): LinkState {
  return { link: attributes, counters: wordsOf(driver) };
}

function wordsOf(driver: Quantities): BigUint64Array {
  return BigUint64Array.from(SHOWN, ([, quantity]) => driver[quantity] ?? 0n);
}
