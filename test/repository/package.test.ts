/** What `npm install ipmp-exporter` would bring, and what package.json promises about it. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../support/root.ts";

interface Manifest {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Lock {
  readonly packages: Readonly<Record<string, Locked>>;
}

const manifest = JSON.parse(readFileSync(root("package.json"), "utf8")) as Manifest; // npm would not have run otherwise
const runtime = { ...manifest.dependencies, ...manifest.optionalDependencies };
const lock = JSON.parse(readFileSync(root("package-lock.json"), "utf8")) as Lock; // npm wrote it
const dependencies = { ...runtime, ...manifest.devDependencies };

/** Runs npm pack; npm prints a list, or from its version 11 on an object by package name. */
function pack(...options: readonly string[]): Packed {
  const printed = execFileSync("npm", ["pack", "--json", "--ignore-scripts", ...options], {
    cwd: root(),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [packed] = Object.values(JSON.parse(printed) as Record<string, Packed>);
  assert.ok(packed !== undefined, printed);
  return packed;
}

describe("the package", () => {
  const paths = pack("--dry-run").files.map(({ path }) => path);

  test("holds the program and what a reader needs first", () => {
    for (const path of ["dist/main.js", "package.json", "README.md", "LICENSE", "CHANGELOG.md"]) {
      assert.ok(paths.includes(path), `${path} is missing`);
    }
  });

  test("holds no source, test, map or declaration: it is a program and not a library", () => {
    const allowed =
      /^(dist\/(.*\.js|revision\.txt|program\/LICENSES\.txt)|(completions|deploy|dashboards|docs|mibs)\/.*(?<!\.ts)|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/;
    assert.deepEqual(
      paths.filter((path) => !allowed.test(path) || /\.test\./.test(path)),
      [],
    );
  });

  test("hands on the licence of each package that the program is bundled with", () => {
    const text = readFileSync(root("dist", "program", "LICENSES.txt"), "utf8");
    for (const [name, version] of Object.entries(manifest.dependencies)) {
      if (name === "re2js") continue; // stays a package of its own
      assert.match(text, new RegExp(`^${name} ${version.replaceAll(".", "\\.")} \\(.+\\)\n\n.+`, "m"), name);
    }
  });

  test("runs from its own files alone, and says its version", (context) => {
    const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-package-"));
    context.after(() => rmSync(folder, { recursive: true }));
    const { filename } = pack("--pack-destination", folder);
    execFileSync("tar", ["-xzf", join(folder, filename), "-C", folder]);
    symlinkSync(root("node_modules"), join(folder, "package", "node_modules"));
    const program = join(folder, "package", manifest.bin["ipmp-exporter"] ?? "");
    const printed = execFileSync(process.execPath, [program, "version"], { cwd: folder, encoding: "utf8" });
    assert.ok(printed.includes(manifest.version), printed);
  });
});

describe("package.json", () => {
  test("has a command that can be executed and begins with the interpreter", () => {
    const program = root(manifest.bin["ipmp-exporter"] ?? "");
    accessSync(program, constants.X_OK);
    assert.match(readFileSync(program, "utf8"), /^#!\/usr\/bin\/env node\n/);
  });

  test("says which Node it needs, and its types are that Node's", () => {
    assert.equal(manifest.engines.node, ">=20.19");
    assert.match(manifest.devDependencies["@types/node"] ?? "", /^20\./);
  });

  test("pins every dependency to one version, and the lockfile holds it from no particular registry", () => {
    for (const [name, version] of Object.entries(dependencies)) {
      assert.match(version, /^\d+\.\d+\.\d+$/, name);
      assert.equal(lock.packages[`node_modules/${name}`]?.version, version, name);
    }
    assert.deepEqual(
      Object.entries(lock.packages).flatMap(([name, { resolved }]) => (resolved === undefined ? [] : [name])),
      [],
    );
  });
});

describe("package-lock.json", () => {
  // npm leaves out what its registry does not have, and then refuses to install from the lockfile that it wrote itself.
  test("holds the builds for every platform, so that npm ci works on all of them", () => {
    const missing = Object.values(lock.packages).flatMap(({ optionalDependencies = {} }) =>
      Object.entries(optionalDependencies).filter(([name]) => lock.packages[`node_modules/${name}`] === undefined),
    );
    assert.deepEqual(missing, []);
  });
});

/** First and fourth cell of each row: name and licence. */
const rows = (section: string): Map<string, string> =>
  new Map(
    [...section.matchAll(/^\| ([^|]+) \|([^|]*)\|[^|]*\| ([^|]+) \|/gm)]
      .map(([, name = "", why = "", licence = ""]) => ({ name, why, licence }))
      .filter(({ name }) => name !== "package")
      .map(({ name, why, licence }) => [why.trim() === "" ? `${name} without a reason` : name, licence]),
  );

describe("docs/DEPENDENCIES.md", () => {
  const page = readFileSync(root("docs", "DEPENDENCIES.md"), "utf8");
  const [, forRunning = "", forBuilding = ""] = page.split(/^## .*$/m);
  test("has a row with a reason for each dependency and for nothing else", () => {
    assert.deepEqual([...rows(forRunning).keys()], Object.keys(runtime).sort());
    assert.deepEqual([...rows(forBuilding).keys()], Object.keys(manifest.devDependencies).sort());
  });

  test("names each licence as the package itself does", () => {
    for (const [name, licence] of [...rows(forRunning), ...rows(forBuilding)]) {
      let text: string;
      try {
        text = readFileSync(root("node_modules", name, "package.json"), "utf8");
      } catch {
        assert.ok(name in manifest.optionalDependencies, `${name} is not installed`);
        continue;
      }
      assert.equal(licence, (JSON.parse(text) as { readonly license: string }).license, name);
    }
  });
});
