/**
 * YAML as Go programs read it: gopkg.in/yaml.v2, UnmarshalStrict, into typed fields. Scalars are those of YAML 1.1, where `no` is false;
 * but a number may stand where text is wanted, nothing after a key is the zero value of its type, and a key that nobody knows or that
 * stands twice is an error. What is
 * wrong is told by its place and by what would be right, never by what was found: it may be a secret in the wrong place.
 */

import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from "yaml";

/** How a value of one type is read. */
export interface Form<T> {
  /** Go's zero value: what a key with nothing after it has. */
  readonly zero: T;
  read(node: Node, reader: Reader, path: KeyPath): T;
}

type KeyPath = readonly string[];
type Fields = Readonly<Record<string, { readonly form: Form<unknown>; readonly standard?: unknown }>>;
type Values<F extends Fields> = { readonly [K in keyof F]: F[K]["form"] extends Form<infer T> ? T : never };

/** What is wrong, where; `line` and `column` from 1. */
export interface Wrong {
  readonly line: number;
  readonly column: number;
  /** Keys from the top to the value, joined by dots; empty for the whole file. */
  readonly key: string;
  /** To be read after the key: "expected …" or "unknown key; …". */
  readonly problem: string;
}

export interface Decoded<T> {
  readonly value: T;
  /** Keys with something after them, as paths joined by dots. */
  readonly given: ReadonlySet<string>;
}

class WrongValue extends Error {
  override readonly name = "WrongValue";
  readonly offset: number | undefined;
  readonly path: KeyPath;

  constructor(node: Node | undefined, path: KeyPath, problem: string) {
    super(problem);
    this.offset = node?.range?.[0];
    this.path = path;
  }
}

/** Objects that may be merged into others in one document: an object can be merged in twice by each that is merged in twice. */
const MERGES = 100;

interface Reader {
  readonly given: Set<string>;
  merges: number;
  /** The node that an alias stands for. */
  resolve(node: unknown, path: KeyPath): Node | undefined;
}

/** What is wrong with the syntax, for mistakes that are made. */
const SYNTAX: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "expected each key once in an object",
  TAB_AS_INDENT: "expected spaces before a key, not tabs",
  BAD_INDENT: "expected the keys of an object at one indentation",
  MULTIPLE_DOCS: "expected one YAML document",
};

/** Never throws. An empty text is the zero of nothing: every field has its standard. */
export function decode<T>(text: string, form: Form<T>): Decoded<T> | Wrong {
  const lines = new LineCounter();
  const at = (offset = 0) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  try {
    const document = parseDocument(text.replace(/^\uFEFF/, ""), {
      lineCounter: lines,
      prettyErrors: false,
      schema: "yaml-1.1",
      // Go counts nothing in sixties.
      customTags: (tags) => tags.filter((tag) => typeof tag === "string" || tag.format !== "TIME"),
      // 7 and 07 are two names.
      uniqueKeys: (a, b) => isScalar(a) && isScalar(b) && a.source === b.source,
      logLevel: "error",
    });
    const [broken] = document.errors;
    if (broken !== undefined) {
      return { ...at(broken.pos[0]), key: "", problem: SYNTAX[broken.code] ?? "expected valid YAML" };
    }
    const given = new Set<string>();
    const resolve = (node: unknown, path: KeyPath): Node | undefined => {
      if (!isAlias(node)) return (node as Node | null) ?? undefined; // the parser types the nodes of a document as unknown
      const meant = node.resolve(document);
      if (meant === undefined) throw new WrongValue(node, path, "expected an alias of an earlier anchor");
      return meant;
    };
    const root = resolve(document.contents, []);
    const nothing = root === undefined || isNull(root);
    const value = form.read(nothing ? (document.createNode({}) as Node) : root, { given, resolve, merges: 0 }, []);
    return { value, given };
  } catch (error) {
    if (error instanceof WrongValue) return { ...at(error.offset), key: error.path.join("."), problem: error.message };
    // The parser calls itself for every level.
    return { ...at(), key: "", problem: "expected the few levels of a configuration" };
  }
}

/** A key without a value, `~` or `null`. */
function isNull(node: Node): boolean {
  return isScalar(node) && node.value === null;
}

/** `expected` names what `parse` takes: the text as it was written, and what YAML 1.1 reads in it, which is text for what stands in quotes. */
export function scalar<T>(zero: T, expected: string, parse: (text: string, value: unknown) => T | undefined): Form<T> {
  return {
    zero,
    read(node, _reader, path) {
      const parsed = isScalar(node) ? parse(node.source ?? "", node.value) : undefined;
      if (parsed === undefined) throw new WrongValue(node, path, `expected ${expected}`);
      return parsed;
    },
  };
}

/** Any scalar: a number is the text that it was written as. */
export const text = scalar("", "text", (written) => written);

export const flag = scalar(false, "true or false", (_written, value) =>
  typeof value === "boolean" ? value : undefined,
);

export const wholeNumber = scalar(0, "a whole number", (_written, value) => (isWhole(value) ? value : undefined));

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1e3,
  m: 6e4,
  h: 3.6e6,
};

/** time.Duration in milliseconds: time.ParseDuration of text ("1m30s"), or a number of nanoseconds. */
export const durationMs: Form<number> = scalar(0, 'a duration such as "1s" or "100ms"', (written, value) => {
  if (isWhole(value)) return value * 1e-6;
  const [, sign = "", rest = ""] = /^([-+]?)(.*)$/s.exec(written) ?? [];
  if (rest === "0") return 0;
  const part = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;
  let sum = 0;
  while (part.lastIndex < rest.length || rest === "") {
    const [, count, unit = ""] = part.exec(rest) ?? [];
    if (count === undefined) return undefined;
    sum += Number(count) * (UNIT_MS[unit] ?? 0);
  }
  return sign === "-" ? -sum : sum;
});

/** One of some words. `zero` is what nothing means. */
export function choice<const Word extends string>(words: readonly Word[], zero: Word): Form<Word> {
  return scalar(zero, `one of ${words.map((word) => JSON.stringify(word)).join(", ")}`, (value) =>
    words.find((word) => word === value),
  );
}

/** `undefined`: there is no list, which is not an empty one. */
export function list<T>(form: Form<T>): Form<readonly T[] | undefined> {
  return {
    zero: undefined,
    read(node, reader, path) {
      if (!isSeq(node)) throw new WrongValue(node, path, "expected a list");
      return node.items.map((item) => readValue(reader.resolve(item, path), node, form, reader, path));
    },
  };
}

/** An object with names of the user's as keys; what is wrong is told without them. */
export function record<T>(form: Form<T>): Form<ReadonlyMap<string, T>> {
  return {
    zero: new Map(),
    read: (node, reader, path) =>
      new Map(
        pairsOf(node, reader, path).map(([key, name, value]) => [name, readValue(value, key, form, reader, path)]),
      ),
  };
}

export interface ObjectOptions {
  /** Whether a key that nobody knows may be quoted: not where a secret may have slipped into its place. */
  readonly quotesKeys: boolean;
}

/** An object with these keys and no others; `standard` is what a key that is not there has. */
export function object<F extends Fields>(fields: F, { quotesKeys }: ObjectOptions): Form<Values<F>> {
  const filled = (of: (field: Fields[string]) => unknown): Values<F> =>
    Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, of(field)])) as Values<F>;
  return {
    zero: filled(({ form }) => form.zero),
    read(node, reader, path) {
      const values: Record<string, unknown> = {};
      for (const [key, name, value] of pairsOf(node, reader, path)) {
        const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
        if (field === undefined) {
          const known = `unknown key; known are ${Object.keys(fields).join(", ")}`;
          throw new WrongValue(key, quotesKeys ? [...path, name] : path, known);
        }
        const inside = [...path, name];
        if (value !== undefined && !isNull(value)) reader.given.add(inside.join("."));
        values[name] = readValue(value, key, field.form, reader, inside);
      }
      return { ...filled(({ form, standard }) => standard ?? form.zero), ...values } as Values<F>; // each by its own form
    },
  };
}

function readValue<T>(node: Node | undefined, key: Node, form: Form<T>, reader: Reader, path: KeyPath): T {
  if (node === undefined || isNull(node)) return form.zero;
  try {
    return form.read(node, reader, path);
  } catch (error) {
    // An alias that was resolved elsewhere: the key is where the reader of the message has to look.
    if (error instanceof WrongValue && error.offset === undefined) throw new WrongValue(key, error.path, error.message);
    throw error;
  }
}

/** Key, its text, and value, with those that are merged in (`<<`) where the object has no own. */
function pairsOf(node: Node, reader: Reader, path: KeyPath): [key: Node, name: string, value: Node | undefined][] {
  if (!isMap(node)) throw new WrongValue(node, path, "expected an object");
  const merged: YAMLMap[] = [];
  const pairs: [Node, string, Node | undefined][] = [];
  for (const pair of node.items) {
    const key = reader.resolve(pair.key, path);
    if (!isScalar(key)) throw new WrongValue(key ?? node, path, "expected plain words as keys");
    const value = reader.resolve(pair.value, path);
    // The parser has a symbol for `<<`, to tell it from "<<".
    if (typeof key.value === "symbol") {
      const sources = isSeq(value) ? value.items.map((item) => reader.resolve(item, path)) : [value];
      for (const source of sources) {
        if (!isMap(source) || ++reader.merges > MERGES) {
          throw new WrongValue(key, path, `expected an object to merge in, ${MERGES} times at most`);
        }
        merged.push(source);
      }
    } else pairs.push([key, key.source ?? "", value]);
  }
  for (const source of merged) {
    for (const pair of pairsOf(source, reader, path)) {
      if (!pairs.some(([, name]) => name === pair[1])) pairs.push(pair);
    }
  }
  return pairs;
}
