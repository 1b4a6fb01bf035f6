/** docs/EXTENDING.md: the files and names of each recipe exist, and its excerpts are the code. */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { root } from "../support/root.ts";
import { fences, page } from "./pages.ts";

const PAGE = "docs/EXTENDING.md";
const RECIPES = [
  "A source",
  "A kind of aggregate",
  "A statistic",
  "A metric",
  "A MIB column",
  "An event",
  "A subcommand",
  "A configuration key",
] as const;

const [, ...sections] = page(PAGE).split(/^## /m);
const recipes = new Map(sections.map((section) => [section.slice(0, section.indexOf("\n")), section]));

/** Whether a TypeScript file declares a name. */
const declares = (text: string, name: string): boolean =>
  new RegExp(`\\b(?:const|function\\*?|class|interface|type) ${name}\\b`).test(text);

describe(PAGE, () => {
  test("has a recipe for each kind of extension", () => assert.deepEqual([...recipes.keys()], RECIPES));

  for (const [recipe, text] of recipes) {
    const rows = [...text.matchAll(/^\| `([^`]+)` \|([^|]*)\|/gm)].map(([, file = "", names = ""]) => ({
      file,
      names: [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name),
    }));

    describe(`${recipe}:`, () => {
      test("says when it is done", () => {
        assert.ok(rows.length > 2);
        assert.match(text, /\bDone when\b/);
      });

      for (const { file, names } of rows) {
        test(`${file} exists${names.length > 0 ? `, with ${names.join(", ")}` : ""}`, () => {
          assert.ok(existsSync(root(file)));
          const code = names.length > 0 ? readFileSync(root(file), "utf8") : "";
          assert.deepEqual(
            names.filter((name) => !declares(code, name)),
            [],
          );
        });
      }

      for (const { text: excerpt } of fences(text).filter(({ language }) => language === "ts")) {
        const [, file = ""] = /^\/\/ (\S+)\n/.exec(excerpt) ?? [];
        test(`its excerpt of ${file} is there`, () => {
          const code = excerpt.slice(excerpt.indexOf("\n") + 1);
          assert.ok(readFileSync(root(file), "utf8").includes(code), code);
        });
      }
    });
  }
});
