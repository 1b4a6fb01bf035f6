/** What managers import, against the MIB that it is about: every object is there, under the number that is written. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { ROLE } from "#src/exposition/snmp/mibs/ipmp-exporter-mib.js";
import { agentTree } from "#src/exposition/snmp/view/agent-tree.js";
import { oid } from "#src/exposition/snmp/protocol/oid.js";
import { root } from "../support/root.ts";

const tree = agentTree();
const nameOf = (text: string) => {
  const object = tree.objects[tree.objectOf(oid(text))];
  return object && object.oid.length === oid(text).length ? object.name : undefined;
};
const COUNTERS = new Set(["Counter32", "Counter64"]);

interface Prototype {
  readonly uuid: string;
  readonly name: string;
  readonly key: string;
  readonly snmp_oid: string;
  readonly valuemap?: { readonly name: string };
  readonly trigger_prototypes?: readonly { readonly uuid: string; readonly expression: string }[];
}

interface Template {
  readonly uuid: string;
  readonly template: string;
  readonly discovery_rules: readonly (Prototype & { readonly item_prototypes: readonly Prototype[] })[];
  readonly valuemaps: readonly {
    readonly uuid: string;
    readonly name: string;
    readonly mappings: readonly { readonly value: string; readonly newvalue: string }[];
  }[];
}

describe("the Zabbix template", () => {
  const text = readFileSync(root("deploy/zabbix/ipmp-exporter.yaml"), "utf8");
  // The form is Zabbix' own; what of it is ours is looked at below.
  const [template] = (parse(text) as { zabbix_export: { templates: readonly Template[] } }).zabbix_export.templates;
  assert.ok(template);
  const rules = template.discovery_rules;
  const items = rules.flatMap((rule) => rule.item_prototypes);

  test("names objects of the MIB, each item once", () => {
    for (const { snmp_oid } of rules) {
      const [, column = ""] = /^discovery\[\{#[A-Z]+\},([\d.]+)\]$/.exec(snmp_oid) ?? [];
      assert.match(nameOf(column) ?? "", /^ipmp(GroupName|MemberDevice)$/, snmp_oid);
    }
    for (const { snmp_oid, key } of items) {
      const [, column = ""] = /^([\d.]+)\.\{#SNMPINDEX\}$/.exec(snmp_oid) ?? [];
      const [, row = "", what = ""] = /^ipmp\.(group|member)\.(\w+)\[/.exec(key) ?? [];
      assert.match(nameOf(column)?.toLowerCase() ?? "", new RegExp(`^ipmp${row}.*${what}$`), key);
    }
    assert.equal(new Set(items.map(({ key }) => key)).size, items.length);
  });

  test("has triggers on its own items, identifiers of their own, and the words of the MIB", () => {
    for (const { key, trigger_prototypes = [] } of items) {
      for (const { expression } of trigger_prototypes) {
        assert.ok(expression.startsWith(`last(/${template.template}/${key})=`), expression);
      }
    }
    const ids = [...text.matchAll(/uuid: (\S+)/g)].map(([, id]) => id ?? "");
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids) assert.match(id, /^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/, "UUID of version 4");
    const maps = new Map(template.valuemaps.map(({ name, mappings }) => [name, mappings]));
    for (const { valuemap } of items) if (valuemap) assert.ok(maps.has(valuemap.name));
    const roles = maps.get("IpmpRole")?.map(({ value, newvalue }) => [newvalue, Number(value)]);
    assert.deepEqual(Object.fromEntries(roles ?? []), ROLE);
  });
});

describe("the module for snmp_exporter", () => {
  interface Module {
    readonly walk: readonly string[];
    readonly metrics: readonly {
      readonly name: string;
      readonly oid: string;
      readonly type: string;
      readonly indexes: readonly { readonly labelname: string }[];
      readonly lookups: readonly {
        readonly labels: readonly string[];
        readonly labelname: string;
        readonly oid: string;
      }[];
    }[];
  }
  const file = parse(readFileSync(root("deploy/snmp_exporter/snmp.yml"), "utf8")) as { modules: { ipmp: Module } };
  const { walk, metrics } = file.modules.ipmp;

  test("names objects of the MIB, with their types, within what it walks", () => {
    for (const { name, oid: text, type, indexes, lookups } of metrics) {
      assert.equal(nameOf(text), name);
      const { syntax } = tree.objects[tree.objectOf(oid(text))] ?? {};
      assert.equal(type, COUNTERS.has(syntax ?? "") ? "counter" : "gauge", name);
      const labels = new Set(indexes.map(({ labelname }) => labelname));
      for (const lookup of lookups) {
        assert.equal(nameOf(lookup.oid), lookup.labelname);
        for (const label of lookup.labels) assert.ok(labels.has(label), label);
      }
      for (const one of [text, ...lookups.map((lookup) => lookup.oid)]) {
        assert.ok(
          walk.some((subtree) => one.startsWith(`${subtree}.`)),
          one,
        );
      }
    }
  });
});
