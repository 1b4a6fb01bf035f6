/** How ipmpstat(8) prints rows: padded columns for people, colons for programs (libinetutil's ofmt of illumos). */

import { printable } from "../../log/printable.ts";
import { cellsOf, padCells } from "../cells.ts";

export interface Column<Row> {
  /** In capitals, as the header shows it. */
  readonly name: string;
  /** Cells of a terminal, with the gap to the next column. */
  readonly width: number;
  /** Empty: there is none. Undefined: it could not be found out. */
  readonly value: (row: Row) => string | undefined;
}

/** A row whose fields are text already, by the names of the columns; null: it could not be found out. */
export interface PrintedRow {
  readonly printed: Readonly<Record<string, string | null>>;
}

function fieldOf<Row>({ name, value }: Column<Row>, row: Row | PrintedRow): string | undefined {
  return isPrinted(row) ? (row.printed[name] ?? undefined) : value(row);
}

function isPrinted<Row>(row: Row | PrintedRow): row is PrintedRow {
  return typeof row === "object" && row !== null && "printed" in row;
}

/** Columns up to this width in all are shown when none are asked for. */
const DEFAULT_WIDTH = 80;

/** The columns shown without -o. */
export function defaultColumns<Row>(columns: readonly Column<Row>[]): Column<Row>[] {
  let total = 0;
  const fits = columns.findIndex(({ width }) => {
    total += width;
    return total > DEFAULT_WIDTH;
  });
  return columns.slice(0, fits === -1 ? columns.length : fits);
}

/**
 * For people: a header, again after each `screenful` of rows; the last column is not padded. A value too long for its
 * column takes the excess from the padding of those that follow.
 */
export function formatTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly (Row | PrintedRow)[],
  screenful: number,
): string[] {
  const header = formatRow(columns, (column) => column.name);
  return rows.flatMap((row, index) => {
    const line = formatRow(columns, (column) => fieldOf(column, row));
    return index % screenful === 0 ? [header, line] : [line];
  });
}

function formatRow<Row>(columns: readonly Column<Row>[], shownBy: (column: Column<Row>) => string | undefined): string {
  let excess = 0;
  return columns
    .map((column, index) => {
      const value = printable(shownBy(column) ?? "?");
      const shown = value === "" ? "--" : value;
      if (index === columns.length - 1) return shown;
      const room = column.width - excess;
      const padded = cellsOf(shown) >= room ? `${shown} ` : padCells(shown, room);
      excess = cellsOf(padded) - room;
      return padded;
    })
    .join("");
}

/** For programs: no header, and with two fields or more `:` and `\` inside a value are escaped. A value never ends its line. */
export function formatParsable<Row>(columns: readonly Column<Row>[], rows: readonly (Row | PrintedRow)[]): string[] {
  const escaped = (value: string) => (columns.length > 1 ? value.replaceAll(/[:\\]/g, "\\$&") : value);
  return rows.map((row) => columns.map((column) => printable(escaped(fieldOf(column, row) ?? "?"))).join(":"));
}
