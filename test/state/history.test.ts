/** Events and traffic as they survive a restart: read back as they were, and harmless whatever happens to their files. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { EventLog } from "#src/daemon/snapshots/event-log.js";
import { hrtime, seconds } from "#src/kstat/hrtime.js";
import type { LoggedEvent, Transition } from "#src/snapshot/event.js";
import type { TrafficReading } from "#src/snapshot/traffic.js";
import { HistoryFile } from "#src/state/history-file.js";
import { readEvents, writeEvents } from "#src/state/written-events.js";
import { type Moment, readTraffic, writeTraffic } from "#src/state/written-traffic.js";
import { scratch } from "../support/scratch.ts";
import { TRANSITIONS } from "../support/transitions.ts";

const WALL = 1_763_853_300_250;
const ALL = Object.values(TRANSITIONS);

/** A log with these in it, as a run that stops in order leaves it. */
function logOf(transitions: readonly Transition[], name?: string): EventLog {
  const log = new EventLog(undefined, name);
  for (const transition of transitions) log.append(transition, WALL);
  return log;
}

function reread(log: EventLog, isWhole = true) {
  const found = readEvents(writeEvents(log.saved(WALL, isWhole)));
  assert.ok(!("fault" in found), JSON.stringify(found));
  return found;
}

describe("events", () => {
  test("of every kind are read as they were, with their ids", () => {
    const log = logOf(ALL);
    const kept = log.since().filter(({ kind }) => kind !== "group-added"); // its cause is "start"
    assert.deepEqual(reread(log).events, kept);
    assert.equal(kept.length, ALL.length - 1);
  });

  test("go on in the next run: the same history, later ids, and those of before are told apart", () => {
    const log = logOf([TRANSITIONS["state-unsaved"], TRANSITIONS["state-saved"]], "abc");
    const next = new EventLog(reread(log));
    assert.equal(next.earlier, 2);
    next.append(TRANSITIONS["member-state"], WALL);
    assert.equal(next.name, "abc");
    assert.deepEqual(
      next.since().map(({ id }) => id),
      [1, 2, 3],
    );
    assert.deepEqual(
      next.since(next.earlier).map(({ kind }) => kind),
      ["member-state"],
    );
  });

  test("of a run that was killed are of another history: the last ones may be missing, and their ids come again", () => {
    const next = new EventLog(reread(logOf(ALL, "abc"), false), "def");
    assert.equal(next.name, "def");
    assert.equal(next.lastId, ALL.length);
  });

  test("are the last 500, without how groups were found at the start", () => {
    const log = logOf([...Array<Transition>(600).fill(TRANSITIONS["member-state"]), TRANSITIONS["group-added"]]);
    const saved = reread(log);
    assert.deepEqual([saved.events.length, saved.events[0]?.id, saved.forgotten, saved.lastId], [500, 101, 100, 601]);
    const next = new EventLog(saved);
    assert.equal(next.forgotten, 100);
    assert.equal(next.since(599).length, 1);
    assert.equal(next.since(600).length, 0);
  });

  test("of kinds or forms that this version does not know are left out, and the others taken", () => {
    const lines = Buffer.from(writeEvents(logOf(ALL).saved(WALL, true)))
      .toString("utf8")
      .trimEnd()
      .split("\n");
    const odd = [
      ...lines.slice(0, 4),
      '{"id":5,"wallMs":1,"kind":"hasOwnProperty","cause":"x"}',
      '{"id":6,"wallMs":1,"kind":"group-state","group":"a","ifname":"a","from":null,"to":"fine","cause":"x"}',
      '{"id":7,"wallMs":1,"kind":"state-saved","more":1,"cause":"x"}',
      '{"id":2,"wallMs":1,"kind":"state-saved","cause":"an id that is not higher"}',
      "[]",
      "{",
      ...lines.slice(-1),
    ];
    const found = readEvents(Buffer.from(odd.join("\n")));
    assert.ok(!("fault" in found));
    assert.deepEqual(found.events.length, 4);
    assert.equal(found.isWhole, false, "the history has a gap");
    assert.ok("fault" in readEvents(Buffer.from("{}\n")));
  });

  test("of members without the ifIndex of their links, as they were written once, are of the source that the label has", () => {
    const kinds = ["member-joined", "member-left"] as const;
    const rows = kinds.flatMap((kind) => [
      { kind, group: "a", device: "eth0", cause: "x" },
      { kind, group: "a", device: "sw1:eth0", cause: "x" },
    ]);
    const head = { name: "a", isWhole: true, savedMs: 1, lastId: rows.length, forgotten: 0 };
    const lines = [head, ...rows.map((row, n) => ({ id: n + 1, wallMs: 1, ...row }))];
    const found = readEvents(Buffer.from(lines.map((line) => JSON.stringify(line)).join("\n")));
    assert.ok(!("fault" in found));
    assert.equal(found.isWhole, true);
    assert.deepEqual(
      found.events.map((event) =>
        "ifindex" in event && "source" in event ? [event.kind, event.source, event.ifindex] : [],
      ),
      kinds.flatMap((kind) => [
        [kind, "local", 0],
        [kind, "sw1", 0],
      ]),
    );
  });

  test("whose ids do not grow are left out, whatever was left out before them", () => {
    const ids = [5, 3, 4, 5, 6, 2, 3, 7];
    const events = ids.map((id): LoggedEvent => ({ id, wallMs: 1, kind: "state-saved", cause: "x" }));
    const found = readEvents(writeEvents({ name: "a", isWhole: true, savedMs: 1, lastId: 6, forgotten: 0, events }));
    assert.ok(!("fault" in found));
    assert.deepEqual(
      found.events.map(({ id }) => id),
      [5, 6],
    );
    assert.equal(found.isWhole, false);
  });
});

describe("traffic", () => {
  const layout = new Map([
    ["wan", 0],
    ["wan\neth0", 2],
  ]);
  const reading = (second: number): TrafficReading => ({
    at: hrtime(seconds(second)),
    run: 3,
    layout,
    words: new BigUint64Array([1n, 2n ** 64n - 1n, BigInt(second), 4n]),
  });
  const moment = (boot: string, second: number, wallMs = WALL + second * 1000): Moment => ({
    system: { boot, namespace: "net:[1]" },
    at: hrtime(seconds(second)),
    wallMs,
  });
  const record = new Map([
    ["5m", [reading(95), reading(100)]],
    ["1h", [reading(70)]],
  ]);
  const reread = (now: Moment, change: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes) =>
    readTraffic(change(Buffer.concat(writeTraffic(record, moment("a", 100)))), now);

  test("of this boot is read as it was, also when the wall clock was set meanwhile", () => {
    assert.deepEqual(reread(moment("a", 130, 0)), { record, savedMs: WALL + 100_000 });
  });

  test("of an earlier boot lies as far back as the wall clock says", () => {
    const found = reread(moment("b", 40, WALL + 160_000));
    assert.ok("record" in found);
    assert.deepEqual(
      found.record.get("5m")?.map(({ at }) => Number(at) / 1e9),
      [-25, -20],
    );
  });

  test("of the future is left out", () => {
    const found = reread(moment("b", 40, WALL + 98_000));
    assert.ok("record" in found);
    assert.deepEqual(
      found.record.get("5m")?.map(({ at }) => Number(at) / 1e9),
      [37],
    );
  });

  test("that lacks a part is a fault", () => {
    const now = moment("a", 130);
    for (const size of [0, 1, 40, 100]) {
      assert.ok("fault" in reread(now, (bytes) => bytes.subarray(0, size)), `${size} bytes`);
    }
    assert.ok("fault" in reread(now, (bytes) => bytes.subarray(0, -8)));
    assert.ok("fault" in reread(now, (bytes) => Buffer.concat([bytes, new Uint8Array(8)])));
  });
});

describe("a file of history", () => {
  test("whose folder cannot be made is an error, also below /proc", {
    skip: !existsSync("/proc/self") && "no /proc",
  }, async () => {
    await assert.rejects(
      new HistoryFile("/proc/nosuch/state.json", "events").save(() => []),
      /ENOENT/,
    );
  });

  const CONTENTS = [Buffer.from("one line\n"), new Uint8Array(0), Buffer.from([0, 1, 2, 255])];
  const file = (t: TestContext): HistoryFile => new HistoryFile(join(scratch(t), "state.json"), "events");
  const bytesOf = (found: unknown): string =>
    found instanceof Uint8Array ? Buffer.from(found).toString("hex") : String(found);
  const faultOf = (found: unknown): unknown =>
    found instanceof Uint8Array ? "none" : (found as { fault?: unknown })?.fault;

  test("has what was saved last, and leaves nothing beside it", async (t) => {
    const history = file(t);
    assert.equal(await history.load(), undefined);
    await Promise.all([history.save(() => [Buffer.from("first")]), history.save(() => CONTENTS)]);
    assert.equal(bytesOf(await history.load()), Buffer.concat(CONTENTS).toString("hex"));
    assert.deepEqual(readdirSync(join(history.path, "..")), ["state.json.events"]);
  });

  test("with any byte changed, or cut off anywhere, is damaged, never believed, and replaced", async (t) => {
    const history = file(t);
    await history.save(() => CONTENTS);
    const whole = readFileSync(history.path);
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 1;
      writeFileSync(history.path, changed);
      assert.match(String(faultOf(await history.load())), /^(damaged|newer)$/, `byte ${at}`);
      writeFileSync(history.path, whole);
      truncateSync(history.path, at);
      assert.equal(faultOf(await history.load()), "damaged", `cut off at ${at}`);
    }
    await history.save(() => CONTENTS);
    assert.equal(faultOf(await history.load()), "none");
  });

  test("of a newer version is not read, and replaced", async (t) => {
    const history = file(t);
    writeFileSync(history.path, '{"format":"ipmp-exporter events","version":2,"crc32":0}\n');
    assert.equal(faultOf(await history.load()), "newer");
    await history.save(() => CONTENTS);
    assert.equal(faultOf(await history.load()), "none");
  });

  test("that is zero, as a loss of power leaves it, is replaced", async (t) => {
    const history = file(t);
    writeFileSync(history.path, new Uint8Array(4096));
    assert.equal(faultOf(await history.load()), "damaged");
    await history.save(() => CONTENTS);
    assert.equal(faultOf(await history.load()), "none");
  });

  test("that another program has written, or that is no file, stays where it is", async (t) => {
    for (const notes of ["my notes\n", "{}"]) {
      const history = file(t);
      writeFileSync(history.path, notes);
      assert.equal(faultOf(await history.load()), "foreign", notes);
      await assert.rejects(
        history.save(() => CONTENTS),
        /is not a file of this program/,
      );
      assert.equal(readFileSync(history.path, "utf8"), notes);
    }
    const pipe = file(t);
    execFileSync("mkfifo", [pipe.path]);
    assert.equal(faultOf(await pipe.load()), "foreign");
    await assert.rejects(
      pipe.save(() => CONTENTS),
      /is not a file of this program/,
    );
    assert.ok(statSync(pipe.path).isFIFO());
    const other = file(t);
    mkdirSync(other.path);
    assert.notEqual(faultOf(await other.load()), "none");
    await assert.rejects(other.save(() => CONTENTS));
    assert.ok(existsSync(other.path));
    assert.deepEqual(readdirSync(join(other.path, "..")), ["state.json.events"], "nothing is left beside it");
  });
});
