/**
 * TypeScript source as tokens: words, strings and single punctuation characters, without comments. Enough to see what a file
 * imports and which globals it names, without being fooled by a comment, a string, a template or a regular expression.
 */

export interface Token {
  /** A template is a string when it has no substitution, and otherwise only its substitutions' tokens appear. */
  readonly kind: "word" | "string" | "number" | "regex" | "punctuation";
  /** For a string what stands between the quotes, escapes as written. */
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

/** Words after which a slash begins a regular expression and not a division. */
const BEFORE_AN_EXPRESSION = new Set([
  "return",
  "typeof",
  "case",
  "in",
  "of",
  "delete",
  "void",
  "throw",
  "new",
  "else",
  "do",
  "await",
  "yield",
]);

const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const WORD = /[\p{ID_Start}$_#][\p{ID_Continue}$\u200c\u200d]*/uy;
const STRING = /"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'/y;
const NUMBER = /\d[\w.]*/y;
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
/** From a backtick, or from the brace that ends a substitution, to the next backtick or substitution. */
const TEMPLATE_PART = /[`}]((?:[^`\\$]|\\[\s\S]|\$(?!\{))*)(`|\$\{)/y;

/** Cannot fail: what is not TypeScript comes out as punctuation. */
export function tokens(source: string): Token[] {
  const found: Token[] = [];
  /** One entry per open template substitution: how many braces are open inside it. */
  const substitutions: number[] = [];
  let at = 0;
  let line = 1;

  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(source);
  };
  const take = (kind: Token["kind"] | undefined, text: string, length: number): void => {
    if (kind !== undefined) found.push({ kind, text, line });
    line += source.slice(at, at + length).split("\n").length - 1;
    at += length;
  };
  const expressionFollows = (): boolean => {
    const last = found.at(-1);
    if (last === undefined) return true;
    if (last.kind === "word") return BEFORE_AN_EXPRESSION.has(last.text);
    return last.kind === "punctuation" && !")]}".includes(last.text);
  };
  const takeTemplatePart = (): boolean => {
    const part = match(TEMPLATE_PART);
    if (part === null) return false;
    const opens = source[at] === "`";
    if (!opens) substitutions.pop();
    if (part[2] === "${") substitutions.push(0);
    take(opens && part[2] === "`" ? "string" : undefined, part[1] ?? "", part[0].length);
    return true;
  };

  while (at < source.length) {
    const character = source[at] ?? "";
    const depth = substitutions.at(-1);
    if (character === "`" || (character === "}" && depth === 0)) {
      if (takeTemplatePart()) continue;
    }
    const comment = match(COMMENT);
    const string = match(STRING);
    const word = match(WORD);
    const number = match(NUMBER);
    const regex = character === "/" && expressionFollows() ? match(REGEX) : null;
    if (comment !== null) take(undefined, "", comment[0].length);
    else if (string !== null) take("string", string[0].slice(1, -1), string[0].length);
    else if (word !== null) take("word", word[0], word[0].length);
    else if (number !== null) take("number", number[0], number[0].length);
    else if (regex !== null) take("regex", regex[0], regex[0].length);
    else {
      if (depth !== undefined && character === "{") substitutions.push((substitutions.pop() ?? 0) + 1);
      if (depth !== undefined && character === "}") substitutions.push((substitutions.pop() ?? 0) - 1);
      take(/\s/.test(character) ? undefined : "punctuation", character, 1);
    }
  }
  return found;
}
