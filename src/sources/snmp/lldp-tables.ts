/** What a device has heard by LLDP, and how it numbers its ports there: LLDP-MIB (IEEE 802.1AB), and what that refers to of BRIDGE-MIB and IF-MIB. */

import { type ChassisIdKind, chassisName, type HeardNeighbour } from "../../link/lldp-neighbour.ts";
import { ipAddressOf } from "../../net-address/ip-address.ts";
import type { Answer } from "./answer.ts";
import { IF_ALIAS, IF_PHYS_ADDRESS } from "./interface-columns.ts";
import type { Manager, Row } from "./manager.ts";
import { integer, octetString, physAddress, text, type Varbind } from "./varbind.ts";

const LLDP_OBJECTS = "1.0.8802.1.1.2.1";
/** lldpStatsRemTablesLastChangeTime: TimeTicks. */
export const LLDP_LAST_CHANGE = `${LLDP_OBJECTS}.2.1.0`;
const LOC_PORT_ENTRY = `${LLDP_OBJECTS}.3.7.1`;
const REM_ENTRY = `${LLDP_OBJECTS}.4.1.1`;
/** dot1dBasePortIfIndex (RFC 4188). */
const BASE_PORT_IFINDEX = "1.3.6.1.2.1.17.1.4.1.2";

/** How a local port is named: LldpPortIdSubtype, of which these mean something to the device itself. */
export type PortIdKind = "alias" | "mac" | "name" | "local" | "other";

export interface LocalPort {
  /** lldpLocPortNum. */
  readonly number: number;
  readonly kind: PortIdKind;
  /** A MAC as hex pairs joined by colons, else text; empty where it is none. */
  readonly id: string;
  /** lldpLocPortDesc; empty where it is not told. */
  readonly description: string;
}

export interface LldpTables {
  /** Everybody who is heard, by lldpLocPortNum. */
  readonly heard: readonly (readonly [port: number, neighbour: HeardNeighbour])[];
  readonly ports: readonly LocalPort[];
  /** ifIndex by dot1dBasePort; empty where the device is no bridge. */
  readonly basePorts: ReadonlyMap<number, number>;
  /** ifAlias by ifIndex, where a port may be named by it. */
  readonly aliases: ReadonlyMap<number, string>;
  /** ifPhysAddress by ifIndex, where a port is named by it. */
  readonly macs: ReadonlyMap<number, string>;
}

const NOTHING: LldpTables = { heard: [], ports: [], basePorts: new Map(), aliases: new Map(), macs: new Map() };

/** @param most milliseconds that it may take */
export async function readLldpTables(manager: Manager, most: number): Promise<Answer<LldpTables>> {
  const until = performance.now() + most;
  const columns: (readonly Row[])[] = [];
  const walk = async (column: string): Promise<Answer<readonly Row[]>> => {
    const rows = await manager.walk(column, until - performance.now());
    if (rows.kind === "answered") columns.push(rows.value);
    else if (performance.now() >= until) return { ...rows, cause: `its tables were not read in ${most / 1000} s` };
    return rows;
  };
  for (const column of REM_COLUMNS) {
    const rows = await walk(column);
    if (rows.kind === "unanswered") return rows;
    if (rows.value.length === 0 && column === REM_CHASSIS_ID) return { kind: "answered", value: NOTHING };
  }
  for (const column of [...LOC_COLUMNS, BASE_PORT_IFINDEX]) {
    const rows = await walk(column);
    if (rows.kind === "unanswered") return rows;
  }
  const [chassis = [], chassisKinds = [], names = [], portDescriptions = [], portIds = [], portKinds = []] = columns;
  const [ids = [], kinds = [], descriptions = [], basePorts = []] = columns.slice(REM_COLUMNS.length);
  const ports = localPorts(ids, kinds, descriptions);
  const aliases = ports.some(({ kind }) => kind !== "name") ? await walk(IF_ALIAS) : undefined;
  if (aliases?.kind === "unanswered") return aliases;
  const macs = ports.some(({ kind }) => kind === "mac") ? await walk(IF_PHYS_ADDRESS) : undefined;
  if (macs?.kind === "unanswered") return macs;
  return {
    kind: "answered",
    value: {
      heard: neighbours({ chassis, chassisKinds, names, portDescriptions, portIds, portKinds }),
      ports,
      basePorts: byNumber(basePorts, integer),
      aliases: byNumber(aliases?.value ?? [], text),
      macs: byNumber(macs?.value ?? [], physAddress),
    },
  };
}

const REM_CHASSIS_ID = `${REM_ENTRY}.5`;
/** In the order in which they are taken apart above: lldpRemChassisId, -ChassisIdSubtype, -SysName, -PortDesc, -PortId, -PortIdSubtype. */
const REM_COLUMNS = [REM_CHASSIS_ID, ...[4, 9, 8, 7, 6].map((column) => `${REM_ENTRY}.${column}`)];
/** lldpLocPortId, -PortIdSubtype, -PortDesc. */
const LOC_COLUMNS = [3, 2, 4].map((column) => `${LOC_PORT_ENTRY}.${column}`);

/** By LldpChassisIdSubtype. */
const CHASSIS_KINDS: readonly (ChassisIdKind | undefined)[] = [
  undefined,
  "part", // chassisComponent
  "part", // interfaceAlias
  "part", // portComponent
  "mac",
  "address", // networkAddress
  "part", // interfaceName
  "local",
];

/** By LldpPortIdSubtype. */
const PORT_KINDS: readonly (PortIdKind | undefined)[] = [
  undefined,
  "alias", // interfaceAlias
  "other", // portComponent
  "mac",
  "other", // networkAddress
  "name", // interfaceName
  "other", // agentCircuitId
  "local",
];

type RemoteColumns = Readonly<
  Record<"chassis" | "chassisKinds" | "names" | "portDescriptions" | "portIds" | "portKinds", readonly Row[]>
>;

/**
 * Rows are of a port and a number by which the device tells its neighbours apart. The first part of their index, a time, filters rows when
 * somebody asks for it (TimeFilter of RFC 4502): a row that is there with several times is one, as it last was.
 */
function neighbours(columns: RemoteColumns): [number, HeardNeighbour][] {
  const at = (rows: readonly Row[]) => new Map(rows.map(({ index, varbind }) => [index.join("."), varbind]));
  const kinds = at(columns.chassisKinds);
  const [names, portDescriptions, portIds, portKinds] = [
    at(columns.names),
    at(columns.portDescriptions),
    at(columns.portIds),
    at(columns.portKinds),
  ];
  const found = new Map<string, [number, HeardNeighbour]>();
  for (const { index, varbind } of columns.chassis) {
    const [, port, remote, ...more] = index;
    if (port === undefined || remote === undefined || more.length > 0) continue;
    const row = index.join(".");
    const systemName = text(names.get(row)) || undefined;
    const kind = CHASSIS_KINDS[integer(kinds.get(row)) ?? 0];
    const id = kind && idText(varbind, kind);
    const neighbour = {
      chassis: kind && chassisName(kind, id ?? "", systemName),
      systemName,
      port: text(portDescriptions.get(row)) || portIdText(portIds.get(row), portKinds.get(row)) || undefined,
    };
    found.set(`${port}.${remote}`, [port, neighbour]);
  }
  return [...found.values()];
}

function localPorts(ids: readonly Row[], kinds: readonly Row[], descriptions: readonly Row[]): readonly LocalPort[] {
  const [kindOf, descriptionOf] = [byNumber(kinds, integer), byNumber(descriptions, text)];
  return Array.from(
    byNumber(ids, (varbind) => varbind),
    ([number, id]) => {
      const kind = PORT_KINDS[kindOf.get(number) ?? 0] ?? "other";
      return { number, kind, id: idText(id, kind) ?? "", description: descriptionOf.get(number) ?? "" };
    },
  );
}

function portIdText(id: Varbind | undefined, kind: Varbind | undefined): string | undefined {
  return id && idText(id, PORT_KINDS[integer(kind) ?? 0] ?? "other");
}

/** An address has the number of its family before it: 1 IPv4, 2 IPv6 (AddressFamilyNumbers of IANA). */
function idText(varbind: Varbind, kind: ChassisIdKind | PortIdKind): string | undefined {
  if (kind === "mac") return physAddress(varbind);
  return kind === "address" ? ipAddressOf(octetString(varbind)?.subarray(1)) : text(varbind);
}

/** Values of a table with one number as its index. */
function byNumber<T>(rows: readonly Row[], valueOf: (varbind: Varbind) => T | undefined): ReadonlyMap<number, T> {
  const found = new Map<number, T>();
  for (const { index, varbind } of rows) {
    const [number, ...more] = index;
    const value = valueOf(varbind);
    if (number !== undefined && more.length === 0 && value !== undefined) found.set(number, value);
  }
  return found;
}
