/** Reads the arguments of one command by its table of options: `--name value`, `--name=value`, `-n value`, `-abc`. */

import { type ParseArgsConfig, parseArgs } from "node:util";
import type { KeyPath } from "../config/configuration-error.ts";
import { nearName } from "../config/near-name.ts";
import { UsageError } from "./command.ts";

interface OptionForm {
  /** Without dashes; of one letter, it is written with one dash. */
  readonly name: string;
  /** A list may be given several times; of everything else the last one counts. */
  readonly kind: "boolean" | "text" | "list" | "number";
  /** One more letter for the same. */
  readonly short?: string;
  /** What stands for the value in the usage; none for a boolean. */
  readonly value?: string;
  readonly choices?: readonly string[];
  /** What completion asks the running daemon for. */
  readonly live?: LiveName;
}

/** What the running daemon can be asked for while a word is typed: see live-names.ts. */
export const LIVE_NAMES = [
  "group",
  "thing",
  "member-in-use",
  "member-offline",
  "field",
  "kstat",
  "kstat-module",
  "kstat-instance",
  "kstat-name",
  "kstat-statistic",
  "kstat-class",
] as const;
export type LiveName = (typeof LIVE_NAMES)[number];

/** What it does is said here, or at the key of the configuration file that it sets. */
export type Option = OptionForm & ({ readonly help: string } | { readonly key: KeyPath });

/** As written: `--web.listen-address` or `-p`. */
export function dashed(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`;
}

export class Arguments {
  readonly values: ReadonlyMap<string, string | boolean | readonly string[]>;
  readonly operands: readonly string[];

  constructor(values: ReadonlyMap<string, string | boolean | readonly string[]>, operands: readonly string[]) {
    this.values = values;
    this.operands = operands;
  }

  /** Whether the boolean option is on. */
  has(name: string): boolean {
    return this.values.get(name) === true;
  }

  /** Every value of an option that may be given several times. */
  list(name: string): readonly string[] {
    const value = this.values.get(name);
    return Array.isArray(value) ? value : [];
  }

  text(name: string): string | undefined {
    const value = this.values.get(name);
    return typeof value === "string" ? value : undefined;
  }
}

/** @throws UsageError for an unknown option, a missing or superfluous value. */
export function parseArguments(args: readonly string[], options: readonly Option[]): Arguments {
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(options.map(definition)),
    // Its own complaints differ between versions of Node; the tokens tell all that is needed for ours.
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const known = new Map(options.map((option) => [option.name, option]));
  const values = new Map<string, string | boolean | readonly string[]>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    const { option, on } = lookUp(token.name, token.rawName, known);
    if (option.kind === "boolean") {
      if (token.inlineValue === true)
        throw new UsageError(`${token.rawName} takes no value: it was given "${token.value}"`);
      values.set(option.name, on);
      continue;
    }
    const value = checkedValue(option, token.rawName, token.value);
    const earlier = values.get(option.name);
    values.set(option.name, option.kind === "list" ? [...(Array.isArray(earlier) ? earlier : []), value] : value);
  }
  return new Arguments(values, operands);
}

function definition({ name, kind, short }: Option): [string, NonNullable<ParseArgsConfig["options"]>[string]] {
  const type = kind === "boolean" ? "boolean" : "string";
  const letter = short ?? (name.length === 1 ? name : undefined);
  return [name, letter === undefined ? { type } : { type, short: letter }];
}

/** The option meant; `--no-NAME` turns a boolean off, as in Prometheus's own flags. */
function lookUp(name: string, rawName: string, known: ReadonlyMap<string, Option>): { option: Option; on: boolean } {
  const option = known.get(name);
  if (option && !(rawName.startsWith("--") && name.length === 1)) return { option, on: true };
  const negated = rawName.startsWith("--no-") ? known.get(rawName.slice("--no-".length)) : undefined;
  if (negated?.kind === "boolean") return { option: negated, on: false };
  const near = rawName.startsWith("--")
    ? nearName(
        name,
        [...known.keys()].filter((key) => key.length > 1),
      )
    : undefined;
  throw new UsageError(`unknown flag ${rawName}${near === undefined ? "" : `: did you mean --${near}?`}`);
}

function checkedValue(option: Option, rawName: string, value: string | undefined): string {
  const wanted = option.choices?.join(", ") ?? option.value ?? "a value";
  if (value === undefined) throw new UsageError(`${rawName} needs a value: ${wanted}`);
  if (option.choices && !option.choices.includes(value)) {
    throw new UsageError(`${rawName}: found "${value}": expected one of ${wanted}`);
  }
  return value;
}
