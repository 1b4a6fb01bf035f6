/**
 * Keys of the file: how each may be left out, what holds then and where that comes from, and what it means. All of it stands at
 * the key, below sections/, and nowhere else; messages, the daemon's types, the flags' help and the documentation are made from it.
 */

import * as z from "zod";
import { alternatives, series } from "./value-schemas.ts";

/** What the documentation says of a key that may be left out. */
export interface Meaning<Default = unknown> {
  /** A sentence. What stands between backticks is something that a user writes. */
  readonly description: string;
  /** What holds when the key is left out, as the file would write it. */
  readonly standard: Default;
  /** Why that is the default: whose it is, or what it is good for. */
  readonly origin: string;
  /** Of a path: where one that is relative starts. */
  readonly relativeTo?: string;
}

/** A key that must be there. */
export function required<T extends z.ZodType>(schema: T, description: string, relativeTo?: string) {
  return schema.meta({ description, relativeTo });
}

/** A key with a default. To leave it out, or to write nothing after it, is to write the default. */
export function key<T extends z.ZodType>(schema: T, meaning: Meaning<z.input<T>>) {
  const { standard, ...told } = meaning;
  const value = schema.parse(standard);
  return schema
    .nullish()
    .transform((given) => given ?? value)
    .meta({ ...told, default: standard });
}

/** A key without a default of its own; `origin` says what happens without it. Left out, its value is undefined. */
export function optional<T extends z.ZodType>(schema: T, meaning: Omit<Meaning, "standard">) {
  return schema
    .nullish()
    .transform((given) => given ?? undefined)
    .meta({ ...meaning });
}

/** A switch. */
export function flag(meaning: Meaning<boolean>) {
  return key(z.boolean({ error: "true or false" }), meaning);
}

/** Keys under a common name, all of which may be left out, and so may the name. */
export function section<T extends z.ZodRawShape>(description: string, shape: T) {
  const schema = object(shape);
  const untouched = schema.parse({});
  return schema
    .nullish()
    .transform((given) => given ?? untouched)
    .meta({ description });
}

/** An object with these keys and no others. The file's `min_active` is the program's `minActive`. */
export function object<T extends z.ZodRawShape>(shape: T) {
  type Written = z.output<z.ZodObject<T, z.core.$strict>>;
  const names = Object.keys(shape).map((name) => [name, camelCase(name)] as const);
  return z.strictObject(shape, { error: `an object with ${keysWanted(shape)}` }).transform((written) => {
    const values = new Map(Object.entries(written));
    // Each key of the shape, under its other name: what the type says.
    return Object.fromEntries(names.map(([name, renamed]) => [renamed, values.get(name)])) as CamelCased<Written>;
  });
}

/** The keys that must be there; where all may be left out, those of which any may be there. */
function keysWanted(shape: z.ZodRawShape): string {
  const wanted = Object.entries(shape).flatMap(([name, schema]) =>
    z.safeParse(schema, undefined).success ? [] : [name],
  );
  return wanted.length > 0 ? series(wanted, "and") : alternatives(Object.keys(shape));
}

type CamelCase<Name extends string> = Name extends `${infer Word}_${infer Rest}`
  ? `${Word}${Capitalize<CamelCase<Rest>>}`
  : Name;

type CamelCased<T> = { readonly [Name in keyof T & string as CamelCase<Name>]: T[Name] };

function camelCase(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
