/** The real program on a state that it cannot use, or a disk that it cannot write: it starts, serves, and says so. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { crc32 } from "node:zlib";
import { decodeRecord, type StateRecord } from "#src/state/record.js";
import { AS_NOBODY } from "../support/netns.ts";
import { Program, type ProgramOptions } from "../support/program.ts";
import { root } from "../support/root.ts";
import { eventually } from "../support/wait.ts";
import { fileOf, smallState } from "./saved.ts";

const CONFIG = "groups: [{ name: g, interfaces: [none0] }]\nstate: { checkpoint: '* * * * * *' }\n";
const SAVED = "ipmp_state_save_success";
const AS_ROOT = process.getuid?.() === 0;
const NEEDS_ROOT = AS_ROOT ? false : "needs root";

/** By folder. */
const programs = new Map<string, Program[]>();

function aFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-start-"));
  t.after(async () => {
    // Hooks run in the order in which they are added: the programs are still there, and save every second.
    for (const program of programs.get(folder) ?? []) {
      program.signal("SIGKILL");
      await program.exited();
    }
    if (existsSync(join(folder, "lib"))) chmodSync(join(folder, "lib"), 0o755);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Starts with the state in a folder `lib` of `folder`. */
async function start(t: TestContext, folder: string, options: ProgramOptions = {}): Promise<Program> {
  const args = [`--state.file=${join(folder, "lib", "state.json")}`];
  const program = await Program.start(t, { config: CONFIG, folder, args, ...options });
  programs.set(folder, [...(programs.get(folder) ?? []), program]);
  return program;
}

const setAside = async (program: Program) =>
  [...(await program.metrics())].filter(([sample]) => sample.startsWith("ipmp_state_set_aside"));

describe("the program starts and says so", () => {
  const newer = Buffer.from('{"format":"ipmp-exporter state","version":9}\n');
  for (const [fault, bytes] of [
    ["damaged", fileOf(smallState).subarray(0, 400)],
    ["newer", newer],
  ] as const) {
    test(`on a state that is ${fault}`, async (t) => {
      const folder = aFolder(t);
      mkdirSync(join(folder, "lib"));
      writeFileSync(join(folder, "lib", "state.json"), bytes);
      const program = await start(t, folder);
      await program.logged("state file cannot be used", `fault=${fault}`);
      assert.deepEqual(await setAside(program), [[`ipmp_state_set_aside{fault="${fault}"}`, "1"]]);
      await program.until(SAVED, "1");
      const kept = readdirSync(join(folder, "lib")).filter((name) => name.startsWith(`state.json.${fault}-`));
      assert.equal(kept.length, 1);
      assert.deepEqual(readFileSync(join(folder, "lib", kept[0] ?? "")), Buffer.from(bytes));
      assert.equal(await program.stop(), 0);
      const again = await start(t, folder);
      assert.deepEqual(await setAside(again), []);
    });
  }

  test("on a state whose form is wrong, whatever its checksum says", async (t) => {
    const folder = aFolder(t);
    mkdirSync(join(folder, "lib"));
    const rest = Buffer.from('{"groups":[{"state":"weird"}]}\n');
    const sum = crc32(rest).toString(16).padStart(8, "0");
    const header = `{"format":"ipmp-exporter state","version":1,"crc32":"${sum}"}\n`;
    writeFileSync(join(folder, "lib", "state.json"), Buffer.concat([Buffer.from(header), rest]));
    const program = await start(t, folder);
    await program.logged("state file cannot be used", "fault=damaged");
    await program.until(SAVED, "1");
  });

  for (const [what, put] of [
    ["a folder", (path: string) => mkdirSync(join(path, "inside"), { recursive: true })],
    ["a file of another program", (path: string) => writeFileSync(path, "[1,2,3]\n")],
  ] as const) {
    test(`on ${what} where the state should be, and leaves it there`, async (t) => {
      const folder = aFolder(t);
      mkdirSync(join(folder, "lib"));
      const path = join(folder, "lib", "state.json");
      put(path);
      const { ino } = statSync(path);
      const program = await start(t, folder);
      await program.logged("state file cannot be used", "fault=foreign", "is not a state file");
      assert.deepEqual(await setAside(program), [['ipmp_state_set_aside{fault="foreign"}', "1"]]);
      await program.until(SAVED, "0");
      assert.equal(await program.stop(), 0);
      assert.deepEqual(readdirSync(join(folder, "lib")), ["state.json"]);
      assert.equal(statSync(path).ino, ino);
    });
  }

  test("on a state of version 1, which it takes over", async (t) => {
    const folder = aFolder(t);
    mkdirSync(join(folder, "lib"));
    const path = join(folder, "lib", "state.json");
    copyFileSync(root("test", "fixtures", "state", "version-1.state"), path);
    const program = await start(t, folder);
    await program.until(SAVED, "1");
    assert.deepEqual(await setAside(program), []);
    const record = decodeRecord(readFileSync(path));
    assert.ok(record.kind === "record");
    assert.equal(record.state.snmp?.engineBoots, 4, "the engine has been started once more");
  });

  test("on a damaged state with one before it, and goes on from there", async (t) => {
    const folder = aFolder(t);
    const first = await start(t, folder);
    await first.until(SAVED, "1");
    assert.equal(await first.stop(), 0);
    const path = join(folder, "lib", "state.json");
    const { state } = decodeRecord(readFileSync(path)) as StateRecord; // it has just been saved
    writeFileSync(path, "{");
    const second = await start(t, folder);
    await second.logged("state file cannot be used", "fault=damaged", "counters go on");
    assert.deepEqual(await setAside(second), [['ipmp_state_set_aside{fault="damaged"}', "1"]]);
    const group = decodeRecord(readFileSync(path));
    assert.ok(group.kind === "record");
    assert.equal(group.state.groups[0]?.crtime, state.groups[0]?.crtime);
  });

  test("on a state of another owner that it may not read", { skip: NEEDS_ROOT }, async (t) => {
    const folder = aFolder(t);
    mkdirSync(join(folder, "lib"));
    chmodSync(join(folder, "lib"), 0o777);
    writeFileSync(join(folder, "lib", "state.json"), fileOf(smallState), { mode: 0o600 });
    const program = await start(t, folder, { through: AS_NOBODY });
    await program.logged("state file cannot be used", "fault=unreadable");
    assert.deepEqual(await setAside(program), [['ipmp_state_set_aside{fault="unreadable"}', "1"]]);
    await program.until(SAVED, "1");
  });

  test("on a folder that it may not write", { skip: NEEDS_ROOT }, async (t) => {
    const folder = aFolder(t);
    mkdirSync(join(folder, "lib"), { mode: 0o555 });
    const program = await start(t, folder, { through: AS_NOBODY });
    await program.logged("state cannot be saved");
    await program.until(SAVED, "0");
    chmodSync(join(folder, "lib"), 0o777);
    await program.until(SAVED, "1");
    await program.logged("state is saved again");
  });

  test("when its folder vanishes", async (t) => {
    const folder = aFolder(t);
    const program = await start(t, folder);
    await program.until(SAVED, "1");
    renameSync(join(folder, "lib"), join(folder, "gone")); // the program may be saving into it
    rmSync(join(folder, "gone"), { recursive: true });
    // The collection after this one saves; one that is under way may have looked before the folder was gone.
    const files = () =>
      existsSync(join(folder, "lib")) ? readdirSync(join(folder, "lib")).sort().join() : "no folder";
    await eventually(
      async () => (await program.metrics()) && files() === "state.json,state.json.readings",
      () => `not made anew: ${files()}`,
    );
  });

  test("on a device: which is left alone", { skip: NEEDS_ROOT }, async (t) => {
    const folder = aFolder(t);
    mkdirSync(join(folder, "lib"));
    const device = join(folder, "lib", "state.json");
    execFileSync("mknod", [device, "c", "1", "3"]);
    const program = await start(t, folder);
    await program.logged("state file cannot be used", "is not a state file");
    await program.until(SAVED, "0");
    assert.deepEqual(readdirSync(join(folder, "lib")), ["state.json"]);
  });
});

describe("a disk that is full", { skip: noTmpfs() }, () => {
  test("serving goes on, the failure is a metric, the next success says so", async (t) => {
    const folder = aFolder(t);
    mkdirSync(join(folder, "lib"));
    const lib = join(folder, "lib");
    // 16 KiB, of which 12 are taken; a mount of its own, gone with the program.
    const mount = `mount -t tmpfs -o size=16k,mode=0777 tiny '${lib}' && head -c 16384 /dev/zero > '${lib}/ballast' 2>/dev/null; exec "$@"`;
    const program = await start(t, folder, { through: ["unshare", "-m", "sh", "-c", mount, "sh"] });
    await program.logged("state cannot be saved", "ENOSPC");
    await program.until(SAVED, "0");
    // Inside its mount namespace, where the disk is.
    execFileSync("nsenter", ["-t", String(program.pid), "-m", "rm", join(lib, "ballast")]);
    await program.until(SAVED, "1");
    await program.logged("state is saved again");
    assert.equal((await program.metrics()).get('ipmp_group_link_up{group="g"}'), "0");
  });
});

function noTmpfs(): string | false {
  if (!AS_ROOT) return "needs root to mount a file system";
  try {
    execFileSync("unshare", ["-m", "mount", "-t", "tmpfs", "none", tmpdir()], { stdio: "pipe" });
    execFileSync("nsenter", ["--version"], { stdio: "pipe" });
  } catch (error) {
    return `cannot mount a file system: ${error instanceof Error ? error.message.trim() : error}`;
  }
  return false;
}
