/** The screen of `top` as lines, and what keys do to it. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { cellsOf } from "#src/cli/cells.js";
import { groupsAnswer } from "#src/cli/group-answer.js";
import { PLAIN } from "#src/cli/ink.js";
import { ASCII, bar, marksOf, sparkline, UNICODE } from "#src/cli/top/graph.js";
import { KEPT_RATES, TopModel } from "#src/cli/top/model.js";
import { listed, screen } from "#src/cli/top/screen.js";
import { FIRST_VIEW, type Key, press, type View } from "#src/cli/top/view.js";
import { groupsView } from "#src/web/api-views.js";
import { aSnapshot, type GroupInput } from "../support/snapshot.ts";
import { program } from "./program.ts";

const PAPER = { columns: 80, rows: 24, ink: PLAIN, marks: ASCII, nowMs: Date.UTC(2026, 10, 28, 3) };

const OK: GroupInput = { name: "lan", state: "ok", members: [{ device: "eth0" }, { device: "eth1" }] };
const BAD: GroupInput = {
  name: "wan",
  state: "failed",
  members: [{ device: "wan0", state: "failed", active: false, reason: "link down" }],
  missing: ["wan1"],
};

/** The daemon's answer to a question asked at `at` seconds. */
const answersOf = (groups: readonly GroupInput[], at = 0) => {
  const answer = JSON.parse(JSON.stringify(groupsView(aSnapshot({ groups }))));
  return { ...groupsAnswer.parse(answer), at: String(at), events: [] };
};

const modelOf = (groups: readonly GroupInput[]): TopModel => {
  const model = new TopModel();
  model.take(answersOf(groups));
  return model;
};

const carrying = (rbytes64: bigint): GroupInput => ({
  name: "lan",
  state: "ok",
  members: [{ device: "eth0", current: { rbytes64 } }],
});

const key = (text: string, name: string | undefined = /^[a-z]$/.test(text) ? text : undefined): Key => ({
  name,
  text,
  ctrl: false,
});
const pressed = (keys: readonly Key[], names: readonly string[] = ["a", "b", "c"]): View =>
  keys.reduce<View>((view, each) => press(view, each, names) as View, FIRST_VIEW);

describe("the screen", () => {
  test("has the verdict, then the groups with the worst first, then the keys", () => {
    const lines = screen(modelOf([OK, BAD]), FIRST_VIEW, PAPER);
    assert.match(
      lines.slice(0, 2).join(" "),
      /^wan has failed since before .*: wan0 has no carrier, wan1 does not exist\. The other group is ok\.$/,
    );
    assert.match(lines[3] ?? "", /^ {2}GROUP +STATE +ACTIVE +IN +OUT +LOAD/);
    assert.match(lines[4] ?? "", /^> wan +failed +0\/2 +- +-/);
    assert.match(lines[5] ?? "", /^ {2}lan +ok +2\/2/);
    assert.match(lines[23] ?? "", /q quit$/);
  });

  test("fits every paper, with names of any length and width", () => {
    const names = ["a", "日本語の名前", "w".repeat(31), "\u001b[2J"];
    const model = modelOf(names.map((name) => ({ ...BAD, name, members: [{ device: name }] })));
    for (const columns of [20, 40, 80, 200])
      for (const rows of [1, 5, 24])
        for (const view of [FIRST_VIEW, { ...FIRST_VIEW, group: "日本語の名前" }, { ...FIRST_VIEW, isHelp: true }]) {
          const lines = screen(model, view, { ...PAPER, columns, rows });
          assert.equal(lines.length, rows);
          for (const line of lines) {
            assert.ok(!line.includes("\u001b"), line);
            assert.ok(cellsOf(line) <= columns, `${columns}: ${line}`);
          }
        }
  });

  test("of a small paper has groups before events, names and states before rates, and the way out", () => {
    const model = modelOf([OK, BAD]);
    const small = screen(model, FIRST_VIEW, { ...PAPER, columns: 40, rows: 8 });
    assert.deepEqual(small.slice(2), [
      "",
      "  GROUP  STATE     ACTIVE         IN",
      "> wan    failed    0/2             -",
      "  lan    ok        2/2             -",
      "",
      "q quit  ? help  / filter",
    ]);
    const long = modelOf([{ ...OK, name: "w".repeat(31) }]);
    assert.match(screen(long, FIRST_VIEW, { ...PAPER, columns: 40 })[4] ?? "", /^> w{19}~ ok {8}2\/2$/);
    const alone = screen(model, { ...FIRST_VIEW, group: "wan" }, { ...PAPER, columns: 40 });
    assert.ok(alone.includes("  wan0   failed    link down"), alone.join("\n"));
  });

  test("gives groups the room that no event needs", () => {
    const model = modelOf(Array.from({ length: 40 }, (_, n) => ({ ...OK, name: `g${n}` })));
    const shown = screen(model, FIRST_VIEW, PAPER).filter((line) => / ok /.test(line));
    assert.equal(shown.length, 24 - ["verdict", "", "header", "", "keys"].length);
  });

  test("keeps the marked group in sight among two hundred", () => {
    const model = modelOf(Array.from({ length: 200 }, (_, n) => ({ ...OK, name: `g${String(n).padStart(3, "0")}` })));
    for (const marked of [0, 100, 199]) {
      const lines = screen(model, { ...FIRST_VIEW, marked }, PAPER);
      assert.ok(
        lines.some((line) => line.startsWith(`> g${String(marked).padStart(3, "0")}`)),
        `${marked}`,
      );
    }
  });

  test("shows one group with its members, what is missing, and why", () => {
    const lines = screen(modelOf([OK, BAD]), { ...FIRST_VIEW, group: "wan" }, PAPER);
    assert.ok(lines.some((line) => /^ {2}wan0 +failed .* link down$/.test(line)));
    assert.ok(lines.some((line) => /^ {2}wan1 +missing .* there is no such link$/.test(line)));
  });

  test("says that there is no answer, since when and why, and keeps what was known", () => {
    const model = modelOf([OK]);
    model.lose("no daemon at /run/x", PAPER.nowMs);
    model.lose("no daemon at /run/x", PAPER.nowMs + 60_000);
    const lines = screen(model, FIRST_VIEW, PAPER);
    assert.match(lines[0] ?? "", /^No answer since \d\d:00: no daemon at \/run\/x$/);
    assert.ok(lines.some((line) => line.includes("lan")));
    model.take(answersOf([OK], 1));
    assert.match(screen(model, FIRST_VIEW, PAPER)[0] ?? "", /^lan is ok/);
  });

  test("before the first answer it says what it waits for", () => {
    assert.equal(screen(new TopModel(), FIRST_VIEW, PAPER)[0], "Asking the daemon");
  });
});

describe("rates", () => {
  test("are what a second carried; the busier direction sorts by traffic", () => {
    const model = new TopModel();
    model.take(answersOf([carrying(0n), { ...OK, name: "idle" }], 10));
    assert.deepEqual(model.ratesOf("lan"), []);
    model.take(answersOf([carrying(250_000n), { ...OK, name: "idle" }], 12));
    assert.deepEqual(model.ratesOf("lan"), [{ received: 1_000_000, sent: 0 }]);
    assert.deepEqual(listed(model, { ...FIRST_VIEW, sort: "traffic" }), ["lan", "idle"]);
    assert.match(screen(model, FIRST_VIEW, PAPER).join("\n"), /lan +ok +1\/1 +1\.00 Mb\/s +0 b\/s/);
  });

  test("of two systems' links with one name are those of each", () => {
    const lag = (sw1: bigint, sw2: bigint): GroupInput => ({
      name: "lag",
      members: Object.entries({ sw1, sw2 }).map(([source, rbytes64]) => ({
        device: "eth1",
        source,
        current: { rbytes64 },
      })),
    });
    const model = new TopModel();
    model.take(answersOf([lag(0n, 0n)], 10));
    model.take(answersOf([lag(1_000n, 500n)], 11));
    const lines = screen(model, { ...FIRST_VIEW, group: "lag" }, PAPER).join("\n");
    assert.match(lines, /^ {2}sw1:eth1 +active +8\.00 kb\/s/m);
    assert.match(lines, /^ {2}sw2:eth1 +active +4\.00 kb\/s/m);
  });

  test("are kept for a minute, and have none for a counter that began anew or a second answer of the same moment", () => {
    const model = new TopModel();
    for (let second = 0; second < 2 * KEPT_RATES; second++) model.take(answersOf([carrying(BigInt(second))], second));
    assert.equal(model.ratesOf("lan").length, KEPT_RATES);
    const before = model.ratesOf("lan");
    model.take(answersOf([carrying(0n)], 2 * KEPT_RATES));
    model.take(answersOf([carrying(0n)], 2 * KEPT_RATES));
    assert.deepEqual(model.ratesOf("lan"), before);
  });
});

describe("keys", () => {
  test("/ filters by name, state, reason and member, while it is typed", () => {
    const view = pressed(["/", "W", "a", "x"].map((each) => key(each)).concat(key("", "backspace")));
    assert.deepEqual([view.isTyping, view.filter], [true, "Wa"]);
    const model = modelOf([OK, BAD]);
    assert.deepEqual(listed(model, view), ["wan"]);
    assert.deepEqual(listed(model, { ...view, filter: "carrier" }), ["wan"]);
    assert.deepEqual(listed(model, { ...view, filter: "eth1" }), ["lan"]);
    assert.match(screen(model, { ...view, filter: "zzz" }, PAPER).join("\n"), /nothing has "zzz"/);
    const kept = press(view, key("", "return"), []) as View;
    assert.deepEqual([kept.isTyping, kept.filter], [false, "Wa"]);
    assert.equal((press(kept, key("", "escape"), []) as View).filter, "");
  });

  test("a q that is typed into the filter leaves nothing", () => {
    assert.deepEqual(pressed([key("/"), key("q")]).filter, "q");
  });

  test("s sorts in turn, arrows mark, Enter shows alone and Esc goes back", () => {
    assert.deepEqual(
      [1, 2, 3].map((times) => pressed(Array(times).fill(key("s"))).sort),
      ["name", "traffic", "trouble"],
    );
    assert.equal(pressed([key("", "down"), key("j"), key("j"), key("", "up")]).marked, 1);
    assert.equal(pressed([key("", "end")]).marked, 2);
    assert.equal(pressed([key("", "down"), key("", "return")]).group, "b");
    assert.equal(pressed([key("", "return"), key("", "escape")]).group, undefined);
    assert.equal(pressed([key("", "return")], []).group, undefined);
  });

  test("q goes back and then leaves; Ctrl-C leaves from everywhere, Ctrl-Z suspends", () => {
    assert.equal((press({ ...FIRST_VIEW, group: "a" }, key("q"), ["a"]) as View).group, undefined);
    assert.equal(press(FIRST_VIEW, key("q"), []), "quit");
    const ctrl = (name: string): Key => ({ name, text: "", ctrl: true });
    assert.equal(press({ ...FIRST_VIEW, isTyping: true }, ctrl("c"), []), "quit");
    assert.equal(press(FIRST_VIEW, ctrl("z"), []), "suspend");
  });
});

describe("graphs", () => {
  test("a little is never nothing, and too much is full", () => {
    assert.deepEqual(
      [0, 0.001, 0.5, 1, 7].map((share) => bar(share, 4, ASCII)),
      ["....", "#...", "##..", "####", "####"],
    );
    assert.equal(sparkline([0, 1, 50, 100], 6, 100, ASCII), "   .=@");
  });

  test("are drawn with block characters where the locale has UTF-8", () => {
    assert.equal(marksOf({ LANG: "de_DE.UTF-8", TERM: "xterm" }), UNICODE);
    assert.equal(marksOf({ LANG: "C" }), ASCII);
    assert.equal(marksOf({ LANG: "de_DE.UTF-8", LC_ALL: "C" }), ASCII);
    assert.equal(marksOf({ LANG: "C.UTF-8", TERM: "linux" }), ASCII);
  });
});

test("without a terminal, top says what to use instead", async () => {
  const { status, stderr } = await program(["top"]);
  assert.equal(status, 2);
  assert.match(stderr, /top needs a terminal: ipmp-exporter status prints the same once/);
});
