/** What `lldpcli -f json0 show neighbors summary` prints: in this form everything is a list, however many there are of it. */

import {
  type ChassisIdKind,
  chassisName,
  type HeardNeighbour,
  type LldpNeighbour,
  onlyNeighbours,
} from "../../link/lldp-neighbour.ts";

/** Characters of a name that are kept: neighbours write what they like. */
const TEXT_LENGTH = 255;

/** lldpd's words for what a chassis ID is made of. Components of a chassis it does not handle ("unhandled"), and prints octets. */
const KINDS: ReadonlyMap<string | undefined, ChassisIdKind> = new Map([
  ["mac", "mac"],
  ["ip", "address"],
  ["local", "local"],
]);

/** By name of the link. Undefined: that is no such text. */
export function parseNeighbours(text: string): ReadonlyMap<string, LldpNeighbour> | undefined {
  const document = parseJson(text);
  if (document === undefined) return undefined;
  const entries = items(document, "lldp").flatMap((lldp) => items(lldp, "interface"));
  const heard = entries.flatMap((entry): (readonly [string, HeardNeighbour])[] => {
    const name = textOf(entry, "name");
    // Old protocols of makers (CDP, EDP) name chassis otherwise: only LLDP's IDs can be compared.
    return name === undefined || textOf(entry, "via") !== "LLDP" ? [] : [[name, neighbourOf(entry)]];
  });
  return onlyNeighbours(heard);
}

function neighbourOf(entry: unknown): HeardNeighbour {
  const [chassis] = items(entry, "chassis");
  const [id] = items(chassis, "id");
  const [port] = items(entry, "port");
  const systemName = textOf(items(chassis, "name")[0], "value");
  const type = textOf(id, "type");
  const value = textOf(id, "value") ?? "";
  return {
    chassis: chassisName(KINDS.get(type) ?? "part", type === "unhandled" ? textOfOctets(value) : value, systemName),
    systemName,
    port: textOf(items(port, "descr")[0], "value") ?? textOf(items(port, "id")[0], "value"),
  };
}

/** "63 31" is "c1", as a device would tell it by its LLDP-MIB. */
function textOfOctets(value: string): string {
  return Buffer.from(value.replaceAll(" ", ""), "hex")
    .toString("utf8")
    .replaceAll(/\p{Cc}/gu, "");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)).get(name) : undefined;
}

function items(value: unknown, name: string): readonly unknown[] {
  const found = member(value, name);
  return Array.isArray(found) ? found : [];
}

function textOf(value: unknown, name: string): string | undefined {
  const found = member(value, name);
  return typeof found === "string" && found !== "" ? found.slice(0, TEXT_LENGTH) : undefined;
}
