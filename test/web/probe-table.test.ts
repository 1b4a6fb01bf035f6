/** Probes on the page: whom each member asks, and how its round trips were in the last minutes. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { FamilyProbes, ProbeOutcome } from "#src/snapshot/probes.js";
import type { GroupSnapshot } from "#src/snapshot/snapshot.js";
import { probeTable, RoundTrips } from "#src/web/page/probe-table.js";
import { EXAMPLE } from "../support/snapshot.ts";

const NOW = 1_763_853_300_000;

function outcome(probe: number, secondsAgo: number, roundTripMs: number | undefined): ProbeOutcome {
  const trip = roundTripMs === undefined ? undefined : roundTripMs * 1e6;
  return {
    ...{ id: probe, device: "eth0", family: "ipv4", probe, target: "192.0.2.254", sentMs: NOW - secondsAgo * 1000 },
    ...{ roundTrip: trip, networkRoundTrip: trip, average: 0, deviation: 0 },
  };
}

const trips = (...probes: readonly ProbeOutcome[]) => new RoundTrips({ since: () => probes }, NOW);

function group(name: string): GroupSnapshot {
  const found = EXAMPLE.groups.find((one) => one.name === name);
  if (!found) throw new Error(`no group ${name}`);
  return found;
}

/** ipmp0 with these probes of eth0 instead of its own. */
function probedBy(change: Partial<FamilyProbes>): GroupSnapshot {
  const { members, ...rest } = group("ipmp0");
  return {
    ...rest,
    members: members.map((member) => {
      const { probes } = member;
      if (!probes) return member;
      return { ...member, probes: { ...probes, families: probes.families.map((each) => ({ ...each, ...change })) } };
    }),
  };
}

const shown = (of: GroupSnapshot, history = trips()) => probeTable(of, history)?.text ?? "";
const words = (text: string) => text.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");

describe("the table of probes", () => {
  test("is not there where nobody is probed", () => assert.equal(shown(group("default")), ""));

  test("names the targets from the next one on, and says of each that is set aside why", () => {
    const targets = [
      { address: "192.0.2.253", state: "active", roundTrip: 214_000 },
      { address: "192.0.2.254", state: "dead", roundTrip: undefined },
      { address: "192.0.2.252", state: "slow", roundTrip: undefined },
    ] as const;
    const text = words(shown(probedBy({ targets })));
    assert.match(text, /eth0 ICMP, IPv4 192\.0\.2\.253 192\.0\.2\.254 set aside: mute 192\.0\.2\.252 set aside: slow /);
    assert.match(text, / 0\.21 ms 2 of 601 $/);
  });

  test("says what stands in the way of a better method", () =>
    assert.match(
      words(shown(probedBy({ method: "udp", methodReason: "ICMP is forbidden" }))),
      /UDP, IPv4 because ICMP is forbidden/,
    ));

  test("names no target of a member that is out of use, because nobody is probed", () => {
    const text = words(shown(probedBy({ mode: "disabled" })));
    assert.match(text, /eth0 ICMP, IPv4 not while it is out of use /);
    assert.doesNotMatch(text, /192\.0\.2\.254/);
  });

  test("escapes what comes from the network", () =>
    assert.doesNotMatch(shown(probedBy({ methodReason: "<script>" })), /<script>/));
});

describe("the line of round trips", () => {
  const label = (...probes: readonly ProbeOutcome[]) =>
    /aria-label="([^"]*lost[^"]*)"/.exec(shown(group("ipmp0"), trips(...probes)))?.[1];

  test("sums up what it shows, which is the last five minutes", () =>
    assert.equal(
      label(outcome(1, 400, 9), outcome(2, 20, 0.2), outcome(3, 10, 0.4), outcome(4, 5, undefined)),
      "Round trips of the last 5 minutes: 0.30 ms on average, 0.40 ms at most, 1 of 3 lost",
    ));

  test("counts a probe that was answered late once, as answered", () =>
    assert.match(label(outcome(7, 9, undefined), outcome(7, 9, 900)) ?? "", /900 ms at most, 0 of 1 lost/));

  test("has a stroke for a loss and a gap where nothing was sent", () => {
    const text = shown(group("ipmp0"), trips(outcome(1, 200, 1), outcome(2, 100, 1), outcome(3, 50, undefined)));
    assert.equal(/class="lost" d="([^"]*)"/.exec(text)?.[1]?.match(/M/g)?.length, 1);
    assert.equal(/class="trip" d="([^"]*)"/.exec(text)?.[1]?.match(/M/g)?.length, 2);
  });

  test("is empty before the first probe", () => assert.equal(label(), "Probes of the last 5 minutes: 0 of 0 lost"));
});
