/** Who is at the other end of a link, as it says itself by LLDP (IEEE 802.1AB). */

export interface LldpNeighbour {
  /** Its chassis ID, as {@link chassisName} writes it. */
  readonly chassis: string;
  /** Its system name; undefined where it tells none. */
  readonly systemName: string | undefined;
  /** Its port, as it describes it. */
  readonly port: string | undefined;
}

/** One of those that are heard on a link; undefined chassis: somebody is heard there, and does not say which chassis that is. */
export type HeardNeighbour = Omit<LldpNeighbour, "chassis"> & { readonly chassis: string | undefined };

/** What a chassis ID is made of: `part` is the name of something that each chassis has, as a port or an interface (LldpChassisIdSubtype). */
export type ChassisIdKind = "mac" | "address" | "local" | "part";

/** What a switch says that has not been given a MAC. */
const NO_MAC = /^[0:]*$/;

/**
 * By what a chassis is told from all others: a MAC as lower-case hex pairs joined by colons, an address and a local ID as they are. Two switches may well
 * call themselves by "mgmt0": such a part is told with the system that has it, "mgmt0@sw1"; without that it tells no chassis.
 */
export function chassisName(kind: ChassisIdKind, id: string, systemName: string | undefined): string | undefined {
  if (id === "" || (kind === "mac" && NO_MAC.test(id))) return undefined;
  if (kind === "part") return systemName === undefined ? undefined : `${id}@${systemName}`;
  return kind === "mac" ? id.toLowerCase() : id;
}

/**
 * The neighbour of each link. A link on which several chassis are heard has none: there is something between them and it that does not speak LLDP.
 * One that is heard twice is one.
 */
export function onlyNeighbours<Key>(heard: Iterable<readonly [Key, HeardNeighbour]>): Map<Key, LldpNeighbour> {
  const found = new Map<Key, LldpNeighbour | undefined>();
  for (const [key, { chassis, ...more }] of heard) {
    const isOther = found.has(key) && found.get(key)?.chassis !== chassis;
    found.set(key, isOther || chassis === undefined ? undefined : { chassis, ...more });
  }
  return new Map([...found].flatMap(([key, neighbour]) => (neighbour ? [[key, neighbour]] : [])));
}
