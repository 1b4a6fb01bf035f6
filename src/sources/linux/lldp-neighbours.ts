/** What `lldpcli -f json0 show neighbors summary` prints: in this form everything is a list, however many there are of it. */

import type { LldpNeighbour } from "../../link/lldp-neighbour.ts";

/** Characters of a name that are kept: neighbours write what they like. */
const TEXT_LENGTH = 255;

/**
 * By name of the link. A link on which several neighbours are heard has none: there is something between them and it that does not speak
 * LLDP. Undefined: that is no such text.
 */
export function parseNeighbours(text: string): ReadonlyMap<string, LldpNeighbour> | undefined {
  const document = parseJson(text);
  if (document === undefined) return undefined;
  const heard = new Map<string, LldpNeighbour | undefined>();
  for (const entry of items(document, "lldp").flatMap((lldp) => items(lldp, "interface"))) {
    const name = textOf(entry, "name");
    const neighbour = neighbourOf(entry);
    if (name === undefined || neighbour === undefined) continue;
    const before = heard.get(name);
    const isOther = heard.has(name) && before?.chassis !== neighbour.chassis;
    heard.set(name, isOther ? undefined : neighbour);
  }
  return new Map([...heard].flatMap(([name, neighbour]) => (neighbour ? [[name, neighbour]] : [])));
}

/** Old protocols of makers (CDP, EDP) name chassis otherwise: only LLDP's IDs can be compared. */
function neighbourOf(entry: unknown): LldpNeighbour | undefined {
  if (textOf(entry, "via") !== "LLDP") return undefined;
  const [chassis] = items(entry, "chassis");
  const [id] = items(chassis, "id");
  const [port] = items(entry, "port");
  const value = textOf(id, "value");
  if (value === undefined) return undefined;
  return {
    chassis: textOf(id, "type") === "mac" ? value.toLowerCase() : value,
    systemName: textOf(items(chassis, "name")[0], "value"),
    port: textOf(items(port, "descr")[0], "value") ?? textOf(items(port, "id")[0], "value"),
  };
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
