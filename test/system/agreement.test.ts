/** Prometheus, SNMP and the kernel about the same instant. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { root } from "../support/root.ts";

const NO_SNMP = spawnSync("snmpbulkwalk", ["--version"]).error ? "needs snmpbulkwalk (Debian package snmp)" : false;
const NO_PROMTOOL = spawnSync("promtool", ["--version"]).error ? "needs promtool (Debian package prometheus)" : false;

const MIBS = `MIBDIRS=${root("node_modules", "net-snmp", "lib", "mibs")}`;

/** Column of IF-MIB and the metric that must agree with it, as a sum of columns. */
const COLUMNS: readonly [string, readonly string[]][] = [
  ["receive_bytes", ["ifHCInOctets"]],
  ["transmit_bytes", ["ifHCOutOctets"]],
  ["receive_packets", ["ifHCInUcastPkts", "ifHCInMulticastPkts"]],
  ["transmit_packets", ["ifHCOutUcastPkts"]],
];

describe("the faces of one instant", { skip: NO_NETNS || NO_SNMP }, () => {
  const config = "groups: [{ name: ipmp0, interfaces: [va, vb] }]\n";

  test("IF-MIB rows of the group and its members say what /metrics and the kernel say", async (t) => {
    const ns = Netns.create(t, "faces");
    ns.addVeth("va", "va-peer");
    ns.addVeth("vb", "vb-peer");
    const program = await Program.start(t, { ns, config });
    for (const device of ["va", "vb", "va-peer"]) ns.send(device, { packets: 50, bytes: 333 });
    const samples = await program.metrics();
    const walk = (table: string) =>
      ns.run(
        "env",
        MIBS,
        "MIBS=SNMPv2-MIB:IF-MIB",
        "snmpbulkwalk",
        "-v2c",
        "-cpublic",
        "-OQsU",
        "127.0.0.1:1161",
        table,
      );
    const rows = new Map(
      `${walk("IF-MIB::ifTable")}\n${walk("IF-MIB::ifXTable")}`
        .split("\n")
        .map((line) => line.split(" = "))
        .map(([name = "", value = ""]) => [name, value]),
    );
    const indexes = new Map(
      [...rows]
        .filter(([name]) => name.startsWith("ifName."))
        .map(([name, value]) => [value, name.slice("ifName.".length)]),
    );
    for (const [metric, columns] of COLUMNS) {
      const sum = (name: string) =>
        columns
          .reduce((total, column) => total + BigInt(rows.get(`${column}.${indexes.get(name)}`) ?? 0), 0n)
          .toString();
      assert.equal(sum("ipmp0"), samples.get(`ipmp_group_${metric}_total{group="ipmp0"}`), metric);
      for (const device of ["va", "vb"]) {
        assert.equal(sum(device), samples.get(`ipmp_member_${metric}_total{group="ipmp0",device="${device}"}`), metric);
      }
    }
    assert.equal(samples.get('ipmp_group_transmit_bytes_total{group="ipmp0"}'), String(2 * 50 * (333 + 42)));
    assert.equal(indexes.get("va"), String(ns.link("va").ifindex));
  });

  test("snmptable prints both tables, and a walk of the whole tree ends and only goes forward", async (t) => {
    const ns = Netns.create(t, "walk");
    ns.addVeth("va", "vb");
    await Program.start(t, { ns, config });
    for (const table of ["ifTable", "ifXTable"]) {
      const text = ns.run(
        "env",
        MIBS,
        "MIBS=SNMPv2-MIB:IF-MIB",
        "snmptable",
        "-v2c",
        "-cpublic",
        "127.0.0.1:1161",
        `IF-MIB::${table}`,
      );
      assert.match(text, /ipmp0/);
    }
    const oids = ns
      .run("snmpwalk", "-v2c", "-cpublic", "-Onq", "-Cc", "127.0.0.1:1161", ".1")
      .split("\n")
      .flatMap((line) =>
        /^\.(?!.*No more variables)/.test(line) ? [(line.split(" ")[0] ?? "").slice(1).split(".").map(Number)] : [],
      );
    assert.ok(oids.length > 50);
    for (const [n, oid] of oids.entries()) if (n > 0) assert.ok(compare(oids[n - 1] ?? [], oid) < 0, oid.join("."));
    assert.match(ns.run("snmpgetnext", "-v2c", "-cpublic", "-Onq", "127.0.0.1:1161", ".2.5"), /No more variables left/);
  });

  test("promtool has nothing to say about a scrape", { skip: NO_PROMTOOL }, async (t) => {
    const ns = Netns.create(t, "promtool");
    ns.addVeth("va", "vb");
    const program = await Program.start(t, { ns, config });
    const { body } = await program.get("/metrics");
    const { stdout, stderr } = spawnSync("promtool", ["check", "metrics"], { input: body, encoding: "utf8" });
    const complaints = `${stdout}${stderr}`.split("\n").filter((line) => line !== "");
    assert.deepEqual(complaints, []);
  });
});

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [n, word] of a.entries()) if (word !== b[n]) return word - (b[n] ?? -1);
  return a.length - b.length;
}
