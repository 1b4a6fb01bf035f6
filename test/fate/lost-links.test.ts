/** What is lost when something fails, and what bonds make of it. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { FailureDomain } from "#src/fate/failure-domain.js";
import { lossesOf } from "#src/fate/lost-links.js";
import type { FateSystem } from "#src/fate/link-domains.js";
import type { AggregateAttributes } from "#src/link/aggregate.js";
import { A_PORT, NO_AGGREGATE } from "../support/fake-bond.ts";
import { NO_HARDWARE } from "../support/no-hardware.ts";
import { aLink, type LinkInput } from "../support/snapshot.ts";

const on = (slot: string) => ({ ...NO_HARDWARE, pciFunction: `0000:${slot}:00.0` });

function system(inputs: readonly LinkInput[], more: Partial<FateSystem> = {}): FateSystem {
  const links = inputs.map((link, n) => aLink({ driver: undefined, ...link }, n).attributes);
  return {
    chassis: undefined,
    links: new Map(links.map((link) => [link.ifindex, link])),
    gateways: [],
    labelOf: ({ name }) => name,
    ...more,
  };
}

/** "eth0 down, vx0 silent": who is lost, and whether the link shows it. */
function lost(of: FateSystem, ...failed: readonly FailureDomain[]): string {
  const { links } = lossesOf(failed, of);
  return [...of.links.values()]
    .flatMap(({ ifindex, name }) => {
      const loss = links.get(ifindex);
      return loss ? [`${name} ${loss.showsInLink ? "down" : "silent"}`] : [];
    })
    .join(", ");
}

const link = (domain: string): FailureDomain => ({ kind: "link", domain });

/** A bond b (ifindex 2) with ports p0, p1 … from ifindex 3 on. */
function bond(aggregate: Partial<AggregateAttributes>, ports: readonly Partial<typeof A_PORT>[]): FateSystem {
  return system([
    { name: "b", kind: "bond", hasDevice: false, aggregate: { ...NO_AGGREGATE, ...aggregate } },
    ...ports.map((port, n) => ({ name: `p${n}`, masterIfindex: 2, port: { ...A_PORT, ...port } })),
  ]);
}

function election(of: FateSystem, ...ports: readonly string[]) {
  return lossesOf(ports.map(link), of).elections.get(2);
}

describe("what is lost", () => {
  test("is what lies on it too; a tunnel stays up, and carries nothing", () => {
    const of = system([
      { name: "eth0", hardware: on("3b") },
      { name: "eth1", hardware: on("3b") },
      { name: "eth2", hardware: on("5e") },
      { name: "eth0.10", kind: "vlan", hasDevice: false, lowerIfindex: 2 },
      { name: "mac0", kind: "macvlan", hasDevice: false, lowerIfindex: 5 },
      { name: "vx0", kind: "vxlan", hasDevice: false, lowerIfindex: 5 },
    ]);
    assert.equal(lost(of, link("eth0")), "eth0 down, eth0.10 down, mac0 down, vx0 silent");
    assert.equal(lost(of, link("mac0")), "mac0 down");
    assert.equal(
      lost(of, { kind: "card", domain: "0000:3b:00" }),
      "eth0 down, eth1 down, eth0.10 down, mac0 down, vx0 silent",
    );
    assert.equal(lost(of, { kind: "card", domain: "0000:99:00" }), "");
  });

  test("with a gateway is the way out and not the link, and nothing that lies on it", () => {
    const of = system([{ name: "eth0" }, { name: "eth0.10", kind: "vlan", hasDevice: false, lowerIfindex: 2 }], {
      gateways: [{ ifindex: 2, family: "ipv4", metric: 0, address: "192.0.2.1", lladdr: "02:00:00:00:00:aa" }],
    });
    assert.equal(lost(of, { kind: "gateway", domain: "02:00:00:00:00:aa" }), "eth0 silent");
  });

  test("is a bond with its last port, however its ports were lost, and without a monitor only what it carries", () => {
    const ports = [{}, {}];
    assert.equal(lost(bond({ mode: "balance-rr" }, ports), link("p0")), "p0 down");
    assert.equal(lost(bond({ mode: "balance-rr" }, ports), link("p0"), link("p1")), "b down, p0 down, p1 down");
    const blind = bond({ mode: "balance-rr", monitor: "none" }, ports);
    assert.equal(lost(blind, link("p0"), link("p1")), "b silent, p0 down, p1 down");
  });

  test("is an LACP bond that is left with fewer links than it wants", () => {
    const port = { aggregator: 1 };
    const of = (minLinks: number) => bond({ mode: "802.3ad", activeAggregator: 1, minLinks }, [port, port]);
    assert.equal(lost(of(1), link("p0")), "p0 down");
    assert.equal(lost(of(2), link("p0")), "b down, p0 down");
  });
});

describe("a bond that loses its active port", () => {
  const waits = { role: "backup" } as const;

  test("takes the primary, or the only one that is left", () => {
    const one = bond({ mode: "active-backup", activeIfindex: 3 }, [{}, waits]);
    assert.equal(election(one, "p0")?.aggregate.activeIfindex, 4);
    assert.equal(election(one, "p0")?.ports.get(4)?.role, "active");
    assert.equal(election(one, "p1")?.aggregate.activeIfindex, 3);
    const three = { mode: "active-backup", activeIfindex: 3, primaryIfindex: 5 } as const;
    assert.equal(election(bond(three, [{}, waits, waits]), "p0")?.aggregate.activeIfindex, 5);
  });

  test("does not tell beforehand which of several", () => {
    const of = bond({ mode: "active-backup", activeIfindex: 3 }, [{}, waits, waits]);
    const told = election(of, "p0");
    assert.deepEqual([...(told?.candidates ?? [])], [4, 5]);
    assert.equal(told?.aggregate.activeIfindex, undefined);
    assert.equal(told?.running, true);
  });

  test("of a device attaches one that waits: which, nobody is told", () => {
    const lag = { kind: "lag", mode: "802.3ad", monitor: undefined } as const;
    const port = (role: "active" | "backup", aggregator: number | undefined) =>
      ({ kind: "lag", role, aggregator }) as const;
    const of = bond(lag, [port("active", 9), port("backup", 9), port("backup", undefined)]);
    assert.deepEqual([...(election(of, "p0")?.candidates ?? [])], [4], "the third has not selected the LAG");
    assert.equal(election(of, "p0")?.running, true);
    assert.equal(election(of, "p1")?.candidates.size, 0);
    assert.equal(lost(of, link("p0"), link("p1")), "b down, p0 down, p1 down");
  });

  test("goes on with another aggregator that has a partner, if there is one alone", () => {
    const port = (aggregator: number, role: "active" | "backup", actorState = 0x3d) => ({
      aggregator,
      role,
      actorState,
    });
    const lacp = { mode: "802.3ad", activeAggregator: 1, minLinks: 1 } as const;
    const two = bond(lacp, [port(1, "active"), port(2, "backup")]);
    assert.equal(election(two, "p0")?.aggregate.activeAggregator, 2);
    assert.equal(election(two, "p0")?.ports.get(4)?.role, "active");
    const alone = bond(lacp, [port(1, "active"), port(2, "backup", 0x45)]); // defaulted: nobody at the other end
    assert.equal(election(alone, "p0")?.running, false);
    const open = bond(lacp, [port(1, "active"), port(2, "backup"), port(3, "backup")]);
    assert.deepEqual([...(election(open, "p0")?.candidates ?? [])], [4, 5]);
  });
});
