import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { NET_COUNT, NET_INDEX, NET_STATISTICS } from "#src/kstat/net.js";
import { decodeRecord, TextWriter } from "#src/state/record.js";
import type { SavedState } from "#src/state/saved-state.js";
import { root } from "../support/root.ts";
import { aState, fileOf, smallState } from "./saved.ts";

const file = fileOf(smallState);

/** What is wrong with a file, or undefined. */
function faultOf(bytes: Uint8Array): string | undefined {
  const decoded = decodeRecord(bytes);
  return decoded.kind === "fault" ? decoded.fault : undefined;
}

function stateIn(bytes: Uint8Array): SavedState {
  const decoded = decodeRecord(bytes);
  assert.equal(decoded.kind, "record", decoded.kind === "fault" ? decoded.message : "");
  assert.ok(decoded.kind === "record");
  return decoded.state;
}

/** A file whose checksum is right, whatever follows the first line. */
function sealed(rest: Uint8Array, version = 2): Buffer {
  const sum = crc32(rest).toString(16).padStart(8, "0");
  return Buffer.concat([Buffer.from(`{"format":"ipmp-exporter state","version":${version},"crc32":"${sum}"}\n`), rest]);
}

/** The file of the small state with some of its text changed, and the checksum put right. */
function edited(from: string | RegExp, to: string): Buffer {
  const text = Buffer.from(file).toString("latin1");
  const rest = text.slice(text.indexOf("\n") + 1);
  assert.notEqual(rest.search(from), -1, `"${from}" is in the file`);
  return sealed(Buffer.from(rest.replace(from, to), "latin1"));
}

describe("a record", () => {
  test("is the same when it is read again", () => {
    fc.assert(
      fc.property(aState, (state) => {
        assert.deepEqual(stateIn(fileOf(state)), state);
      }),
    );
  });

  test("is the same file when it is written again", () => {
    fc.assert(
      fc.property(aState, (state) => {
        const first = fileOf(state);
        assert.deepEqual(fileOf(stateIn(first)), first);
      }),
    );
  });

  test("is read from anywhere in a larger buffer", () => {
    const larger = new Uint8Array(file.length + 6);
    larger.set(file, 3);
    assert.deepEqual(stateIn(larger.subarray(3, 3 + file.length)), smallState);
  });

  test("has a group's line written once, as long as the group is the same object", () => {
    const writer = new TextWriter();
    const [group] = smallState.groups;
    assert.ok(group);
    let readings = 0;
    const watched = new Proxy(group, {
      get: (target, key) => {
        readings++;
        return Reflect.get(target, key) as unknown;
      },
    });
    const state = { ...smallState, groups: [watched] };
    const first = writer.write(state);
    const before = readings;
    assert.deepEqual(writer.write({ ...state, uplinks: smallState.uplinks }), first);
    assert.equal(readings, before);
  });
});

describe("statistics go by their names", () => {
  const [group] = smallState.groups;
  assert.ok(group);
  const [member] = group.members;
  assert.ok(member);
  const state: SavedState = {
    ...smallState,
    groups: [
      {
        ...group,
        departed: BigUint64Array.from({ length: NET_COUNT }, (_, n) => BigInt(n)),
        members: [{ ...member, baseline: BigUint64Array.from({ length: NET_COUNT }, (_, n) => BigInt(100 + n)) }],
      },
    ],
  };
  const names = JSON.stringify(NET_STATISTICS.map(({ name }) => name));
  const text = Buffer.from(fileOf(state)).toString("latin1");
  const rest = text.slice(text.indexOf("\n") + 1);

  test("columns in another order are the same state", () => {
    const reversed = rest
      .replace(names, JSON.stringify(NET_STATISTICS.map(({ name }) => name).reverse()))
      .replace(/"(departed|baseline)":\[([^\]]*)\]/g, (_, key: string, row: string) => {
        return `"${key}":[${row.split(",").reverse().join(",")}]`;
      });
    assert.notEqual(reversed, rest);
    assert.deepEqual(stateIn(sealed(Buffer.from(reversed, "latin1"))), state);
  });

  test("one that was not counted yet has carried nothing until then, and one that is no more is passed over", () => {
    const renamed = rest.replace('"rbytes64","opackets"', '"retired","opackets"');
    const read = stateIn(sealed(Buffer.from(renamed, "latin1"))).groups[0];
    const slot = NET_INDEX.rbytes64;
    assert.equal(read?.departed[slot], 0n);
    assert.equal(read?.members[0]?.baseline[slot], member.reading.counters[0], "counting begins with the last reading");
    assert.equal(read?.departed[slot + 1], BigInt(slot + 1));
  });
});

describe("a file of version 1", () => {
  const former = readFileSync(root("test", "fixtures", "state", "version-1.state"));

  test("is taken over", () => {
    const { groups, sources, snmp, uplinks, system } = stateIn(former);
    assert.deepEqual(
      { sources, snmp, uplinks, system },
      {
        sources: [{ name: "local", statistics: ["rbytes64", "obytes64"] }],
        snmp: { engineId: "80001f8805a1b2c3", engineBoots: 3 },
        uplinks: { source: "route", rank: 1, members: [2, 3] },
        system: { boot: "3f1c", namespace: "net:[4026531840]" },
      },
    );
    const [group] = groups;
    const [member] = group?.members ?? [];
    assert.deepEqual(group?.vanished, ["eth9"]);
    assert.deepEqual(
      group?.departed,
      BigUint64Array.from({ length: NET_COUNT }, (_, n) => BigInt(n)),
    );
    assert.deepEqual(
      member?.baseline,
      BigUint64Array.from({ length: NET_COUNT }, (_, n) => BigInt(100 + n)),
    );
    assert.deepEqual(member?.reading, {
      counters: BigUint64Array.of(1n << 63n, 7n),
      seen: BigUint64Array.of(5n, 6n),
      seenAt: 16n,
    });
  });

  test("is damaged when it is cut off or changed anywhere", () => {
    for (let length = 20; length < former.length; length++)
      assert.equal(faultOf(former.subarray(0, length)), "damaged");
    for (let bit = former.indexOf("\n") * 8 + 8; bit < former.length * 8; bit++) {
      const turned = Buffer.from(former);
      turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(faultOf(turned), "damaged");
    }
  });

  test("is damaged when its form is wrong, whatever its checksum says", () => {
    for (const rest of ["{}\n", "null\n", "[]\n", "7\n", '{"groups":{}}\n', "\n", ""]) {
      assert.equal(faultOf(sealed(Buffer.from(rest), 1)), "damaged", rest);
    }
  });
});

describe("a file that is damaged", () => {
  test("is noticed wherever it was cut off", () => {
    for (let length = 0; length < file.length; length++) {
      assert.equal(faultOf(file.subarray(0, length)), "damaged", `cut to ${length} bytes`);
    }
  });

  test("is noticed whichever bit was turned", () => {
    for (let bit = 0; bit < file.length * 8; bit++) {
      const turned = file.slice();
      turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(faultOf(turned), "damaged", `bit ${bit} turned`);
    }
  });

  test("is noticed when something was appended or zeros took its place", () => {
    assert.equal(faultOf(Buffer.concat([file, file])), "damaged");
    assert.equal(faultOf(Buffer.concat([file, Buffer.alloc(1)])), "damaged");
    assert.equal(faultOf(Buffer.concat([file.subarray(0, 100), Buffer.alloc(file.length - 100)])), "damaged");
    assert.equal(faultOf(Buffer.alloc(4096)), "damaged", "as a loss of power leaves it");
  });

  test("is damaged when it claims a version that never was", () => {
    assert.equal(faultOf(sealed(Buffer.from("{}\n"), 0)), "damaged");
  });
});

describe("a file whose checksum is right and whose form is wrong is damaged", () => {
  for (const [what, bytes] of [
    ["a state that there is not", edited('"state":"ok"', '"state":"weird"')],
    ["a time that no clock shows", edited('"crtime":"12"', `"crtime":"${1n << 63n}"`)],
    ["a counter that has more than 64 bits", edited('"failovers":"2"', `"failovers":"${1n << 64n}"`)],
    ["a negative counter", edited('"failovers":"2"', '"failovers":"-2"')],
    ["a counter that is a number", edited('"failovers":"2"', '"failovers":2')],
    ["an ifindex that is none", edited('"ifindex":1001', '"ifindex":0')],
    ["a link that its readings are not of", edited('"ifindex":2,', '"ifindex":3,')],
    ["an engine that cannot be", edited('"engineBoots":3', '"engineBoots":-1')],
    ["an engine ID that is not hexadecimal", edited("80001f88", "80001g88")],
    ["a member too many", edited(/\{"source"/, '{},{"source"')],
    ["a member of a source that is not there", edited('"source":"local"', '"source":"other"')],
    ["a column too few", edited('"obytes","obytes64",', '"obytes",')],
    ["a group that is a list", edited(/\n\{"name".*\n/, "\n[]\n")],
    ["a line that is no JSON", edited(/\n\{"name"/, '\n{name"')],
    ["no number of its own", edited('"generation":1}', '"generation":"1"}')],
    ["nothing behind the first line", sealed(Buffer.alloc(0))],
    ["no readings", edited(/\n\n.*$/s, "\n\n")],
  ] as const) {
    test(what, () => assert.equal(faultOf(bytes), "damaged"));
  }

  test("a reading of a time that no clock shows", () => {
    const late = {
      ...smallState,
      groups: smallState.groups.map((group) => ({
        ...group,
        members: group.members.map((member) => ({ ...member, reading: { ...member.reading, seenAt: 1n << 63n } })),
      })),
    };
    assert.equal(faultOf(fileOf(late)), "damaged");
  });
});

describe("a file of somebody else", () => {
  for (const [what, bytes] of [
    ["another program's JSON", Buffer.from('{"version":1,"counters":[]}\n')],
    ["a list", Buffer.from("[]\n")],
    ["null", Buffer.from("null\n")],
    ["a text", Buffer.from("hello\n")],
    ["no text at all", Buffer.from([0xff, 0xfe, 0x0a, 0x80])],
    ["a picture", Buffer.from("\x89PNG\r\n\x1a\n", "latin1")],
    ["our configuration", Buffer.from("groups:\n  - { name: g, interfaces: [eth0] }\n")],
  ] as const) {
    test(`is foreign: ${what}`, () => assert.equal(faultOf(bytes), "foreign"));
  }

  test("is newer when it says so, however its checksum is made", () => {
    const newer = Buffer.from('{"format":"ipmp-exporter state","version":3,"sha256":"00"}\n{}\n\n');
    assert.equal(faultOf(newer), "newer");
    assert.equal(faultOf(sealed(Buffer.from('{"version":3}\n{}\n\n'), 3)), "newer");
  });
});
