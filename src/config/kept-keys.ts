/**
 * What must be said to be gone. A file that was cut, or that somebody is writing, is right YAML as often as not; so a reload whose
 * file no longer mentions what the loaded one named is refused as a whole, until it says that there is none.
 */

import type { KeyPath } from "./configuration-error.ts";
import { type Finding, valueAt } from "./findings.ts";

/** Keys under which something is named, and what a file writes to say that there is none. */
const KEPT: readonly { readonly path: KeyPath; readonly none: string }[] = [
  { path: ["groups"], none: "groups: []" },
  { path: ["sources"], none: "sources: []" },
  { path: ["shared_fate"], none: "shared_fate: []" },
  { path: ["detection", "probes", "enabled"], none: "enabled: false" },
  { path: ["detection", "probes", "targets"], none: "targets: {}" },
  { path: ["snmp", "communities"], none: "communities: []" },
  { path: ["snmp", "users"], none: "users: []" },
  { path: ["snmp", "notifications"], none: "notifications: []" },
];

/** Without it the next start would serve to everybody what this one guards; a start alone can mean that. */
const GUARD: KeyPath = ["web", "config_file"];

/** What `loaded` names and `next` does not speak of: values of the file and the flags, as they are written. */
export function vanished(loaded: unknown, next: unknown): Finding[] {
  const isGone = (path: KeyPath) => namesSomething(valueAt(loaded, path)) && (valueAt(next, path) ?? null) === null;
  return [
    ...KEPT.filter(({ path }) => isGone(path)).map(({ path, none }) => ({
      path,
      found: "missing",
      expected: `${none} to have none from now on, because the loaded configuration has some`,
    })),
    ...(isGone(GUARD)
      ? [
          {
            path: GUARD,
            found: "missing",
            expected: "the file with TLS and passwords that is served with, or a restart",
          },
        ]
      : []),
  ];
}

function namesSomething(value: unknown): boolean {
  return typeof value === "object" && value !== null
    ? Object.keys(value).length > 0
    : value === true || typeof value === "string";
}
