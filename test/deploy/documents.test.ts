/** docs/INSTALL.md, SECURITY.md and SCALE.md say what is true: files exist, defaults are those, figures are counted. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, test } from "node:test";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { root } from "../support/root.ts";
import { DEFAULTS, run, text, without } from "./support.ts";

const PAGES = ["INSTALL.md", "SECURITY.md", "SCALE.md"];
const scale = text("docs", "SCALE.md");

describe("the pages on deployment", () => {
  for (const page of PAGES) {
    test(`${page} names files that exist`, () => {
      const body = text("docs", page);
      const named = [...body.matchAll(/(?<![\w/.]|npm test -- )(?:deploy|dashboards|scripts)\/[\w./-]*\w\/?/g)].map(
        ([path]) => path,
      );
      const linked = [...body.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = ""]) => join("docs", path));
      assert.ok(named.length + linked.length > 0);
      // The dashboards are written by their own build.
      const missing = [...named, ...linked].filter(
        (path) => !existsSync(root(path)) && path !== "dashboards/generated/",
      );
      assert.deepEqual(missing, []);
    });
  }

  test("SECURITY.md tells the defaults", () => {
    const body = text("docs", "SECURITY.md");
    assert.ok(body.includes(`TCP ${DEFAULTS.webListenAddress.slice(1)}`));
    const [, host = "", port = ""] = /^udp:(.*):(\d+)$/.exec(DEFAULTS.snmpListenAddress) ?? [];
    assert.ok(body.includes(`${host}, UDP ${port}`));
    assert.ok(body.includes(`${DEFAULTS.maxRequests} scrapes`));
  });
});

/** Rows of the first table: what, and its two numbers. */
const documented = new Map(
  [...scale.matchAll(/^\| (exporter|group|member) \| (\d+) \| (\d+) \|$/gm)].map(([, what = "", all, kstat]) => [
    what,
    { all: Number(all), kstat: Number(kstat) },
  ]),
);

describe("docs/SCALE.md", () => {
  test("counts series as the program serves them", { skip: NO_NETNS }, async (context) => {
    const ns = Netns.create(context, "scale");
    for (const n of [0, 1, 2, 3]) ns.addVeth(`up${n}`, `far${n}`);
    /** Of all series but Node's of garbage, which come with the first collection of each kind: a program may be met before or after it. */
    const count = async (config: string): Promise<{ all: number; kstat: number; garbage: number }> => {
      const program = await Program.start(context, { ns, config });
      const names = [...(await program.metrics()).keys()];
      await program.stop();
      const beginning = (prefix: string): number => names.filter((name) => name.startsWith(prefix)).length;
      const garbage = beginning("nodejs_gc_duration_seconds");
      return { all: names.length - garbage, kstat: beginning("ipmp_kstat"), garbage };
    };
    const one = await count("groups: [{ name: a, interfaces: [up0] }]");
    const two = await count("groups: [{ name: a, interfaces: [up0, up1] }]");
    const both = await count("groups: [{ name: a, interfaces: [up0, up1] }, { name: b, interfaces: [up2, up3] }]");
    const member = { all: two.all - one.all, kstat: two.kstat - one.kstat };
    const group = { all: both.all - two.all - 2 * member.all, kstat: both.kstat - two.kstat - 2 * member.kstat };
    const exporter = {
      all: one.all + one.garbage - group.all - member.all,
      kstat: one.kstat - group.kstat - member.kstat,
    };
    for (const [what, counted] of Object.entries({ exporter, group, member })) {
      const said = documented.get(what);
      assert.ok(said, what);
      assert.ok(
        Math.abs(counted.all - said.all) <= said.all / 5,
        `${what}: ${said.all} documented, ${counted.all} counted`,
      );
      assert.equal(counted.kstat, said.kstat, what);
    }
  });

  test("calculates right", () => {
    const { exporter, group, member } = Object.fromEntries(documented);
    assert.ok(exporter && group && member);
    const [, host] = /= \*\*(\d+) series\*\*/.exec(scale) ?? [];
    assert.equal(Number(host), exporter.all + group.all + 2 * member.all);
    const saved = [...scale.matchAll(/^\| `.*\| (\d+) \|$/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
    const left = Number(/^Left: \*\*(\d+) series\*\*/m.exec(scale)?.[1]);
    assert.equal(left, Number(host) - saved);
    const number = (cell = ""): number => Number(cell.replaceAll(",", ""));
    const rows = [...scale.matchAll(/^\| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \| ([\d.]+) (MB|GB)\/day \|/gm)];
    assert.equal(rows.length, 3);
    for (const [, hosts, series, rate, size, unit] of rows) {
      assert.equal(number(series), number(hosts) * left);
      assert.equal(number(rate), Math.round(number(series) / 15));
      const bytes = number(series) * 5760;
      const shown = Number(size) * (unit === "GB" ? 1e9 : 1e6);
      assert.ok(Math.abs(shown - bytes) < bytes / 50, `${hosts} hosts: ${bytes} bytes per day`);
    }
  });
});

/** Files below deploy/ that begin with an interpreter of shell scripts. */
const scripts = readdirSync(root("deploy"), { recursive: true, encoding: "utf8" })
  .map((path) => root("deploy", path))
  .filter((path) => statSync(path).isFile())
  .flatMap((path) => {
    const shell = /^#!\/bin\/(sh|bash)\n/.exec(readFileSync(path, "utf8"))?.[1];
    return shell === undefined ? [] : [{ path, shell }];
  });

describe("the shell scripts of deploy/", () => {
  test("are there, and can be executed", () => {
    assert.ok(scripts.length >= 6);
    for (const { path } of scripts) assert.ok(statSync(path).mode & 0o100, path);
  });

  for (const { path, shell } of scripts) {
    const name = join(relative(root(), dirname(path)), path.slice(dirname(path).length + 1));
    test(`${name} is ${shell}`, { skip: without(shell) }, () => {
      const { status, output } = run(shell, ["-n", path]);
      assert.deepEqual({ status, output }, { status: 0, output: "" });
    });
    test(`${name} gives shellcheck nothing to say`, { skip: without("shellcheck") }, () => {
      const { status, output } = run("shellcheck", [path]);
      assert.equal(status, 0, output);
    });
  }
});
