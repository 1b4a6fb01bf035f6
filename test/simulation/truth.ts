/**
 * What a group's counters ought to be, from what its links carried and from what the program was told, in plain sums that
 * share nothing with the program's arithmetic. Where nobody could know (a driver that begins again between two readings) it
 * keeps the least and the most that may be counted.
 */

import { type Body, QUANTITIES, type Quantities, type Sighting, type TrueEvent } from "./system.ts";

export interface Bounds {
  readonly least: Quantities;
  readonly most: Quantities;
}

interface Membership extends Bounds {
  readonly ifname: string;
}

/** A link as the program knows it. */
interface Known {
  /** The same in every copy of it, in this run and later ones. */
  readonly identity: object;
  /** All that was counted of it, as a member or not. */
  readonly counted: Bounds;
  body: Body;
  ifindex: number;
  name: string;
  lladdr: string;
  /** How much of what the body carried has been seen, and how much of it by reading. */
  upTo: Quantities;
  read: Quantities;
  resets: number;
  /** Readings until what the driver says can be taken at its word again. */
  unsure: number;
  member: Membership | undefined;
}

export interface TrueGroup {
  readonly departed: Bounds;
  /** As first published. */
  crtime: bigint | undefined;
}

/** Which group a name belongs to: ifname by device name. */
export type Assignment = (name: string) => string | undefined;

const ALL = QUANTITIES.map((_, n) => n);
const nothing = (): Quantities => QUANTITIES.map(() => 0n);

/** What was in the file when it was last replaced. */
export interface Saved {
  readonly groups: ReadonlyMap<string, TrueGroup>;
  readonly members: readonly Known[];
}

export class Truth {
  groups = new Map<string, TrueGroup>();
  readonly #known = new Map<number, Known>();
  /** Those that are gone too. */
  readonly #ever = new Map<object, Known>();
  #assignment: Assignment;
  /** Of an earlier run; undefined once the groups have been formed. */
  #saved: Saved | undefined;
  #isFormed = false;

  /** A run of the program begins, with the state of an earlier one if it has one. */
  constructor(ifnames: readonly string[], assignment: Assignment, saved: Saved | undefined) {
    this.#assignment = assignment;
    this.#saved = saved && copyOf(saved);
    for (const ifname of ifnames) this.groups.set(ifname, this.#saved?.groups.get(ifname) ?? newGroup());
  }

  save(): Saved {
    const members = [...this.#known.values()].filter(({ member }) => member !== undefined);
    return copyOf({ groups: this.groups, members });
  }

  /** What later readings of a record say: its groups with its members, each with what was counted of it until now. */
  saveReadings(record: Saved): Saved {
    const members = record.members.map((saved): Known => {
      const now = this.#ever.get(saved.identity);
      const { name, lladdr, member } = saved;
      return now ? { ...now, name, lladdr, member: member && { ...member, ...since(member, saved, now) } } : saved;
    });
    return copyOf({ groups: record.groups, members });
  }

  /** Members of a group now, by device name. */
  members(ifname: string): { readonly device: string; readonly ifindex: number; readonly bounds: Bounds }[] {
    return [...this.#known.values()]
      .flatMap(({ name, ifindex, member }) =>
        member?.ifname === ifname ? [{ device: name, ifindex, bounds: member }] : [],
      )
      .sort((a, b) => (a.device < b.device ? -1 : 1));
  }

  /** The same object as long as the program knows that link. */
  link(ifindex: number): object | undefined {
    return this.#known.get(ifindex);
  }

  told(events: readonly TrueEvent[]): void {
    for (const event of events) {
      if (event.kind === "link") this.#link(event.sighting);
      else if (event.kind === "gone") this.#gone(event.ifindex, event.sighting, event.slots);
      else this.#resync(event.sightings);
    }
  }

  read(sightings: ReadonlyMap<number, Sighting>): void {
    for (const [ifindex, known] of this.#known) {
      const sighting = sightings.get(ifindex);
      if (sighting) readNow(known, sighting);
    }
    if (!this.#isFormed) this.#form();
  }

  /** Another configuration; the program has just read all counters, if it could. */
  reload(ifnames: readonly string[], assignment: Assignment): void {
    this.#assignment = assignment;
    for (const known of this.#known.values()) this.#place(known);
    for (const ifname of [...this.groups.keys()]) if (!ifnames.includes(ifname)) this.groups.delete(ifname);
    for (const ifname of ifnames) if (!this.groups.has(ifname)) this.groups.set(ifname, newGroup());
    for (const known of this.#known.values()) this.#place(known);
  }

  #link(sighting: Sighting): void {
    const { ifindex, name, lladdr } = sighting.attributes;
    let known = this.#known.get(ifindex);
    if (!known) {
      known = newKnown(sighting);
      const saved = this.#saved?.members.find(
        (candidate) => candidate.ifindex === ifindex && (candidate.name === name || candidate.lladdr === lladdr),
      );
      if (saved) {
        known = copyOfKnown(saved);
        readNow(known, sighting);
      }
      this.#known.set(ifindex, known);
      this.#ever.set(known.identity, known);
    } else see(known, sighting, ALL);
    known.name = name;
    known.lladdr = lladdr;
    if (this.#isFormed) this.#place(known);
  }

  #gone(ifindex: number, sighting: Sighting | undefined, slots: readonly number[]): void {
    const known = this.#known.get(ifindex);
    if (!known) return;
    if (sighting) see(known, sighting, slots);
    this.#leave(known);
    this.#known.delete(ifindex);
  }

  #resync(sightings: readonly Sighting[]): void {
    const present = new Set(sightings.map(({ attributes }) => attributes.ifindex));
    for (const ifindex of [...this.#known.keys()]) if (!present.has(ifindex)) this.#gone(ifindex, undefined, []);
    for (const sighting of sightings) this.#link(sighting);
  }

  #form(): void {
    const saved = this.#saved;
    this.#saved = undefined;
    this.#isFormed = true;
    const stayed = new Set<number>();
    for (const known of this.#known.values()) {
      if (known.member && known.member.ifname === this.#assignment(known.name)) stayed.add(known.ifindex);
      else {
        known.member = undefined;
        this.#place(known);
      }
    }
    for (const { ifindex, member } of saved?.members ?? []) {
      const group = member && this.groups.get(member.ifname);
      if (group && !stayed.has(ifindex)) addTo(group.departed, member);
    }
  }

  #place(known: Known): void {
    const wanted = this.#assignment(known.name);
    if (known.member?.ifname === wanted) return;
    this.#leave(known);
    if (wanted === undefined || !this.groups.has(wanted)) return;
    const most = known.unsure > 0 ? known.upTo.map((upTo, n) => upTo - (known.read[n] ?? 0n)) : nothing();
    known.member = { ifname: wanted, least: nothing(), most };
  }

  #leave(known: Known): void {
    const group = known.member && this.groups.get(known.member.ifname);
    if (group && known.member) addTo(group.departed, known.member);
    known.member = undefined;
  }
}

function newGroup(): TrueGroup {
  return { departed: { least: nothing(), most: nothing() }, crtime: undefined };
}

function newKnown({ body, attributes, carried, resets }: Sighting): Known {
  const { ifindex, name, lladdr } = attributes;
  const seen = { upTo: [...carried], read: [...carried] };
  const counted = { least: nothing(), most: nothing() };
  return { identity: {}, counted, body, ifindex, name, lladdr, ...seen, resets, unsure: 0, member: undefined };
}

/** The program has been shown counters of a moment that may be past. */
function see(known: Known, sighting: Sighting, slots: readonly number[]): void {
  if (known.body !== sighting.body) {
    for (const { most } of sumsOf(known)) for (const n of slots) add(most, n, sighting.driver[n]);
    known.body = sighting.body;
    known.upTo = [...sighting.carried];
    known.read = sighting.carried.map((carried, n) => carried - (sighting.driver[n] ?? 0n));
    known.resets = sighting.resets;
    known.unsure = 2;
    return;
  }
  if (sighting.resets < known.resets) return; // of before the driver began again
  if (sighting.resets > known.resets) known.unsure = 2;
  known.resets = sighting.resets;
  for (const n of slots) {
    const moved = (sighting.carried[n] ?? 0n) - (known.upTo[n] ?? 0n);
    if (moved <= 0n) continue;
    for (const { least, most } of sumsOf(known)) {
      add(most, n, moved);
      if (known.unsure === 0) add(least, n, moved);
    }
    known.upTo[n] = sighting.carried[n] ?? 0n;
  }
}

function readNow(known: Known, sighting: Sighting): void {
  see(known, sighting, ALL);
  known.read = [...sighting.carried];
  if (known.unsure > 0) known.unsure--;
}

function sumsOf({ counted, member }: Known): Bounds[] {
  return member ? [counted, member] : [counted];
}

/** What a member had carried, and what was counted of its link since. */
function since(member: Bounds, saved: Known, now: Known): Bounds {
  const sum = (which: keyof Bounds) =>
    ALL.map((n) => (member[which][n] ?? 0n) + (now.counted[which][n] ?? 0n) - (saved.counted[which][n] ?? 0n));
  return { least: sum("least"), most: sum("most") };
}

function add(sums: Quantities, n: number, moved: bigint | undefined): void {
  sums[n] = (sums[n] ?? 0n) + (moved ?? 0n);
}

function addTo(sum: Bounds, part: Bounds): void {
  for (const n of ALL) {
    add(sum.least, n, part.least[n]);
    add(sum.most, n, part.most[n]);
  }
}

function copyBounds({ least, most }: Bounds): Bounds {
  return { least: [...least], most: [...most] };
}

function copyOf({ groups, members }: Saved): Saved {
  return {
    groups: new Map(
      Array.from(groups, ([ifname, { departed, crtime }]) => [ifname, { departed: copyBounds(departed), crtime }]),
    ),
    members: members.map(copyOfKnown),
  };
}

function copyOfKnown(known: Known): Known {
  return {
    ...known,
    counted: copyBounds(known.counted),
    upTo: [...known.upTo],
    read: [...known.read],
    member: known.member && { ...copyBounds(known.member), ifname: known.member.ifname },
  };
}
