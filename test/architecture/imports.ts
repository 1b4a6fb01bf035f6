/** What a file imports: every form that the language has, with whether it is for types only. */

import type { Token } from "./tokens.ts";

export interface Import {
  /** As written; undefined for an `import(…)` or `require(…)` whose argument is computed. */
  readonly specifier: string | undefined;
  /** `import type …`, `export type … from`, and `import("…")` in a type cannot be told from one in code, so it is not. */
  readonly typeOnly: boolean;
  /** From 1. */
  readonly line: number;
}

/** Reads `import …` at its keyword; undefined when it is `import.meta` or a property named so. */
function importAt(tokens: readonly Token[], at: number): Import | undefined {
  const line = tokens[at]?.line ?? 0;
  const next = tokens[at + 1];
  if (next === undefined || next.text === "." || next.text === ":") return undefined;
  if (next.kind === "string") return { specifier: next.text, typeOnly: false, line };
  if (next.text === "(") return callAt(tokens, at);
  return { ...fromAfter(tokens, at), line };
}

/** `import(…)` and `require(…)`. */
function callAt(tokens: readonly Token[], at: number): Import {
  const argument = tokens[at + 2];
  const after = tokens[at + 3]?.text;
  const literal = argument?.kind === "string" && (after === ")" || after === ",");
  return { specifier: literal ? argument.text : undefined, typeOnly: false, line: tokens[at]?.line ?? 0 };
}

/** The string after the next `from`, and whether `type` follows the keyword. (`import type from "x"` names a value `type`.) */
function fromAfter(tokens: readonly Token[], at: number): Omit<Import, "line"> {
  let end = at + 1;
  while (end < tokens.length && !(tokens[end]?.text === "from" && tokens[end + 1]?.kind === "string")) end += 1;
  const typeOnly = tokens[at + 1]?.text === "type" && end !== at + 2;
  return { specifier: tokens[end + 1]?.text, typeOnly };
}

/** Reads `export … from`; undefined for an export of the file's own. */
function exportAt(tokens: readonly Token[], at: number): Import | undefined {
  const open = tokens[at + 1]?.text === "type" ? at + 2 : at + 1;
  const first = tokens[open]?.text;
  if (first !== "*" && first !== "{") return undefined;
  let close = open;
  if (first === "{") while (close < tokens.length && tokens[close]?.text !== "}") close += 1;
  // `export * as name from`: two more words stand before `from`.
  if (first === "*" && tokens[open + 1]?.text === "as") close = open + 2;
  if (tokens[close + 1]?.text !== "from") return undefined;
  return {
    specifier: tokens[close + 2]?.text,
    typeOnly: tokens[at + 1]?.text === "type",
    line: tokens[at]?.line ?? 0,
  };
}

export function imports(tokens: readonly Token[]): Import[] {
  return tokens.flatMap((token, at) => {
    if (token.kind !== "word" || tokens[at - 1]?.text === ".") return [];
    const found =
      token.text === "import"
        ? importAt(tokens, at)
        : token.text === "export"
          ? exportAt(tokens, at)
          : token.text === "require" && tokens[at + 1]?.text === "("
            ? callAt(tokens, at)
            : undefined;
    return found === undefined ? [] : [found];
  });
}
