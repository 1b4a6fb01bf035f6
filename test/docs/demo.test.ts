/** `npm run demo` tells its story on real links, clears up after itself whatever happens, and says what it lacks. */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { AS_NOBODY, NO_NETNS } from "../support/netns.ts";
import { root } from "../support/root.ts";
import { eventually } from "../support/wait.ts";

const DEMO = root("scripts", "demo.js");

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function demo(args: readonly string[], { through = [], path }: { through?: readonly string[]; path?: string } = {}) {
  const [file = "", ...rest] = [...through, process.execPath, DEMO, ...args];
  const env = path === undefined ? process.env : { ...process.env, PATH: path };
  return spawnSync(file, rest, { encoding: "utf8", env }) as Outcome;
}

/** What a demo of that process leaves behind in the system. */
function traces(pid: number): string[] {
  const names = ["/run/netns", tmpdir()].flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []));
  return names.filter((name) => name.startsWith(`ipmpdemo-${pid}-`));
}

describe("the demo on real links", { skip: NO_NETNS }, () => {
  test("breaks links and the program, and every number agrees", async () => {
    const child = spawn(process.execPath, [DEMO, "--fast"], { stdio: ["ignore", "pipe", "pipe"] });
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
      });
    }
    const [status] = (await once(child, "close")) as [number | null];
    assert.equal(status, 0, printed);
    assert.match(printed, /uplink +uplink +degraded .* \[eth0\]/);
    assert.match(printed, /sum over the links .*: it fell by [\d,]+/);
    assert.equal(printed.match(/ the same$/gm)?.length, 5, "a comparison after each of five steps");
    const [, said, added] =
      /carried ([\d,]+) bytes; its members' own counters add up to ([\d,]+)\./.exec(printed) ?? [];
    assert.ok(said !== undefined && said !== "0");
    assert.equal(said, added);
    assert.ok(!printed.includes("\u001b"), "plain text where nobody looks");
    assert.deepEqual(traces(child.pid ?? 0), []);
  });

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    test(`clears up when it gets ${signal} in the middle`, async () => {
      const child = spawn(process.execPath, [DEMO, "--fast"], { stdio: ["ignore", "pipe", "inherit"] });
      let printed = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
      });
      await eventually(
        () => printed.includes("ipmpstat -g"),
        () => printed,
      );
      const pid = child.pid ?? 0;
      assert.equal(traces(pid).length, 3);
      const exited = once(child, "exit");
      child.kill(signal);
      assert.deepEqual(await exited, [signal === "SIGINT" ? 130 : 143, null]);
      assert.deepEqual(traces(pid), []);
    });
  }

  test("takes away what a killed demo has left", async () => {
    const killed = spawn(process.execPath, [DEMO, "--fast"], { stdio: ["ignore", "pipe", "inherit"] });
    let printed = "";
    killed.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
    await eventually(
      () => printed.includes("ipmpstat -g"),
      () => printed,
    );
    const exited = once(killed, "exit");
    killed.kill("SIGKILL");
    await exited;
    const pid = killed.pid ?? 0;
    assert.equal(traces(pid).length, 3, "nobody could clear up");
    assert.equal(demo(["--fast"]).status, 0);
    assert.deepEqual(traces(pid), []);
  });

  test("says so where namespaces are not allowed", () => {
    const { status, stderr } = demo(["--fast"], { through: ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] });
    assert.equal(status, 1);
    assert.match(stderr, /^demo: ip netns add .*: .+\n +Network namespaces cannot be made here\. .+\n$/);
  });

  test("says so without root", () => {
    const { status, stderr } = demo([], { through: AS_NOBODY });
    assert.equal(status, 1);
    assert.match(stderr, /^demo: it needs root, .+\n +run: sudo npm run demo\n$/);
  });

  test("says so without ip(8)", (t) => {
    const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-test-"));
    t.after(() => rmSync(folder, { recursive: true }));
    symlinkSync(process.execPath, join(folder, "node"));
    const { status, stderr } = demo([], { path: folder });
    assert.equal(status, 1);
    assert.match(stderr, /^demo: it needs the command ip\.\n +install iproute2 /);
  });
});

describe("the demo elsewhere", () => {
  test("says so on another system", () => {
    const elsewhere = 'data:text/javascript,Object.defineProperty(process,"platform",{value:"darwin"})';
    const { status, stderr } = spawnSync(process.execPath, ["--import", elsewhere, DEMO], { encoding: "utf8" });
    assert.equal(status, 1);
    assert.match(stderr, /^demo: it needs network namespaces, which only Linux has: this is darwin\.\n/);
  });

  test("explains itself, and an argument that it does not know", () => {
    assert.match(demo(["--help"]).stdout, /^usage: node scripts\/demo\.js \[--fast\]\n/);
    const { status, stderr } = demo(["--quick"]);
    assert.equal(status, 2);
    assert.equal(stderr, 'demo: unknown argument "--quick"; it takes --fast\n');
  });
});
