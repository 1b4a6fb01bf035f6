/**
 * The Zabbix template against a running agent, as Zabbix polls: each rule discovers by a walk of its column, and each of its items is asked for each index
 * that was found (https://www.zabbix.com/documentation/6.0/en/manual/discovery/low_level_discovery/examples/snmp_oids).
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { root } from "../support/root.ts";
import { manager, withoutTools } from "../support/snmp-tools.ts";

interface Item {
  readonly name: string;
  readonly snmp_oid: string;
  readonly valuemap?: { readonly name: string };
  readonly trigger_prototypes?: readonly { readonly expression: string; readonly name: string }[];
}

interface Template {
  readonly discovery_rules: readonly (Item & { readonly item_prototypes: readonly Item[] })[];
  readonly valuemaps: readonly { readonly name: string; readonly mappings: readonly { readonly value: string }[] }[];
}

const AGENT = ["-v2c", "-c", "public", "-r10", "-t2", "127.0.0.1:1161"] as const;

describe("the Zabbix template", { skip: NO_NETNS || withoutTools("snmpwalk", "snmpget") }, () => {
  test("finds groups and members, gets each of its items, and its triggers see a member that failed", async (t) => {
    const ns = Netns.create(t, "zabbix");
    for (const name of ["eth0", "eth1", "up0"]) ns.addVeth(name, `${name}-far`);
    const config = `groups: [{ name: bond0, interfaces: [eth0, eth1] }, { name: uplink, interfaces: [up0] }]`;
    const program = await Program.start(t, { ns, config, args: ["--snmp.listen-address=udp:127.0.0.1:1161"] });
    ns.ip("link", "set", "eth1-far", "down");
    await program.until('ipmp_group_state{group="bond0",state="degraded"}', "1");

    const file = readFileSync(root("deploy", "zabbix", "ipmp-exporter.yaml"), "utf8");
    const [template] = (parse(file) as { zabbix_export: { templates: readonly Template[] } }).zabbix_export.templates; // ours
    assert.ok(template);
    const mapped = new Map(
      template.valuemaps.map(({ name, mappings }) => [name, new Set(mappings.map(({ value }) => value))]),
    );
    /** Names of the things found, and of the triggers that fire. */
    const found: string[] = [];
    const firing: string[] = [];
    for (const rule of template.discovery_rules) {
      const [, macro = "", column = ""] = /^discovery\[(\{#\w+\}),([\d.]+)\]$/.exec(rule.snmp_oid) ?? [];
      const { stdout } = await manager(ns, "snmpwalk", "-Onq", ...AGENT, column);
      const rows = [...stdout.matchAll(/^\.([\d.]+) "?([^"\n]*)"?$/gm)].map(([, oid = "", name = ""]) => ({
        index: oid.slice(column.length + 1),
        name,
      }));
      for (const { index, name } of rows) {
        found.push(name);
        for (const item of rule.item_prototypes) {
          const oid = item.snmp_oid.replace("{#SNMPINDEX}", index);
          const got = (await manager(ns, "snmpget", "-OqvUe", ...AGENT, oid)).stdout.trim();
          assert.match(got, /^\d+$/, `${item.name} of ${name}: ${got}`); // value_type is UNSIGNED where nothing is said
          if (item.valuemap) assert.ok(mapped.get(item.valuemap.name)?.has(got), `${item.name}: no word for ${got}`);
          for (const { expression, name: title } of item.trigger_prototypes ?? []) {
            if (/=(\d+)$/.exec(expression)?.[1] === got) firing.push(title.replace(macro, name));
          }
        }
      }
    }
    assert.deepEqual(found.sort(), ["bond0", "eth0", "eth1", "up0", "uplink"]);
    assert.deepEqual(firing, ["Group bond0 is degraded", "Member eth1 has failed"]);
  });
});
