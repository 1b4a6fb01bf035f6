/** A link of a device that is wanted: how it is read, and what one answer says of it. */

import { type LinkAttributes, sameAttributes } from "../../link/link-attributes.ts";
import type { LldpNeighbour } from "../../link/lldp-neighbour.ts";
import type { CounterRow } from "../source.ts";
import {
  attributesOf,
  DESCRIPTION_COLUMNS,
  type Description,
  descriptionOf,
  STATUS_COLUMNS,
} from "./interface-attributes.ts";
import {
  COUNTER_COLUMNS,
  IF_COUNTER_DISCONTINUITY_TIME,
  IF_DESCR,
  IF_HIGH_SPEED,
  IF_NAME,
  IF_SPEED,
  InterfaceColumns,
  instance,
  isCounter,
  OCTET_COLUMNS,
  octetsOf,
  valuesOf,
  WIDE_COLUMNS,
} from "./interface-columns.ts";
import type { InterfaceNames } from "./interface-names.ts";
import { type LagRole, lagAttributes } from "./lag-role.ts";
import { isAbsent, text, timeTicks, type Varbinds } from "./varbind.ts";
import { WideCounters } from "./wide-counters.ts";

export type Bits = readonly (0 | 32 | 64)[];

const POLLED_COLUMNS = [...STATUS_COLUMNS, IF_HIGH_SPEED, IF_SPEED, IF_COUNTER_DISCONTINUITY_TIME];

/** What is asked for when a link is first seen: everything that it may have. */
const FIRST_COLUMNS = [IF_NAME, ...DESCRIPTION_COLUMNS, ...POLLED_COLUMNS, ...COUNTER_COLUMNS];

/** How a link is read: chosen at first sight, and kept while it has its ifIndex and its name. */
interface Form {
  readonly columns: InterfaceColumns;
  readonly nameColumn: string;
  /** Columns that are asked for in each poll. */
  readonly polled: readonly string[];
}

/** Links that are read alike have one form: a hub has thousands of links, and few kinds of them. By the columns that are polled. */
const forms = new Map<string, Form>();
const MOST_FORMS = 64;

function sharedForm(form: Form): Form {
  const key = form.polled.join(" ");
  const known = forms.get(key);
  if (known) return known;
  if (forms.size >= MOST_FORMS) forms.clear();
  forms.set(key, form);
  return form;
}

/** What one answer says of a link. */
export type Seen =
  /** The ifIndex has no link, or another one. */
  | { readonly kind: "elsewhere" }
  | {
      readonly kind: "seen";
      readonly attributes: LinkAttributes;
      /** Undefined when one of them is missing, or has the wrong type or length. */
      readonly counters: BigUint64Array | undefined;
    };

export class Port {
  readonly ifindex: number;
  /** What is known of its counters of 64 bits. */
  wide: WideCounters;
  /** Width of each counter: as read in this run, or by an earlier run of the program; undefined for a new link. */
  bits: Bits | undefined;
  /** As last told in this run. */
  attributes: LinkAttributes | undefined = undefined;
  /** What it is to a LAG, where that is looked for. */
  lagRole: LagRole = { kind: "none" };
  /** Who is at its other end. */
  neighbour: LldpNeighbour | undefined = undefined;
  /** Its next counters do not go on from the last ones. */
  anew: CounterRow["anew"] = undefined;
  /** Its counters could last not be taken. */
  isMalformed = false;
  #name: string;
  #said: string;
  #all: readonly string[];
  #form: Form | undefined;
  /** Told at first sight, together with that. */
  #description: Description | undefined;
  /** ifCounterDiscontinuityTime as last read; undefined where the device does not tell. */
  discontinuity: number | undefined;

  /** `known`: what an earlier run of the program knew of it. */
  constructor(
    ifindex: number,
    { name, said = name, all = [name] }: Pick<InterfaceNames, "name"> & Partial<InterfaceNames>,
    known?: { readonly bits: Bits; readonly discontinuity: number | undefined },
  ) {
    this.ifindex = ifindex;
    this.wide = new WideCounters(ifindex);
    this.#name = name;
    this.#said = said;
    this.#all = all;
    this.bits = known?.bits;
    this.discontinuity = known?.discontinuity;
  }

  get name(): string {
    return this.#name;
  }

  /** What the device says in place of its name: the same, unless other links of the device have that too. */
  get said(): string {
    return this.#said;
  }

  /** The names by which it may be meant. */
  get all(): readonly string[] {
    return this.#all;
  }

  /** It has these names now: where they are others, it is looked at anew. */
  rename({ name, said, all }: Pick<InterfaceNames, "name" | "said" | "all">): void {
    const isSame = name === this.#name && said === this.#said && all.join("\n") === this.#all.join("\n");
    if (!isSame) this.forget();
    this.#name = name;
    this.#said = said;
    this.#all = all;
  }

  /** Whether it has been told of, in this run or an earlier one. */
  get isTold(): boolean {
    return this.bits !== undefined;
  }

  /** Whether it is known how it is read. */
  get hasForm(): boolean {
    return this.#form !== undefined;
  }

  /** How many instances are asked for in a poll. */
  get width(): number {
    return (this.#form?.polled.length ?? 0) + (this.lagRole.kind === "port" ? this.lagRole.oids.length : 0);
  }

  /** What to ask for in a poll. Not kept: a hub with ten thousand links would keep two hundred thousand of them. */
  get oids(): readonly string[] {
    const polled = this.#form?.polled.map((column) => instance(column, this.ifindex)) ?? [];
    return this.lagRole.kind === "port" ? [...polled, ...this.lagRole.oids] : polled;
  }

  /** Where the device says its name. */
  get nameOids(): readonly string[] {
    return [IF_NAME, IF_DESCR].map((column) => instance(column, this.ifindex));
  }

  get firstOids(): readonly string[] {
    return FIRST_COLUMNS.map((column) => instance(column, this.ifindex));
  }

  /** Whether the link is where it is looked for. */
  isSaidIn(varbinds: Varbinds): boolean {
    return this.nameOids.some((oid) => text(varbinds.get(oid)) === this.#said);
  }

  /** Decides how it is read. Answers with the width of each counter. */
  choose(varbinds: Varbinds): Bits {
    const value = valuesOf(this.ifindex, varbinds);
    const has = (column: string) => {
      const varbind = value(column);
      return varbind !== undefined && !isAbsent(varbind);
    };
    this.wide.look(value, OCTET_COLUMNS);
    const counts = (column: string) => isCounter(value(column)) && !(this.wide.areStuck && WIDE_COLUMNS.has(column));
    const columns = new InterfaceColumns(counts);
    const nameColumn = text(value(IF_NAME)) === this.#said ? IF_NAME : IF_DESCR; // ifName may be there, and be empty
    const polled = [nameColumn, ...POLLED_COLUMNS.filter(has), ...columns.oids];
    this.#form = sharedForm({ columns, nameColumn, polled });
    this.#description = descriptionOf(this, value);
    return columns.bits;
  }

  /** Remembers that it has been told of. Answers with the width of each counter. */
  tell(): Bits {
    this.bits ??= this.#form?.columns.bits ?? [];
    return this.bits;
  }

  /** Whether the device may yet have better counters for it: it has some of 32 bits, or none, as of a link without its optics. */
  get isNarrow(): boolean {
    return this.#form?.columns.bits.some((bits) => bits < 64) ?? false;
  }

  /** It is to be looked at anew, as at first sight: with the next poll. */
  forget(): void {
    this.#form = undefined;
  }

  /** As {@link forget}, when its device was started: what its counters of 64 bits were before, or told at first, says nothing of them. */
  forgetCounters(): void {
    this.forget();
    this.wide = new WideCounters(this.ifindex);
  }

  /** What a poll says of it. Notices a discontinuity. */
  see(varbinds: Varbinds): Seen {
    const form = this.#form;
    const description = this.#description;
    const value = valuesOf(this.ifindex, varbinds);
    if (!form || !description || text(value(form.nameColumn)) !== this.#said) return { kind: "elsewhere" };
    this.#noticeDiscontinuity(timeTicks(value(IF_COUNTER_DISCONTINUITY_TIME)));
    const counters = form.columns.read(value);
    if (counters && this.wide.polled(octetsOf(counters))) this.forget();
    return {
      kind: "seen",
      attributes: this.#keep(attributesOf(this, description, value, lagAttributes(this.lagRole, varbinds))),
      counters,
    };
  }

  /** The attributes as last told, where these say the same: of all links of a hub there is one such object each, and not one for each poll. */
  #keep(attributes: LinkAttributes): LinkAttributes {
    const told = this.attributes;
    return told && sameAttributes(told, attributes) ? told : attributes;
  }

  #noticeDiscontinuity(ticks: number | undefined): void {
    if (ticks === undefined) return;
    if (this.discontinuity !== undefined && ticks !== this.discontinuity) this.anew ??= "discontinuity";
    this.discontinuity = ticks;
  }
}
