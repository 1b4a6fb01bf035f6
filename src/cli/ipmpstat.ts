/** `ipmp-exporter ipmpstat`: ipmpstat(8) of illumos over the groups of the running daemon. */

import { parseDuration } from "../config/duration.ts";
import type { Arguments } from "./arguments.ts";
import { print, type Run, type Terminal, UsageError } from "./command.ts";
import { controlOf, get } from "./control.ts";
import { nameOf } from "./ipmpstat/host-name.ts";
import {
  ADDRESS_COLUMNS,
  type AddressRow,
  GROUP_COLUMNS,
  INTERFACE_COLUMNS,
  PROBE_COLUMNS,
  TARGET_COLUMNS,
  type TargetRow,
} from "./ipmpstat/modes.ts";
import { probeRows } from "./ipmpstat/probe-stream.ts";
import {
  addressRows,
  type Group,
  groupRows,
  groupsSchema,
  inOrder,
  interfaceRows,
  type Printed,
  printedSchema,
  targetRows,
} from "./ipmpstat/rows.ts";
import { type Column, defaultColumns, formatParsable, formatTable, type PrintedRow } from "./ipmpstat/table.ts";

/** Lines of what is not a terminal, as ipmpstat assumes. */
const ROWS_OF_NO_TERMINAL = 24;

/** What the daemon knows: its own groups, and the rows of systems that have printed them. */
interface Known {
  readonly groups: readonly Group[];
  readonly printed: Printed;
}

/** Answers with the exit status. */
type Show = (known: Known, given: Arguments, terminal: Terminal) => Promise<number> | number;

/** Where nothing is probed, there is nothing to wait for. */
const showProbes: Show = async ({ groups }, given, terminal) => {
  if (!groups.some(({ members }) => members.some(({ probes }) => (probes?.state ?? "disabled") !== "disabled"))) {
    print(terminal.stderr, ["ipmpstat: probe-based failure detection is disabled"]);
    return 1;
  }
  const columns = chooseColumns(PROBE_COLUMNS, given, terminal);
  const control = controlOf(given, terminal);
  let printed = 0;
  for await (const row of probeRows(control, Date.now(), backOf(given))) {
    const shown = given.has("n") ? row : { ...row, target: await nameOf(row.target) };
    const [header = "", line = ""] = formatTable(columns, [shown], 1);
    if (given.has("P")) print(terminal.stdout, formatParsable(columns, [shown]));
    else print(terminal.stdout, printed % screenfulOf(terminal) === 0 ? [header, line] : [line]);
    printed++;
  }
  return 0;
};

/** Milliseconds that --since goes back. */
function backOf(given: Arguments): number {
  const text = given.text("since");
  if (text === undefined) return 0;
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined)
    throw new UsageError(`ipmpstat: found --since="${text}": expected a duration such as 30s or 10m`);
  return milliseconds;
}

const MODES: Readonly<Record<"g" | "i" | "a" | "t" | "p", Show>> = {
  g: ({ groups, printed }, given, terminal) =>
    show(GROUP_COLUMNS, [...groupRows(groups), ...printed.groups.map(asPrinted)], given, terminal),
  i: ({ groups, printed }, given, terminal) =>
    show(INTERFACE_COLUMNS, [...interfaceRows(groups), ...printed.interfaces.map(asPrinted)], given, terminal),
  a: async ({ groups, printed }, given, terminal) => {
    const rows = addressRows(groups);
    const own = given.has("n") ? rows : await Promise.all(rows.map(named));
    return show(
      ADDRESS_COLUMNS,
      [...own, ...(await printedRows(printed.addresses, ["ADDRESS"], given))],
      given,
      terminal,
    );
  },
  t: async ({ groups, printed }, given, terminal) => {
    const rows = targetRows(groups);
    const own = given.has("n") ? rows : await Promise.all(rows.map(namedTargets));
    return show(
      TARGET_COLUMNS,
      [...own, ...(await printedRows(printed.targets, ["TESTADDR", "TARGETS"], given))],
      given,
      terminal,
    );
  },
  p: showProbes,
};

export const run: Run = async (given, terminal) => {
  const chosen = Object.entries(MODES).filter(([name]) => given.has(name));
  const [mode] = chosen;
  if (mode === undefined || chosen.length > 1) throw new UsageError("ipmpstat needs exactly one of -g, -i, -a, -t, -p");
  if (given.has("P") && given.text("o") === undefined) throw new UsageError("ipmpstat -P needs the fields: -o FIELD,…");
  const control = controlOf(given, terminal);
  const [groups, printed] = await Promise.all([
    get(control, "/api/v1/groups", groupsSchema),
    get(control, "/api/v1/ipmpstat", printedSchema),
  ]);
  return mode[1]({ groups: inOrder(groups), printed }, given, terminal);
};

function show<Row>(
  columns: readonly Column<Row>[],
  rows: readonly (Row | PrintedRow)[],
  given: Arguments,
  terminal: Terminal,
): number {
  const chosen = chooseColumns(columns, given, terminal);
  const lines = given.has("P") ? formatParsable(chosen, rows) : formatTable(chosen, rows, screenfulOf(terminal));
  print(terminal.stdout, lines);
  return 0;
}

/** Rows below one header. */
function screenfulOf({ stdout: { isTTY, rows } }: Terminal): number {
  return Math.max(1, (isTTY && rows ? rows : ROWS_OF_NO_TERMINAL) - 1);
}

/** Unknown fields are left out with a warning, unless a program reads the output. */
function chooseColumns<Row>(columns: readonly Column<Row>[], given: Arguments, { stderr }: Terminal): Column<Row>[] {
  const fields = given.text("o");
  if (fields === undefined) return defaultColumns(columns);
  if (fields.toLowerCase() === "all") {
    if (given.has("P")) throw new UsageError('ipmpstat -P needs the fields by name: -o cannot be "all"');
    return [...columns];
  }
  const known = columns.map(({ name }) => name.toLowerCase()).join(", ");
  const chosen = fields.split(",").flatMap((field) => {
    const column = columns.find(({ name }) => name.toLowerCase() === field.toLowerCase());
    if (column) return [column];
    if (given.has("P")) throw new UsageError(`ipmpstat: unknown output field "${field}": expected ${known}`);
    print(stderr, [`ipmpstat: ignoring unknown output field "${field}": expected ${known}`]);
    return [];
  });
  if (chosen.length === 0) throw new UsageError(`ipmpstat: no output field is known: expected ${known}`);
  return chosen;
}

function asPrinted(printed: PrintedRow["printed"]): PrintedRow {
  return { printed };
}

/** Printed rows, with names in place of the addresses of these fields unless numbers are asked for. */
function printedRows(rows: Printed["groups"], fields: readonly string[], given: Arguments): Promise<PrintedRow[]> {
  return Promise.all(
    rows.map(async (row) => {
      if (given.has("n")) return { printed: row };
      const entries = Object.entries(row).map(async ([field, value]) => [
        field,
        fields.includes(field) && value !== null ? (await Promise.all(value.split(" ").map(nameOf))).join(" ") : value,
      ]);
      return { printed: Object.fromEntries(await Promise.all(entries)) };
    }),
  );
}

async function named(row: AddressRow): Promise<AddressRow> {
  return { ...row, address: await nameOf(row.address) };
}

async function namedTargets(row: TargetRow): Promise<TargetRow> {
  const [testAddress = "", ...targets] = await Promise.all([row.testAddress, ...row.targets].map(nameOf));
  return { ...row, testAddress, targets };
}
