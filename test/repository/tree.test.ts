/** What the files of the repository must not contain: traces of the machine that somebody worked on. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { root } from "../support/root.ts";

interface Rule {
  readonly pattern: RegExp;
  readonly because: string;
}

/** Folders at the root of a file system that hold somebody's work, never a program's files. */
const PRIVATE_FOLDERS = ["work", "farm", "Users", "root"].join("|");

const RULES: readonly Rule[] = [
  {
    pattern: new RegExp(`(?<![A-Za-z0-9_.*})-])/(?:${PRIVATE_FOLDERS})/`),
    because: "a path of one machine is of no use on another",
  },
  {
    pattern: /\.\.\/shared\b/,
    because: "it lies outside the repository, and a user does not have it",
  },
  {
    pattern: /\bregistry\.npm[j]s|\bdeb\.debia[n]/,
    because: "which registry or mirror packages come from is the user's choice",
  },
];

/** One line per offence: where, and why it is one. */
function offences(path: string, text: string): string[] {
  return text
    .split("\n")
    .flatMap((line, index) =>
      RULES.filter(({ pattern }) => pattern.test(line)).map(
        ({ because }) => `${path}:${index + 1} ${line.trim().slice(0, 100)}: ${because}`,
      ),
    );
}

/** What git has or would take; none outside a work tree, such as an unpacked archive. */
function repositoryFiles(): string[] {
  if (!existsSync(root(".git"))) return [];
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], { cwd: root() });
  return listed
    .toString("utf8")
    .split("\0")
    .filter((path) => path !== "" && existsSync(root(path)));
}

describe("the repository", () => {
  test("holds no trace of the machine that it was made on", (context) => {
    const files = repositoryFiles();
    if (files.length === 0) return context.skip("not a git work tree");
    const texts = files
      .map((path) => ({ path, text: readFileSync(root(path)) }))
      .filter(({ text }) => !text.includes(0));
    assert.deepEqual(
      texts.flatMap(({ path, text }) => offences(path, text.toString("utf8"))),
      [],
    );
  });

  const planted = [
    ["see /", "work/main/notes.md"].join(""),
    ["const path = '/Users", "somebody/project/x';"].join("/"),
    ["(../", "shared/reference)"].join(""),
    ["https://registry.npm", "js.org/yaml"].join(""),
  ];
  for (const line of planted) {
    test(`would not be let in: ${line.slice(0, 8)}…`, () =>
      assert.equal(offences("README.md", `a\n${line}`).length, 1));
  }
  for (const line of [
    "StateDirectory=/var/lib/ipmp-exporter",
    "a/work/b",
    "https://example.org/work/item",
    "$HOME/work/x",
  ]) {
    test(`may say ${line}`, () => assert.deepEqual(offences("README.md", line), []));
  }
});
