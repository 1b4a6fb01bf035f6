/** Which link a port of the LLDP-MIB is, by what devices of different makers say of their ports. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { lldpPorts } from "#src/sources/snmp/lldp-ports.js";
import type { LldpTables, LocalPort, PortIdKind } from "#src/sources/snmp/lldp-tables.js";

interface Said {
  /** Names by ifIndex. */
  readonly links: Readonly<Record<number, string | readonly string[]>>;
  /** By lldpLocPortNum. */
  readonly ports: Readonly<Record<number, readonly [kind: PortIdKind, id: string, description?: string]>>;
  readonly basePorts?: Readonly<Record<number, number>>;
  readonly aliases?: Readonly<Record<number, string>>;
  readonly macs?: Readonly<Record<number, string>>;
  /** Ports on which somebody is heard, where they are not those that are described. */
  readonly heard?: readonly number[];
}

const byNumber = <T>(record: Readonly<Record<number, T>> = {}) =>
  new Map(Object.entries(record).map(([key, value]) => [Number(key), value]));

/** ifIndex of each port. */
function found({ links, ports, basePorts, aliases, macs, heard }: Said): Record<number, number | undefined> {
  const numbers = heard ?? Object.keys(ports).map(Number);
  const interfaces = Array.from(byNumber(links), ([ifindex, names]) => {
    const all = [names].flat();
    const [name = ""] = all;
    return { ifindex, name, said: name, all };
  });
  const tables: LldpTables = {
    heard: numbers.map((number) => [number, { chassis: "sw", systemName: undefined, port: undefined }]),
    ports: Array.from(
      byNumber(ports),
      ([number, [kind, id, description = ""]]): LocalPort => ({ number, kind, id, description }),
    ),
    basePorts: byNumber(basePorts),
    aliases: byNumber(aliases),
    macs: byNumber(macs),
  };
  const ifindexOf = lldpPorts(interfaces, tables);
  return Object.fromEntries(numbers.map((number) => [number, ifindexOf(number)]));
}

describe("a port of the LLDP-MIB is the link", () => {
  test("that has its name, whatever its number is", () => {
    const links = { 1: ["Gi1/0/1", "GigabitEthernet1/0/1"], 2: "Gi1/0/2", 3: "Vlan1" };
    assert.deepEqual(found({ links, ports: { 3: ["name", "Gi1/0/1"], 1: ["name", "Gi1/0/2"] } }), { 3: 1, 1: 2 });
    assert.deepEqual(found({ links, ports: { 3: ["local", "GigabitEthernet1/0/1"] } }), { 3: 1 });
  });

  test("that its description names, where its ID does not", () => {
    const links = { 7: ["eth0", "port eth0"], 8: "eth1" };
    const ports = { 1: ["other", "0/1", "port eth0"], 2: ["mac", "02:00:00:00:00:01", "eth1"] } as const;
    assert.deepEqual(found({ links, ports, macs: { 7: "02:00:00:00:00:01", 8: "02:00:00:00:00:01" } }), { 1: 7, 2: 8 });
  });

  test("that has its alias or its MAC, where no other one has", () => {
    const links = { 7: "eth0", 8: "eth1", 9: "eth2" };
    const aliases = { 7: "to core", 8: "to core", 9: "to edge" };
    const ports = { 1: ["alias", "to core"], 2: ["alias", "to edge"] } as const;
    assert.deepEqual(found({ links, aliases, ports }), { 1: undefined, 2: 9 });
    assert.deepEqual(found({ links, aliases, ports: { 3: ["other", "", "to edge"] } }), { 3: 9 });
    const macs = { 7: "02:00:00:00:00:07", 8: "02:00:00:00:00:08", 9: "02:00:00:00:00:08" };
    const byMac = { 1: ["mac", "02:00:00:00:00:07"], 2: ["mac", "02:00:00:00:00:08"] } as const;
    assert.deepEqual(found({ links, macs, ports: byMac }), { 1: 7, 2: undefined });
  });

  test("by the number of a bridge's port, as Alcatel's AOS has it", () => {
    const links = { 1021: "1/21", 1022: "1/22", 21: "loopback0" };
    const ports = { 21: ["local", "1021", "Alcatel-Lucent Enterprise 1/21"], 22: ["local", "1022"] } as const;
    assert.deepEqual(found({ links, ports, basePorts: { 21: 1021, 22: 1022 } }), { 21: 1021, 22: 1022 });
    assert.deepEqual(found({ links, ports }), { 21: 1021, 22: 1022 }, "its ID is an ifIndex");
  });

  test("by ifIndex, as Junos has it, whose bridge numbers its ports otherwise; of a unit it is the port", () => {
    const links = { 34: "vme", 686: "ge-1/0/41", 687: "ge-1/0/41.0", 691: "ge-1/0/46", 692: "ge-1/0/46.0" };
    const ports = { 34: ["local", "34", "-"], 687: ["local", "687", "-"], 692: ["local", "692", "-"] } as const;
    assert.deepEqual(found({ links, ports, basePorts: { 687: 692, 692: 687 } }), { 34: 34, 687: 686, 692: 691 });
  });

  test("of nobody, where its number may be a bridge's and an ifIndex, and these are two links", () => {
    const links = { 1: "a", 2: "b" };
    const ports = { 1: ["other", "?"], 2: ["other", "?"] } as const;
    assert.deepEqual(found({ links, ports, basePorts: { 1: 2, 2: 1 } }), { 1: undefined, 2: undefined });
    assert.deepEqual(found({ links, ports, basePorts: { 1: 1, 2: 2 } }), { 1: 1, 2: 2 }, "both mean the same");
  });

  test("of nobody, where it has neither a name nor a number of a link", () => {
    assert.deepEqual(found({ links: { 1: "a" }, ports: { 9: ["name", "x"] } }), { 9: undefined });
    assert.deepEqual(found({ links: { 1: "a" }, ports: {}, heard: [9] }), { 9: undefined });
    assert.deepEqual(found({ links: { 1: "" }, ports: { 9: ["other", ""] } }), { 9: undefined });
  });
});
