/** Snapshots that differ from one in a single place: each value in it, whatever it is, is another, or not there. */

import type { Snapshot } from "#src/snapshot/snapshot.js";

/** The way to a place: keys of objects, and positions in lists and in counters. */
export type Path = readonly (string | number)[];

export interface Change {
  readonly path: Path;
  /** What kind of change. */
  readonly to: "another" | "absent";
}

/** Every change that can be made. */
export function changesOf(snapshot: Snapshot): readonly Change[] {
  return pathsIn(snapshot, []).flatMap((path) => [
    { path, to: "another" },
    { path, to: "absent" },
  ]);
}

/** A snapshot that shares everything with this one but what leads to the place. Undefined when nothing can be there, or nothing else. */
export function change(snapshot: Snapshot, { path, to }: Change): Snapshot | undefined {
  const changed = at(snapshot, path, to === "absent" ? () => undefined : another);
  return changed === snapshot ? undefined : (changed as Snapshot);
}

function pathsIn(value: unknown, path: Path): Path[] {
  const inside = path.length === 0 ? [] : [path];
  if (ArrayBuffer.isView(value)) return [...inside, [...path, 0], [...path, 4]];
  if (typeof value !== "object" || value === null || value instanceof Set) return inside;
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [...inside, ...keys.flatMap((key) => pathsIn(Reflect.get(value, key), [...path, key]))];
}

function at(value: unknown, [key, ...rest]: Path, make: (value: unknown) => unknown): unknown {
  if (key === undefined) return make(value);
  if (typeof value !== "object" || value === null) return value;
  const before: unknown = Reflect.get(value, key);
  const after = at(before, rest, make);
  if (after === before) return value;
  if (value instanceof BigUint64Array) return typeof after === "bigint" ? value.with(Number(key), after) : value;
  if (Array.isArray(value))
    return after === undefined ? value.toSpliced(Number(key), 1) : value.with(Number(key), after);
  return { ...value, [key]: after };
}

function another(value: unknown): unknown {
  switch (typeof value) {
    case "number":
      return value + 1;
    case "bigint":
      return value + 1_000_000_000n;
    case "boolean":
      return !value;
    case "string":
      return OTHER_WORDS.get(value) ?? `${value}x`;
    default:
      if (value instanceof Set) return new Set([...value].slice(1));
      return Array.isArray(value) && value.length > 0 ? [...value, value[0]] : value;
  }
}

/** Words of which there are only some. */
const OTHER_WORDS: ReadonlyMap<string, string> = new Map([
  ["ok", "degraded"],
  ["degraded", "failed"],
  ["active", "inactive"],
  ["inactive", "failed"],
  ["ipv4", "ipv6"],
  ["icmp", "udp"],
  ["none", "churned"],
  ["churned", "none"],
  ["local", "sw1"],
]);
