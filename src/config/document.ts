/** A YAML file as values with places: what is written, and at which line and column each value stands (YAML 1.2, core schema). */

import { closeSync, constants, openSync, readSync } from "node:fs";
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLError } from "yaml";
import { NO_ANSWER, NO_FILE, NO_TEXT, readText, TOO_LARGE } from "../file-reading/file-reading.ts";
import type { ConfigurationError, KeyPath } from "./configuration-error.ts";

export interface Document {
  readonly file: string;
  /** Plain objects, arrays, strings, numbers, booleans and null; an empty file is an empty object. */
  readonly value: unknown;
  /** Where the text ends, when it ends within a line. */
  readonly unended: Position | undefined;
  /** Where the value at `path` stands; where it would belong when it is not there. */
  locate(path: KeyPath, what?: "key" | "value"): Position;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Bytes. A configuration of a thousand groups has a tenth of that; whatever is larger is the wrong file. */
const MAX_SIZE = 1024 * 1024;

/** Times an alias may be repeated in all: enough to write a thing once, too little to blow up memory. */
const MAX_ALIASES = 100;

const READABLE = "a YAML file that can be read";

const NO_REGULAR_FILE = { found: "found a pipe or a device", expected: "a file, which can be read again" };
const LARGE = { found: "larger than 1 MiB", expected: "a configuration file" };
const NOT_TEXT = { found: "not UTF-8 text", expected: "a YAML file in UTF-8" };

const READ_ERRORS: Readonly<Record<string, { readonly found: string; readonly expected: string }>> = {
  ENOENT: { found: "no such file", expected: `the path of ${READABLE}` },
  ENOTDIR: { found: "no such file", expected: `the path of ${READABLE}` },
  EISDIR: { found: "found a directory", expected: `the path of ${READABLE}` },
  EACCES: { found: "permission denied", expected: `${READABLE} by the user who runs the program` },
  EPERM: { found: "permission denied", expected: `${READABLE} by the user who runs the program` },
  [NO_FILE]: NO_REGULAR_FILE,
  [TOO_LARGE]: LARGE,
  [NO_TEXT]: NOT_TEXT,
  [NO_ANSWER]: { found: "its file system does not answer", expected: READABLE },
};

/** What would be right, for the mistakes that are made; the parser's own words say what is wrong. */
const SYNTAX_EXPECTED: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "each key once in an object",
  TAB_AS_INDENT: "spaces before a key, not tabs",
  BAD_INDENT: "the keys of an object, and the items of a list, at one indentation",
  MULTIPLE_DOCS: "one, without a line of ---",
  TAG_RESOLVE_FAILED: "a plain value without a tag",
  NON_STRING_KEY: "a plain word as a key",
};

/** For the start: reads and parses; never throws. A pipe is read to its end, which may take as long as its writer pleases. */
export function readDocument(file: string): Document | ConfigurationError[] {
  const text = readAtOnce(file);
  return typeof text === "string" ? parseText(file, text) : [text];
}

/** For the running program: a file that can be read again, in bounded time and apart from everything else. "changing": it is being written. Never rejects. */
export async function rereadDocument(file: string): Promise<Document | ConfigurationError[] | "changing"> {
  const content = await readText(file);
  if (content.kind === "changing") return content.kind;
  return content.kind === "text" ? parseText(file, content.text) : [unreadable(file, content.code)];
}

/** Reads a stream to its end, or until it is too much, and parses that; `name` stands for the file. Never rejects. */
export async function readStream(
  name: string,
  stream: AsyncIterable<unknown>,
): Promise<Document | ConfigurationError[]> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stream) {
      const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      chunks.push(bytes);
      length += bytes.length;
      if (length > MAX_SIZE) break;
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [whole(name, { found: `cannot be read (${reason})`, expected: READABLE })];
  }
  const text = decode(name, Buffer.concat(chunks));
  return typeof text === "string" ? parseText(name, text) : [text];
}

/** Parses the text of `file`; never throws. */
export function parseText(file: string, text: string): Document | ConfigurationError[] {
  try {
    return parse(file, text);
  } catch (error) {
    return [whole(file, error instanceof RangeError ? NESTED_TOO_DEEPLY : aliasTrouble(error))];
  }
}

/** The parser calls itself for every level. */
const NESTED_TOO_DEEPLY = { found: "nested too deeply", expected: "the few levels of a configuration" };

function aliasTrouble(error: unknown): { found: string; expected: string } {
  // Of an alias that nothing is called by, the parser's message has the name: it may have been meant as a password.
  const isExcess = error instanceof ReferenceError && error.message.startsWith("Excessive");
  const what = isExcess ? "too many uses of aliases" : "an alias of nothing";
  return { found: `not usable YAML (${what})`, expected: `aliases of earlier anchors, ${MAX_ALIASES} uses at most` };
}

function readAtOnce(file: string): string | ConfigurationError {
  const bytes = Buffer.alloc(MAX_SIZE + 1);
  let length = 0;
  try {
    const descriptor = openSync(file, constants.O_RDONLY);
    try {
      // Read to the end or the limit: a pipe has no size, and /dev/zero no end.
      for (let count = -1; count !== 0 && length < bytes.length; length += count) {
        count = readSync(descriptor, bytes, length, bytes.length - length, null);
      }
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    return unreadable(file, error instanceof Error && "code" in error ? String(error.code) : String(error));
  }
  return decode(file, bytes.subarray(0, length));
}

function unreadable(file: string, code: string): ConfigurationError {
  return whole(file, READ_ERRORS[code] ?? { found: `cannot be read (${code})`, expected: READABLE });
}

function decode(file: string, bytes: Uint8Array): string | ConfigurationError {
  if (bytes.length > MAX_SIZE) return whole(file, LARGE);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return whole(file, NOT_TEXT);
  }
}

function whole(file: string, { found, expected }: { found: string; expected: string }): ConfigurationError {
  return { file, position: undefined, subject: undefined, found, expected };
}

function parse(file: string, text: string): Document | ConfigurationError[] {
  const lines = new LineCounter();
  const document = parseDocument(text.startsWith("\uFEFF") ? text.slice(1) : text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    logLevel: "error",
  });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  // A tag or directive that nobody knows is only a warning to the parser; here nobody can have meant it.
  const errors = significant([...document.errors, ...document.warnings]);
  if (errors.some(({ code }) => code === "RESOURCE_EXHAUSTION")) return [whole(file, NESTED_TOO_DEEPLY)];
  if (errors.length > 0) return errors.map((error) => syntaxError(file, at(error.pos[0]), error));

  const resolve = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);
  const locate = (path: KeyPath, what: "key" | "value" = "value"): Position => {
    let place: Node | null = document.contents;
    let here: unknown = resolve(place);
    for (const [index, step] of path.entries()) {
      const last = index === path.length - 1;
      if (isMap(here)) {
        const pair = here.items.find(({ key }) => isScalar(key) && key.value === step);
        if (!pair) break;
        const empty = isScalar(pair.value) && pair.value.value === null;
        // The parser types keys and values as unknown; in a parsed document they are nodes.
        place = ((last && what === "key") || empty ? pair.key : pair.value) as Node;
        here = resolve(pair.value);
      } else if (isSeq(here)) {
        place = (here.items[Number(step)] as Node | undefined) ?? place;
        here = resolve(here.items[Number(step)]);
      } else break;
    }
    return at(place?.range?.[0] ?? 0);
  };
  const unended = text.endsWith("\n") ? undefined : at(text.length);
  return { file, value: document.toJS({ maxAliasCount: MAX_ALIASES }) ?? {}, unended, locate };
}

/** One mistake makes many errors after it; only duplicate keys stand each for themselves. */
function significant(errors: readonly YAMLError[]): readonly YAMLError[] {
  const [first] = errors.filter(({ code }) => code !== "DUPLICATE_KEY");
  return first ? [first] : errors;
}

/** Errors whose message in the parser's own words quotes nothing of the file: a password may begin with `*` or `!`. */
const QUOTES_NOTHING: ReadonlySet<string> = new Set(["DUPLICATE_KEY", "TAB_AS_INDENT", "BAD_INDENT"]);

function syntaxError(file: string, position: Position, error: YAMLError): ConfigurationError {
  const [message = ""] = error.message.split("\n");
  const what = QUOTES_NOTHING.has(error.code) ? message : error.code.toLowerCase().replaceAll("_", " ");
  return {
    file,
    position,
    subject: undefined,
    found: error.code === "MULTIPLE_DOCS" ? "more than one YAML document" : `not YAML (${what})`,
    expected: SYNTAX_EXPECTED[error.code] ?? "valid YAML",
  };
}
