import assert from "node:assert/strict";
import { test } from "node:test";
import { writeAll } from "#src/state/file-system.js";
import { Disk } from "../simulation/disk.ts";

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
