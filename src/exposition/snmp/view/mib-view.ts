/**
 * The MIB of one snapshot in the order of its object identifiers. A position is an object and a row; finding one is two
 * binary searches, stepping to the next is an increment. A varbind is encoded the first time it is wanted and copied from
 * then on, so nothing here grows with a request, and a snapshot of which nobody asks anything costs nothing.
 */

import type { Snapshot } from "../../../snapshot/snapshot.ts";
import { type AgentFacts, MibContext } from "../mibs/mib-context.ts";
import type { OpenTable, Table } from "../mibs/mib-table.ts";
import { TAG } from "../protocol/ber-reader.ts";
import { BerWriter } from "../protocol/ber-writer.ts";
import { compareFrom, compareOids, type Oid, startsWith } from "../protocol/oid.ts";
import { type Syntax, type TypedValue, WRITE } from "../protocol/syntax.ts";

/** An object of the tree: a column, or a scalar. */
export interface MibObject {
  readonly oid: Oid;
  readonly name: string;
  readonly syntax: Syntax;
  /** Position of its table in the tree, and its own in the table. */
  readonly table: number;
  readonly column: number;
}

/** Every object that there can be, in order. Made once; the views of all snapshots share it. */
export class MibTree {
  readonly tables: readonly Table[];
  readonly objects: readonly MibObject[];
  readonly #byName: ReadonlyMap<string, MibObject>;

  constructor(tables: readonly Table[]) {
    this.tables = tables;
    this.objects = tables
      .flatMap((table, at) =>
        table.columns.map(({ number, name, syntax }, column) => {
          return { oid: [...table.oid, number], name, syntax, table: at, column };
        }),
      )
      .toSorted((a, b) => compareOids(a.oid, b.oid));
    this.#byName = new Map(this.objects.map((object) => [object.name, object]));
    for (const [i, { oid, name }] of this.objects.entries()) {
      const next = this.objects[i + 1];
      // An instance would belong to two objects, and the order of the tree would not be the order of the instances.
      if (next && startsWith(next.oid, oid))
        throw new RangeError(`${name} and ${next.name} share an object identifier`);
    }
  }

  /** The identifier of an object, by its descriptor. @throws RangeError when there is none of that name. */
  named(name: string): Oid {
    const object = this.#byName.get(name);
    if (object === undefined) throw new RangeError(`the tree has no object ${name}`);
    return object.oid;
  }

  /** The last object whose identifier is not after `value`, or -1. */
  floor(value: Oid): number {
    let low = 0;
    let high = this.objects.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = this.objects[middle];
      if (at && compareOids(at.oid, value) <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The object of which `value` would be an instance, or -1. */
  objectOf(value: Oid): number {
    const at = this.floor(value);
    return at >= 0 && startsWith(value, this.objects[at]?.oid ?? []) ? at : -1;
  }
}

/** Which objects somebody may see: one octet an object of the tree, 0 for hidden. */
export type Access = Uint8Array;

/** Object times ROWS plus row; or one of the negative answers. */
export type Position = number;
export const NO_SUCH_OBJECT: Position = -1;
export const NO_SUCH_INSTANCE: Position = -2;
export const END: Position = -3;

/** More rows than any table can have, so that object and row share a small integer. */
const ROWS = 1 << 22;

/** In `#offsets`: not looked at yet; looked at, and not there. */
const UNKNOWN = -1;
const ABSENT = -2;

/** An object whose value could not be had: genErr. */
export class ValueError extends Error {
  override readonly name = "ValueError";
  readonly object: string;

  constructor(object: string, cause: unknown) {
    super(`Cannot get the value of ${object}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.object = object;
  }
}

export class MibView {
  readonly tree: MibTree;
  readonly context: MibContext;
  readonly #open: (OpenTable | undefined)[];
  /** Per object: where each row's varbind begins in the arena. */
  readonly #offsets: (Int32Array | undefined)[];
  /** A varbind is written at its front, where there are 2048 octets: more than 128 sub-identifiers of 5 and a value of some hundred. */
  readonly #scratch = new BerWriter(0);
  #arena = new Uint8Array(16_384);
  #used = 0;
  #length = 0;

  constructor(tree: MibTree, context: MibContext) {
    this.tree = tree;
    this.context = context;
    this.#open = Array.from({ length: tree.tables.length });
    this.#offsets = Array.from({ length: tree.objects.length });
  }

  /** Where the encoded varbinds are. Grows, so ask for it after `encode`. */
  get arena(): Uint8Array {
    return this.#arena;
  }

  /** How many octets the varbind has that `encode` answered last. */
  get length(): number {
    return this.#length;
  }

  /** GET: the instance of exactly that name. */
  find(name: Oid, access: Access): Position {
    const at = this.tree.objectOf(name);
    const object = this.tree.objects[at];
    if (object === undefined || access[at] === 0) return NO_SUCH_OBJECT;
    const table = this.#table(object.table);
    if (!table.exists(object.column)) return NO_SUCH_OBJECT;
    const row = rowAfter(table.indexes, name, object.oid.length, true);
    const index = table.indexes[row];
    if (index === undefined || compareFrom(name, object.oid.length, index) !== 0) return NO_SUCH_INSTANCE;
    return this.encode(at * ROWS + row) === ABSENT ? NO_SUCH_INSTANCE : at * ROWS + row;
  }

  /** GETNEXT: the first instance behind that name. */
  after(name: Oid, access: Access): Position {
    const at = this.tree.floor(name);
    const object = this.tree.objects[at];
    if (object === undefined || !startsWith(name, object.oid)) return this.#from(at + 1, 0, access);
    if (access[at] === 0) return this.#from(at + 1, 0, access);
    return this.#from(at, rowAfter(this.#table(object.table).indexes, name, object.oid.length, false), access);
  }

  /** The instance that follows one. */
  next(position: Position, access: Access): Position {
    return this.#from(Math.floor(position / ROWS), (position % ROWS) + 1, access);
  }

  /** The first instance at or behind row `row` of object `at`. */
  #from(at: number, row: number, access: Access): Position {
    const { objects } = this.tree;
    for (let start = row; at < objects.length; at++, start = 0) {
      const object = objects[at];
      if (object === undefined || access[at] === 0) continue;
      const table = this.#table(object.table);
      if (!table.exists(object.column)) continue;
      for (let i = start; i < table.indexes.length; i++) {
        if (this.encode(at * ROWS + i) !== ABSENT) return at * ROWS + i;
      }
    }
    return END;
  }

  /**
   * Where the varbind of a position begins in the arena, `length` octets long; negative when there is no such instance.
   * @throws ValueError when its value cannot be had.
   */
  encode(position: Position): number {
    const at = Math.floor(position / ROWS);
    const row = position % ROWS;
    const offset = this.#offsets[at]?.[row] ?? UNKNOWN;
    if (offset === UNKNOWN) return this.#encode(at, row);
    // A varbind is a SEQUENCE: its own header says how long it is, in one to three octets.
    if (offset >= 0) this.#length = elementLength(this.#arena, offset);
    return offset;
  }

  /** The value itself, for those who do not speak BER. */
  value(position: Position): TypedValue | undefined {
    const object = this.tree.objects[Math.floor(position / ROWS)];
    return object && this.#table(object.table).value(object.column, position % ROWS);
  }

  /** The name of the instance at a position. */
  name(position: Position): Oid {
    const object = this.tree.objects[Math.floor(position / ROWS)];
    if (object === undefined) return [];
    return [...object.oid, ...(this.#table(object.table).indexes[position % ROWS] ?? [])];
  }

  #encode(at: number, row: number): number {
    const object = this.tree.objects[at];
    if (object === undefined) return ABSENT;
    const table = this.#table(object.table);
    let offsets = this.#offsets[at];
    if (offsets === undefined) {
      offsets = new Int32Array(table.indexes.length).fill(UNKNOWN);
      this.#offsets[at] = offsets;
    }
    let length: number;
    try {
      const value = table.value(object.column, row);
      if (value === undefined) {
        offsets[row] = ABSENT;
        return ABSENT;
      }
      length = this.#write(object, table.indexes[row] ?? [], value);
    } catch (cause) {
      throw new ValueError(object.name, cause);
    }
    const offset = this.#used;
    this.#reserve(length);
    this.#arena.set(this.#scratch.content(), offset);
    this.#used += length;
    offsets[row] = offset;
    this.#length = length;
    return offset;
  }

  #write({ oid }: MibObject, index: Oid, value: TypedValue): number {
    const ber = this.#scratch;
    ber.clear();
    write(ber, value);
    const name = ber.front;
    for (let i = index.length - 1; i >= 0; i--) ber.subidentifier(index[i] ?? 0);
    for (let i = oid.length - 1; i >= 2; i--) ber.subidentifier(oid[i] ?? 0);
    ber.subidentifier((oid[0] ?? 0) * 40 + (oid[1] ?? 0));
    ber.wrap(TAG.objectIdentifier, name);
    ber.wrap(TAG.sequence);
    return ber.length;
  }

  #reserve(octets: number): void {
    if (this.#used + octets <= this.#arena.length) return;
    const larger = new Uint8Array(this.#arena.length * 2 + octets);
    larger.set(this.#arena);
    this.#arena = larger;
  }

  #table(at: number): OpenTable {
    const open = this.#open[at] ?? this.tree.tables[at]?.open(this.context);
    if (open === undefined) throw new RangeError(`the tree has no table ${at}`);
    this.#open[at] = open;
    return open;
  }
}

/** Makes the view of a snapshot, and keeps the last one: a walk is many requests of one snapshot. */
export class MibViews {
  readonly #tree: MibTree;
  readonly #facts: AgentFacts;
  #last: MibView | undefined;

  constructor(tree: MibTree, facts: AgentFacts) {
    this.#tree = tree;
    this.#facts = facts;
  }

  of(snapshot: Snapshot): MibView {
    if (this.#last?.context.snapshot !== snapshot)
      this.#last = new MibView(this.#tree, new MibContext(snapshot, this.#facts));
    return this.#last;
  }
}

/** Puts a value in front of what the writer holds. */
export function write(ber: BerWriter, { syntax, value }: TypedValue): void {
  // The pair is one of the union, so the writer of that syntax takes that value.
  (WRITE[syntax] as (ber: BerWriter, value: unknown) => void)(ber, value);
}

/** Octets of the element at `offset`: header and content. */
export function elementLength(bytes: Uint8Array, offset: number): number {
  const first = bytes[offset + 1] ?? 0;
  if (first < 0x80) return 2 + first;
  let length = 0;
  const octets = first & 0x7f;
  for (let i = 0; i < octets; i++) length = length * 256 + (bytes[offset + 2 + i] ?? 0);
  return 2 + octets + length;
}

/** The first row whose index is after (or, when `orAt`, not before) what follows `skip` parts of `name`. */
function rowAfter(indexes: readonly Oid[], name: Oid, skip: number, orAt: boolean): number {
  let low = 0;
  let high = indexes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = compareFrom(name, skip, indexes[middle] ?? []);
    if (order > 0 || (order === 0 && !orAt)) low = middle + 1;
    else high = middle;
  }
  return low;
}
