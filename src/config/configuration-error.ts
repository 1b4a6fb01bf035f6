/** What is wrong with a configuration, where, and what would be right; one line each. */

import { printable } from "../log/printable.ts";

/** Steps from the top of the file to a value: keys of objects, indexes of lists. */
export type KeyPath = readonly (string | number)[];

export interface ConfigurationError {
  /** The file as it was named; undefined when a flag is wrong. */
  readonly file: string | undefined;
  /** From 1; undefined when the whole file is meant. */
  readonly position: { readonly line: number; readonly column: number } | undefined;
  /** `groups[0].interfaces[1]` or `--web.listen-address`; undefined when the whole file is meant. */
  readonly subject: string | undefined;
  /** `found 42`, `missing`, `unknown key`. */
  readonly found: string;
  /** What would be right, to be read after "expected". */
  readonly expected: string;
}

/** `config.yml:7:5: groups[0].interfaces[1]: found 42: expected a device name or an object with device or match` */
export function formatConfigurationError(error: ConfigurationError): string {
  return line(error, [error.found]);
}

/** The same without what was found, for whoever asks over the network: `config.yml:7:5: snmp.communities: expected …`. */
export function formatWithoutValues(error: ConfigurationError): string {
  return line(error, []);
}

/** A file may hold anything; a message never breaks its line or steers the terminal. */
function line({ file, position, subject, expected }: ConfigurationError, found: readonly string[]): string {
  const place = position === undefined ? [] : [position.line, position.column];
  const where = file === undefined ? [] : [[file, ...place].join(":")];
  return printable(
    [...where, ...(subject === undefined ? [] : [subject]), ...found, `expected ${expected}`].join(": "),
  );
}

/** `["groups", 0, "name"]` as `groups[0].name`; keys that are not plain words in brackets and quotes. */
export function formatKeyPath(path: KeyPath): string {
  return path
    .map((step, index) => {
      if (typeof step === "number") return `[${step}]`;
      if (!/^[\w-]+$/.test(step)) return `[${shorten(JSON.stringify(step))}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join("");
}

/** A value of the file as a message shows it; of one that may be a secret, only what kind it is of. */
export function formatFound(value: unknown, mayBeSecret: boolean): string {
  if (mayBeSecret && (typeof value === "string" || typeof value === "number" || typeof value === "boolean")) {
    return typeof value === "string" ? "found text" : `found a ${typeof value}`;
  }
  if (value === null || value === undefined) return "found nothing";
  if (Array.isArray(value)) return value.length === 0 ? "found an empty list" : "found a list";
  if (typeof value === "object") return "found an object";
  if (typeof value === "string") return `found ${shorten(JSON.stringify(value))}`;
  return typeof value === "number" || typeof value === "boolean" ? `found ${value}` : `found a ${typeof value}`;
}

/** Characters of a value or a key that a message shows; a line stays a line. */
const SHOWN = 60;

function shorten(text: string): string {
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN - 1)}…`;
}
