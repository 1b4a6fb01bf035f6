/** The page at the door of each large folder: there is one, it is short, and what it names is in the folder. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../support/root.ts";
import { DOORS, page } from "./pages.ts";

/** A folder with more files than this needs a door. */
const MANY_FILES = 7;
const LINES = { fewest: 8, most: 45 };

/** Paths of all files below a folder, relative to it. */
function filesBelow(folder: string): string[] {
  return readdirSync(root(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root(folder).length + 1));
}

const sources = (folder: string) => filesBelow(folder).filter((path) => /\.[jt]s$/.test(path));

/** The folders of src that the architecture tells apart. */
const PARTS = [
  ...foldersIn("src").filter((folder) => folder !== join("src", "exposition")),
  ...foldersIn(join("src", "exposition")),
];

function foldersIn(folder: string): string[] {
  return readdirSync(root(folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name));
}

describe("a folder with many files has a door:", () => {
  for (const folder of [...PARTS, "test", "bench", "scripts"]) {
    if (sources(folder).length <= MANY_FILES) continue;
    test(folder, () => assert.ok(DOORS.includes(join(folder, "README.md")), `there is no ${folder}/README.md`));
  }
});

/** What stands between backticks, outside of fenced blocks. */
const quoted = (text: string) =>
  [...text.replaceAll(/^```[\s\S]*?^```$/gm, "").matchAll(/`([^`\n]+)`/g)].map(([, word = ""]) => word);

for (const door of DOORS) {
  describe(door, () => {
    const folder = dirname(door);
    const files = filesBelow(folder);

    test("is short", () => {
      const lines = page(door).trimEnd().split("\n").length;
      assert.ok(lines >= LINES.fewest && lines <= LINES.most, `${lines} lines`);
    });

    test("names files and folders that are there", () => {
      const paths = quoted(page(door)).filter((word) => /^[a-z][\w.-]*\.[jt]s$|^[\w.-]+(?:\/[\w.-]+)+$/.test(word));
      const isThere = (path: string) =>
        files.some((file) => file === path || file.endsWith(`/${path}`) || file.startsWith(`${path}/`)) ||
        [root(path), root("src", path)].some((place) => existsSync(place));
      assert.deepEqual(
        paths.filter((path) => !isThere(path)),
        [],
      );
    });

    test("names things of the code that are there", () => {
      const names = quoted(page(door)).filter((word) =>
        /^[A-Za-z]*[a-z][A-Z][A-Za-z]*$|^[A-Z]+(?:_[A-Z]+)+$/.test(word),
      );
      const text = sources(folder)
        .map((path) => readFileSync(root(folder, path), "utf8"))
        .join("\n");
      assert.deepEqual(
        names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text)),
        [],
      );
    });

    test("names every room", () => {
      const rooms = readdirSync(root(folder), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        // Tests of a part of src are in a folder of its name.
        .filter((name) => folder !== "test" || !existsSync(root("src", name)));
      assert.deepEqual(
        rooms.filter((name) => !page(door).includes(name)),
        [],
      );
    });
  });
}

test("doors are found", () => {
  assert.ok(DOORS.length > 10);
  assert.ok(DOORS.every((door) => basename(door) === "README.md"));
});
