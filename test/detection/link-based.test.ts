import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { detect, type Observation, type Policy, type Verdicts } from "#src/detection/link-based.js";

const POLICY: Policy = { failback: true, wanted: 2 };

function seen(device: string, more: Partial<Observation> = {}): Observation {
  return { key: device, adminUp: true, running: true, standby: false, offlined: false, ...more };
}

/** `eth0 active`, one a member, after each step of observations in turn. */
function after(policy: Policy, ...steps: Observation[][]): string[] {
  let verdicts: Verdicts = new Map();
  for (const step of steps) verdicts = detect(verdicts, step, policy);
  return [...verdicts].map(([device, { failed, offline, inactive }]) => {
    return `${device} ${offline ? "offline" : failed ? "failed" : inactive ? "inactive" : "active"}`;
  });
}

const spare = (more: Partial<Observation> = {}) => seen("spare", { standby: true, ...more });
const down = { running: false };

describe("link-based detection", () => {
  const rows: [string, Policy, Observation[][], string[]][] = [
    ["working members are active", POLICY, [[seen("a"), seen("b")]], ["a active", "b active"]],
    ["a lost link is a failure at once", POLICY, [[seen("a", down), seen("b")]], ["a failed", "b active"]],
    ["taken down is offline, not failed", POLICY, [[seen("a", { ...down, adminUp: false })]], ["a offline"]],
    ["offline by request wins over a lost link", POLICY, [[seen("a", { ...down, offlined: true })]], ["a offline"]],
    [
      "a standby waits while enough work",
      POLICY,
      [[spare(), seen("a"), seen("b")]],
      ["spare inactive", "a active", "b active"],
    ],
    [
      "a standby is called in from the start when too few work",
      POLICY,
      [[seen("a"), spare()]],
      ["a active", "spare active"],
    ],
    [
      "a standby takes over, and rests again after the repair",
      POLICY,
      [
        [seen("a"), seen("b"), spare()],
        [seen("a", down), seen("b"), spare()],
        [seen("a"), seen("b"), spare()],
      ],
      ["a active", "b active", "spare inactive"],
    ],
    [
      "a failed standby that is repaired rests",
      POLICY,
      [
        [seen("a"), seen("b"), spare(down)],
        [seen("a"), seen("b"), spare()],
      ],
      ["a active", "b active", "spare inactive"],
    ],
    [
      "what probes say against a member counts as a lost link does",
      POLICY,
      [[seen("a", { probeFailure: "5 probes lost to 192.0.2.1" }), seen("b"), spare()]],
      ["a failed", "b active", "spare active"],
    ],
    [
      "what probes say against a member that is offline is no failure",
      POLICY,
      [[seen("a", { probeFailure: "5 probes lost to 192.0.2.1", offlined: true }), seen("b")]],
      ["a offline", "b active"],
    ],
    [
      "without failback the repaired member rests and the standby stays",
      { failback: false, wanted: 1 },
      [
        [seen("a"), spare()],
        [seen("a", down), spare()],
        [seen("a"), spare()],
      ],
      ["a inactive", "spare active"],
    ],
    [
      "without failback a member is active again when nothing else worked",
      { failback: false, wanted: 1 },
      [[seen("a")], [seen("a", down)], [seen("a")]],
      ["a active"],
    ],
    [
      "without failback a repaired member rests beside others",
      { failback: false, wanted: 3 },
      [
        [seen("a"), seen("b"), seen("c")],
        [seen("a", down), seen("b"), seen("c")],
        [seen("a"), seen("b"), seen("c")],
      ],
      ["a inactive", "b active", "c active"],
    ],
    [
      "what is repaired without failback comes in for the next that fails",
      { failback: false, wanted: 3 },
      [
        [seen("a"), seen("b"), seen("c")],
        [seen("a", down), seen("b"), seen("c")],
        [seen("a"), seen("b"), seen("c")],
        [seen("a"), seen("b", down), seen("c")],
      ],
      ["a active", "b failed", "c active"],
    ],
    [
      "without failback a group still gets the active members that it must have",
      { failback: false, wanted: 2, minActive: 2 },
      [
        [seen("a"), seen("b")],
        [seen("a", down), seen("b")],
        [seen("a"), seen("b")],
      ],
      ["a active", "b active"],
    ],
    [
      "the standby that came last goes first",
      { failback: true, wanted: 1 },
      [
        [seen("a", down), seen("s1", { standby: true }), seen("s2", { standby: true })],
        [seen("a"), seen("s1", { standby: true }), seen("s2", { standby: true })],
      ],
      ["a active", "s1 inactive", "s2 inactive"],
    ],
    [
      "a member that is made a standby rests when it is not needed",
      { failback: true, wanted: 1 },
      [
        [seen("a"), seen("b")],
        [seen("a"), seen("b", { standby: true })],
      ],
      ["a active", "b inactive"],
    ],
  ];
  for (const [name, policy, steps, expected] of rows) {
    test(name, () => assert.deepEqual(after(policy, ...steps), expected));
  }

  test("FAILED and INACTIVE never go together, in any of 4096 pairs of looks", () => {
    const looks = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => ({
      adminUp: (bits & 1) === 0,
      running: (bits & 2) === 0,
      standby: (bits & 4) !== 0,
    }));
    for (const a of looks)
      for (const b of looks)
        for (const c of looks)
          for (const d of looks) {
            let verdicts = detect(new Map(), [seen("a", a), seen("b", b)], POLICY);
            verdicts = detect(verdicts, [seen("a", c), seen("b", d)], POLICY);
            for (const verdict of verdicts.values()) assert.ok(!(verdict.failed && verdict.inactive));
          }
  });
});
