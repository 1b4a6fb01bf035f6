import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type AggregateObservation,
  detectPorts,
  type OtherAggregator,
  type PortObservation,
} from "#src/detection/aggregate.js";
import { activeAggregator, isDistributing } from "#src/detection/lacp.js";
import type { Verdict, Verdicts } from "#src/detection/link-based.js";

const UP: PortObservation = {
  key: "eth0",
  adminUp: true,
  running: true,
  offlined: false,
  miiStatus: "up",
  isActive: false,
  isPrimary: false,
  role: undefined,
  aggregator: 1,
  actorState: undefined,
  partnerState: undefined,
  partnerLladdr: undefined,
  actorChurned: false,
  partnerChurned: false,
};
const BOND: AggregateObservation = {
  kind: "bond",
  name: "bond0",
  mode: "active-backup",
  monitor: "mii",
  adminUp: true,
  running: true,
  minLinks: undefined,
  hasPrimary: false,
  activeAggregator: 1,
};
/** LACP states as octets: ACTIVITY 1, TIMEOUT 2, AGGREGATION 4, SYNCHRONIZATION 8, COLLECTING 16, DISTRIBUTING 32, DEFAULTED 64, EXPIRED 128. */
const DISTRIBUTING = 0x3f;
const IN_SYNC = 0x0f;
const NOT_IN_SYNC = 0x07;
const NO_CARRIER = { running: false } as const;

function flags({ running, failed, inactive, offline, standby, unknown }: Verdict): string {
  const names = {
    ...{ RUNNING: running, FAILED: failed, INACTIVE: inactive, OFFLINE: offline, STANDBY: standby },
    UNKNOWN: unknown,
  };
  return Object.entries(names)
    .filter(([, set]) => set)
    .map(([name]) => name)
    .join(" ");
}

interface Row {
  readonly what: string;
  readonly bond?: Partial<AggregateObservation>;
  readonly otherAggregator?: OtherAggregator;
  readonly port?: Partial<PortObservation>;
  /** What was said of the slave one step earlier. */
  readonly before?: Partial<PortObservation>;
  readonly flags: string;
  /** Why it is not active, where that is looked at. */
  readonly why?: string;
}

const LACP = { mode: "802.3ad" } as const;
const BACKUP = { role: "backup", aggregator: 2 } as const;
const TEAM = { kind: "team", monitor: undefined } as const;
const TEAM_PORT = { miiStatus: undefined } as const;

/** A bond in mode 1 with a monitor, unless said otherwise. */
const ROWS: readonly Row[] = [
  { what: "MII up, currently active slave", port: { isActive: true }, flags: "RUNNING" },
  {
    what: "the same while another is primary",
    port: { isActive: true },
    bond: { hasPrimary: true },
    flags: "RUNNING STANDBY",
  },
  { what: "MII up, backup slave", flags: "RUNNING INACTIVE STANDBY" },
  { what: "MII up, backup slave beside a primary", bond: { hasPrimary: true }, flags: "RUNNING INACTIVE STANDBY" },
  {
    what: "MII up, primary but not active",
    port: { isPrimary: true },
    bond: { hasPrimary: true },
    flags: "RUNNING INACTIVE",
  },
  { what: "MII down", port: { ...NO_CARRIER, miiStatus: "down" }, flags: "FAILED" },
  {
    what: "MII down, not the primary",
    port: { ...NO_CARRIER, miiStatus: "down" },
    bond: { hasPrimary: true },
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
    what: `${mode}: MII up`,
    bond: { mode, hasPrimary: mode !== "broadcast" },
    flags: "RUNNING",
  })),
  {
    what: "no monitor, MII up, no carrier",
    bond: { monitor: "none" },
    port: { ...NO_CARRIER, isActive: true },
    flags: "FAILED",
    why: "link down, which this bond does not monitor",
  },
  {
    what: "no monitor, carrier",
    bond: { monitor: "none" },
    port: { isActive: true },
    flags: "RUNNING",
  },
  {
    what: "the bond is set down",
    bond: { adminUp: false, running: false },
    port: { isActive: true },
    flags: "RUNNING INACTIVE",
    why: "bond0 is administratively down",
  },
  {
    what: "LACP: too few links for the bond to have a carrier",
    bond: { ...LACP, running: false, minLinks: 2 },
    port: { role: "active" },
    flags: "RUNNING INACTIVE",
    why: "bond0 has no carrier: fewer than 2 links",
  },
  {
    what: "LACP: in use",
    bond: LACP,
    port: { role: "active", actorState: DISTRIBUTING, partnerState: DISTRIBUTING },
    flags: "RUNNING",
  },
  { what: "LACP: in the aggregator in use, no role told", bond: LACP, flags: "RUNNING" },
  {
    what: "LACP: in use although nobody answers, as the only one can be",
    bond: LACP,
    port: { role: "active", actorState: 0x45 },
    flags: "RUNNING",
  },
  {
    what: "LACP: nobody has answered yet, or any more",
    bond: LACP,
    port: { ...BACKUP, actorState: 0x87, partnerState: IN_SYNC },
    flags: "RUNNING FAILED",
    why: "no LACP partner",
  },
  {
    what: "LACP: nobody answers",
    bond: LACP,
    port: { ...BACKUP, actorState: 0x45, partnerState: 1 },
    flags: "RUNNING FAILED",
    why: "no LACP partner",
  },
  {
    what: "LACP: the partner is not in sync",
    bond: LACP,
    port: { ...BACKUP, actorState: IN_SYNC, partnerState: NOT_IN_SYNC },
    flags: "RUNNING FAILED",
    why: "its LACP partner is not in sync",
  },
  {
    what: "LACP: in the active aggregator, not in sync itself",
    bond: LACP,
    port: { role: "backup", actorState: NOT_IN_SYNC, partnerState: IN_SYNC },
    flags: "RUNNING FAILED",
    why: "not in sync with its LACP partner",
  },
  {
    what: "LACP: the partner has churned, states not told",
    bond: LACP,
    port: { ...BACKUP, partnerChurned: true },
    flags: "RUNNING FAILED",
    why: "its LACP partner has churned: not in sync within a minute",
  },
  {
    what: "LACP: in the active aggregator, churned, states not told",
    bond: LACP,
    port: { role: "backup", actorChurned: true },
    flags: "RUNNING FAILED",
    why: "it has churned: not in sync with its LACP partner within a minute",
  },
  {
    what: "LACP: in the active aggregator, and not in use",
    bond: LACP,
    port: { role: "backup", actorState: IN_SYNC, partnerState: IN_SYNC },
    flags: "RUNNING FAILED",
    why: "in the active aggregator, and not used by LACP",
  },
  {
    what: "LACP: in no aggregator yet, beside others that are in one",
    bond: LACP,
    port: { role: "backup", aggregator: undefined },
    flags: "RUNNING FAILED",
    why: "in no aggregator of LACP",
  },
  {
    what: "LACP: another switch is in sync; our end is not, and has churned, as long as it waits",
    bond: LACP,
    port: {
      ...BACKUP,
      actorState: NOT_IN_SYNC,
      partnerState: IN_SYNC,
      actorChurned: true,
      partnerLladdr: "02:00:00:00:00:0b",
    },
    flags: "RUNNING INACTIVE",
    why: "aggregator 2 of partner 02:00:00:00:00:0b, active is 1",
  },
  {
    what: "LACP: another switch is in sync, whose MAC only root is told",
    bond: LACP,
    port: { ...BACKUP, actorState: IN_SYNC, partnerState: DISTRIBUTING },
    flags: "RUNNING INACTIVE",
    why: "aggregator 2, active is 1",
  },
  {
    what: "LACP: another switch is in sync, which is to be a failure",
    bond: LACP,
    otherAggregator: "failed",
    port: { ...BACKUP, actorState: IN_SYNC, partnerState: DISTRIBUTING },
    flags: "RUNNING FAILED",
    why: "aggregator 2, active is 1",
  },
  {
    what: "team: activebackup, the active port",
    bond: { ...TEAM, mode: "activebackup" },
    port: { ...TEAM_PORT, role: "active", isActive: true },
    flags: "RUNNING",
  },
  {
    what: "team: activebackup, another port",
    bond: { ...TEAM, mode: "activebackup" },
    port: { ...TEAM_PORT, role: "backup" },
    flags: "RUNNING INACTIVE STANDBY",
    why: "backup",
  },
  {
    what: "team: a port that is not enabled",
    bond: { ...TEAM, mode: "loadbalance" },
    port: { ...TEAM_PORT, role: "backup" },
    flags: "RUNNING FAILED",
    why: "not enabled by teamd",
  },
  {
    what: "team: nobody says which port is active",
    bond: { ...TEAM, mode: undefined },
    port: TEAM_PORT,
    flags: "RUNNING UNKNOWN",
    why: "active port not known",
  },
  { what: "team: a port without a carrier", bond: TEAM, port: { ...NO_CARRIER, ...TEAM_PORT }, flags: "FAILED" },
];

describe("a slave's flags", () => {
  for (const { what, bond, otherAggregator = "standby", port, before, flags: expected, why } of ROWS) {
    test(what, () => {
      const whole = { ...BOND, ...bond };
      const look = (last: Verdicts, seen: Partial<PortObservation> | undefined) =>
        detectPorts(last, whole, [{ ...UP, ...seen }], otherAggregator);
      const verdict = look(before ? look(new Map(), before) : new Map(), port).get("eth0");
      assert.ok(verdict);
      assert.equal(flags(verdict), expected);
      const works = !verdict.failed && !verdict.offline && !verdict.inactive && !verdict.unknown;
      if (!before) assert.equal(verdict.why === undefined, works, "says why it does not work, and only then");
      if (why !== undefined) assert.equal(verdict.why, why);
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
