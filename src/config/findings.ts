/** Turns what the checks found (zod's issues, and our own) into errors with a place. */

import type * as z from "zod";
import { type ConfigurationError, formatFound, formatKeyPath, type KeyPath } from "./configuration-error.ts";
import type { Document } from "./document.ts";
import { nearName } from "./near-name.ts";

/** Something wrong at a key path, before it is known where that stands. */
export interface Finding {
  readonly path: KeyPath;
  /** In place of the value found there. */
  readonly found?: string;
  /** To be read after "expected". */
  readonly expected: string;
  /** The key itself is wrong, not its value. */
  readonly ofKey?: boolean;
}

/** In place of a value that is not there. */
const MISSING = "missing";

type Issue = z.core.$ZodIssue;

/** One finding for each thing that is wrong with `value`. */
export function findingsOf(
  issues: readonly Issue[],
  value: unknown,
  keysAt: (path: KeyPath) => readonly string[],
): Finding[] {
  const findings = issues.flatMap((issue) => findingOf(issue, [], value, keysAt));
  // What an object lacks for a misspelt key is not another mistake: the key that was meant, or one of several that may be there.
  const objects = new Set<string>();
  const meant = new Set<string>();
  for (const { path, ofKey } of findings) {
    if (!ofKey) continue;
    const object = path.slice(0, -1);
    const name = nearName(String(path.at(-1)), keysAt(object));
    objects.add(object.join("\0"));
    if (name !== undefined) meant.add([...object, name].join("\0"));
  }
  return findings.filter(({ path, ofKey, found }) => {
    if (ofKey || (found !== undefined && found !== MISSING)) return true;
    return !(found === MISSING ? meant : objects).has(path.join("\0"));
  });
}

function findingOf(
  issue: Issue,
  above: KeyPath,
  value: unknown,
  keysAt: (path: KeyPath) => readonly string[],
): Finding | Finding[] {
  // Symbols cannot stand in YAML, so every step is a key or an index.
  const path = [...above, ...(issue.path as KeyPath)];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((name) => unknownKey([...path, name], name, keysAt(path)));
  }
  if (issue.code === "invalid_union") {
    // The alternative that takes this type of value knows better what is wrong inside it.
    const inside = issue.errors.filter(
      (errors) => !errors.some(({ code, path }) => isWrongKind(code) && path.length === 0),
    );
    const [only] = inside;
    if (inside.length === 1 && only) return only.flatMap((inner) => findingOf(inner, path, value, keysAt));
  }
  const missing = valueAt(value, path) === undefined;
  return { path, ...(missing ? { found: MISSING } : {}), expected: issue.message };
}

function isWrongKind(code: Issue["code"]): boolean {
  return code === "invalid_type" || code === "invalid_value";
}

function unknownKey(path: KeyPath, name: string, known: readonly string[]): Finding {
  const near = nearName(name, known);
  const expected =
    near === undefined ? `one of ${known.join(", ")}` : `one of ${known.join(", ")} (did you mean ${near}?)`;
  return { path, found: "unknown key", expected, ofKey: true };
}

/** What stands at `path`; undefined when nothing does. */
export function valueAt(value: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>(
    (here, step) =>
      typeof here === "object" && here !== null ? Object.getOwnPropertyDescriptor(here, step)?.value : undefined,
    value,
  );
}

/** Gives findings their place: a flag, or a line and column of the file. */
export function placeFindings(
  findings: readonly Finding[],
  value: unknown,
  document: Document | undefined,
  flagAt: (path: KeyPath) => string | undefined,
): ConfigurationError[] {
  return findings.map(({ path, found, expected, ofKey }): ConfigurationError => {
    const flag = flagAt(path);
    const secret = mayBeSecret(path);
    const shown =
      found !== undefined && !(secret && found.includes('"')) ? found : formatFound(valueAt(value, path), secret);
    const message = { found: shown, expected };
    if (flag !== undefined) return { file: undefined, position: undefined, subject: `--${flag}`, ...message };
    const named = ofKey === true && mayBeSecretKey(path, expected) ? path.slice(0, -1) : path;
    return {
      file: document?.file,
      position: document?.locate(path, ofKey ? "key" : "value"),
      subject: named.length === 0 ? undefined : formatKeyPath(named),
      ...message,
    };
  });
}

/** Keys that hold secrets, at whatever depth. */
const SECRETS: readonly KeyPath[] = [
  ["snmp", "communities"],
  ["snmp", "users"],
  ["snmp", "notifications"],
  ["sources"],
];

/** A key that nobody knows may be a secret that slipped into its place, unless it is a known one with a slip of the pen. */
function mayBeSecretKey(path: KeyPath, expected: string): boolean {
  const beside = SECRETS.some((secret) => secret.length === path.length && secret[0] === path[0]);
  return mayBeSecret(path) || (beside && !expected.includes("did you mean"));
}

/** Whether a value at `path` may be a secret, also one that stands in the place of all that belongs there. */
function mayBeSecret(path: KeyPath): boolean {
  return SECRETS.some((secret) => secret.slice(0, path.length).every((step, index) => path[index] === step));
}
