import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { activeAggregator, detectPorts, isDistributing, type PortObservation } from "#src/detection/aggregate.js";
import type { Verdict } from "#src/detection/link-based.js";

const UP: PortObservation = {
  device: "eth0",
  adminUp: true,
  running: true,
  offlined: false,
  miiStatus: "up",
  isActive: false,
  isPrimary: false,
  isDistributing: true,
};
const NO_CARRIER = { running: false } as const;

function flags({ running, failed, inactive, offline, standby }: Verdict): string {
  const names = { RUNNING: running, FAILED: failed, INACTIVE: inactive, OFFLINE: offline, STANDBY: standby };
  return Object.entries(names)
    .filter(([, set]) => set)
    .map(([name]) => name)
    .join(" ");
}

interface Row {
  readonly what: string;
  readonly mode?: string;
  readonly port?: Partial<PortObservation>;
  readonly hasPrimary?: boolean;
  /** What was said of the slave one step earlier. */
  readonly before?: Partial<PortObservation>;
  readonly flags: string;
}

/** Mode 1 unless said otherwise. */
const ROWS: readonly Row[] = [
  { what: "MII up, currently active slave", port: { isActive: true }, flags: "RUNNING" },
  { what: "the same while another is primary", port: { isActive: true }, hasPrimary: true, flags: "RUNNING STANDBY" },
  { what: "MII up, backup slave", flags: "RUNNING INACTIVE STANDBY" },
  { what: "MII up, backup slave beside a primary", hasPrimary: true, flags: "RUNNING INACTIVE STANDBY" },
  { what: "MII up, primary but not active", port: { isPrimary: true }, hasPrimary: true, flags: "RUNNING INACTIVE" },
  { what: "MII down", port: { ...NO_CARRIER, miiStatus: "down" }, flags: "FAILED" },
  {
    what: "MII down, not the primary",
    port: { ...NO_CARRIER, miiStatus: "down" },
    hasPrimary: true,
    flags: "FAILED STANDBY",
  },
  {
    what: "MII going down, the active slave",
    before: { isActive: true },
    port: { ...NO_CARRIER, miiStatus: "going down", isActive: true },
    flags: "",
  },
  {
    what: "MII going down, a backup slave",
    before: {},
    port: { ...NO_CARRIER, miiStatus: "going down" },
    flags: "INACTIVE STANDBY",
  },
  {
    what: "MII going down, never seen before",
    port: { ...NO_CARRIER, miiStatus: "going down" },
    flags: "INACTIVE STANDBY",
  },
  { what: "MII going back", port: { miiStatus: "going back" }, flags: "RUNNING FAILED" },
  {
    what: "MII going back, failed before",
    before: { miiStatus: "down" },
    port: { miiStatus: "going back" },
    flags: "RUNNING FAILED",
  },
  { what: "the ARP monitor failed, carrier up", port: { miiStatus: "down" }, flags: "RUNNING FAILED" },
  {
    what: "administratively down",
    port: { ...NO_CARRIER, adminUp: false, miiStatus: "down" },
    flags: "OFFLINE",
  },
  { what: "taken offline by request", port: { offlined: true, isActive: true }, flags: "RUNNING OFFLINE" },
  ...["balance-rr", "balance-xor", "broadcast", "balance-tlb", "balance-alb"].map((mode) => ({
    what: "MII up",
    mode,
    hasPrimary: mode !== "broadcast",
    flags: "RUNNING",
  })),
  { what: "up, in the aggregator in use", mode: "802.3ad", flags: "RUNNING" },
  { what: "up, in another aggregator", mode: "802.3ad", port: { isDistributing: false }, flags: "RUNNING INACTIVE" },
  { what: "a team's port with a carrier", mode: "", port: { miiStatus: undefined }, flags: "RUNNING" },
  { what: "a team's port without", mode: "", port: { ...NO_CARRIER, miiStatus: undefined }, flags: "FAILED" },
];

describe("a slave's flags", () => {
  for (const { what, mode = "active-backup", port, hasPrimary = false, before, flags: expected } of ROWS) {
    test(`${mode || "team"}: ${what}`, () => {
      const aggregate = { mode: mode || undefined, hasPrimary };
      const last = before ? detectPorts(new Map(), aggregate, [{ ...UP, ...before }]) : new Map();
      const verdict = detectPorts(last, aggregate, [{ ...UP, ...port }]).get("eth0");
      assert.ok(verdict);
      assert.equal(flags(verdict), expected);
      const works = !verdict.failed && !verdict.offline && !verdict.inactive;
      if (!before) assert.equal(verdict.why === undefined, works, "says why it does not work, and only then");
    });
  }
});

describe("the aggregator in use", () => {
  test("is that of a port that carries traffic, and else what the bond says", () => {
    const port = (role: "active" | "backup" | undefined, aggregator: number | undefined) => ({ role, aggregator });
    assert.equal(activeAggregator(1, [port("backup", 1), port("active", 2)]), 2);
    assert.equal(activeAggregator(1, [port("backup", 3), port(undefined, 2)]), 1);
    assert.equal(activeAggregator(undefined, []), undefined);
  });

  test("has the ports whose role says so, and where none is told, those that chose it", () => {
    assert.equal(isDistributing({ role: "active", aggregator: 2 }, 1), true);
    assert.equal(isDistributing({ role: "backup", aggregator: 1 }, 1), false);
    assert.equal(isDistributing({ role: undefined, aggregator: 1 }, 1), true);
    assert.equal(isDistributing({ role: undefined, aggregator: 2 }, 1), false);
    assert.equal(isDistributing({ role: undefined, aggregator: undefined }, undefined), true);
  });
});
