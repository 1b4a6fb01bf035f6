/** The keys that the file may have, as a JSON Schema: for messages, and for the documentation that is made from it. */

import * as z from "zod";
import type { KeyPath } from "./configuration-error.ts";
import { schema } from "./schema.ts";

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** JSON Schema (draft 2020-12) of the file as it is written, with the description of every key, its default, and where that comes from. */
export function jsonSchema(): JsonSchema {
  return z.toJSONSchema(schema, {
    io: "input",
    override({ zodSchema, jsonSchema }) {
      // zod drops the default of what it transforms; ours is written as the file would write it.
      const standard = z.globalRegistry.get(zodSchema)?.["default"];
      if (standard !== undefined) jsonSchema.default = standard as typeof jsonSchema.default; // JSON of our own table
    },
  });
}

/** Keys that an object at `path` may have, in the order of the documentation. */
export function keysAt(path: KeyPath): readonly string[] {
  return nodesAt(jsonSchema(), path)
    .flatMap(alternativesOf)
    .flatMap((node) => Object.keys(node.properties ?? {}));
}

/** The schema of the key at `path`, below `tree`; undefined when there is no such key. */
export function keyAt(tree: JsonSchema, path: KeyPath): JsonSchema | undefined {
  return nodesAt(tree, path)[0];
}

function nodesAt(tree: JsonSchema, path: KeyPath): readonly JsonSchema[] {
  return path.reduce<readonly JsonSchema[]>((here, step) => here.flatMap((node) => below(node, step)), [tree]);
}

function below(node: JsonSchema, step: string | number): readonly JsonSchema[] {
  return alternativesOf(node).flatMap(({ items, properties, additionalProperties }) => {
    const next = typeof step === "number" ? items : (properties?.[step] ?? additionalProperties);
    return typeof next === "object" && !Array.isArray(next) ? [next] : [];
  });
}

function alternativesOf(node: JsonSchema): readonly JsonSchema[] {
  return node.anyOf ? node.anyOf.flatMap(alternativesOf) : [node];
}
