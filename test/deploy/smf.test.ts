/** The SMF manifest has the structure of service_bundle(5), methods that restarters know, and an unprivileged user. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../support/root.ts";
import { scratch } from "../support/scratch.ts";
import { type Ran, run, text, without } from "./support.ts";

const MANIFEST = root("deploy", "smf", "ipmp-exporter.xml");
const manifest = text("deploy", "smf", "ipmp-exporter.xml");

/** Against our own subset of the DTD: `--nonet`, because the manifest names the one of illumos, which is not here. */
function validate(file: string): Ran {
  return run("xmllint", ["--noout", "--nonet", "--dtdvalid", root("test", "deploy", "service-bundle.dtd"), file]);
}

/** The value of an attribute of the element that begins with `element`. */
function attribute(element: string, name: string): string | undefined {
  const start = manifest.indexOf(`<${element}`);
  return new RegExp(`\\b${name}="([^"]*)"`).exec(manifest.slice(start, manifest.indexOf(">", start)))?.[1];
}

describe("the SMF manifest", () => {
  test("is well-formed and has the structure of service_bundle(5)", { skip: without("xmllint") }, () => {
    const { status, output } = validate(MANIFEST);
    assert.equal(status, 0, output);
  });

  const spoiled: readonly (readonly [what: string, from: string | RegExp, to: string])[] = [
    ["with a tag left open", "</template>", ""],
    ["with an element that does not exist", "<single_instance/>", "<one_instance/>"],
    ["with a method without a time limit", /timeout_seconds="60"/, ""],
    ["with elements in another order", "<single_instance/>", '<stability value="Stable"/><single_instance/>'],
    ["with a dependency that restarts on anything", 'restart_on="error"', 'restart_on="always"'],
  ];
  for (const [what, from, to] of spoiled) {
    test(`would not pass ${what}`, { skip: without("xmllint") }, (context) => {
      const file = join(scratch(context), "manifest.xml");
      writeFileSync(file, manifest.replace(from, to));
      assert.notEqual(validate(file).status, 0);
    });
  }

  test("runs as an ordinary user with less than an ordinary user's privileges", () => {
    const user = attribute("method_credential", "user");
    assert.ok(user !== undefined && user !== "root");
    const [first, ...rest] = (attribute("method_credential", "privileges") ?? "").split(",");
    assert.equal(first, "basic");
    assert.deepEqual(
      rest.filter((privilege) => !privilege.startsWith("!")),
      [],
    );
    assert.equal(attribute("method_credential", "limit_privileges"), "basic");
  });

  test("stops and refreshes by the signals that the program knows, and starts the program in the foreground", () => {
    assert.equal(attribute('exec_method type="method" name="stop"', "exec"), ":kill -TERM");
    assert.equal(attribute('exec_method type="method" name="refresh"', "exec"), ":kill -HUP");
    assert.equal(attribute('propval name="duration"', "value"), "child");
    const start = attribute('exec_method type="method" name="start"', "exec") ?? "";
    const used = [...start.matchAll(/%\{application\/(\w+)\}/g)].map(([, name]) => name);
    assert.deepEqual(used, ["node", "program", "arguments"]);
    for (const name of used) assert.ok(attribute(`propval name="${name}"`, "value"), `${name} has no value`);
  });

  test("keeps what it takes to run the system's commands, and is where the page on installing says", () => {
    const privileges = attribute("method_credential", "privileges") ?? "";
    for (const needed of ["proc_fork", "proc_exec"]) assert.ok(!privileges.includes(`!${needed}`), needed);
    const program = attribute('propval name="program"', "value") ?? "";
    assert.equal(program, "/opt/ipmp-exporter/dist/main.js");
    assert.ok(text("docs", "INSTALL.md").includes("`/opt/ipmp-exporter`: `dist`"));
  });
});
