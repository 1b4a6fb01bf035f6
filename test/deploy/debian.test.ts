/** The Debian package: built, looked at, installed into an empty root, started from there, removed and purged again. */

import assert from "node:assert/strict";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { Hooks } from "../support/netns.ts";
import { root } from "../support/root.ts";
import { scratch } from "../support/scratch.ts";
import { deadLinks } from "./dead-links.ts";
import { run, succeed, text, without } from "./support.ts";

const NO_PACKAGE = without("dpkg-deb", "dpkg", "install", "gzip", "md5sum");
const { version } = JSON.parse(text("package.json")) as { readonly version: string };

/** @returns the file that was built */
function build(hooks: Hooks): string {
  const env = { DEBFULLNAME: "Test", DEBEMAIL: "test@packages.example.com" };
  const output = succeed(root("deploy", "debian", "build"), [scratch(hooks)], { env });
  return output.trim().split("\n").at(-1) ?? "";
}

/** The file that every test but one looks at; built by the first that asks. */
let built: string | undefined;
const afterAll: (() => void)[] = [];
after(() => {
  for (const hook of afterAll) hook();
});

function theFile(): string {
  built ??= build({ after: (hook) => void afterAll.push(hook) });
  return built;
}

/** A root with the files that dpkg and systemd-sysusers begin with. */
function emptyRoot(hooks: Hooks): string {
  const folder = scratch(hooks);
  for (const path of ["var/lib/dpkg/info", "var/lib/dpkg/updates", "etc"])
    mkdirSync(join(folder, path), { recursive: true });
  writeFileSync(join(folder, "var/lib/dpkg/status"), "");
  writeFileSync(join(folder, "etc/passwd"), "root:x:0:0:root:/:/bin/sh\n");
  writeFileSync(join(folder, "etc/group"), "root:x:0:\n");
  return folder;
}

describe("the Debian package", { skip: NO_PACKAGE }, () => {
  test("says what it is and needs", () => {
    const file = theFile();
    const field = (name: string): string => succeed("dpkg-deb", ["--field", file, name]).trim();
    assert.equal(field("Package"), "ipmp-exporter");
    assert.equal(field("Version"), `${version}-1`);
    assert.match(field("Depends"), /\bnodejs \(>= 20\.19\)/);
    assert.equal(field("Architecture"), succeed("dpkg", ["--print-architecture"]).trim());
  });

  test("is the same when it is built again", (context) => {
    const md5 = (file: string): string => succeed("md5sum", [file]).split(" ")[0] ?? "";
    assert.equal(md5(build(context)), md5(theFile()));
  });

  test("has no fault that lintian calls an error or warns of", { skip: without("lintian") }, () => {
    const { status, output } = run("lintian", ["--fail-on", "error,warning", theFile()]);
    assert.equal(status, 0, output);
  });

  test("holds what the program needs and nothing of its development", () => {
    const paths = succeed("dpkg-deb", ["--contents", theFile()])
      .split("\n")
      .flatMap((line) => /\.(\/\S*)/.exec(line)?.[1] ?? []);
    for (const path of [
      "/usr/lib/ipmp-exporter/dist/main.js",
      "/usr/lib/ipmp-exporter/dist/program/run.js",
      "/usr/lib/ipmp-exporter/node_modules/re2js/package.json",
      "/lib/systemd/system/ipmp-exporter.service",
      "/usr/lib/sysusers.d/ipmp-exporter.conf",
      "/usr/share/doc/ipmp-exporter/copyright",
      "/usr/share/snmp/mibs/IPMP-EXPORTER-MIB",
      "/etc/ipmp-exporter/config.yml",
      "/usr/share/ipmp-exporter/dashboards/generated/fleet-redundancy.json",
      "/usr/share/ipmp-exporter/dashboards/rules/alerts.yml",
      "/usr/share/ipmp-exporter/dashboards/rules/recording.yml",
      "/usr/share/ipmp-exporter/dashboards/mixin.libsonnet",
      "/usr/share/doc/ipmp-exporter/docs/MIGRATING.md",
      "/usr/lib/ipmp-exporter/docs/runbooks/IPMPGroupFailed.md",
    ]) {
      assert.ok(paths.includes(path), path);
    }
    const unwanted =
      /\.ts$|\.map$|\/node_modules\/(?:typescript|fast-check|@biomejs|oxlint|playwright-core|@types)\/|\/node_modules\/.*\.md$/;
    assert.deepEqual(
      paths.filter((path) => unwanted.test(path)),
      [],
    );
  });

  test("has its manual page and its changelog from one day", (context) => {
    const folder = scratch(context);
    succeed("dpkg-deb", ["--extract", theFile(), folder]);
    const unzipped = (path: string): string => succeed("gzip", ["-dc", join(folder, "usr/share", path)]);
    const [, day = ""] = /^\.TH \S+ 1 "([^"]*)"/m.exec(unzipped("man/man1/ipmp-exporter.1.gz")) ?? [];
    const [, moment = ""] = /^ -- .*> {2}(.*)$/m.exec(unzipped("doc/ipmp-exporter/changelog.Debian.gz")) ?? [];
    assert.equal(day, new Date(moment).toISOString().slice(0, 10));
  });

  test("has rules that a Prometheus loads by a pattern, and a mixin that jsonnet reads", {
    skip: without("promtool", "jsonnet"),
  }, (context) => {
    const folder = scratch(context);
    succeed("dpkg-deb", ["--extract", theFile(), folder]);
    const dashboards = join(folder, "usr/share/ipmp-exporter/dashboards");
    const pattern = /rule_files: (\[\S+\])/.exec(text("docs", "INSTALL.md"))?.[1] ?? "";
    const configuration = join(folder, "prometheus.yml");
    writeFileSync(configuration, `rule_files: ${pattern.replace("[/", `[${folder}/`)}\n`);
    assert.match(succeed("promtool", ["check", "config", configuration]), /2 rule files found/);
    const mixin = succeed("jsonnet", ["-e", `(import "${join(dashboards, "mixin.libsonnet")}").prometheusAlerts`]);
    assert.match(mixin, /"alert": "IPMPGroupFailed"/);
  });

  test("has whatever its documents link to", (context) => {
    const folder = scratch(context);
    succeed("dpkg-deb", ["--extract", theFile(), folder]);
    const { dead, followed } = deadLinks(folder);
    assert.deepEqual(dead, []);
    assert.ok(followed > 100, `${followed} links`);
  });

  // Maintainer scripts run without chroot, as dpkg does for whoever builds images: they honour $DPKG_ROOT.
  const skip =
    (process.getuid?.() !== 0 && "needs root to install") || without("systemd-sysusers", "deb-systemd-helper");
  test("installs, runs, is removed and leaves nothing when it is purged", { skip }, (context) => {
    const folder = emptyRoot(context);
    const dpkg = (...args: readonly string[]): string =>
      succeed("dpkg", [`--root=${folder}`, "--force-script-chrootless", "--force-depends", ...args]);
    const here = (path: string): string => join(folder, path);

    dpkg("--install", theFile());
    assert.match(readFileSync(here("etc/passwd"), "utf8"), /^ipmp-exporter:x:\d+:\d+:.*:\/usr\/sbin\/nologin$/m);
    assert.ok(lstatSync(here("etc/systemd/system/multi-user.target.wants/ipmp-exporter.service")).isSymbolicLink());
    assert.equal(
      readFileSync(here("usr/bin/ipmp-exporter"), "utf8").split("\n")[0],
      "#!/usr/bin/node --max-semi-space-size=1",
    );
    const printed = succeed(process.execPath, [here("usr/bin/ipmp-exporter"), "version"]);
    assert.ok(printed.includes(version), printed);
    // Its own modules, not those of the checkout: every import that serving needs.
    const checked = succeed(process.execPath, [here("usr/bin/ipmp-exporter"), "serve", "--config.check"]);
    assert.match(checked, /valid/);
    for (const module of ["re2js", "koffi"]) {
      if (module === "koffi" && !existsSync(root("node_modules", "koffi"))) continue;
      const program = here("usr/lib/ipmp-exporter");
      succeed(process.execPath, [
        "--input-type=module",
        "--eval",
        `process.chdir(${JSON.stringify(program)}); await import("node:module").then(({ createRequire }) => import(createRequire(${JSON.stringify(`${program}/`)}).resolve("${module}")))`,
      ]);
    }

    const example = succeed(process.execPath, [
      here("usr/bin/ipmp-exporter"),
      "check-config",
      here("etc/ipmp-exporter/config.yml"),
    ]);
    assert.match(example, /valid: 0 groups/);

    writeFileSync(here("etc/default/ipmp-exporter"), 'ARGS="--log.level=debug"\n');
    writeFileSync(here("etc/ipmp-exporter/config.yml"), "groups: []\n");
    mkdirSync(here("var/lib/ipmp-exporter"));
    writeFileSync(here("var/lib/ipmp-exporter/state.json"), "{}");
    dpkg("--remove", "ipmp-exporter");
    assert.ok(!existsSync(here("usr/lib/ipmp-exporter")));
    assert.ok(existsSync(here("var/lib/ipmp-exporter/state.json")), "removal keeps the counters");
    for (const path of ["etc/default/ipmp-exporter", "etc/ipmp-exporter/config.yml"])
      assert.ok(existsSync(here(path)), `removal keeps ${path}`);

    dpkg("--purge", "ipmp-exporter");
    const left = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
      (path) => path.includes("ipmp-exporter") && !path.startsWith("var/lib/dpkg/"),
    );
    assert.deepEqual(left, []);
  });
});
