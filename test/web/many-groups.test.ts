/** A page of many groups: choosing among them by the address, without a script, and what it shows of the last hour. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { hrtime, seconds } from "#src/kstat/hrtime.js";
import type { GroupState } from "#src/snapshot/snapshot.js";
import { type Row, queryOf, select, selectionIn } from "#src/web/page/selection.js";
import { StripEvents, stateStrip } from "#src/web/page/state-strip.js";
import { verdictOf } from "#src/wording/verdict.js";
import { aSnapshot, type GroupInput, NOW } from "../support/snapshot.ts";
import { ask, serve } from "./client.ts";

const GROUPS: readonly GroupInput[] = [
  { name: "alpha", failovers: 2n, members: [{ device: "eth0" }, { device: "eth1" }] },
  {
    name: "beta",
    failovers: 7n,
    members: [{ device: "eth2" }, { device: "eth3", state: "failed", active: false, reason: "link down" }],
  },
  { name: "gamma", members: [{ device: "eth4", state: "failed", active: false, reason: "no LACP partner" }] },
  ...["d1", "d2", "d3", "d4"].map((name) => ({ name, members: [{ device: `x${name}` }, { device: `y${name}` }] })),
];

const snapshot = aSnapshot({ groups: GROUPS });
const rows: readonly Row[] = snapshot.groups.map((group, index) => ({
  group,
  verdict: verdictOf(group, snapshot),
  busier: group.name === "gamma" ? undefined : index,
}));
const chosen = (query: Record<string, unknown>): string[] =>
  select(rows, selectionIn(query)).map(({ group }) => group.name);

describe("a selection", () => {
  test("is the worst first where nobody has chosen", () => {
    assert.deepEqual(chosen({}).slice(0, 2), ["gamma", "beta"]);
    assert.equal(queryOf(selectionIn({})), "");
  });

  test("finds by name, member and reason, in any case, and by state", () => {
    assert.deepEqual(chosen({ q: "ALPHA" }), ["alpha"]);
    assert.deepEqual(chosen({ q: "eth3" }), ["beta"]);
    assert.deepEqual(chosen({ q: "lacp" }), ["gamma"]);
    assert.deepEqual(chosen({ state: "degraded" }), ["beta"]);
    assert.deepEqual(chosen({ q: "eth", state: "ok" }), ["alpha"]);
  });

  test("sorts by a column, and the other way round", () => {
    assert.deepEqual(chosen({ sort: "name" }), ["alpha", "beta", "d1", "d2", "d3", "d4", "gamma"]);
    assert.equal(chosen({ sort: "failovers" })[0], "beta");
    assert.equal(chosen({ sort: "-failovers" }).at(-1), "beta");
    assert.equal(chosen({ sort: "traffic" }).at(-1), "gamma", "unknown is not the most");
    assert.equal(chosen({ sort: "active" })[0], "gamma");
  });

  test("that makes no sense is none, and what makes sense is written as it was read", () => {
    for (const query of [{ sort: "constructor" }, { sort: "-" }, { state: "fine" }, { q: ["a", "b"] }, { sort: {} }])
      assert.equal(queryOf(selectionIn(query)), "", JSON.stringify(query));
    for (const query of ["?q=a+b&state=failed&sort=-name", "?sort=-state", "?q=%3Cb%3E"])
      assert.equal(queryOf(selectionIn(Object.fromEntries(new URLSearchParams(query)))), query);
  });
});

describe("the page of many groups", () => {
  test("offers a form and links that work without a script, and shows what was chosen", async (context) => {
    const { port, world } = await serve(context);
    world.shared = snapshot;
    const { text } = await ask({ port, path: "/?q=ETH&sort=-name" });
    const shown = [...text.matchAll(/data-key="o([^"]*)"/g)].map(([, name]) => name);
    assert.deepEqual(shown, ["gamma", "beta", "alpha"]);
    assert.match(text, /<form class="chooser" role="search" method="get" action="\.\/"/);
    assert.match(text, /<input id="q" name="q" type="search" value="ETH"/);
    assert.match(text, /<th scope="col" aria-sort="descending"><a href="\.\/\?q=ETH&#38;sort=name">Group<\/a>/);
    assert.ok(text.includes("3 of 7"));
  });

  test("says so when nothing is like that, and shows the question as text", async (context) => {
    const { port, world } = await serve(context);
    world.shared = snapshot;
    const { status, text } = await ask({ port, path: "/?q=%3Cscript%3E" });
    assert.equal(status, 200);
    assert.ok(text.includes("No group is like that.") && !text.includes("<script>"));
  });

  test("may send its form to itself and nowhere else", async (context) => {
    const { port } = await serve(context);
    const { headers } = await ask({ port, path: "/" });
    assert.match(String(headers["content-security-policy"]), /form-action 'self'/);
  });
});

describe("the strip of the last hour", () => {
  /** Known for `age` seconds, in its state for `since`. */
  const aGroup = (state: GroupState, age: number, since: number): GroupInput => ({
    name: "wan",
    state,
    crtime: hrtime(NOW - seconds(age)),
    lastChange: hrtime(NOW - seconds(since)),
  });

  const strip = (
    group: GroupInput,
    events: readonly (readonly [minutesAgo: number, from: GroupState, to: GroupState])[],
    firstId = 1,
  ): string => {
    const world = aSnapshot({ groups: [group], wallMs: 100 * 3_600_000 });
    const [shown] = world.groups;
    assert.ok(shown);
    const logged = events.map(
      ([minutes, from, to], index) =>
        ({
          kind: "group-state",
          group: group.name,
          ifname: group.name,
          from,
          to,
          cause: "x",
          id: firstId + index,
          wallMs: world.wallMs - minutes * 60_000,
        }) as const,
    );
    return stateStrip(shown, new StripEvents(logged), world).text;
  };
  const paths = (text: string): string[] =>
    [...text.matchAll(/<path class="(\w+)" d="M([\d.]+) 0h([\d.]+)/g)].map(([, ...parts]) => parts.join(" "));

  test("is one colour while nothing has changed", () => {
    const text = strip(aGroup("ok", 7200, 7200), []);
    assert.deepEqual(paths(text), ["ok 0.0 120.0"]);
    assert.ok(text.includes("no change in the last hour"));
  });

  test("has each change at its time, and a short failure is seen", () => {
    const long = aGroup("ok", 7200, 1799);
    const text = strip(long, [
      [30, "ok", "failed"],
      [29.99, "failed", "ok"],
    ]);
    assert.deepEqual(paths(text), ["ok 0.0 60.0", "failed 60.0 1.0", "ok 60.0 60.0"]);
    assert.ok(text.includes("2 changes in the last hour"));
  });

  test("says nothing of the time before the oldest event that is still known, once others are forgotten", () => {
    const long = aGroup("ok", 7200, 900);
    const events = [
      [30, "degraded", "failed"],
      [15, "failed", "ok"],
    ] as const;
    assert.deepEqual(paths(strip(long, events)), ["degraded 0.0 60.0", "failed 60.0 30.0", "ok 90.0 30.0"]);
    assert.deepEqual(paths(strip(long, events, 5)), ["failed 60.0 30.0", "ok 90.0 30.0"]);
    assert.deepEqual(paths(strip(long, [])), ["ok 90.0 30.0"]);
  });

  test("has a gap where nobody watched", () => {
    const world = aSnapshot({ groups: [aGroup("ok", 7200, 2300)], wallMs: 100 * 3_600_000 });
    const [group] = world.groups;
    assert.ok(group);
    const ago = (minutes: number) => world.wallMs - minutes * 60_000;
    const change = { kind: "group-state", group: "wan", ifname: "wan", cause: "x" } as const;
    const start = { kind: "program-started", awayMs: 10 * 60_000, cause: "x" } as const;
    const text = stateStrip(
      group,
      new StripEvents([
        { ...change, id: 1, wallMs: ago(50), from: "ok", to: "failed" },
        { ...start, id: 2, wallMs: ago(30) },
        { ...change, id: 3, wallMs: ago(15), from: "failed", to: "ok" },
      ]),
      world,
    ).text;
    assert.deepEqual(paths(text), ["ok 0.0 20.0", "failed 20.0 20.0", "failed 60.0 30.0", "ok 90.0 30.0"]);
    const calm = stateStrip(group, new StripEvents([{ ...start, id: 2, wallMs: ago(30) }]), world).text;
    assert.deepEqual(paths(calm), ["ok 60.0 60.0"]);
    const ill = aSnapshot({ groups: [aGroup("failed", 7200, 3300)], wallMs: world.wallMs });
    const found = { ...change, id: 3, wallMs: ago(30), from: "failed", to: "failed" } as const;
    const [failed] = ill.groups;
    assert.ok(failed);
    assert.deepEqual(
      paths(stateStrip(failed, new StripEvents([{ ...start, id: 2, wallMs: ago(30) }, found]), ill).text),
      ["failed 10.0 30.0", "failed 60.0 60.0"],
    );
  });

  test("says nothing of the time before the group was known", () => {
    const fresh = aGroup("failed", 900, 900);
    assert.deepEqual(paths(strip(fresh, [])), ["failed 90.0 30.0"]);
  });
});
