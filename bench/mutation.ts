/**
 * Whether the engine's tests notice when the engine is wrong: small faults are put into a copy of the built src/ipmp, one at a
 * time, and the tests run against each.
 *
 * A fault that no test notices survives, and is printed with its place in the built file. Checks of preconditions are left
 * alone: they guard against callers, and taking one out changes nothing for a caller that keeps the rules.
 *
 *   npm run bench -- mutation [--count=100] [--seed=1]
 */

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../test/support/root.ts";

/** How a line of JavaScript goes wrong. The last three stand for effects left out, turned round and out of order. */
const FAULTS: readonly { readonly name: string; readonly find: RegExp; readonly replace: string }[] = [
  { name: "off by one", find: / \+ 1\b/, replace: " + 2" },
  { name: "counts down", find: /\+\+/, replace: "--" },
  { name: "counts up", find: /(?<=\w)--/, replace: "++" },
  { name: "also when equal", find: / < /, replace: " <= " },
  { name: "also when equal", find: / > /, replace: " >= " },
  { name: "turned round", find: /===/, replace: "!==" },
  { name: "turned round", find: /!==/, replace: "===" },
  { name: "or for and", find: / && /, replace: " || " },
  { name: "and for or", find: / \|\| /, replace: " && " },
  { name: "false for true", find: /\btrue\b/, replace: "false" },
  { name: "true for false", find: /\bfalse\b/, replace: "true" },
  { name: "at the other end", find: /\.push\(/, replace: ".unshift(" },
  { name: "at the other end", find: /\.unshift\(/, replace: ".push(" },
  { name: "missing wrap", find: /BigInt\.asUintN\(\d+, /, replace: "((x) => x)(" },
  { name: "the other family", find: /"v4"/, replace: '"v6"' },
  { name: "left out", find: /^ +[\w.[\]]+\(.*\);$/, replace: ";" },
  { name: "left out", find: /^ +[\w.]+ = (?!undefined;).*;$/, replace: ";" },
  { name: "condition turned round", find: /\bif \((.*)\)( \{)?$/, replace: "if (!($1))$2" },
];

/** Files without decisions, and the lines that only guard. */
const NOT_MUTATED = ["silent-effects.js", "panic.js", "effects.js", "errno.js"];
const GUARD = /precondition\(|^\s*(\/[/*]|\*|import|export \{)|throw new/;

interface Mutation {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly text: string;
}

const STATEMENT = /^ +[\w.]+\(.*\);$/;

/** Every way in which a file may go wrong in one place. */
function mutationsOf(file: string, source: string): Mutation[] {
  const lines = source.split("\n");
  return lines.flatMap((text, index) => {
    if (GUARD.test(text)) return [];
    const faults = FAULTS.filter(({ find }) => find.test(text)).map(({ name, find, replace }) => ({
      file,
      line: index,
      name,
      text: text.replace(find, replace),
    }));
    const next = lines[index + 1] ?? "";
    if (STATEMENT.test(text) && STATEMENT.test(next) && !GUARD.test(next)) {
      faults.push({ file, line: index, name: "out of order", text: `${next}\n${text}\u0000` });
    }
    return faults;
  });
}

function mutate(source: string, { line, text }: Mutation): string {
  const lines = source.split("\n");
  const swaps = text.endsWith("\u0000");
  lines.splice(line, swaps ? 2 : 1, text.replace("\u0000", ""));
  return lines.join("\n");
}

/** A shuffled copy, the same for the same seed. */
function shuffled<T>(list: readonly T[], seed: number): T[] {
  let state = seed >>> 0;
  const keyed = list.map((item) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return { item, key: state };
  });
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}

/** Milliseconds after which a test that does not end has noticed something too. */
const TIMEOUT = 60_000;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { count: { type: "string", default: "100" }, seed: { type: "string", default: "1" } },
  });
  const copy = mkdtempSync(join(tmpdir(), "ipmp-mutation-"));
  try {
    for (const part of ["package.json", "dist", ".test-build", "src/ipmp", "docs", "test/conformance", "test/ipmp"]) {
      cpSync(root(part), join(copy, part), { recursive: true });
    }
    symlinkSync(root("node_modules"), join(copy, "node_modules"));
    const tests = ["conformance", "ipmp", "replay"].flatMap((folder) =>
      readdirSync(join(copy, ".test-build/test", folder))
        .filter((file) => file.endsWith(".test.js") && file !== "engine-visible.test.js") // it reads the whole tree
        .map((file) => join(copy, ".test-build/test", folder, file)),
    );
    const notices = () =>
      tests.some((test) => spawnSync(process.execPath, [test], { cwd: copy, timeout: TIMEOUT }).status !== 0);
    if (notices()) throw new Error("The tests fail before anything is changed: build and run them first");

    const folder = join(copy, "dist/ipmp");
    const files = readdirSync(folder).filter((file) => file.endsWith(".js") && !NOT_MUTATED.includes(file));
    const sources = new Map(files.map((file) => [file, readFileSync(join(folder, file), "utf8")]));
    const all = Array.from(sources).flatMap(([file, source]) => mutationsOf(file, source));
    const chosen = shuffled(all, Number(values.seed)).slice(0, Number(values.count));
    let noticed = 0;
    for (const mutation of chosen) {
      const source = sources.get(mutation.file) ?? "";
      writeFileSync(join(folder, mutation.file), mutate(source, mutation));
      if (notices()) noticed++;
      else console.log(`survived: ${mutation.file}:${mutation.line + 1} ${mutation.name}: ${mutation.text.trim()}`);
      writeFileSync(join(folder, mutation.file), source);
    }
    console.log(`${noticed} of ${chosen.length} faults noticed (${all.length} possible, seed ${values.seed})`);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
