/**
 * How MIB objects are written down here: a table is data (columns, and the rows of a snapshot), scalars are a table of one
 * row with index 0. Nothing in it knows how requests are answered.
 */

import { compareOids, type Oid } from "../protocol/oid.ts";
import type { Syntax, TypedValue, ValueOf } from "../protocol/syntax.ts";
import type { MibContext } from "./mib-context.ts";

/** One object of a table. `S` is its type; a column of unknown type is a union over all types. */
export type Column<Row, S extends Syntax = Syntax> = {
  readonly [P in S]: {
    /** Its last sub-identifier, below the entry. */
    readonly number: number;
    /** Its descriptor in the MIB module. */
    readonly name: string;
    readonly syntax: P;
    /** Undefined: this row has no such instance. Absent is not zero. */
    readonly value: (row: Row, context: MibContext) => ValueOf[P] | undefined;
    /** Whether the object exists at all with this snapshot; left out: always. */
    readonly exists?: (context: MibContext) => boolean;
  };
}[S];

export interface Entry<Row> {
  /** What the index clause of the MIB says, as sub-identifiers. */
  readonly index: Oid;
  readonly row: Row;
}

export interface TableDefinition<Row> {
  readonly name: string;
  /** Of the entry ("ifEntry"), or of the group for scalars. */
  readonly oid: Oid;
  /** By ascending number. */
  readonly columns: readonly Column<Row>[];
  /** In any order, each index once. */
  readonly rows: (context: MibContext) => readonly Entry<Row>[];
}

/** A table whose kind of row nobody needs to know. */
export interface Table {
  readonly name: string;
  readonly oid: Oid;
  readonly columns: readonly Pick<Column<never>, "number" | "name" | "syntax">[];
  open(context: MibContext): OpenTable;
}

/** The rows of a table in one snapshot. */
export interface OpenTable {
  /** Ascending. */
  readonly indexes: readonly Oid[];
  /** `column` and `row` count from 0. */
  value(column: number, row: number): TypedValue | undefined;
  exists(column: number): boolean;
}

export function table<Row>(definition: TableDefinition<Row>): Table {
  const { name, oid, columns } = definition;
  return {
    name,
    oid,
    columns,
    open(context) {
      const entries = definition.rows(context).toSorted((a, b) => compareOids(a.index, b.index));
      return {
        indexes: entries.map(({ index }) => index),
        value(column, row) {
          const object = columns[column];
          const entry = entries[row];
          return object && entry && typed(object, entry.row, context);
        },
        exists: (column) => columns[column]?.exists?.(context) ?? true,
      };
    },
  };
}

/** Scalars of one group: each instance is the object's own identifier followed by 0 (RFC 2578 section 7.7). */
export function scalars(name: string, oid: Oid, columns: readonly Column<undefined>[]): Table {
  return table<undefined>({ name, oid, columns, rows: () => [{ index: [0], row: undefined }] });
}

function typed<Row, S extends Syntax>(column: Column<Row, S>, row: Row, context: MibContext): TypedValue | undefined {
  const value = column.value(row, context);
  if (value === undefined) return undefined;
  // The column says of which type its values are; TypedValue is the union of those pairs.
  return { syntax: column.syntax, value } as TypedValue;
}
