/**
 * Which links of a device are LAGs, and which are ports of one: made of what differs from maker to maker. IEEE8023-LAG-MIB says to what each
 * port is attached, and of a port that is down often nothing; ifStackTable says what lies upon what, and not everywhere that it is a LAG.
 */

import type { Hrtime } from "../../kstat/hrtime.ts";
import { IANA_IF_TYPE as TYPE } from "./interface-columns.ts";
import type { InterfaceNames } from "./interface-names.ts";
import type { LagTables } from "./lag-tables.ts";

/** A port of a LAG, as it was when the device last said that it is one. */
export interface LagPort {
  readonly name: string;
  readonly lag: number;
  readonly lagName: string;
  /** Instance of the LAG-MIB's tables that is of this port; undefined where these do not tell of it. */
  readonly row: number | undefined;
  /** dot3adAggPortActorAdminKey: the configuration of the device. Undefined: not told, or in no LAG. */
  readonly adminKey: number | undefined;
  /** Since when the device has said that it is up, and in no LAG; undefined while it is in one, or down. */
  readonly unclaimedSince: Hrtime | undefined;
}

/**
 * A port that is up and in no LAG any more leaves after so long. The tables of a device are of several moments (snmpd keeps what it knows
 * of a link's state for 15 s), and a port that has just lost its link would leave its group instead of failing it.
 */
const LEAVES_AFTER_NS = 20_000_000_000n;

/** Logical units and VLANs: they lie upon a port and are none. */
const LOGICAL: ReadonlySet<number | undefined> = new Set([TYPE.propVirtual, TYPE.l2vlan, TYPE.l3ipvlan]);
/** Types that LAGs have and hardly anything else. */
const LAG_TYPES: ReadonlySet<number | undefined> = new Set([TYPE.ieee8023adLag, TYPE.propMultiplexor]);
const NO_LAG_TYPES: ReadonlySet<number | undefined> = new Set([TYPE.softwareLoopback, TYPE.l2vlan, TYPE.l3ipvlan]);
/** Catalyst switches call a port-channel propVirtual, as they call much else. */
const PORT_CHANNEL = /^(port-?channel|po)\s?\d/i;
const OPER_UP = 1;

/**
 * The ports by ifIndex. `before` are those of the last time: one of which the device says nothing now, as of one that is down, stays a port until
 * the device's configuration says otherwise. `now`: when the tables were read.
 */
export function findLagPorts(
  interfaces: readonly InterfaceNames[],
  tables: LagTables,
  before: ReadonlyMap<number, LagPort>,
  now: Hrtime,
): Map<number, LagPort> {
  const names = new Map(interfaces.map(({ ifindex, name }) => [ifindex, name]));
  const found = new Map<number, LagPort>();
  const claim = (lag: number, member: number, row: number | undefined): void => {
    const port = physicalPort(member, interfaces, names, tables);
    const [lagName, name] = [names.get(lag), port === undefined ? undefined : names.get(port)];
    if (port === undefined || lagName === undefined || name === undefined || port === lag || found.has(port)) return;
    const adminKey = tables.adminKeys.get(row ?? port) || undefined;
    const known = row ?? (tables.attached.has(port) ? port : undefined);
    found.set(port, { lag, lagName, row: known, name, adminKey, unclaimedSince: undefined });
  };
  for (const [row, lag] of tables.attached) if (isAggregator(lag, tables)) claim(lag, row, row);
  for (const [higher, lower] of tables.lower)
    for (const link of lower) if (isStackedLag(higher, link, names, tables)) claim(higher, link, undefined);
  for (const [row, lag] of tables.selected) if (isAggregator(lag, tables)) claim(lag, row, row);
  for (const [port, known] of before) {
    const isThere = names.get(port) === known.name && names.get(known.lag) === known.lagName;
    const still = isThere && !found.has(port) ? unclaimed(port, known, tables, now) : undefined;
    if (still) found.set(port, still);
  }
  return found;
}

/** An aggregator is a link of its own. Of a port by itself some devices say that it is attached to itself, or to a number that is of another link. */
function isAggregator(ifindex: number, { types, attached }: LagTables): boolean {
  const type = types.get(ifindex);
  return LAG_TYPES.has(type) || (ifindex > 0 && !attached.has(ifindex) && !NO_LAG_TYPES.has(type));
}

/** Whether what lies upon a link is a LAG: by its type, or where that says little, because Ethernet upon Ethernet is nothing else. */
function isStackedLag(
  higher: number,
  lower: number,
  names: ReadonlyMap<number, string>,
  { types }: LagTables,
): boolean {
  const type = types.get(higher);
  if (LAG_TYPES.has(type)) return true;
  const [upper, below] = [names.get(higher) ?? "", names.get(lower) ?? ""];
  if (type === TYPE.propVirtual) return PORT_CHANNEL.test(upper);
  return (
    type === TYPE.ethernetCsmacd && types.get(lower) === TYPE.ethernetCsmacd && !upper.startsWith(below) // ge-0/0/0.100 upon ge-0/0/0
  );
}

/** The port itself, where a logical unit of it is named: "xe-0/0/0.0" is a unit of xe-0/0/0, by name or by what it lies upon. */
function physicalPort(
  ifindex: number,
  interfaces: readonly InterfaceNames[],
  names: ReadonlyMap<number, string>,
  { types, lower }: LagTables,
): number | undefined {
  const type = types.get(ifindex);
  if (type === TYPE.softwareLoopback || LAG_TYPES.has(type)) return undefined;
  if (!LOGICAL.has(type)) return ifindex;
  const unit = /^(?<port>.+)\.\d+$/.exec(names.get(ifindex) ?? "");
  const below =
    interfaces.find(({ name }) => name === unit?.groups?.["port"])?.ifindex ??
    (lower.get(ifindex)?.length === 1 ? lower.get(ifindex)?.[0] : undefined);
  return below !== undefined && !LOGICAL.has(types.get(below)) && !LAG_TYPES.has(types.get(below)) ? below : undefined;
}

/** The port that the device no longer claims for a LAG: by its key, which is its configuration; where that is not told, while it is down. */
function unclaimed(
  port: number,
  before: LagPort,
  { adminKeys, operStatus }: LagTables,
  now: Hrtime,
): LagPort | undefined {
  const key = adminKeys.get(before.row ?? port);
  if (before.adminKey !== undefined && key !== undefined) return key === before.adminKey ? before : undefined;
  if (operStatus.get(port) !== OPER_UP) return { ...before, unclaimedSince: undefined };
  const unclaimedSince = before.unclaimedSince ?? now;
  return now - unclaimedSince < LEAVES_AFTER_NS ? { ...before, unclaimedSince } : undefined;
}
