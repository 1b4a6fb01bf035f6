/** deploy/config.yml, the configuration that packages bring, and its name, which is the same wherever one is spoken of. */

import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { program } from "../cli/program.ts";
import { root } from "../support/root.ts";
import { scratch } from "../support/scratch.ts";
import { text } from "./support.ts";

const example = text("deploy", "config.yml");

/** Its remarks that are configuration, each piece as somebody would have it who takes the "# " off. */
const pieces = example
  .split(/\n(?=\n)/)
  .map((part) =>
    part
      .split("\n")
      .filter((line) => /^# (?:[a-z_]+:(?: |$)| )/.test(line))
      .map((line) => line.slice(2))
      .join("\n"),
  )
  .filter((piece) => piece !== "");

describe("deploy/config.yml", () => {
  test("is valid as it is, and says nothing", async (context) => {
    const file = join(scratch(context), "config.yml");
    writeFileSync(file, example);
    assert.match((await program(["check-config", file])).stdout, /: valid: 0 groups/);
  });

  test("has pieces of configuration", () => assert.ok(pieces.length >= 5, pieces.join("\n--\n")));

  for (const piece of pieces) {
    test(`is valid with this of it: ${piece.split("\n")[0]}`, async (context) => {
      const folder = scratch(context);
      writeFileSync(join(folder, "web.yml"), "");
      writeFileSync(join(folder, "config.yml"), piece);
      const { stdout, stderr } = await program(["check-config", join(folder, "config.yml")]);
      assert.match(stdout, /: valid/, stderr);
    });
  }
});

/** Files in /etc/ipmp-exporter that are no configuration of the daemon, or not of the one that watches the host itself. */
const OTHERS = new Set(["hub.yml", "web.yml"]);

test("everybody calls the configuration /etc/ipmp-exporter/config.yml", () => {
  const files = [
    "README.md",
    "CHANGELOG.md",
    ...["docs", "deploy", "src", "dashboards", "completions", "scripts"].flatMap((folder) =>
      readdirSync(root(folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.endsWith(".png"))
        .map((entry) => join(entry.parentPath, entry.name).slice(root().length + 1)),
    ),
  ];
  const other = files.flatMap((path) =>
    [...text(path).matchAll(/\/etc\/ipmp-exporter\/([\w.-]+\.ya?ml)|check-config (?:\S*\/)?([\w.-]+\.ya?ml)/g)]
      .map(([, inEtc, checked]) => inEtc ?? checked ?? "")
      .filter((name) => name !== "config.yml" && !OTHERS.has(name))
      .map((name) => `${path}: ${name}`),
  );
  assert.deepEqual(other, []);
});
