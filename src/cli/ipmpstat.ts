/** `ipmp-exporter ipmpstat`: ipmpstat(8) of illumos over the groups of the running daemon. */

import { lookupService } from "node:dns/promises";
import type { Arguments } from "./arguments.ts";
import { print, type Run, type Terminal, UsageError } from "./command.ts";
import { controlOf, get } from "./control.ts";
import {
  ADDRESS_COLUMNS,
  type AddressRow,
  GROUP_COLUMNS,
  INTERFACE_COLUMNS,
  TARGET_COLUMNS,
} from "./ipmpstat/modes.ts";
import {
  addressRows,
  type Group,
  groupRows,
  groupsSchema,
  inOrder,
  interfaceRows,
  targetRows,
} from "./ipmpstat/rows.ts";
import { type Column, defaultColumns, formatParsable, formatTable } from "./ipmpstat/table.ts";

/** Lines of what is not a terminal, as ipmpstat assumes. */
const ROWS_OF_NO_TERMINAL = 24;

type Show = (groups: readonly Group[], given: Arguments, terminal: Terminal) => Promise<void> | void;

/** Where nothing is probed, there is nothing to wait for. */
const noProbes: Show = (_groups, _given, { stderr }) => print(stderr, ["ipmpstat: no interface is probed"]);

const MODES: Readonly<Record<"g" | "i" | "a" | "t" | "p", Show>> = {
  g: (groups, given, terminal) => show(GROUP_COLUMNS, groupRows(groups), given, terminal),
  i: (groups, given, terminal) => show(INTERFACE_COLUMNS, interfaceRows(groups), given, terminal),
  a: async (groups, given, terminal) => {
    const rows = addressRows(groups);
    show(ADDRESS_COLUMNS, given.has("n") ? rows : await Promise.all(rows.map(named)), given, terminal);
  },
  t: (groups, given, terminal) => show(TARGET_COLUMNS, targetRows(groups), given, terminal),
  p: noProbes,
};

export const run: Run = async (given, terminal) => {
  const chosen = Object.entries(MODES).filter(([name]) => given.has(name));
  const [mode] = chosen;
  if (mode === undefined || chosen.length > 1) throw new UsageError("ipmpstat needs exactly one of -g, -i, -a, -t, -p");
  if (given.has("P") && given.text("o") === undefined) throw new UsageError("ipmpstat -P needs the fields: -o FIELD,…");
  const groups = inOrder(await get(controlOf(given, terminal), "/api/v1/groups", groupsSchema));
  await mode[1](groups, given, terminal);
  return 0;
};

function show<Row>(columns: readonly Column<Row>[], rows: readonly Row[], given: Arguments, terminal: Terminal): void {
  const chosen = chooseColumns(columns, given, terminal);
  const { rows: lines } = terminal.stdout;
  const screenful = Math.max(1, (terminal.stdout.isTTY && lines ? lines : ROWS_OF_NO_TERMINAL) - 1);
  print(terminal.stdout, given.has("P") ? formatParsable(chosen, rows) : formatTable(chosen, rows, screenful));
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

/** The name of an address where it has one. The service is of no interest, but lookupService wants a port. */
async function named(row: AddressRow): Promise<AddressRow> {
  const found = await lookupService(row.address, 0).catch(() => undefined);
  return found ? { ...row, address: found.hostname } : row;
}
