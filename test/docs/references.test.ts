/** The reference pages say what the program has: made from its tables, complete, and right where another program can judge. */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { COMMANDS } from "#src/cli/commands.js";
import { FAMILIES, renderText } from "#src/exposition/prometheus/metrics.js";
import { seriesName } from "#src/exposition/prometheus/sample-writer.js";
import type { Snapshot } from "#src/snapshot/snapshot.js";
import { WEB_METRICS } from "#src/web/web-metrics.js";
import { lacks } from "../dashboards/tool.ts";
import { root } from "../support/root.ts";
import { EXAMPLE } from "../support/snapshot.ts";
import { fences, page } from "./pages.ts";

/** prom-client's metrics of the process are Linux's here. */
const ELSEWHERE = process.platform === "linux" ? false : "the reference is that of Linux";

function references(script: string, ...args: readonly string[]) {
  return spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });
}

describe("npm run references", { skip: ELSEWHERE }, () => {
  test("has nothing to write: the pages are up to date", () => {
    const { status, stderr } = references(root("scripts", "references.js"), "--check");
    assert.equal(status, 0, stderr);
  });

  test("finds a page that is out of date, and mends it", (t) => {
    const copy = mkdtempSync(join(tmpdir(), "ipmp-exporter-test-"));
    t.after(() => rmSync(copy, { recursive: true }));
    for (const name of ["dist", "mibs", "node_modules", "package.json"]) symlinkSync(root(name), join(copy, name));
    for (const [folder, ending] of [
      ["docs", ".md"],
      ["docs/man", ".1"],
      ["scripts", ".js"],
      ["scripts/references", ".js"],
      ["test/golden", ".prom"],
    ] as const) {
      mkdirSync(join(copy, folder), { recursive: true });
      for (const name of readdirSync(root(folder)).filter((file) => file.endsWith(ending))) {
        copyFileSync(root(folder, name), join(copy, folder, name));
      }
    }
    const metrics = join(copy, "docs", "METRICS.md");
    const good = readFileSync(metrics, "utf8");
    writeFileSync(metrics, good.replace(/^\| `ipmp_group_failovers_total`.*\n/m, ""));
    const script = join(copy, "scripts", "references.js");
    const stale = references(script, "--check");
    assert.deepEqual(
      [stale.status, stale.stderr],
      [1, 'docs/METRICS.md is out of date: expected what "npm run references" writes\n'],
    );
    assert.equal(references(script).stdout, "wrote docs/METRICS.md\n");
    assert.equal(readFileSync(metrics, "utf8"), good);
    assert.equal(references(script, "--check").status, 0);
  });
});

describe("docs/CONFIGURATION.md", () => {
  const [example = ""] = fences(page("docs/CONFIGURATION.md"))
    .filter(({ language }) => language === "yaml")
    .map(({ text }) => text);

  test("has a complete example that check-config accepts", (t) => {
    const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-test-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "ipmp.yml");
    writeFileSync(file, example.replaceAll("/etc/ipmp-exporter/", `${folder}/`));
    // What it refers to is read too.
    writeFileSync(join(folder, "web.yml"), "");
    for (const name of ["nms.auth", "nms.priv", "sw2.community"]) writeFileSync(join(folder, name), "correct horse\n");
    const printed = execFileSync(process.execPath, [root("dist", "main.js"), "check-config", file], {
      encoding: "utf8",
    });
    assert.match(printed, /: valid: 3 groups, /);
  });

  test("shows every key there that check-config accepts", () => {
    const documented = [...page("docs/CONFIGURATION.md").matchAll(/^\| `([a-z_[\].]+)` \|.*$/gm)]
      .filter(([row]) => !row.includes("This version accepts no value"))
      .map(([, key = ""]) => key);
    assert.ok(documented.length > 50);
    const missing = documented.filter(
      (key) => !new RegExp(`\\b${key.split(".").at(-1)?.replace("[]", "")}:`).test(example),
    );
    assert.deepEqual(missing, []);
  });
});

describe("docs/METRICS.md", () => {
  test("has a row for each family, and none for another", () => {
    const rows = [...page("docs/METRICS.md").matchAll(/^\| `(ipmp_\w+)` \|/gm)].map(([, name]) => name);
    const names = [...FAMILIES.map(seriesName), ...WEB_METRICS.map(({ name }) => name), "ipmp_exporter_build_info"];
    assert.deepEqual(rows.toSorted(), names.toSorted());
  });

  test("says of each family that it is absent where no state is kept", () => {
    const typesIn = (snapshot: Snapshot) => {
      const text = Buffer.from(renderText(snapshot)).toString("utf8");
      return new Set(Array.from(text.matchAll(/^(ipmp_\w+?)[ {]/gm), ([, name = ""]) => name));
    };
    const state = { saved: true, saves: 1n, failures: 0n, lastSavedMs: 1, fault: undefined, recovered: false };
    const without = typesIn({ ...EXAMPLE, state: undefined });
    const absent = [...typesIn({ ...EXAMPLE, state })].filter((name) => !without.has(name));
    assert.ok(absent.length > 0);
    const said = page("docs/METRICS.md").split("\n");
    for (const name of absent)
      assert.match(said.find((row) => row.startsWith(`| \`${name}\``)) ?? "", /state\.file: none/);
  });
});

describe("docs/MIB.md", { skip: lacks("snmptranslate", "snmp") }, () => {
  const MIBS = ["-M", [root("node_modules/net-snmp/lib/mibs"), root("mibs")].join(":"), "-m", "IPMP-EXPORTER-MIB"];
  const translate = (...what: readonly string[]) =>
    execFileSync("snmptranslate", [...MIBS, ...what], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  const body = page("docs/MIB.md");

  test("has the OIDs that net-snmp's own parser finds", () => {
    const tables = [...body.matchAll(/^### (\w+)\n\n.*?`([\d.]+)`/gm)].map(([, name = "", oid = ""]) => [name, oid]);
    const others = [...body.matchAll(/^\| `(ipmp\w+)` \| `([\d.]+)` \|/gm)].map(([, name = "", oid = ""]) => [
      name,
      oid.replace(/(\.1\.5\.\d)\.0$/, "$1"), // a scalar's instance
    ]);
    assert.deepEqual([tables.length, others.length], [6, 5]);
    for (const [name, oid] of [...tables, ...others]) {
      assert.equal(translate("-On", `IPMP-EXPORTER-MIB::${name}`), `.${oid}`);
    }
  });

  test("has every column, under its number", () => {
    const sections = body.split(/^### /m).filter((section) => /^ipmp\w+Table\n/.test(section));
    const columns = sections.flatMap((section) => {
      const [, oid = ""] = /`([\d.]+)`/.exec(section) ?? [];
      return [...section.matchAll(/^\| (\d+) \| `(\w+)` \|/gm)].map(([, number, name = ""]) => [
        name,
        `.${oid}.1.${number}`,
      ]);
    });
    const names = columns.map(([name]) => `IPMP-EXPORTER-MIB::${name}`);
    assert.deepEqual(
      translate("-On", ...names).split(/\s+/),
      columns.map(([, oid]) => oid),
    );
    assert.ok(columns.length > 60);
  });
});

describe("the manual page", () => {
  const file = root("docs", "man", "ipmp-exporter.1");
  const source = readFileSync(file, "utf8").replaceAll("\\-", "-");

  test("has every command and every flag", () => {
    for (const { name, options } of COMMANDS) {
      assert.ok(source.includes(`ipmp-exporter ${name === "serve" ? "[serve]" : name}`), name);
      for (const option of options)
        assert.ok(source.includes(option.name.length > 1 ? `--${option.name}` : `"-${option.name}`), option.name);
    }
  });

  test("is right to groff", { skip: lacks("man", "man-db") }, () => {
    const { status, stderr } = spawnSync("man", ["--warnings", "--encoding=UTF-8", "--local-file", file], {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C.UTF-8" },
    });
    assert.deepEqual([status, stderr], [0, ""]);
  });

  test("is right to mandoc", { skip: lacks("mandoc", "mandoc") }, () => {
    const { stdout } = spawnSync("mandoc", ["-T", "lint", "-W", "warning", file], { encoding: "utf8" });
    const complaints = stdout.split("\n").filter((line) => line !== "" && !line.includes("missing date"));
    assert.deepEqual(complaints, []);
  });
});
