/**
 * The little part of Helm's template language that our chart keeps to, so that the chart can be rendered where Helm cannot be
 * installed: `.Values`, `.Release`, `.Chart`, `.Files.Get`, `toYaml`, `nindent`, `quote`, `if … end`, and `{{-`, `-}}`.
 * Anything else is an error. What Helm itself would say of the chart is not known from this.
 */

import { stringify } from "yaml";
import { at, type Tree } from "./support.ts";

export interface Chart {
  readonly values: Tree;
  readonly release: { readonly Name: string; readonly Namespace: string };
  /** A file of the chart, for `.Files.Get`. */
  file(path: string): string;
}

interface Action {
  /** Text before it, with the white space trimmed that `{{-` and a former `-}}` ask for. */
  readonly before: string;
  readonly source: string;
}

/** @throws Error for what this does not know */
export function render(template: string, chart: Chart): string {
  const { actions, tail } = split(template);
  let output = "";
  /** For each open `if`: whether its text is wanted. */
  const wanted: boolean[] = [];
  const isWanted = (): boolean => wanted.every(Boolean);
  const put = (piece: string): void => {
    if (isWanted()) output += piece;
  };
  for (const { before, source } of actions) {
    put(before);
    if (source === "end") {
      if (wanted.pop() === undefined) throw new Error("end without if");
    } else if (source.startsWith("if ")) wanted.push(isWanted() && isTrue(value(source.slice("if ".length), chart)));
    else if (isWanted()) put(text(pipeline(source, chart)));
  }
  if (wanted.length > 0) throw new Error("if without end");
  put(tail);
  return output;
}

function split(template: string): { readonly actions: readonly Action[]; readonly tail: string } {
  const actions: Action[] = [];
  let position = 0;
  let trim = false;
  const piece = (end: number): string => {
    const found = template.slice(position, end);
    return trim ? found.trimStart() : found;
  };
  for (const match of template.matchAll(/\{\{(-)?\s*([^{}]*?)\s*(-)?\}\}/g)) {
    const before = piece(match.index);
    actions.push({ before: match[1] === undefined ? before : before.trimEnd(), source: match[2] ?? "" });
    position = match.index + match[0].length;
    trim = match[3] !== undefined;
  }
  const tail = piece(template.length);
  if (/\{\{|\}\}/.test(tail) || actions.some(({ before }) => /\{\{|\}\}/.test(before)))
    throw new Error("braces are open");
  return { actions, tail };
}

function pipeline(source: string, chart: Chart): Tree | undefined {
  const [first = "", ...rest] = source.split("|").map((part) => part.trim());
  return rest.reduce<Tree | undefined>(filter, value(first, chart));
}

function filter(input: Tree | undefined, call: string): Tree {
  const [name, argument] = call.split(/\s+/);
  if (name === "quote") return JSON.stringify(text(input));
  if (name !== "nindent") throw new Error(`"${call}" is not known here`);
  const indent = " ".repeat(Number(argument));
  return `\n${text(input).replaceAll(/^(?=.)/gm, indent)}`;
}

function value(source: string, chart: Chart): Tree | undefined {
  const toYaml = /^toYaml (\S+)$/.exec(source)?.[1];
  if (toYaml !== undefined) return stringify(value(toYaml, chart)).trimEnd();
  const file = /^\.Files\.Get "([^"]+)"$/.exec(source)?.[1];
  if (file !== undefined) return chart.file(file);
  const [, top, ...path] = source.split(".");
  if (!/^\.(?:Values|Release)(?:\.\w+)+$/.test(source)) throw new Error(`"${source}" is not known here`);
  const found = at(top === "Values" ? chart.values : chart.release, ...path);
  if (found === undefined) throw new Error(`${source} has no value`);
  return found;
}

function isTrue(found: Tree | undefined): boolean {
  return found !== undefined && found !== null && found !== false && found !== "" && found !== 0;
}

function text(found: Tree | undefined): string {
  if (typeof found === "string") return found;
  if (typeof found === "number" || typeof found === "boolean") return String(found);
  throw new Error(`not a text: ${JSON.stringify(found)}`);
}
