import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { root } from "../../support/root.ts";

/** Runs the choice in a copy of the program with the koffi that `koffi` makes there, or none. */
function choose(t: TestContext, source: string, koffi?: string): { why?: string; name?: string; error?: string } {
  const folder = mkdtempSync(join(tmpdir(), "without-koffi-"));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(root("dist"), join(folder, "dist"), { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  if (koffi !== undefined) {
    mkdirSync(join(folder, "node_modules", "koffi"), { recursive: true });
    writeFileSync(
      join(folder, "node_modules", "koffi", "package.json"),
      '{ "type": "module", "exports": "./index.js" }',
    );
    writeFileSync(join(folder, "node_modules", "koffi", "index.js"), koffi);
  }
  const program = join(folder, "program.js");
  writeFileSync(
    program,
    `import { openLinuxSource } from "./dist/sources/linux/choose-source.js";
     const options = { source: process.argv[2], procfs: "/proc", sysfs: "/sys" };
     try {
       const { source, why } = await openLinuxSource(options);
       console.log(JSON.stringify({ name: source.kind, why }));
     } catch (error) {
       console.log(JSON.stringify({ error: error.name + ": " + error.message }));
     }`,
  );
  return JSON.parse(execFileSync(process.execPath, [program, source], { encoding: "utf8" })) as ReturnType<
    typeof choose
  >;
}

const LOSS =
  "reading /proc/self/net/dev every second; a link that is unplugged loses what it carried since the last reading";

describe("where koffi is not installed", { skip: process.platform !== "linux" && "links of Linux" }, () => {
  test("auto reads /proc and says what that costs", (t) =>
    assert.deepEqual(choose(t, "auto"), { name: "procfs", why: `koffi is not installed: ${LOSS}` }));

  test("netlink says why it cannot be had", (t) =>
    assert.deepEqual(choose(t, "netlink"), {
      error: "SourceError: Cannot read links by netlink, as configured: koffi is not installed",
    }));

  test("procfs was asked for and does not complain", (t) =>
    assert.deepEqual(choose(t, "procfs"), {
      name: "procfs",
      why: "reading /proc/self/net/dev every second, as configured",
    }));
});

describe("where koffi cannot be loaded", { skip: process.platform !== "linux" && "links of Linux" }, () => {
  test("auto reads /proc and repeats the reason", (t) =>
    assert.equal(
      choose(t, "auto", 'throw new Error("Cannot find the native Koffi module; did you bundle it correctly?\\nmore");')
        .why,
      `koffi cannot be loaded: Cannot find the native Koffi module; did you bundle it correctly?: ${LOSS}`,
    ));

  test("something else under its name neither stops the program", (t) =>
    assert.match(choose(t, "auto", "export default {};").why ?? "", /^koffi .*: reading \/proc/));
});
