/** What systems call their links, and what is said of them, is read as it was written, however long it is. */

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import fc from "fast-check";
import { hrtime } from "#src/kstat/hrtime.js";
import { linkLabel } from "#src/link/link-id.js";
import type { LoggedEvent, Transition } from "#src/snapshot/event.js";
import { linkName } from "#src/sources/linux/link-name.js";
import { physAddress, TYPE, text } from "#src/sources/snmp/varbind.js";
import { HistoryFile, LONGEST_FILE } from "#src/state/history-file.js";
import { decodeRecord } from "#src/state/record.js";
import type { SavedState } from "#src/state/saved-state.js";
import { LONGEST_RECORD_BYTES, StateFile } from "#src/state/state-file.js";
import { readEvents, writeEvents } from "#src/state/written-events.js";
import { readTraffic, writeTraffic } from "#src/state/written-traffic.js";
import { scratch } from "../support/scratch.ts";
import { TRANSITIONS } from "../support/transitions.ts";
import { fileOf, smallState } from "./saved.ts";

/** The longest that a device says: names of 255 octets, of which each is no UTF-8; and its address. */
const octets = { oid: "1.3", type: TYPE.octetString, value: Buffer.alloc(255, 0xff) };
const ofDevice = `${text(octets)}#2147483647`;
const lladdr = physAddress(octets) ?? "";
const source = "s".repeat(31);
const label = linkLabel(source, ofDevice);
/** The longest name of a link of this host: an alternative name by which the configuration means one that is not there. */
const ofHost = linkName(Buffer.alloc(127, 0xff));

/** A state that has every text that there is in one. */
const [group] = smallState.groups;
const [member] = group?.members ?? [];
assert.ok(group && member);
const elsewhere = {
  running: true,
  adminUp: true,
  mtu: 1500,
  speedBitsPerSecond: 1e9,
  masterIfindex: 7,
  masterName: "Po1",
  bits: [64, 32] as const,
};
const full: SavedState = {
  ...smallState,
  sources: [...smallState.sources, { name: "sw1", identity: "engine", statistics: ["rbytes64", "obytes64"] }],
  groups: [
    {
      ...group,
      vanished: ["eth1"],
      members: [member, { ...member, source: "sw1", flags: ["FAILED"], probeFailure: "5 probes lost", elsewhere }],
    },
  ],
};

/** Texts that have a form, or are names that the program itself has given, and its words. */
const FORMED: ReadonlySet<string> = new Set(["engineId", "kind", "statistics", "flags"]);
const STATES = ["ok", "degraded", "failed", "active", "inactive", "offline", "up", "down"];
const WORDS: ReadonlySet<unknown> = new Set([...STATES, "ipv4", "ipv6", "route", "default"]);

/** The same with each text made so long: two that differ still do, and those that are equal still are. */
function lengthened<T>(value: T, length: number): T {
  const longer = (inner: unknown, of = ""): unknown => {
    if (FORMED.has(of) || WORDS.has(inner)) return inner;
    if (typeof inner === "string") return inner.padEnd(length, 'é"');
    if (Array.isArray(inner)) return inner.map((one: unknown) => longer(one, of));
    if (typeof inner !== "object" || inner === null || ArrayBuffer.isView(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).map(([name, one]) => [name, longer(one, name)]));
  };
  return longer(value) as T; // of the same form
}

const anyLength = fc.nat({ max: 1_500 });

function stateIn(bytes: Uint8Array): SavedState {
  const decoded = decodeRecord(bytes);
  assert.ok(decoded.kind === "record", decoded.kind === "fault" ? decoded.message : "");
  return decoded.state;
}

describe("a state", () => {
  test("is read with texts of any length", () => {
    fc.assert(
      fc.property(anyLength, (length) => {
        const state = lengthened(full, length);
        assert.deepEqual(stateIn(fileOf(state)), state);
      }),
    );
  });

  test("is read with the longest that a device and this host say of a link, from the record and from the slots", (t) => {
    const state: SavedState = {
      ...full,
      sources: [...smallState.sources, { name: source, identity: "engine", statistics: ["rbytes64", "obytes64"] }],
      groups: [
        {
          ...group,
          vanished: [label, ofHost],
          health: [{ device: label, failures: { link: 1n }, repairs: {} }],
          members: [
            { ...member, device: linkName(Buffer.alloc(15, 0xff)) },
            { ...member, source, device: ofDevice, lladdr, elsewhere: { ...elsewhere, masterName: ofDevice } },
          ],
        },
      ],
    };
    const path = join(scratch(t), "state.json");
    const file = new StateFile(path);
    file.save(state);
    file.keepReadings();
    for (const loaded of [new StateFile(path).load(new Date(0)), { kind: "state", state: stateIn(fileOf(state)) }])
      assert.deepEqual("state" in loaded && loaded.state, state);
  });

  test("that would be too long to be read is not written, and the one before stays", (t) => {
    const path = join(scratch(t), "state.json");
    const file = new StateFile(path);
    file.save(full);
    const identity = "x".repeat(LONGEST_RECORD_BYTES);
    const sources = full.sources.map((one) => ({ ...one, identity }));
    assert.throws(() => file.save({ ...full, sources }), /it would have \d+ bytes/);
    const loaded = new StateFile(path).load(new Date(0));
    assert.deepEqual("state" in loaded && loaded.state, full);
  });

  test("of the longest record is read from its slots, too", (t) => {
    const path = join(scratch(t), "state.json");
    const identity = "x".repeat(LONGEST_RECORD_BYTES - fileOf(full).length);
    const state = { ...full, sources: full.sources.map((one, n) => (n === 0 ? one : { ...one, identity })) };
    const file = new StateFile(path);
    file.save(state);
    file.keepReadings();
    rmSync(path);
    const loaded = new StateFile(path).load(new Date(0));
    assert.equal("state" in loaded && loaded.state.sources[1]?.identity?.length, identity.length);
  });
});

describe("events", () => {
  test("of every kind are read with texts of any length", () => {
    fc.assert(
      fc.property(anyLength, (length) => {
        const events = Object.values(TRANSITIONS).map((event: Transition, n): LoggedEvent => {
          return { ...lengthened(event, length), id: n + 1, wallMs: 1 };
        });
        const saved = { name: "a", isWhole: true, savedMs: 1, lastId: events.length, forgotten: 0, events };
        assert.deepEqual(readEvents(writeEvents(saved)), saved);
      }),
    );
  });

  test("are all read when each has the longest texts, of a cause the beginning", async (t) => {
    const cause = "\u0001".repeat(100_000); // JSON has six octets for each
    const from = "\u0001".repeat(label.length);
    const events = Array.from({ length: 500 }, (_, n): LoggedEvent => {
      return { id: n + 1, wallMs: 1, kind: "address-moved", group: from, address: from, from, to: from, cause };
    });
    const history = new HistoryFile(join(scratch(t), "state.json"), "events");
    await history.save(() => [
      writeEvents({ name: "a", isWhole: true, savedMs: 1, lastId: 500, forgotten: 0, events }),
    ]);
    const bytes = await history.load();
    assert.ok(bytes instanceof Uint8Array);
    const found = readEvents(bytes);
    assert.ok("events" in found);
    assert.deepEqual([found.isWhole, found.events.length, found.events[499]?.kind], [true, 500, "address-moved"]);
    assert.ok(cause.startsWith(found.events[499]?.cause.slice(0, 8_000) ?? ""));
  });
});

describe("traffic", () => {
  test("is read with texts of any length", () => {
    fc.assert(
      fc.property(anyLength, (length) => {
        const moment = { system: { boot: lengthened("3f1c", length), namespace: "" }, at: hrtime(5n), wallMs: 1 };
        const layout = new Map([
          [lengthened("wan", length), 0],
          [`${lengthened("wan", length)}\n${lengthened("eth0", length)}`, 2],
        ]);
        const record = new Map([["5m", [{ at: hrtime(1n), run: 0, layout, words: new BigUint64Array(4) }]]]);
        const bytes = Buffer.concat(writeTraffic(record, moment));
        assert.deepEqual(readTraffic(bytes, moment), { record, savedMs: 1 });
      }),
    );
  });
});

test("history that would be too long to be read is not written, and the one before stays", async (t) => {
  const history = new HistoryFile(join(scratch(t), "state.json"), "traffic");
  await history.save(() => [Buffer.from("short")]);
  await assert.rejects(
    history.save(() => [Buffer.alloc(LONGEST_FILE)]),
    /it would have \d+ bytes/,
  );
  const found = await history.load();
  assert.ok(found instanceof Uint8Array);
  assert.equal(Buffer.from(found).toString(), "short");
});
