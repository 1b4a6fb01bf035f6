/** Which links are LAGs and which are their ports, by what devices of different makers say of them. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { hrtime } from "#src/kstat/hrtime.js";
import { findLagPorts, type LagPort } from "#src/sources/snmp/lag-ports.js";
import type { LagTables } from "#src/sources/snmp/lag-tables.js";

const ETHERNET = 6;
const VIRTUAL = 53;
const LAG = 161;

interface Said {
  /** Name, type and, where it is not up, ifOperStatus, by ifIndex. */
  readonly links: Readonly<Record<number, readonly [name: string, type: number, oper?: number]>>;
  readonly stack?: readonly (readonly [higher: number, lower: number])[];
  readonly attached?: Readonly<Record<number, number>>;
  readonly selected?: Readonly<Record<number, number>>;
  readonly keys?: Readonly<Record<number, number>>;
}

const byNumber = (record: Readonly<Record<number, number>> = {}) =>
  new Map(Object.entries(record).map(([key, value]) => [Number(key), value]));

function tablesOf({ links, stack = [], attached, selected, keys }: Said): LagTables {
  const lower = new Map<number, number[]>();
  for (const [higher, one] of stack) lower.set(higher, [...(lower.get(higher) ?? []), one]);
  const column = (position: 1 | 2) =>
    new Map(Object.entries(links).map(([ifindex, link]) => [Number(ifindex), link[position] ?? 1]));
  return {
    types: column(1),
    operStatus: column(2),
    lower,
    attached: byNumber(attached),
    selected: byNumber(selected),
    adminKeys: byNumber(keys),
    instances: new Map(),
    broken: undefined,
  };
}

function find(said: Said, before: ReadonlyMap<number, LagPort> = new Map(), seconds = 0) {
  const names = Object.entries(said.links).map(([ifindex, [name]]) => ({
    ifindex: Number(ifindex),
    name,
    said: name,
    all: [name],
  }));
  return findLagPorts(names, tablesOf(said), before, hrtime(BigInt(seconds) * 1_000_000_000n));
}

/** "port → LAG", sorted. */
const shown = (ports: ReadonlyMap<number, LagPort>) =>
  Array.from(ports.values(), ({ name, lagName }) => `${name} → ${lagName}`).sort();

describe("ports of LAGs", () => {
  test("are those that LACP has attached, or is about to attach", () => {
    const links = { 1: ["Gi1", ETHERNET], 2: ["Gi2", ETHERNET], 3: ["Gi3", ETHERNET], 9: ["Po1", LAG] } as const;
    assert.deepEqual(shown(find({ links, attached: { 1: 9, 2: 0, 3: 0 }, selected: { 1: 9, 2: 9, 3: 0 } })), [
      "Gi1 → Po1",
      "Gi2 → Po1",
    ]);
  });

  test("are those that a LAG lies upon, where no LACP is spoken", () => {
    const links = { 1: ["Gi1", ETHERNET], 2: ["Gi2", ETHERNET], 9: ["Po1", LAG], 10: ["Vlan5", VIRTUAL] } as const;
    const stack = [
      [9, 1],
      [9, 2],
      [10, 1],
    ] as const;
    assert.deepEqual(shown(find({ links, stack })), ["Gi1 → Po1", "Gi2 → Po1"]);
  });

  test("are found under LAGs that a device calls Ethernet, or propVirtual as it calls much else", () => {
    const trunk = { 55: ["10GE1/0/1", ETHERNET], 110: ["10GE2/0/1", ETHERNET], 121: ["Eth-Trunk1", ETHERNET] } as const;
    const trunkStack = [
      [121, 55],
      [121, 110],
    ] as const;
    assert.deepEqual(shown(find({ links: trunk, stack: trunkStack })), [
      "10GE1/0/1 → Eth-Trunk1",
      "10GE2/0/1 → Eth-Trunk1",
    ]);
    const catalyst = { 1: ["Gi1/0/2", ETHERNET, 2], 5: ["Po10", VIRTUAL, 2], 6: ["Vlan10", VIRTUAL] } as const;
    const catalystStack = [
      [5, 1],
      [6, 1],
    ] as const;
    assert.deepEqual(shown(find({ links: catalyst, stack: catalystStack })), ["Gi1/0/2 → Po10"]);
  });

  test("are meant where logical units of them are named, once each", () => {
    const links = {
      1: ["xe-0/0/24", ETHERNET],
      2: ["xe-0/0/24.0", VIRTUAL],
      3: ["xe-0/0/24.1876", VIRTUAL],
      4: ["et-0/0/0:0", ETHERNET],
      9: ["ae120", LAG],
      10: ["ae120.0", VIRTUAL],
    } as const;
    const stack = [
      [10, 2],
      [2, 1],
      [3, 1],
    ] as const;
    const ports = find({ links, stack, attached: { 2: 9, 3: 9, 4: 9 } });
    assert.deepEqual(shown(ports), ["et-0/0/0:0 → ae120", "xe-0/0/24 → ae120"]);
    assert.equal(ports.get(1)?.row, 2);
    const unnamed = { ...links, 2: ["unit 0 of the port", VIRTUAL] } as const;
    assert.deepEqual(shown(find({ links: unnamed, stack, attached: { 2: 9 } })), ["xe-0/0/24 → ae120"]);
  });

  test("are not what lies upon a port by itself, nor ports that are attached to themselves or to what is no LAG", () => {
    const links = {
      1: ["ge-0/0/0", ETHERNET],
      2: ["ge-0/0/0.100", ETHERNET],
      3: ["lo0", 24],
      4: ["Vlan1", 136],
    } as const;
    assert.deepEqual(shown(find({ links, stack: [[2, 1]], attached: { 1: 1, 2: 1 } })), []);
    assert.deepEqual(shown(find({ links, attached: { 1: 3, 2: 4 } })), []);
    assert.deepEqual(shown(find({ links, attached: { 1: 77 }, stack: [[77, 1]] })), []);
  });

  test("that are down stay ports while the device says nothing of them", () => {
    const links = { 1: ["Gi1", ETHERNET], 2: ["Gi2", ETHERNET], 9: ["Po1", LAG] } as const;
    const down = { ...links, 2: ["Gi2", ETHERNET, 2] } as const;
    const before = find({ links, attached: { 1: 9, 2: 9 } });
    assert.deepEqual(shown(find({ links: down, attached: { 1: 9, 2: 0 } }, before)), ["Gi1 → Po1", "Gi2 → Po1"]);
  });

  test("that are up leave when the device has claimed them for no LAG for a while, down meanwhile or not", () => {
    const links = { 1: ["Gi1", ETHERNET], 2: ["Gi2", ETHERNET], 9: ["Po1", LAG] } as const;
    const down = { ...links, 2: ["Gi2", ETHERNET, 2] } as const;
    const released = { links, attached: { 1: 9, 2: 0 } };
    const both = ["Gi1 → Po1", "Gi2 → Po1"];
    const first = find(released, find({ links, attached: { 1: 9, 2: 9 } }), 100);
    assert.deepEqual(shown(first), both, "its link may have gone, and the device not know it yet");
    const second = find(released, first, 119);
    assert.deepEqual(shown(second), both);
    assert.deepEqual(shown(find(released, second, 121)), ["Gi1 → Po1"]);
    const lost = find({ ...released, links: down }, second, 121);
    assert.deepEqual(shown(lost), both, "the device has noticed that the link has gone");
    assert.deepEqual(shown(find(released, lost, 130)), both, "a link that returns is claimed again in a while");
    const claimed = find({ links, attached: { 1: 9, 2: 9 } }, second, 121);
    assert.deepEqual(shown(find(released, claimed, 122)), both);
  });

  test("are ports for as long as their key says so, where it is told", () => {
    const links = { 1: ["Gi1", ETHERNET], 2: ["Gi2", ETHERNET], 9: ["Po1", LAG], 10: ["Po2", LAG] } as const;
    const before = find({ links, attached: { 1: 9, 2: 9 }, keys: { 1: 7, 2: 7 } });
    const silent = { links, attached: { 1: 9, 2: 0 } } as const;
    assert.deepEqual(shown(find({ ...silent, keys: { 1: 7, 2: 7 } }, before)), ["Gi1 → Po1", "Gi2 → Po1"]);
    const released = { ...links, 2: ["Gi2", ETHERNET, 2] } as const;
    assert.deepEqual(shown(find({ ...silent, links: released, keys: { 1: 7, 2: 0 } }, before)), ["Gi1 → Po1"]);
    assert.deepEqual(shown(find({ ...silent, attached: { 1: 9, 2: 10 }, keys: { 1: 7, 2: 8 } }, before)), [
      "Gi1 → Po1",
      "Gi2 → Po2",
    ]);
  });

  test("are over with the link, or with the LAG, that they were of", () => {
    const links = { 1: ["Gi1", ETHERNET, 2], 9: ["Po1", LAG] } as const;
    const before = find({ links, attached: { 1: 9 } });
    assert.deepEqual(shown(before), ["Gi1 → Po1"]);
    assert.deepEqual(shown(find({ links: { 1: ["Gi7", ETHERNET, 2], 9: ["Po1", LAG] } }, before)), []);
    assert.deepEqual(shown(find({ links: { 1: ["Gi1", ETHERNET, 2] } }, before)), []);
  });
});
