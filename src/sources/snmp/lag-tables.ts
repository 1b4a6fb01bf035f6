/** What a device says of its LAGs: IEEE8023-LAG-MIB (IEEE 802.1AX), ifStackTable, and types and states of its interfaces (IF-MIB). */

import type { Answer, Failure } from "./answer.ts";
import { IF_OPER_STATUS, IF_TYPE } from "./interface-columns.ts";
import type { Manager, Row } from "./manager.ts";
import { integer } from "./varbind.ts";

const AGG_PORT_ENTRY = "1.2.840.10006.300.43.1.2.1.1";
export const AGG_PORT_SELECTED_AGG_ID = `${AGG_PORT_ENTRY}.12`;
export const AGG_PORT_ATTACHED_AGG_ID = `${AGG_PORT_ENTRY}.13`;
export const AGG_PORT_ACTOR_OPER_STATE = `${AGG_PORT_ENTRY}.21`;
export const AGG_PORT_PARTNER_OPER_SYSTEM_ID = `${AGG_PORT_ENTRY}.9`;
const AGG_PORT_ACTOR_ADMIN_KEY = `${AGG_PORT_ENTRY}.4`;
/** TimeTicks at which rows of that MIB, and of ifStackTable, last came, went or changed. */
export const AGG_TABLES_LAST_CHANGED = "1.2.840.10006.300.43.1.3.0";
export const IF_STACK_LAST_CHANGE = "1.3.6.1.2.1.31.1.6.0";
const IF_STACK_STATUS = "1.3.6.1.2.1.31.1.2.1.3";

/** RowStatus of a relation that holds (RFC 2579). */
const ACTIVE = 1;

type ByIfindex = ReadonlyMap<number, number>;

/** Each by ifIndex; empty where the device does not tell. */
export interface LagTables {
  /** IANAifType. */
  readonly types: ByIfindex;
  /** ifOperStatus. */
  readonly operStatus: ByIfindex;
  /** The links that a link lies upon. */
  readonly lower: ReadonlyMap<number, readonly number[]>;
  /** By the port, or by a logical unit of it: the aggregator that it is attached to, that it has selected, its key. 0: none. */
  readonly attached: ByIfindex;
  readonly selected: ByIfindex;
  readonly adminKeys: ByIfindex;
  /** What can be asked of a row of the LAG-MIB in each poll: instances of the columns below. */
  readonly instances: ReadonlyMap<number, readonly string[]>;
  /** Why a table is missing that the device has. */
  readonly broken: string | undefined;
}

/** Who fails in such a way does not answer at all; any other failure is of the one table. */
const MUTE: ReadonlySet<Failure> = new Set(["timeout", "unreachable", "authentication", "time_window"]);

export async function readLagTables(manager: Pick<Manager, "walk">): Promise<Answer<LagTables>> {
  let broken: string | undefined;
  const read = [];
  for (const column of COLUMNS) {
    const rows = await manager.walk(column);
    if (rows.kind === "unanswered" && MUTE.has(rows.outcome)) return rows;
    if (rows.kind === "unanswered") broken = rows.cause;
    read.push(rows.kind === "answered" ? rows.value : []);
  }
  const [
    types = [],
    operStatus = [],
    stack = [],
    attached = [],
    selected = [],
    states = [],
    adminKeys = [],
    partners = [],
  ] = read;
  const value: LagTables = {
    types: byIfindex(types),
    operStatus: byIfindex(operStatus),
    lower: lowerLinks(stack),
    attached: byIfindex(attached),
    selected: byIfindex(selected),
    adminKeys: byIfindex(adminKeys),
    instances: instancesOf([attached, selected, states, partners]),
    broken,
  };
  return { kind: "answered", value };
}

/** In the order in which they are taken apart above. */
const COLUMNS = [
  IF_TYPE,
  IF_OPER_STATUS,
  IF_STACK_STATUS,
  AGG_PORT_ATTACHED_AGG_ID,
  AGG_PORT_SELECTED_AGG_ID,
  AGG_PORT_ACTOR_OPER_STATE,
  AGG_PORT_ACTOR_ADMIN_KEY,
  AGG_PORT_PARTNER_OPER_SYSTEM_ID,
];

function byIfindex(rows: readonly Row[]): ByIfindex {
  const found = new Map<number, number>();
  for (const { index, varbind } of rows) {
    const [ifindex, ...more] = index;
    const value = integer(varbind);
    if (ifindex !== undefined && more.length === 0 && value !== undefined) found.set(ifindex, value);
  }
  return found;
}

function instancesOf(columns: readonly (readonly Row[])[]): ReadonlyMap<number, readonly string[]> {
  const found = new Map<number, string[]>();
  for (const { index, varbind } of columns.flat()) {
    const [row, ...more] = index;
    if (row === undefined || more.length > 0) continue;
    const known = found.get(row);
    if (known) known.push(varbind.oid);
    else found.set(row, [varbind.oid]);
  }
  return found;
}

/** 0 above or below: nothing (RFC 2863). */
function lowerLinks(rows: readonly Row[]): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>();
  for (const { index, varbind } of rows) {
    const [higher, lower, ...more] = index;
    if (!higher || !lower || more.length > 0 || integer(varbind) !== ACTIVE) continue;
    const known = found.get(higher);
    if (known) known.push(lower);
    else found.set(higher, [lower]);
  }
  return found;
}
