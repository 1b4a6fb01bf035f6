/** Whatever becomes of its log, the program starts, serves and counts the lines that are lost. */

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, constants, openSync, readFileSync, truncateSync, writeSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { scratch } from "../support/scratch.ts";
import { eventually } from "../support/wait.ts";

const DROPPED = "ipmp_log_lines_dropped_total";
const { O_WRONLY, O_RDWR, O_NONBLOCK, O_APPEND } = constants;

async function started(
  t: TestContext,
  path: string,
  flags = O_WRONLY,
  through: readonly string[] = [],
): Promise<Program> {
  const stderr = openSync(path, flags);
  try {
    return await Program.start(t, {
      stderr,
      config: "log: { level: debug }",
      args: ["--web.enable-lifecycle"],
      through,
    });
  } finally {
    closeSync(stderr);
  }
}

const dropped = async (program: Program) => Number((await program.metrics()).get(DROPPED));

/** Each reload is a line of the log or two. */
async function reload(program: Program): Promise<void> {
  assert.equal((await program.get("/-/reload", "POST")).status, 200);
}

async function losesLines(program: Program): Promise<void> {
  const before = await dropped(program);
  await reload(program);
  await eventually(
    async () => (await dropped(program)) > before,
    () => "no lost line is counted",
  );
}

/** Writes until nothing more is taken. */
function fill(path: string, flag: number): void {
  const fd = openSync(path, O_WRONLY | flag);
  try {
    for (const size of [1024, 1]) {
      try {
        for (;;) writeSync(fd, Buffer.alloc(size, "\n"));
      } catch {
        // It is full, for writes of this size.
      }
    }
  } finally {
    closeSync(fd);
  }
}

function reader(t: TestContext, path: string): ChildProcess {
  const child = spawn("cat", [path], { stdio: ["ignore", "ignore", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  return child;
}

describe("standard error", () => {
  test("on a full disk: the program starts, reloads and stops", async (t) => {
    const program = await started(t, "/dev/full");
    await eventually(
      async () => (await dropped(program)) > 0,
      () => "no lost line of the start is counted",
    );
    await losesLines(program);
    program.signal("SIGHUP");
    await losesLines(program);
    assert.equal(await program.stop(), 0);
  });

  test("a pipe whose reader has stopped, then gone: the program serves, and stops", async (t) => {
    const path = join(scratch(t), "pipe");
    execFileSync("mkfifo", [path]);
    const child = reader(t, path);
    const program = await started(t, path);
    child.kill("SIGSTOP");
    // 64 KiB are in the pipe soon; what comes then waits in the program, which is not kept by it.
    fill(path, O_NONBLOCK);
    await reload(program);
    await reload(program);
    assert.equal(await dropped(program), 0);
    child.kill("SIGKILL");
    await losesLines(program);
    assert.equal(await program.stop(), 0);
  });

  test("a pipe that is full at the end does not keep the program from ending", async (t) => {
    const path = join(scratch(t), "pipe");
    execFileSync("mkfifo", [path]);
    const held = openSync(path, O_RDWR | O_NONBLOCK);
    t.after(() => closeSync(held));
    const program = await started(t, path);
    fill(path, O_NONBLOCK);
    assert.equal(await program.stop(), 0);
  });

  test("a disk that is full and has room again: lines come again, and one says how many were lost", {
    skip: NO_NETNS,
  }, async (t) => {
    let disk = "";
    t.after(() => execFileSync("umount", ["--lazy", disk]));
    disk = scratch(t); // deleted after it is no mount any more
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]);
    const log = join(disk, "log");
    writeFileSync(log, "");
    const program = await started(t, log, O_WRONLY | O_APPEND);
    fill(log, O_APPEND);
    await losesLines(program);
    truncateSync(log);
    await reload(program);
    await eventually(
      () => /msg="lines of the log were lost" lines=\d+\n/.test(readFileSync(log, "utf8")),
      () => readFileSync(log, "utf8"),
    );
    assert.equal(await program.stop(), 0);
    assert.match(readFileSync(log, "utf8"), /msg=stopping signal=SIGTERM\n$/);
  });
});

test("the log says at the start that there is nothing to watch, why, and what to write", {
  skip: NO_NETNS,
}, async (t) => {
  const ns = Netns.create(t, "nogroup");
  for (const name of ["va", "vb"]) ns.addVeth(name, `${name}-peer`);
  const program = await Program.start(t, { ns });
  await program.logged("msg=ready groups=0 not_ok=0 links=");
  await program.logged(
    'msg="no group to watch"',
    'because="there is no configuration, no bond or team was found, no link has a default route"',
    "interfaces: [va-peer, va, vb-peer, vb]",
    "/etc/ipmp-exporter/config.yml",
  );
  await program.stop();
  const other = await Program.start(t, { ns, config: "discovery: { default_routes: false }\n" });
  await other.logged(
    "no group to watch",
    "the configuration has no groups",
    "default routes are not looked at",
    "ipmp.yml",
  );
  await other.stop();
  const sources = "sources: [{ name: sw1, kind: snmp, target: 127.0.0.1, community: public, discover: lags }]\n";
  const hub = await Program.start(t, { ns, config: sources });
  await hub.logged('level=info msg="no group to watch yet"', "waiting_for=sw1");
  assert.ok(!hub.log.some((line) => line.includes("default route")), "its groups are still to come");
  await hub.stop();
  const withGroup = await Program.start(t, { ns, config: "groups: [{ name: wan, interfaces: [va] }]\n" });
  await withGroup.logged("msg=ready groups=1");
  await withGroup.stop();
  await withGroup.logged("msg=stopping"); // whatever is said at the start is in the log by now
  assert.ok(!withGroup.log.some((line) => line.includes("no group to watch")));
});
