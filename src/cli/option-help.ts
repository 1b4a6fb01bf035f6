/** What an option does, in one line. For a flag that sets a key of the configuration file it is made from the key's schema. */

import { jsonSchema, keyAt } from "../config/key-tree.ts";
import type { Option } from "./arguments.ts";

const TREE = jsonSchema();

export function helpOf(option: Option): string {
  if (!("key" in option)) return option.help;
  const { description = "", default: standard } = keyAt(TREE, option.key) ?? {};
  const notes = [...defaultNote(standard), ...(option.kind === "list" ? ["may be repeated"] : [])];
  // Backticks are for the documentation; a terminal has no type face for them.
  const text = description.replaceAll("`", "");
  return notes.length === 0 ? text : `${text.replace(/\.$/, "")} (${notes.join("; ")}).`;
}

/** A flag's default is a word, a number or a list of words; that a boolean is false needs no word. */
function defaultNote(standard: unknown): string[] {
  const words = [standard].flat().filter((word) => typeof word === "string" || typeof word === "number");
  return words.length === 0 ? [] : [`default ${words.join(", ")}`];
}
