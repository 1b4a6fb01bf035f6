import assert from "node:assert/strict";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeFolder, writeAll } from "#src/state/file-system.js";
import { Disk } from "../simulation/disk.ts";
import { scratch } from "../support/scratch.ts";

/** A disk whose calls take no more than these numbers of octets, one after the other. */
class Sparing extends Disk {
  readonly #takes: number[];

  constructor(...takes: number[]) {
    super();
    this.#takes = takes;
  }

  override write(descriptor: number, parts: readonly Uint8Array[], offset: number): number {
    const most = this.#takes.shift();
    return super.write(descriptor, [Buffer.concat(parts).subarray(0, most)], offset);
  }
}

const PARTS = ["state", " ", "of groups"].map((text) => Buffer.from(text));

test("parts are written to their last octet, however few a call takes", () => {
  const disk = new Sparing(3, 1, 4, 2);
  const descriptor = disk.open("/file", "new");
  writeAll(disk, descriptor, PARTS, 0);
  disk.close(descriptor);
  assert.equal(Buffer.from(disk.read("/file", 100)).toString(), "state of groups");
});

test("a file system that takes nothing and does not say why is no reason to ask it for ever", () => {
  const disk = new Sparing(6, 0);
  const descriptor = disk.open("/file", "new");
  assert.throws(() => writeAll(disk, descriptor, PARTS, 0), /takes nothing of 9 octets that are left/);
});

test("a folder is made with those above it, and may be there", (t) => {
  const folder = scratch(t);
  for (const again of [false, true]) {
    makeFolder(join(folder, "a", "b"), 0o750);
    assert.ok(existsSync(join(folder, "a", "b")), `${again}`);
  }
  writeFileSync(join(folder, "file"), "");
  assert.throws(() => makeFolder(join(folder, "file"), 0o750), /EEXIST/);
  assert.throws(() => makeFolder(join(folder, "file", "below"), 0o750), /ENOTDIR/);
});

test("a folder that somebody else makes meanwhile is there", (t) => {
  const folder = scratch(t);
  makeFolder(`${folder}/new/../a`, 0o750); // making "new" makes "new/.." too
  assert.deepEqual(readdirSync(folder).sort(), ["a", "new"]);
});

test("a folder that cannot be is an error, also below /proc", { skip: !existsSync("/proc/self") && "no /proc" }, () => {
  for (const path of ["/proc/nosuch", "/proc/nosuch/below"]) assert.throws(() => makeFolder(path, 0o750), /ENOENT/);
});
