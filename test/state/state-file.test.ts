import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { type FileSystem, nodeFileSystem } from "#src/state/file-system.js";
import { readingsOf, type SavedState } from "#src/state/saved-state.js";
import { StateFile } from "#src/state/state-file.js";
import { fileOf, smallState } from "./saved.ts";

const NOW = new Date("2026-01-31T12:00:00.500Z");
const whole = fileOf(smallState);
/** Something happened since. */
const other: SavedState = { ...smallState, uplinks: undefined };

/** A folder of its own, and where the state is to be in it. */
function place(t: TestContext): { readonly folder: string; readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-state-"));
  t.after(() => {
    chmodSync(folder, 0o755);
    rmSync(folder, { recursive: true, force: true });
  });
  return { folder, path: join(folder, "state.json") };
}

/** The state that a program finds which starts now. */
function stateAt(path: string): SavedState {
  const loaded = new StateFile(path).load(NOW);
  assert.ok(loaded.kind === "state");
  return loaded.state;
}

/** What it goes on with when the record cannot be used. */
function recoveredAt(path: string) {
  const loaded = new StateFile(path).load(NOW);
  assert.ok(loaded.kind === "unusable");
  return loaded.recovered;
}

/** A state of one member, whose readings the test changes as traffic would. */
function moving() {
  const [group] = smallState.groups;
  const [member] = group?.members ?? [];
  assert.ok(group && member);
  const reading = { counters: BigUint64Array.of(10n, 20n), seen: BigUint64Array.of(1n, 2n), seenAt: 5n };
  const state: SavedState = { ...smallState, groups: [{ ...group, members: [{ ...member, reading }] }] };
  const carry = (bytes: bigint) => {
    reading.counters[0] = (reading.counters[0] ?? 0n) + bytes;
    reading.seen[0] = (reading.seen[0] ?? 0n) + bytes;
    reading.seenAt += 1n;
  };
  return { state, reading, carry };
}

const bytesOf = ({ groups }: SavedState): bigint | undefined => groups[0]?.members[0]?.reading.counters[0];

describe("a state file", () => {
  test("gives back what was saved, and leaves nothing beside it", (t) => {
    const { folder, path } = place(t);
    new StateFile(path).save(smallState);
    assert.deepEqual(stateAt(path), smallState);
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
    file.save(smallState);
    rmSync(join(folder, "lib"), { recursive: true });
    assert.equal(file.isInPlace, false);
    file.save(smallState);
    assert.equal(file.load(NOW).kind, "state");
  });

  test("is not in place where another file has taken its name, and that is not kept as the record before", (t) => {
    const { path } = place(t);
    const file = new StateFile(path);
    file.save(smallState);
    file.save(other);
    const theirs = { ...smallState, snmp: undefined };
    new StateFile(path).save(theirs);
    assert.equal(file.isInPlace, false);
    file.save(other);
    assert.equal(file.isInPlace, true);
    assert.deepEqual([stateAt(path), stateAt(`${path}.previous`)], [other, smallState]);
  });

  test("is replaced as a whole even where a part of another save was left", (t) => {
    const { folder, path } = place(t);
    writeFileSync(`${path}.new`, whole.subarray(0, 10), { mode: 0o400 });
    new StateFile(path).save(smallState);
    assert.deepEqual(readdirSync(folder), ["state.json"]);
    assert.deepEqual(stateAt(path), smallState);
  });

  test("a link to it is replaced, not followed", (t) => {
    const { folder, path } = place(t);
    writeFileSync(join(folder, "elsewhere"), "mine");
    symlinkSync("elsewhere", `${path}.new`);
    new StateFile(path).save(smallState);
    assert.equal(readFileSync(join(folder, "elsewhere"), "utf8"), "mine");
  });

  test("is not written when nothing happened", (t) => {
    const { path } = place(t);
    const file = new StateFile(path);
    file.save(smallState);
    const { ino } = statSync(path);
    file.save({ ...smallState });
    assert.equal(statSync(path).ino, ino);
  });
});

describe("readings that are later than the record", () => {
  test("are found again, the last ones of them", (t) => {
    const { path } = place(t);
    const { state, reading, carry } = moving();
    const file = new StateFile(path);
    file.save(state);
    assert.equal(bytesOf(stateAt(path)), 10n);
    for (let round = 1n; round <= 5n; round++) {
      carry(100n);
      file.keepReadings();
      const read = stateAt(path);
      assert.equal(bytesOf(read), 10n + round * 100n);
      assert.deepEqual(read.groups[0]?.members[0]?.reading, reading);
    }
    file.close();
  });

  test("are written into one file that stays, and not at all when nothing was carried", (t) => {
    const { path } = place(t);
    const { state, reading, carry } = moving();
    const file = new StateFile(path);
    file.save(state);
    file.keepReadings();
    const { ino, size } = statSync(`${path}.readings`);
    const before = readFileSync(`${path}.readings`);
    reading.seenAt += 1_000n;
    file.keepReadings();
    assert.deepEqual(readFileSync(`${path}.readings`), before, "that time has passed is no reason to write");
    carry(1n);
    file.keepReadings();
    assert.notDeepEqual(readFileSync(`${path}.readings`), before);
    assert.deepEqual([statSync(`${path}.readings`).ino, statSync(`${path}.readings`).size], [ino, size]);
    file.close();
  });

  test("are the record's own when there are none, or none that are whole", (t) => {
    const { path } = place(t);
    const { state, carry } = moving();
    const file = new StateFile(path);
    file.save(state);
    carry(5n);
    file.keepReadings();
    file.close();
    rmSync(`${path}.readings`);
    assert.equal(bytesOf(stateAt(path)), 10n);
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.alloc(8192),
      Buffer.from("something else"),
      Buffer.alloc(3, "IPMPSLOT"),
    ]) {
      writeFileSync(`${path}.readings`, bytes);
      assert.equal(bytesOf(stateAt(path)), 10n);
    }
    rmSync(`${path}.readings`);
    mkdirSync(`${path}.readings`);
    assert.equal(bytesOf(stateAt(path)), 10n);
  });

  test("of another record are not taken", (t) => {
    const { path } = place(t);
    const { state, carry } = moving();
    const file = new StateFile(path);
    file.save(state);
    carry(5n);
    file.keepReadings();
    copyFileSync(`${path}.readings`, `${path}.older`);
    carry(7n);
    file.save({ ...state, uplinks: undefined });
    assert.equal(bytesOf(stateAt(path)), 22n, "the new record has its own, and no slot yet");
    file.keepReadings();
    file.close();
    renameSync(`${path}.older`, `${path}.readings`);
    assert.equal(bytesOf(stateAt(path)), 22n, "a stale slot says less than the record");
  });

  test("of more members than there was room for have a new file, that takes the old one's place", (t) => {
    const { folder, path } = place(t);
    const { state, carry } = moving();
    const [group] = state.groups;
    const [member] = group?.members ?? [];
    assert.ok(group && member);
    const file = new StateFile(path);
    file.save(state);
    file.keepReadings();
    const { size } = statSync(`${path}.readings`);
    const members = Array.from({ length: 300 }, (_, n) => ({ ...member, ifindex: 2 + n, device: `eth${n}` }));
    file.save({ ...state, groups: [{ ...group, members }] });
    carry(9n);
    file.keepReadings();
    assert.ok(statSync(`${path}.readings`).size > size);
    assert.deepEqual(
      new Set(stateAt(path).groups[0]?.members.map(({ reading }) => reading.counters[0])),
      new Set([19n]),
    );
    file.close();
    assert.deepEqual(readdirSync(folder).sort(), ["state.json", "state.json.previous", "state.json.readings"]);
  });

  describe("are those of the members of now, and nobody else's, when a record follows in which", () => {
    const { state: ofOneSource, reading } = moving();
    const state = {
      ...ofOneSource,
      sources: [...ofOneSource.sources, { name: "sw1", statistics: ["rbytes64", "obytes64"] }],
    };
    const [group] = state.groups;
    const [member] = group?.members ?? [];
    assert.ok(group && member);
    const withMember = (change: Partial<typeof member>): SavedState => {
      return { ...state, groups: [{ ...group, members: [{ ...member, ...change }] }] };
    };
    const changed: Readonly<Record<string, SavedState>> = {
      "the group has another ifindex": { ...state, groups: [{ ...group, ifindex: group.ifindex + 1 }] },
      "the member has another ifindex": withMember({ ifindex: member.ifindex + 1 }),
      "its link was made anew": withMember({ crtime: member.crtime + 1n }),
      "it is read anew": withMember({ lladdr: "", reading: { ...reading, counters: BigUint64Array.of(3n, 4n) } }),
      "it is of another source": withMember({ source: "sw1" }),
      "its source stands elsewhere": { ...state, sources: state.sources.toReversed() },
      "there is one more": { ...state, groups: [{ ...group, members: [member, { ...member, ifindex: 7 }] }] },
      "there is none": { ...state, groups: [{ ...group, members: [] }] },
      "its group is gone": { ...state, groups: [] },
      "there is one more group": { ...state, groups: [group, { ...group, ifindex: 7 }] },
    };
    for (const [what, next] of Object.entries(changed)) {
      test(what, (t) => {
        const { path } = place(t);
        const file = new StateFile(path);
        for (const saved of [state, next, { ...next, uplinks: undefined }]) {
          file.save(saved);
          assert.deepEqual(stateAt(path), saved);
          for (let readings = 0; readings < 2; readings++) {
            for (const { counters } of readingsOf(saved)) counters[0] = (counters[0] ?? 0n) + 1n;
            file.keepReadings();
            assert.deepEqual(stateAt(path), saved);
          }
        }
        file.close();
      });
    }
  });

  test("are written into a new file when somebody has removed the old one", (t) => {
    const { path } = place(t);
    const { state, carry } = moving();
    const file = new StateFile(path);
    file.save(state);
    file.keepReadings();
    rmSync(`${path}.readings`);
    carry(4n);
    file.keepReadings();
    assert.equal(bytesOf(stateAt(path)), 14n);
    file.close();
  });

  for (const [what, disturb] of Object.entries({
    "its folder was moved away": (path) => {
      renameSync(dirname(path), `${dirname(path)}.moved`);
      cpSync(`${dirname(path)}.moved`, dirname(path), { recursive: true });
    },
    "it was renamed": (path) => renameSync(`${path}.readings`, `${path}.readings.kept`),
    "another was put in its place, and it has a second name": (path) => {
      linkSync(`${path}.readings`, `${path}.second`);
      writeFileSync(`${path}.elsewhere`, readFileSync(`${path}.readings`));
      renameSync(`${path}.elsewhere`, `${path}.readings`);
    },
    "it was emptied": (path) => writeFileSync(`${path}.readings`, ""),
  } satisfies Readonly<Record<string, (path: string) => void>>)) {
    test(`are in the file of that name again, after ${what}`, (t) => {
      const { path } = place(t);
      const { state, carry } = moving();
      const file = new StateFile(path);
      file.save(state);
      for (let round = 0; round < 3; round++) {
        carry(5n);
        file.keepReadings();
      }
      t.after(() => rmSync(`${dirname(path)}.moved`, { recursive: true, force: true }));
      disturb(path);
      carry(7n);
      if (!file.isInPlace) file.save(state);
      file.keepReadings();
      assert.equal(bytesOf(stateAt(path)), 32n);
      file.close();
    });
  }

  test("say the same whichever bit of the slots is turned: the last ones, or those before", (t) => {
    const { path } = place(t);
    const { state, carry } = moving();
    const file = new StateFile(path);
    file.save(state);
    for (const bytes of [1n, 10n, 100n]) {
      carry(bytes);
      file.keepReadings();
    }
    file.close();
    const good = readFileSync(`${path}.readings`);
    const found = new Set<bigint | undefined>();
    for (let byte = 0; byte < good.length; byte += byte < 300 ? 1 : 97) {
      const turned = Buffer.from(good);
      turned[byte] = (turned[byte] ?? 0) ^ (1 << (byte & 7));
      writeFileSync(`${path}.readings`, turned);
      found.add(bytesOf(stateAt(path)));
    }
    assert.deepEqual(found, new Set([21n, 121n]));
  });
});

describe("when the record cannot be used", () => {
  test("the slot has all of it, and what was set aside is kept", (t) => {
    const { path } = place(t);
    const { state, carry } = moving();
    const file = new StateFile(path);
    file.save(state);
    carry(5n);
    file.keepReadings();
    file.close();
    writeFileSync(path, "{");
    const recovered = recoveredAt(path);
    assert.equal(recovered?.from, `${path}.readings`);
    assert.deepEqual(recovered.state, { ...state, snmp: { engineId: "80001f8805a1b2c3", engineBoots: 4 } });
    assert.ok(existsSync(`${path}.damaged-20260131T120000Z`));
  });

  test("the record before it is gone on with when there is no slot either", (t) => {
    const { path } = place(t);
    const file = new StateFile(path);
    file.save(smallState);
    file.save(other);
    writeFileSync(path, whole.subarray(0, 100));
    const recovered = recoveredAt(path);
    assert.equal(recovered?.from, `${path}.previous`);
    assert.deepEqual(recovered.state.uplinks, smallState.uplinks);
  });

  test("no number of starts of the SNMP engine comes twice", (t) => {
    const { path } = place(t);
    const { snmp } = smallState;
    assert.ok(snmp);
    const file = new StateFile(path);
    file.save(smallState);
    file.save({ ...smallState, snmp: { ...snmp, engineBoots: snmp.engineBoots + 1 } });
    writeFileSync(path, "");
    assert.equal(recoveredAt(path)?.state.snmp?.engineBoots, snmp.engineBoots + 1, "which was counted, and lost");
  });

  test("it does not become the one before", (t) => {
    const { path } = place(t);
    new StateFile(path).save(other);
    renameSync(path, `${path}.previous`);
    writeFileSync(path, "{");
    const cannotMove = { ...nodeFileSystem };
    const file = new StateFile(path, {
      ...cannotMove,
      rename: (from, to) => {
        if (to.includes(".damaged-")) throw new Error("EACCES");
        renameSync(from, to);
      },
    });
    assert.equal(file.load(NOW).kind, "unusable");
    file.save(smallState);
    assert.deepEqual(stateAt(`${path}.previous`).uplinks, undefined);
  });

  test("a record that is gone, and not the others, is gone on with from those", (t) => {
    const { path } = place(t);
    const file = new StateFile(path);
    file.save(smallState);
    file.save(other);
    rmSync(path);
    assert.deepEqual(stateAt(path).groups, smallState.groups);
  });
});

describe("a file that cannot be used is set aside under a telling name", () => {
  const newer = Buffer.from('{"format":"ipmp-exporter state","version":7}\n');
  for (const { fault, bytes } of [
    { fault: "damaged", bytes: whole.subarray(0, 500) },
    { fault: "damaged", bytes: new Uint8Array(0) },
    { fault: "damaged", bytes: new Uint8Array(1000) },
    { fault: "newer", bytes: newer },
  ]) {
    test(`${fault}, ${bytes.length} bytes`, (t) => {
      const { folder, path } = place(t);
      writeFileSync(path, bytes);
      const loaded = new StateFile(path).load(NOW);
      assert.ok(loaded.kind === "unusable");
      assert.equal(loaded.fault, fault);
      assert.equal(loaded.recovered, undefined);
      assert.equal(loaded.kept, `${path}.${fault}-20260131T120000Z`);
      assert.deepEqual(readFileSync(loaded.kept), Buffer.from(bytes));
      assert.deepEqual(readdirSync(folder), [`state.json.${fault}-20260131T120000Z`]);
      new StateFile(path).save(smallState);
      assert.equal(new StateFile(path).load(NOW).kind, "state");
    });
  }

  test("what a version before the newer one left beside it is not taken for its state", (t) => {
    const { path } = place(t);
    new StateFile(`${path}.previous`).save(smallState);
    writeFileSync(path, newer);
    assert.equal(recoveredAt(path), undefined);
  });

  test("only the newest few are kept, and nothing else is touched", (t) => {
    const { folder, path } = place(t);
    const others = ["state.json.damaged-by-hand", "state.json.bak", "other.json.damaged-20200101T000000Z"];
    for (const name of others) writeFileSync(join(folder, name), "");
    for (let day = 1; day <= 9; day++) {
      writeFileSync(path, "");
      new StateFile(path).load(new Date(`2026-02-0${day}T00:00:00Z`));
    }
    const expected = [5, 6, 7, 8, 9].map((day) => `state.json.damaged-2026020${day}T000000Z`);
    assert.deepEqual(readdirSync(folder).sort(), [...expected, ...others].sort());
  });

  test("the one just set aside is kept even by a clock that was set back", (t) => {
    const { path } = place(t);
    for (let year = 2030; year >= 2020; year--) {
      writeFileSync(path, "");
      const loaded = new StateFile(path).load(new Date(`${year}-01-01T00:00:00Z`));
      assert.ok(loaded.kind === "unusable" && loaded.kept !== undefined && existsSync(loaded.kept));
    }
  });

  test("a file that has no end is read to a bound", (t) => {
    const { path } = place(t);
    writeFileSync(path, whole);
    let most = 0;
    const file = new StateFile(path, {
      ...nodeFileSystem,
      read: (name, bound) => {
        most = bound;
        return nodeFileSystem.read(name, 100);
      },
    });
    assert.equal(file.load(NOW).kind, "unusable");
    assert.ok(most > 0 && most <= 1 << 28);
    assert.equal(nodeFileSystem.read("/proc/self/maps", 10).length, 10);
  });
});

describe("what was never a state file is refused, and stays as it is:", () => {
  const refused = (path: string): void => {
    const file = new StateFile(path);
    const loaded = file.load(NOW);
    assert.ok(loaded.kind === "unusable");
    assert.deepEqual([loaded.fault, loaded.kept, loaded.recovered], ["foreign", undefined, undefined]);
    assert.match(loaded.message, /is not a state file/);
    assert.throws(() => file.save(smallState), /is not a state file/);
  };

  test("a folder", (t) => {
    const { folder, path } = place(t);
    mkdirSync(path);
    writeFileSync(join(path, "inside"), "kept");
    refused(path);
    assert.deepEqual(readdirSync(folder), ["state.json"]);
    assert.equal(readFileSync(join(path, "inside"), "utf8"), "kept");
  });

  test("a file of another program", (t) => {
    const { folder, path } = place(t);
    writeFileSync(path, '{"some":"thing"}');
    refused(path);
    assert.deepEqual(readdirSync(folder), ["state.json"]);
    assert.equal(readFileSync(path, "utf8"), '{"some":"thing"}');
  });

  test("a pipe, which is not waited for either", { skip: process.platform === "win32" }, (t) => {
    const { folder, path } = place(t);
    execFileSync("mkfifo", [path]);
    refused(path);
    assert.deepEqual(readdirSync(folder), ["state.json"]);
    assert.ok(statSync(path).isFIFO());
  });

  test("a folder that came there while the program ran", (t) => {
    const { path } = place(t);
    const file = new StateFile(path);
    file.save(smallState);
    rmSync(path);
    mkdirSync(path);
    assert.throws(() => file.save(other), /no file any more/);
    assert.ok(statSync(path).isDirectory());
    assert.ok(!existsSync(`${path}.previous`));
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
      new StateFile(path).save(smallState);
      assert.throws(() => new StateFile(path, failing(calls)).save(other));
      assert.deepEqual(readdirSync(folder), ["state.json"]);
      assert.deepEqual(stateAt(path), smallState);
      new StateFile(path).save(other);
    });
  }

  test("that writes a little at a time writes all of it", (t) => {
    const { path } = place(t);
    const { state, carry } = moving();
    const write: FileSystem["write"] = (descriptor, parts, offset) =>
      nodeFileSystem.write(descriptor, [Buffer.concat(parts).subarray(0, 7)], offset);
    const file = new StateFile(path, failing({ write }));
    file.save(state);
    file.keepReadings();
    carry(3n);
    file.keepReadings();
    file.close();
    assert.equal(bytesOf(stateAt(path)), 13n);
  });

  test("that does not take the record before leaves the new one", (t) => {
    const { path } = place(t);
    const file = new StateFile(path);
    file.save(smallState);
    mkdirSync(join(`${path}.previous`, "in the way"), { recursive: true });
    file.save(other);
    assert.deepEqual(stateAt(path), other);
    assert.deepEqual(readdirSync(`${path}.previous`), ["in the way"]);
  });

  test("that does not sync the new name has the readings of the new record, which is saved again", (t) => {
    const { path } = place(t);
    const { state, carry } = moving();
    let isFailing = false;
    const open: FileSystem["open"] = (name, what) => {
      if (isFailing && what === "folder") fail("EIO")();
      return nodeFileSystem.open(name, what);
    };
    const file = new StateFile(path, failing({ open }));
    file.save(state);
    isFailing = true;
    assert.throws(() => file.save({ ...state, uplinks: undefined }), /EIO/);
    carry(5n);
    file.keepReadings();
    assert.deepEqual([bytesOf(stateAt(path)), stateAt(path).uplinks], [15n, undefined]);
    isFailing = false;
    assert.ok(file.save({ ...state, uplinks: undefined }));
    assert.ok(!file.save({ ...state, uplinks: undefined }));
    file.close();
  });

  test("that does not let a bad file be moved does not stop the start", (t) => {
    const { path } = place(t);
    writeFileSync(path, "");
    const loaded = new StateFile(path, failing({ rename: fail("EROFS") })).load(NOW);
    assert.ok(loaded.kind === "unusable");
    assert.equal(loaded.kept, undefined);
    assert.equal(loaded.fault, "damaged");
  });

  test("at a slot leaves the other slot, and the next readings go into a new file", (t) => {
    const { path } = place(t);
    const { state, carry } = moving();
    let isFailing = false;
    const write: FileSystem["write"] = (descriptor, parts, offset) => {
      if (!isFailing) return nodeFileSystem.write(descriptor, parts, offset);
      const bytes = Buffer.concat(parts);
      nodeFileSystem.write(descriptor, [bytes.subarray(0, bytes.length >> 1)], offset);
      throw new Error("EIO");
    };
    const file = new StateFile(path, failing({ write }));
    file.save(state);
    file.keepReadings();
    carry(5n);
    file.keepReadings();
    isFailing = true;
    carry(7n);
    assert.throws(() => file.keepReadings(), /EIO/);
    assert.equal(bytesOf(stateAt(path)), 15n);
    isFailing = false;
    file.keepReadings();
    assert.equal(bytesOf(stateAt(path)), 22n);
    file.close();
  });
});
