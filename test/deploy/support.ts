/** What tests of deploy/ share: tools that may be missing, YAML of the repository, a folder that goes away. */

import assert from "node:assert/strict";
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import { formatHttpAddress } from "#src/net-address/http-address.js";
import { formatSnmpEndpoint } from "#src/net-address/snmp-endpoint.js";
import { defaultConfiguration } from "../support/default-configuration.ts";
import { root } from "../support/root.ts";

/** Why a test that runs these commands must be skipped, or false. */
export function without(...commands: readonly string[]): string | false {
  const missing = commands.filter((command) => spawnSync("sh", ["-c", `command -v ${command}`]).status !== 0);
  return missing.length > 0 && `not installed here: ${missing.join(", ")}`;
}

export interface Ran {
  readonly status: number | null;
  /** Standard output and standard error. */
  readonly output: string;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
}

export function run(command: string, args: readonly string[], { env, input }: RunOptions = {}): Ran {
  const { status, stdout, stderr, error }: SpawnSyncReturns<string> = spawnSync(command, args, {
    encoding: "utf8",
    env: { ...process.env, ...env },
    maxBuffer: 64 << 20,
    ...(input !== undefined && { input }),
  });
  if (error) throw error;
  return { status, output: stdout + stderr };
}

/** Runs a command that must succeed. @returns what it printed */
export function succeed(command: string, args: readonly string[], options?: RunOptions): string {
  const { status, output } = run(command, args, options);
  assert.equal(status, 0, `${command} ${args.join(" ")}\n${output}`);
  return output;
}

export function text(...path: readonly string[]): string {
  return readFileSync(root(...path), "utf8");
}

/** JSON-like data of unknown shape, to walk with {@link at}. */
export type Tree = null | boolean | number | string | readonly Tree[] | { readonly [key: string]: Tree };

/** The documents of a YAML text; syntax errors, duplicate keys and warnings fail. */
export function documents(yaml: string): Tree[] {
  return parseAllDocuments(yaml, { merge: true }).flatMap((document) => {
    assert.deepEqual([...document.errors, ...document.warnings], []);
    const content = document.toJS() as Tree; // what YAML can hold
    return content === null ? [] : [content];
  });
}

export function document(yaml: string): Tree {
  const [only, ...more] = documents(yaml);
  assert.ok(only !== undefined && more.length === 0, "one document expected");
  return only;
}

/** What stands at a path in a tree: `at(pod, "spec", "containers", 0, "image")`; undefined where there is nothing. */
export function at(tree: Tree | undefined, ...path: readonly (string | number)[]): Tree | undefined {
  return path.reduce<Tree | undefined>((node, step) => {
    if (node === null || typeof node !== "object") return undefined;
    return (node as { readonly [key: string | number]: Tree })[step]; // an index of an array is a key, too
  }, tree);
}

/** A text; numbers are written out. */
export function word(tree: Tree | undefined): string {
  if (typeof tree === "number") return tree.toString();
  if (typeof tree === "string") return tree;
  return assert.fail(`a text expected: ${JSON.stringify(tree)}`);
}

export function list(tree: Tree | undefined): readonly Tree[] {
  assert.ok(Array.isArray(tree), `a list expected: ${JSON.stringify(tree)}`);
  return tree as readonly Tree[];
}

export function fields(tree: Tree | undefined): readonly (readonly [string, Tree])[] {
  assert.ok(
    tree !== null && typeof tree === "object" && !Array.isArray(tree),
    `a map expected: ${JSON.stringify(tree)}`,
  );
  return Object.entries(tree);
}

/** Where the program listens, and how much it serves at once, when nothing is configured. */
export const DEFAULTS = (() => {
  const { web, snmp } = defaultConfiguration();
  return {
    webListenAddress: web.listenAddresses.map(formatHttpAddress).join(),
    snmpListenAddress: snmp.listenAddresses.map(formatSnmpEndpoint).join(),
    maxRequests: web.maxRequests,
  };
})();
