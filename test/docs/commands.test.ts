/** Every command in the documentation does what it is there for: run as written, beside a program on real links, or explained. */

import assert from "node:assert/strict";
import { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { untilReady } from "../support/ready.ts";
import { root } from "../support/root.ts";
import { remove } from "../support/scratch.ts";
import { documented, expectedExitOf, NOT_RUN } from "./commands.ts";
import { fences, PAGES, page } from "./pages.ts";

const all = documented();
const isExplained = (command: string) => NOT_RUN.some(({ commands }) => commands.test(command));

describe("fenced blocks", () => {
  for (const path of PAGES) {
    test(`of ${path} say what they hold, so that no command is overlooked`, () => {
      const nameless = fences(page(path)).filter(({ language }) => language === "");
      assert.deepEqual(
        nameless.map(({ line }) => `${path}:${line}: expected sh, yaml, promql, text … after the backticks`),
        [],
      );
    });
  }
});

describe("commands that are not run", () => {
  for (const { commands, because, test: instead } of NOT_RUN) {
    test(`${commands}: ${because}`, () => {
      assert.ok(
        all.some(({ command }) => commands.test(command)),
        "no page has such a command any more: remove the reason",
      );
      assert.ok(existsSync(root("test", instead)), `test/${instead} does not exist`);
    });
  }
});

/** The programs of a command line: the first word of each part. */
const toolsOf = (command: string) => command.split(/ (?:\|\||&&|\|) /).map((part) => part.trim().split(" ")[0] ?? "");

/** A folder as a reader has it: the checkout, the README's config.yml, and the program in the PATH. */
function readersFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-test-"));
  for (const name of readdirSync(root())) symlinkSync(root(name), join(folder, name));
  const [example] = fences(page("README.md")).filter(({ language }) => language === "yaml");
  writeFileSync(join(folder, "config.yml"), example?.text ?? "");
  for (const name of ["bin", "home/.snmp"]) mkdirSync(join(folder, name), { recursive: true });
  // The standard modules, which a reader has from Debian's snmp-mibs-downloader.
  symlinkSync(root("node_modules", "net-snmp", "lib", "mibs"), join(folder, "home", ".snmp", "mibs"));
  symlinkSync(root("dist", "main.js"), join(folder, "bin", "ipmp-exporter"));
  return folder;
}

function environment(folder: string, home: string): NodeJS.ProcessEnv {
  const { XDG_STATE_HOME: _state, XDG_RUNTIME_DIR: _runtime, ...rest } = process.env;
  return { ...rest, HOME: join(folder, home), PATH: `${join(folder, "bin")}:${rest["PATH"]}` };
}

describe("the documentation's commands, as written", { skip: NO_NETNS }, () => {
  const folder = readersFolder();
  const hooks: (() => void)[] = [() => remove(folder)];
  const suite = { after: (hook: () => void) => hooks.unshift(hook) };
  after(() => {
    for (const hook of hooks) hook();
  });

  function aHost(label: string): Netns {
    const ns = Netns.create(suite, label);
    for (const link of ["eth0", "eth1"]) ns.addVeth(link, `${link}-far`);
    return ns;
  }

  /** The program, started by such a command line, until it is ready. */
  async function served(ns: Netns, command: string, home: string): Promise<ChildProcess> {
    mkdirSync(join(folder, home), { recursive: true });
    const child = ns.spawn(["sh", "-c", `exec ${command}`], {
      cwd: folder,
      env: environment(folder, home),
      stdio: ["ignore", "ignore", "pipe"],
    });
    await untilReady(child);
    return child;
  }

  let host: Netns;
  before(async () => {
    host = aHost("docs");
    await served(host, "ipmp-exporter --config.file=config.yml", "home");
  });

  test("docs/METRICS.md has every family and every label of a scrape", () => {
    const scrape = host.run("curl", "-s", "localhost:10191/metrics");
    const rows = [...page("docs/METRICS.md").matchAll(/^\| `(ipmp_\w+)` \| \w+ \| ([^|]*) \|/gm)];
    const known = new Map(rows.map(([, name, labels = ""]) => [name, labels]));
    const histograms = new Set([...scrape.matchAll(/^# TYPE (\w+) histogram$/gm)].map(([, name = ""]) => name));
    const samples = [...scrape.matchAll(/^(ipmp_\w+)(?:\{(.*)\})? /gm)]
      .map(([, name = "", set = ""]) => {
        const family = name.replace(/_(?:bucket|sum|count)$/, "");
        return histograms.has(family) ? { name: family, set: set.replace(/,?le="[^"]*"$/, "") } : { name, set };
      })
      .filter(({ name }) => name !== "ipmp_exporter_build_info");
    assert.ok(samples.length > 50);
    const unknown = samples.flatMap(({ name, set }) =>
      [...set.matchAll(/(\w+)="/g)]
        .filter(([, label]) => known.get(name)?.includes(`\`${label}\``) !== true)
        .map(([, label]) => `${name}{${label}}`),
    );
    assert.deepEqual([...new Set(unknown)], []);
    assert.deepEqual(
      samples.filter(({ name }) => !known.has(name)).map(({ name }) => name),
      [],
    );
  });

  const runnable = new Map(all.filter(({ command }) => !isExplained(command)).map((found) => [found.command, found]));
  for (const { command, page: path, line } of runnable.values()) {
    const title = `${path}:${line}: ${command}`;
    const env = environment(folder, "home");
    const missing = toolsOf(command).filter(
      (tool) => spawnSync("sh", ["-c", 'command -v "$1"', "sh", tool], { cwd: root(), env }).status !== 0,
    );
    const skip = missing.length === 0 ? false : `not installed: ${missing.join(", ")}`;
    if (/^node dist\/main\.js(?: --|$)/.test(command)) {
      test(title, { skip }, async () => {
        const other = aHost(`docs${line}`);
        const child = await served(other, command, `home-${line}`);
        const exited = once(child, "exit");
        child.kill("SIGTERM");
        assert.deepEqual(await exited, [0, null]);
      });
    } else if (command.startsWith("curl -N ")) {
      test(title, { skip }, async () => {
        const child = host.spawn(["sh", "-c", `exec ${command}`], { stdio: ["ignore", "pipe", "ignore"] });
        const [first] = (await once(child.stdout ?? child, "data")) as [Buffer];
        assert.match(first.toString("utf8"), /^id: .+\nevent: history$/m);
        child.kill("SIGTERM");
      });
    } else {
      test(title, { skip }, async () => {
        const child = host.spawn(["sh", "-c", command], {
          cwd: folder,
          env,
          stdio: ["ignore", "pipe", "pipe"],
        });
        const text = { stdout: "", stderr: "" };
        for (const stream of ["stdout", "stderr"] as const) {
          child[stream]?.setEncoding("utf8").on("data", (chunk: string) => {
            text[stream] += chunk;
          });
        }
        const [status] = (await once(child, "close")) as [number | null];
        assert.equal(status, expectedExitOf(command), text.stdout + text.stderr);
        assert.doesNotMatch(text.stdout + text.stderr, /No Such|not found|Unknown Object|"error"/);
        const redirected = /> (\S+)$/.exec(command)?.[1];
        assert.ok(
          text.stdout !== "" || (redirected !== undefined && existsSync(join(folder, redirected))),
          "it says nothing",
        );
      });
    }
  }
});

test("a command that nobody runs and nobody explains would be seen", () => {
  assert.ok(all.length > 50);
  assert.ok(all.some(({ command, page: path }) => path === "README.md" && command.startsWith("curl ")));
  assert.equal(isExplained("rm --recursive /tmp/x"), false);
});
