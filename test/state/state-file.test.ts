import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { type FileSystem, nodeFileSystem } from "#src/state/file-system.js";
import { StateFile } from "#src/state/state-file.js";
import { fileOf, smallState } from "./saved.ts";

const NOW = new Date("2026-01-31T12:00:00.500Z");
const whole = fileOf(smallState);

/** A folder of its own, and where the state is to be in it. */
function place(t: TestContext): { readonly folder: string; readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-state-"));
  t.after(() => {
    chmodSync(folder, 0o755);
    rmSync(folder, { recursive: true, force: true });
  });
  return { folder, path: join(folder, "state.json") };
}

describe("a state file", () => {
  test("gives back what was saved, and leaves nothing beside it", (t) => {
    const { folder, path } = place(t);
    for (const durable of [true, false]) {
      new StateFile(path).save(whole, durable);
      assert.deepEqual(new StateFile(path).load(NOW), { kind: "state", state: smallState });
    }
    assert.deepEqual(readdirSync(folder), ["state.json"]);
    assert.equal(statSync(path).mode & 0o777, 0o640 & ~process.umask());
  });

  test("that is not there is no fault", (t) => {
    const { path } = place(t);
    assert.deepEqual(new StateFile(path).load(NOW), { kind: "none" });
    assert.deepEqual(new StateFile(join(path, "deeper")).load(NOW), { kind: "none" });
  });

  test("is saved into a folder that is made, or made again", (t) => {
    const { folder } = place(t);
    const file = new StateFile(join(folder, "lib", "exporter", "state.json"));
    file.save(whole, true);
    rmSync(join(folder, "lib"), { recursive: true });
    file.save(whole, true);
    assert.equal(file.load(NOW).kind, "state");
  });

  test("is replaced as a whole even where a part of another save was left", (t) => {
    const { folder, path } = place(t);
    writeFileSync(`${path}.new`, whole.subarray(0, 10), { mode: 0o400 });
    new StateFile(path).save(whole, true);
    assert.deepEqual(readdirSync(folder), ["state.json"]);
    assert.equal(new StateFile(path).load(NOW).kind, "state");
  });

  test("a link to it is replaced, not followed", (t) => {
    const { folder, path } = place(t);
    writeFileSync(join(folder, "elsewhere"), "mine");
    symlinkSync("elsewhere", `${path}.new`);
    new StateFile(path).save(whole, true);
    assert.equal(readFileSync(join(folder, "elsewhere"), "utf8"), "mine");
  });
});

describe("a file that cannot be used is set aside under a telling name", () => {
  const newer = Buffer.from('{"format":"ipmp-exporter state","version":7}\n');
  for (const { fault, bytes } of [
    { fault: "damaged", bytes: whole.subarray(0, 500) },
    { fault: "damaged", bytes: new Uint8Array(0) },
    { fault: "foreign", bytes: Buffer.from('{"some":"thing"}') },
    { fault: "newer", bytes: newer },
  ]) {
    test(`${fault}, ${bytes.length} bytes`, (t) => {
      const { folder, path } = place(t);
      writeFileSync(path, bytes);
      const loaded = new StateFile(path).load(NOW);
      assert.ok(loaded.kind === "unusable");
      assert.equal(loaded.fault, fault);
      assert.equal(loaded.kept, `${path}.${fault}-20260131T120000Z`);
      assert.deepEqual(readFileSync(loaded.kept), Buffer.from(bytes));
      assert.deepEqual(readdirSync(folder), [`state.json.${fault}-20260131T120000Z`]);
      new StateFile(path).save(whole, true);
      assert.equal(new StateFile(path).load(NOW).kind, "state");
    });
  }

  test("a folder in its place", (t) => {
    const { path } = place(t);
    mkdirSync(path);
    writeFileSync(join(path, "inside"), "kept");
    const loaded = new StateFile(path).load(NOW);
    assert.ok(loaded.kind === "unusable");
    assert.equal(loaded.fault, "unreadable");
    assert.equal(readFileSync(join(loaded.kept ?? "", "inside"), "utf8"), "kept");
    new StateFile(path).save(whole, true);
  });

  test("only the newest few are kept, and nothing else is touched", (t) => {
    const { folder, path } = place(t);
    const others = ["state.json.damaged-by-hand", "state.json.bak", "other.json.damaged-20200101T000000Z"];
    for (const other of others) writeFileSync(join(folder, other), "");
    for (let day = 1; day <= 9; day++) {
      writeFileSync(path, "torn");
      new StateFile(path).load(new Date(`2026-02-0${day}T00:00:00Z`));
    }
    const expected = [5, 6, 7, 8, 9].map((day) => `state.json.foreign-2026020${day}T000000Z`);
    assert.deepEqual(readdirSync(folder).sort(), [...expected, ...others].sort());
  });

  test("the one just set aside is kept even by a clock that was set back", (t) => {
    const { path } = place(t);
    for (let year = 2030; year >= 2020; year--) {
      writeFileSync(path, "torn");
      const loaded = new StateFile(path).load(new Date(`${year}-01-01T00:00:00Z`));
      assert.ok(loaded.kind === "unusable" && loaded.kept !== undefined && existsSync(loaded.kept));
    }
  });
});

describe("what was never a state file", () => {
  const needsMkfifo = process.platform === "win32" ? "there are no pipes in files" : false;

  test("a pipe is neither waited for, nor moved, nor replaced", { skip: needsMkfifo }, (t) => {
    const { folder, path } = place(t);
    execFileSync("mkfifo", [path]);
    const file = new StateFile(path);
    const loaded = file.load(NOW);
    assert.ok(loaded.kind === "unusable");
    assert.equal(loaded.kept, undefined);
    assert.throws(() => file.save(whole, true), /regular file/);
    assert.deepEqual(readdirSync(folder), ["state.json"]);
    assert.ok(statSync(path).isFIFO());
  });
});

describe("a file system that fails", () => {
  /** The real one, but for some calls. */
  const failing = (calls: Partial<FileSystem>): FileSystem => ({ ...nodeFileSystem, ...calls });
  const fail = (code: string) => () => {
    throw Object.assign(new Error(code), { code });
  };

  for (const [what, calls] of [
    ["has no room", { write: fail("ENOSPC") }],
    ["cannot be synced", { sync: fail("EIO") }],
    ["does not rename", { rename: fail("EROFS") }],
  ] as const) {
    test(`that ${what} leaves the old state and no part of the new one`, (t) => {
      const { folder, path } = place(t);
      new StateFile(path).save(whole, true);
      const other = fileOf({ ...smallState, statistics: [], groups: [] });
      assert.throws(() => new StateFile(path, failing(calls)).save(other, true));
      assert.deepEqual(readdirSync(folder), ["state.json"]);
      assert.deepEqual(new StateFile(path).load(NOW), { kind: "state", state: smallState });
      new StateFile(path).save(other, true);
    });
  }

  test("that writes a little at a time writes all of it", (t) => {
    const { path } = place(t);
    const write = (descriptor: number, bytes: Uint8Array) => nodeFileSystem.write(descriptor, bytes.subarray(0, 7));
    new StateFile(path, failing({ write })).save(whole, false);
    assert.equal(new StateFile(path).load(NOW).kind, "state");
  });

  test("that does not let a bad file be moved does not stop the start", (t) => {
    const { path } = place(t);
    writeFileSync(path, "torn");
    const loaded = new StateFile(path, failing({ rename: fail("EROFS") })).load(NOW);
    assert.ok(loaded.kind === "unusable");
    assert.equal(loaded.kept, undefined);
    assert.equal(loaded.fault, "foreign");
  });
});
