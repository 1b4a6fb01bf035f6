/** The README's two lines are the lines that CI and users run, here and on a public forge. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { root } from "../support/root.ts";

const readme = readFileSync(root("README.md"), "utf8");

/** The commands of a README: the lines of its fenced blocks. */
const commands = [...readme.matchAll(/^```[a-z]*\n([\s\S]*?)^```/gm)].flatMap((block) =>
  (block[1] ?? "").trim().split("\n"),
);

describe("README.md", () => {
  test("has one line that installs, builds and passes every test, and CI runs that line", () => {
    const lines = readFileSync(root(".ci", "run"), "utf8").trim().split("\n");
    const run = lines.at(-1) ?? "";
    assert.match(run, /^npm ci && .*\bnpm test$/);
    assert.ok(commands.includes(run), `README.md has no command line "${run}" as .ci/run has`);
  });

  test("has one line that installs, builds and serves, before the test line", () => {
    const serve = commands.findIndex((line) => /^npm ci && .*\bnpm start$/.test(line));
    const testLine = commands.findIndex((line) => /\bnpm test$/.test(line));
    assert.ok(serve >= 0, "no line begins with npm ci and ends with npm start");
    assert.ok(serve < testLine);
  });

  test("links only to files that the repository has", () => {
    const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map((link) => link[1] ?? "");
    const missing = links.filter((link) => {
      try {
        readFileSync(root(link));
        return false;
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === "ENOENT"; // a folder (EISDIR) is there
      }
    });
    assert.deepEqual(missing, []);
  });
});

describe(".github/workflows/ci.yml", () => {
  interface Workflow {
    readonly jobs: Readonly<
      Record<
        string,
        {
          readonly strategy: { readonly matrix: { readonly node: readonly string[] } };
          readonly steps: readonly { readonly run?: string }[];
        }
      >
    >;
  }
  const workflow = parse(readFileSync(root(".github", "workflows", "ci.yml"), "utf8")) as Workflow; // a forge's format
  const jobs = Object.values(workflow.jobs);

  test("runs .ci/run, and builds and tests in no other way", () => {
    const runs = jobs.flatMap(({ steps }) => steps.flatMap(({ run = "" }) => run.split("\n")));
    assert.equal(runs.filter((run) => /(?:^| )\.ci\/run$/.test(run)).length, jobs.length);
    assert.deepEqual(
      runs.filter((run) => /\b(?:npm|npx|node|install-test-tools)\b/.test(run)),
      [],
    );
  });

  test("does so on the oldest Node that the package accepts", () => {
    const { engines } = JSON.parse(readFileSync(root("package.json"), "utf8")) as {
      readonly engines: { readonly node: string };
    }; // test/repository/package.test.ts looks at it
    for (const { strategy } of jobs) assert.ok(strategy.matrix.node.includes(engines.node.replace(">=", "")));
  });
});
