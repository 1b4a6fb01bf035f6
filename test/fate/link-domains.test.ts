/** The failure domains of a link, from what systems say. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { domainsOf, type FateSystem, type Gateway, tellSameDomains } from "#src/fate/link-domains.js";
import type { BondMode } from "#src/link/aggregate.js";
import type { LinkAttributes } from "#src/link/link-attributes.js";
import { A_PORT, NO_AGGREGATE } from "../support/fake-bond.ts";
import { NO_HARDWARE } from "../support/no-hardware.ts";
import { aLink, type LinkInput } from "../support/snapshot.ts";

const aBond = (mode: BondMode) => ({ ...NO_AGGREGATE, mode });

/** Links numbered from 2, of which `driver` is told only where it is said. */
function system(links: readonly LinkInput[], more: Partial<FateSystem> = {}): FateSystem {
  const all = links.map((link, n) => aLink({ driver: undefined, ...link }, n).attributes);
  return {
    chassis: undefined,
    links: new Map(all.map((link) => [link.ifindex, link])),
    gateways: [],
    labelOf: ({ name }) => name,
    ...more,
  };
}

/** Each link's domains as "kind domain", by name. */
function told(of: FateSystem): Record<string, string[]> {
  const entries = [...of.links.values()].map((link: LinkAttributes) => [
    link.name,
    domainsOf(link, of).map(({ kind, domain }) => `${kind} ${domain}`),
  ]);
  return Object.fromEntries(entries) as Record<string, string[]>;
}

function gateway(ifindex: number, address: string, lladdr: string | undefined, metric = 0): Gateway {
  return { ifindex, family: address.includes(":") ? "ipv6" : "ipv4", metric, address, lladdr };
}

describe("the failure domains of a link", () => {
  test("are itself alone where the system says nothing", () => {
    assert.deepEqual(told(system([{ name: "eth0" }, { name: "v0", kind: "veth", lowerIfindex: 2 }])), {
      eth0: ["link eth0"],
      v0: ["link v0"],
    });
  });

  test("have ports of one card in common, and a virtual function the card of its physical one", () => {
    const links = [
      { name: "p0", driver: "ixgbe", hardware: { ...NO_HARDWARE, pciFunction: "0000:3b:00.0", module: "ixgbe" } },
      { name: "p1", hardware: { ...NO_HARDWARE, pciFunction: "0000:3b:00.1" } },
      { name: "vf", hardware: { ...NO_HARDWARE, pciFunction: "0000:3b:02.1", physicalFunction: "0000:3b:00.1" } },
      { name: "quad", hardware: { ...NO_HARDWARE, pciFunction: "0000:06:00.1", slot: "0000:03:00" } },
      { name: "usb", hardware: { ...NO_HARDWARE, pciFunction: "0000:00:14.0", usbDevice: "1-2.3" } },
    ];
    assert.deepEqual(told(system(links)), {
      p0: ["link p0", "card 0000:3b:00", "driver ixgbe"],
      p1: ["link p1", "card 0000:3b:00"],
      vf: ["link vf", "card 0000:3b:00"],
      quad: ["link quad", "card 0000:03:00"],
      usb: ["link usb", "card usb:1-2.3"],
    });
  });

  test("are those of the links below it too, down to the last", () => {
    const hardware = { ...NO_HARDWARE, pciFunction: "0000:3b:00.0" };
    const links = [
      { name: "eth0", hardware },
      { name: "eth0.10", kind: "vlan", hasDevice: false, lowerIfindex: 2 },
      { name: "mac0", kind: "macvlan", hasDevice: false, lowerIfindex: 3 },
    ];
    const below = ["link eth0", "card 0000:3b:00"];
    assert.deepEqual(told(system(links)), {
      eth0: below,
      "eth0.10": ["link eth0.10", ...below],
      mac0: ["link mac0", "link eth0.10", ...below],
    });
  });

  test("end where links name each other as the one below", () => {
    const links = [
      { name: "a", kind: "vlan", lowerIfindex: 3 },
      { name: "b", kind: "vlan", lowerIfindex: 2 },
    ];
    assert.deepEqual(told(system(links)), { a: ["link a", "link b"], b: ["link b", "link a"] });
  });

  test("of a port with LACP have its partner, and of one that chose another aggregator than its bond nothing", () => {
    const aggregate = { ...aBond("802.3ad"), activeAggregator: 1, partnerLladdr: "02:aa:00:00:00:01" };
    const port = (aggregator: number, partnerLladdr?: string) => ({ ...A_PORT, aggregator, partnerLladdr });
    const links: LinkInput[] = [
      { name: "bond0", kind: "bond", hasDevice: false, aggregate },
      { name: "a", masterIfindex: 2, port: port(1) },
      { name: "b", masterIfindex: 2, port: port(2) },
      { name: "c", masterIfindex: 2, port: port(2, "02:aa:00:00:00:02") },
      { name: "d", masterIfindex: 2, port: port(3, "00:00:00:00:00:00") },
    ];
    assert.deepEqual(told(system(links)), {
      bond0: ["link bond0"],
      a: ["link a", "switch 02:aa:00:00:00:01"],
      b: ["link b"],
      c: ["link c", "switch 02:aa:00:00:00:02"],
      d: ["link d"],
    });
  });

  test("have the neighbour by LLDP; of a bond of whose ports LLDP tells all, LACP's partner is not taken for a switch", () => {
    const aggregate = { ...aBond("802.3ad"), activeAggregator: 1, partnerLladdr: "02:aa:00:00:00:01" };
    const neighbour = (chassis: string) => ({ chassis, systemName: undefined, port: undefined });
    const links = (second: Partial<LinkInput>): LinkInput[] => [
      { name: "bond0", kind: "bond", hasDevice: false, aggregate },
      { name: "a", masterIfindex: 2, port: { ...A_PORT, aggregator: 1 }, neighbour: neighbour("sw1") },
      { ...second, name: "b", masterIfindex: 2, port: { ...A_PORT, aggregator: 1 } },
      { name: "c", neighbour: neighbour("sw1") },
    ];
    const all = told(system(links({ neighbour: neighbour("sw2") })));
    assert.deepEqual(
      [all["a"], all["b"], all["c"]],
      [
        ["link a", "switch sw1"],
        ["link b", "switch sw2"],
        ["link c", "switch sw1"],
      ],
    );
    const some = told(system(links({})));
    assert.deepEqual(some["a"], ["link a", "switch sw1", "switch 02:aa:00:00:00:01"], "b may lead there too");
    assert.deepEqual(some["b"], ["link b", "switch 02:aa:00:00:00:01"]);
    const down = told(system(links({ running: false })));
    assert.deepEqual(down["a"], ["link a", "switch sw1"]);
  });

  test("of a port in no bond have its LACP partner, whatever other ports in no bond have at their other ends", () => {
    const port = { ...A_PORT, partnerLladdr: "02:aa:00:00:00:01" };
    const neighbour = (chassis: string) => ({ chassis, systemName: undefined, port: undefined });
    const links = [
      { name: "alone", port },
      { name: "one", port, neighbour: neighbour("s1") },
      { name: "two", port, neighbour: neighbour("s2") },
    ];
    assert.deepEqual(told(system(links)), {
      alone: ["link alone", "switch 02:aa:00:00:00:01"],
      one: ["link one", "switch s1"],
      two: ["link two", "switch s2"],
    });
  });

  test("do not have the LACP partner that two switches are by LLDP, nor a MAC that is set aside for several", () => {
    const bond = (partnerLladdr: string): LinkInput => ({
      name: "bond0",
      kind: "bond",
      hasDevice: false,
      aggregate: { ...aBond("802.3ad"), activeAggregator: 1, partnerLladdr },
    });
    const port = (name: string, chassis?: string): LinkInput => ({
      name,
      masterIfindex: 2,
      port: { ...A_PORT, aggregator: 1 },
      neighbour: chassis === undefined ? undefined : { chassis, systemName: undefined, port: undefined },
    });
    const ports = [port("a", "sw1"), port("b", "sw2"), port("c")];
    const all = told(system([bond("02:aa:00:00:00:01"), ...ports]));
    assert.deepEqual([all["a"], all["b"], all["c"]], [["link a", "switch sw1"], ["link b", "switch sw2"], ["link c"]]);
    // A vPC domain of Nexus switches, Cumulus' MLAG, Netgear's vPC.
    for (const shared of ["00:23:04:ee:be:0a", "44:38:39:ff:01:02", "c0:ff:d4:a7:da:01"])
      assert.deepEqual(told(system([bond(shared), port("a"), port("b")]))["a"], ["link a"], shared);
  });

  test("of a bond are what all its ports that work have in common", () => {
    const on = (slot: string) => ({ ...NO_HARDWARE, pciFunction: `0000:${slot}:00.0` });
    const links: LinkInput[] = [
      { name: "bond0", kind: "bond", hasDevice: false, aggregate: aBond("active-backup") },
      { name: "a", masterIfindex: 2, port: A_PORT, hardware: on("3b") },
      { name: "b", masterIfindex: 2, port: A_PORT, hardware: on("3b") },
      { name: "c", masterIfindex: 2, port: A_PORT, hardware: on("5e"), running: false },
    ];
    assert.deepEqual(told(system(links))["bond0"], ["link bond0", "card 0000:3b:00"]);
    const works = links.map((link) => ({ ...link, running: true }));
    assert.deepEqual(told(system(works))["bond0"], ["link bond0"]);
  });

  test("have the router by its MAC: of the best route, where there is but one, and is no virtual one", () => {
    const links = ["one", "two", "worse", "unknown", "virtual", "both"].map((name) => ({ name }));
    const gateways = [
      gateway(2, "192.0.2.1", "02:00:00:00:00:aa"),
      gateway(3, "192.0.2.1", "02:00:00:00:00:aa"),
      gateway(3, "192.0.2.2", "02:00:00:00:00:bb"),
      gateway(4, "192.0.2.1", "02:00:00:00:00:aa"),
      gateway(4, "192.0.2.2", "02:00:00:00:00:bb", 100),
      gateway(5, "192.0.2.1", undefined),
      gateway(6, "192.0.2.1", "00:00:5e:00:01:07"),
      gateway(6, "fe80::1", "00:00:0c:9f:f0:07"), // HSRP
      gateway(7, "192.0.2.1", "02:00:00:00:00:aa"),
      gateway(7, "fe80::1", "02:00:00:00:00:aa"),
    ];
    assert.deepEqual(told(system(links, { gateways })), {
      one: ["link one", "gateway 02:00:00:00:00:aa"],
      two: ["link two"],
      worse: ["link worse", "gateway 02:00:00:00:00:aa"],
      unknown: ["link unknown"],
      virtual: ["link virtual"],
      both: ["link both", "gateway 02:00:00:00:00:aa"],
    });
    const stacked = [{ name: "eth0" }, { name: "eth0.10", kind: "vlan", hasDevice: false, lowerIfindex: 2 }];
    const above = told(system(stacked, { gateways: gateways.slice(0, 1) }));
    assert.deepEqual(above["eth0.10"], ["link eth0.10", "link eth0"], "a VLAN has routes of its own");
    const noArp = system([{ name: "ppp0", noArp: true }], { gateways: [gateway(2, "192.0.2.1", undefined)] });
    assert.deepEqual(told(noArp), { ppp0: ["link ppp0", "gateway 192.0.2.1"] });
  });

  test("have the chassis of a device, and the chip of a port of a switch in this host", () => {
    const switchPort = { switchId: "e4115b0000fe", portName: "p1" };
    const on = system([{ name: "swp1", switchPort }], { chassis: "sw1", labelOf: ({ name }) => `sw1:${name}` });
    assert.deepEqual(told(on), { swp1: ["link sw1:swp1", "switch e4115b0000fe", "chassis sw1"] });
  });

  test("come once each and end, whichever links name which", () => {
    const link = fc.record({
      kind: fc.constantFrom("vlan", "veth", "bond", undefined),
      lowerIfindex: fc.option(fc.integer({ min: 2, max: 7 }), { nil: undefined }),
      masterIfindex: fc.option(fc.integer({ min: 2, max: 7 }), { nil: undefined }),
      bonds: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(link, { minLength: 1, maxLength: 6 }), (inputs) => {
        const of = system(
          inputs.map(({ bonds, ...input }, n) => ({
            ...input,
            name: `l${n}`,
            aggregate: bonds ? aBond("active-backup") : undefined,
          })),
        );
        for (const [name, domains] of Object.entries(told(of))) {
          assert.equal(domains[0], `link ${name}`);
          assert.equal(new Set(domains).size, domains.length);
        }
      }),
    );
  });

  test("are the same while links only go up and down, except those of a bond", () => {
    const up = [
      { name: "bond0", aggregate: aBond("active-backup") },
      { name: "lone" },
      { name: "port", masterIfindex: 2 },
    ];
    const down = (name: string) => up.map((link) => (link.name === name ? { ...link, running: false } : link));
    const { links } = system(up);
    assert.ok(tellSameDomains(links, system(up.map((link) => ({ ...link, adminUp: false, mtu: 9000 }))).links));
    assert.ok(tellSameDomains(links, system(down("lone")).links));
    assert.ok(!tellSameDomains(links, system(down("port")).links));
    assert.ok(!tellSameDomains(links, system(up.slice(1)).links));
    assert.ok(!tellSameDomains(links, system([...up, { name: "new" }]).links));
    assert.ok(!tellSameDomains(links, system([...up.slice(0, 2), { name: "another", ifindex: 9 }]).links));
  });

  test("are never others where links tell of the same", () => {
    const one = <T>(...values: readonly T[]) => fc.constantFrom(...values, undefined);
    const neighbour = (systemName?: string) => ({ chassis: "s1", systemName, port: undefined });
    const attributes = {
      name: fc.constantFrom("a", "b"),
      kind: one("vlan", "veth"),
      driver: one("ixgbe"),
      hasDevice: fc.boolean(),
      running: fc.boolean(),
      noArp: fc.boolean(),
      lowerIfindex: one(2, 3),
      masterIfindex: one(2, 3),
      hardware: one({ ...NO_HARDWARE, slot: "1" }, { ...NO_HARDWARE, module: "m" }),
      neighbour: one(neighbour(), neighbour("sw")),
      switchPort: one({ switchId: "c", portName: "p" }),
      aggregate: one({ ...NO_AGGREGATE, activeAggregator: 1, partnerLladdr: "02:00:00:00:00:aa" }),
      port: one({ ...A_PORT, aggregator: 1 }, { ...A_PORT, partnerLladdr: "02:00:00:00:00:bb" }),
    };
    const link = fc.record(attributes);
    const attribute = fc.constantFrom(...(Object.keys(attributes) as (keyof typeof attributes)[]));
    const some = fc.array(link, { minLength: 3, maxLength: 3 });
    const gateways = [gateway(2, "192.0.2.1", undefined)];
    const labelOf = ({ ifindex, name }: LinkAttributes) => `${ifindex} ${name}`;
    const domains = (of: FateSystem) => Array.from(of.links.values(), (is) => domainsOf(is, of));
    fc.assert(
      fc.property(some, fc.nat({ max: 2 }), attribute, link, (links, n, changed, other) => {
        const before = system(links, { gateways, labelOf });
        const changes = links.map((is, at) => (at === n ? { ...is, [changed]: other[changed] } : is));
        const after = system(changes, { gateways, labelOf });
        if (tellSameDomains(before.links, after.links)) assert.deepEqual(domains(after), domains(before));
      }),
      { numRuns: 2_000 },
    );
  });
});
