/**
 * Which link of a device each port of its LLDP-MIB is. A port is that link whose name it has. Otherwise numbers are left, which the MIB leaves open
 * (LldpPortNumber) and devices of one maker read in different ways: a reading holds where it makes a link of every port, and a port is a link where all
 * readings that hold agree.
 */

import type { InterfaceNames } from "./interface-names.ts";
import type { LldpTables, LocalPort } from "./lldp-tables.ts";

/** Finds the ifIndex of a port by lldpLocPortNum; undefined where it may be any. */
export function lldpPorts(
  interfaces: readonly InterfaceNames[],
  { heard, ports, basePorts, aliases, macs }: LldpTables,
): (number: number) => number | undefined {
  const names = new Map(interfaces.map(({ ifindex, name }) => [ifindex, name]));
  const byName = uniquely(interfaces.flatMap(({ ifindex, all }) => all.map((name) => [name, ifindex] as const)));
  const byAlias = uniquely([...aliases].map(([ifindex, alias]) => [alias, ifindex] as const));
  const byMac = uniquely([...macs].map(([ifindex, mac]) => [mac, ifindex] as const));
  const described = new Map(ports.map((port) => [port.number, port]));
  const named = ({ kind, id, description }: LocalPort): number | undefined => {
    const own = kind === "alias" ? byAlias.get(id) : kind === "mac" ? byMac.get(id) : byName.get(id);
    return own ?? byName.get(description) ?? byAlias.get(description);
  };
  const numbers = new Set([...described.keys(), ...heard.map(([number]) => number)]);
  const readings = [
    (number: number) => basePorts.get(number),
    (number: number) => number,
    (number: number) => idNumber(described.get(number)),
  ].filter((read) => [...numbers].every((number) => names.has(read(number) ?? 0)));
  const byNumber = (number: number): number | undefined => {
    const [only, ...others] = new Set(readings.map((read) => read(number)));
    return others.length === 0 ? only : undefined;
  };
  return (number) => {
    const port = described.get(number);
    const ifindex = (port && named(port)) ?? byNumber(number);
    return ifindex === undefined ? undefined : physicalPort(ifindex, names, byName);
  };
}

/** A number that the device has given to the port as its name. */
function idNumber(port: LocalPort | undefined): number | undefined {
  return port?.kind === "local" && /^\d+$/.test(port.id) ? Number(port.id) : undefined;
}

/** The port itself, where a logical unit of it is named: "ge-0/0/41.0" is a unit of ge-0/0/41. */
function physicalPort(
  ifindex: number,
  names: ReadonlyMap<number, string>,
  byName: ReadonlyMap<string, number>,
): number {
  const unit = /^(?<port>.+)\.\d+$/.exec(names.get(ifindex) ?? "");
  return byName.get(unit?.groups?.["port"] ?? "") ?? ifindex;
}

/** What means one link; several may have one description or one MAC. */
function uniquely(entries: readonly (readonly [name: string, ifindex: number])[]): ReadonlyMap<string, number> {
  const found = new Map<string, number | undefined>();
  for (const [name, ifindex] of entries) {
    const isOther = found.has(name) && found.get(name) !== ifindex;
    found.set(name, isOther || name === "" ? undefined : ifindex);
  }
  return new Map([...found].flatMap(([name, ifindex]) => (ifindex === undefined ? [] : [[name, ifindex]])));
}
