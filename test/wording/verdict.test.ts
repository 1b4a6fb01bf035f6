/** The sentence about a group, and the one about all of them. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { seconds } from "#src/kstat/hrtime.js";
import { bySeverity, faultsOf, list, textOf, verdictOf, wordsOf, wordsOfAll } from "#src/wording/verdict.js";
import { aSnapshot, type GroupInput, type MemberInput, NOW, STARTED } from "../support/snapshot.ts";

const timeOf = (ms: number): string => new Date(ms).toISOString().slice(11, 16);

const MIDNIGHT = Date.UTC(2026, 10, 28);

const verdicts = (...groups: readonly GroupInput[]) => {
  const snapshot = aSnapshot({ groups, wallMs: MIDNIGHT + 3 * 3_600_000 });
  return snapshot.groups.map((group) => verdictOf(group, snapshot));
};

const said = (group: GroupInput): string =>
  verdicts(group)
    .map((verdict) => textOf(wordsOf(verdict), timeOf))
    .join();
const saidOfAll = (...groups: readonly GroupInput[]): string => textOf(wordsOfAll(verdicts(...groups)), timeOf);

const active = (device: string): MemberInput => ({ device });
const failed = (device: string, reason = "link down"): MemberInput => ({
  device,
  state: "failed",
  active: false,
  reason,
});

const AN_HOUR_AGO = { crtime: STARTED, lastChange: STARTED };
const LATER = { crtime: STARTED, lastChange: NOW - seconds(46 * 60) } as GroupInput;

describe("a group in one sentence", () => {
  const cases: readonly (readonly [sentence: string, group: GroupInput])[] = [
    [
      "wan has failed since 02:14: wan0 and wan1 have no carrier, wan2 does not exist.",
      { ...LATER, name: "wan", state: "failed", members: [failed("wan0"), failed("wan1")], missing: ["wan2"] },
    ],
    [
      "lag has failed since 02:14: sw1:eth1 and sw2:eth1 have no carrier.",
      {
        ...LATER,
        name: "lag",
        state: "failed",
        members: ["sw1", "sw2"].map((source) => ({ ...failed("eth1"), source })),
      },
    ],
    [
      "wan has failed since before 02:00: wan0 has no carrier.",
      { ...AN_HOUR_AGO, name: "wan", state: "failed", members: [failed("wan0")] },
    ],
    ["wan has failed since 02:14: it has no member.", { ...LATER, name: "wan", state: "failed" }],
    [
      "wan is degraded since 02:14: wan1 has failed (5 probes lost to 192.0.2.1); one more failure is an outage.",
      {
        ...LATER,
        name: "wan",
        state: "degraded",
        members: [active("wan0"), failed("wan1", "5 probes lost to 192.0.2.1")],
      },
    ],
    [
      "wan is degraded since 02:14: wan2 was taken offline.",
      {
        ...LATER,
        name: "wan",
        state: "degraded",
        members: [active("wan0"), active("wan1"), { ...failed("wan2", "taken offline by request"), state: "offline" }],
      },
    ],
    [
      "wan is degraded since 02:14: tun0 may not join; one more failure is an outage.",
      {
        ...LATER,
        name: "wan",
        state: "degraded",
        members: [active("wan0")],
        membersExpected: 2,
        refused: [{ device: "tun0", errno: "ENXIO", why: "it has no link-layer address" }],
      },
    ],
    [
      "wan is ok: wan0 is active, macsec0 may not join, no redundancy to watch.",
      {
        ...LATER,
        name: "wan",
        state: "ok",
        members: [active("wan0")],
        membersExpected: 1,
        refused: [{ device: "macsec0", errno: "EBUSY", why: "its traffic is counted by wan0, which is a member" }],
      },
    ],
    [
      "wan is degraded since 02:14: wan1 is not in use (in no default route); one more failure is an outage.",
      {
        ...LATER,
        name: "wan",
        state: "degraded",
        members: [
          active("wan0"),
          {
            ...failed("wan1", "in no default route"),
            state: "inactive",
            route: { inRoute: false, weight: undefined, isReachable: false },
          },
        ],
      },
    ],
    [
      "bond0 has failed since 02:14: eth0 and eth1 are not in use (bond0 has no carrier).",
      {
        ...LATER,
        name: "bond0",
        state: "failed",
        members: ["eth0", "eth1"].map((device) => ({ ...failed(device, "bond0 has no carrier"), state: "inactive" })),
      },
    ],
    ["wan is ok: wan0 and wan1 are active.", { name: "wan", state: "ok", members: [active("wan0"), active("wan1")] }],
    [
      "wan is ok: wan0 and wan1 are active; no probe of it is answered.",
      { name: "wan", state: "ok", members: [active("wan0"), active("wan1")], targetsMute: true },
    ],
    [
      "default is ok: eth0 is active, no redundancy to watch.",
      { name: "default", state: "ok", members: [active("eth0")] },
    ],
    [
      "wan has failed since 02:14: a, b, c, d and 3 more have no carrier.",
      { ...LATER, name: "wan", state: "failed", members: "abcdefg".split("").map((device) => failed(device)) },
    ],
  ];
  for (const [sentence, group] of cases) test(sentence, () => assert.equal(said(group), sentence));

  test("is single only where one member is all that there should be", () => {
    const [missingOne] = verdicts({ name: "wan", state: "degraded", members: [active("wan0")], missing: ["wan1"] });
    assert.equal(missingOne?.isSingle, false);
  });
});

describe("all groups in one sentence", () => {
  const ok = (name: string): GroupInput => ({ name, state: "ok", members: [active("a"), active("b")] });
  const bad = (name: string, state: "failed" | "degraded"): GroupInput => ({
    ...LATER,
    name,
    state,
    members: [failed("a"), failed("b")],
  });
  const cases: readonly (readonly [sentence: string, groups: readonly GroupInput[]])[] = [
    ["There are no groups yet.", []],
    ["lan is ok: a and b are active.", [ok("lan")]],
    ["Both groups are ok.", [ok("lan"), ok("wan")]],
    ["All 3 groups are ok.", [ok("lan"), ok("san"), ok("wan")]],
    ["wan has failed since 02:14: a and b have no carrier. The other group is ok.", [ok("lan"), bad("wan", "failed")]],
    [
      "wan has failed since 02:14: a and b have no carrier. The other 2 groups are ok.",
      [ok("lan"), ok("san"), bad("wan", "failed")],
    ],
    ["wan has failed, lan is degraded.", [bad("lan", "degraded"), bad("wan", "failed")]],
    [
      "wan has failed, lan and san are degraded; 1 of 4 groups is ok.",
      [bad("lan", "degraded"), bad("san", "degraded"), ok("x"), bad("wan", "failed")],
    ],
    [
      "a, b, c and 3 more have failed; 2 of 8 groups are ok.",
      "abcdef"
        .split("")
        .map((name) => bad(name, "failed"))
        .concat(ok("x"), ok("y")),
    ],
  ];
  for (const [sentence, groups] of cases) test(sentence, () => assert.equal(saidOfAll(...groups), sentence));

  test("begins with the worst; those that are alike keep their order", () => {
    const groups = verdicts(ok("a"), bad("b", "degraded"), bad("c", "failed"), bad("d", "failed"), ok("e"));
    assert.deepEqual(
      groups.sort(bySeverity).map(({ group }) => group),
      ["c", "d", "b", "a", "e"],
    );
  });
});

test("names are listed as people list them, and never only one left out", () => {
  const names = "abcdefgh".split("");
  const lists = [0, 1, 2, 3, 5, 6].map((count) => list(names.slice(0, count)));
  assert.deepEqual(lists, ["", "a", "a and b", "a, b and c", "a, b, c, d and e", "a, b, c, d and 2 more"]);
});

describe("what is wrong with single members", () => {
  const faults = (group: GroupInput) => aSnapshot({ groups: [group] }).groups.flatMap(faultsOf);

  test("is said of those that cannot be used, are not there or may not join, in the words of the sentence", () =>
    assert.deepEqual(
      faults({
        name: "wan",
        state: "degraded",
        members: [
          active("wan0"),
          failed("wan1"),
          failed("wan2", "no LACP partner"),
          { device: "wan3", state: "offline", active: false, reason: "taken offline by request" },
        ],
        missing: ["wan4"],
        refused: [{ device: "lo", errno: "EINVAL", why: "it is a loopback" }],
      }),
      [
        { label: "wan1", reason: "has no carrier" },
        { label: "wan2", reason: "has failed (no LACP partner)" },
        { label: "wan3", reason: "was taken offline" },
        { label: "wan4", reason: "does not exist" },
        { label: "lo", reason: "may not join" },
      ],
    ));

  test("is nothing where all work or wait", () =>
    assert.deepEqual(
      faults({
        name: "wan",
        members: [active("wan0"), { device: "wan1", state: "inactive", active: false, reason: "standby, not needed" }],
      }),
      [],
    ));
});
