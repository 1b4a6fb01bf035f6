/** Right files and what they mean. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseDuration } from "#src/config/duration.js";
import { jsonSchema, keysAt } from "#src/config/key-tree.js";
import { parseOid, parseSubtree } from "#src/config/oid.js";
import { configuration } from "./support.ts";

describe("a group", () => {
  test("is named links, standby links and links that match", () =>
    assert.deepEqual(
      configuration(`
groups:
  - name: uplink
    ifname: ipmp0
    interfaces:
      - eth0
      - { device: eth1, standby: true }
      - { match: "^ens[0-9]+f1$" }
    addresses: [192.0.2.10, "2001:DB8:0::10"]
    min_active: 2
    probes: true
`).groups.map(({ members, ...group }) => ({
        ...group,
        members: members.map((rule) => (rule.kind === "match" ? { ...rule, match: rule.match.source } : rule)),
      })),
      [
        {
          name: "uplink",
          ifname: "ipmp0",
          members: [
            { kind: "device", device: "eth0", standby: false },
            { kind: "device", device: "eth1", standby: true },
            { kind: "match", match: "^ens[0-9]+f1$", standby: false },
          ],
          addresses: ["192.0.2.10", "2001:db8::10"],
          minActive: 2,
          probes: true,
        },
      ],
    ));

  test("is matched in a time that nobody's name can stretch", () => {
    const [group] = configuration('groups: [{ name: a, interfaces: [{ match: "^(a+)+$" }] }]').groups;
    const [rule] = group?.members ?? [];
    assert.ok(rule?.kind === "match");
    // An engine that goes back and tries again takes 2^120 steps for the second.
    assert.deepEqual(
      ["a".repeat(120), `${"a".repeat(120)}!`].map((name) => rule.match.test(name)),
      [true, false],
    );
  });

  test("may ask for more members than it names when a match may find them", () =>
    assert.equal(
      configuration("groups: [{ name: a, interfaces: [{ match: x }], min_active: 4 }]").groups[0]?.minActive,
      4,
    ));

  test("has a name of 31 bytes at most, its meta-interface too", () => {
    const name = "g".repeat(31);
    assert.equal(configuration(`groups: [{ name: ${name}, interfaces: [eth0] }]`).groups[0]?.ifname, name);
  });

  test("can be written once and used twice by an alias", () =>
    assert.deepEqual(
      configuration(
        "groups:\n  - { name: a, interfaces: [eth0], addresses: &none [] }\n  - { name: b, interfaces: [eth1], addresses: *none }",
      ).groups.map(({ name }) => name),
      ["a", "b"],
    ));
});

test("a byte order mark and Windows line ends are only form", () =>
  assert.equal(configuration("\uFEFFlog:\r\n  level: warn\r\n").log.level, "warn"));

test("SNMP can be turned off in either way", () => {
  assert.deepEqual(configuration("snmp: { listen_addresses: none }").snmp.listenAddresses, []);
  assert.deepEqual(configuration("snmp: { listen_addresses: [] }").snmp.listenAddresses, []);
});

test("SNMP views and rates are read", () => {
  const { communities, users, rateLimit } = configuration(
    `snmp:
  communities:
    - { name: a, view: { include: [.1.3.6.1.2.1, 1.2.840.10006.300.43], exclude: [1.3.6.1.2.1.4] } }
  users:
    - { name: b, auth: { protocol: SHA-256, password_file: f }, view: { include: [1.3.6] } }
    - { name: c, auth: { protocol: SHA-256, password_file: f } }
  rate_limit: { per_second: 5 }
`,
  ).snmp;
  assert.deepEqual(communities[0]?.view, {
    include: [
      [1, 3, 6, 1, 2, 1],
      [1, 2, 840, 10006, 300, 43],
    ],
    exclude: [[1, 3, 6, 1, 2, 1, 4]],
  });
  assert.deepEqual(
    users.map(({ view }) => view),
    [{ include: [[1, 3, 6]], exclude: [] }, undefined],
  );
  assert.deepEqual(rateLimit, { perSecond: 5, burst: 4000 });
});

test("systemd's socket needs no address", () =>
  assert.deepEqual(configuration("web: { systemd_socket: true, listen_addresses: [] }").web.listenAddresses, []));

/** A parser, a text, and what it is. */
const PARSED: readonly (readonly [(text: string) => unknown, string, unknown])[] = [
  [parseDuration, "10s", 10_000],
  [parseDuration, "1500ms", 1500],
  [parseDuration, "1m30s", 90_000],
  [parseDuration, "0.5s", 500],
  [parseDuration, "10", undefined],
  [parseDuration, "s", undefined],
  [parseDuration, "10s ", undefined],
  [parseOid, "1.3.6.1.4.1.99", [1, 3, 6, 1, 4, 1, 99]],
  [parseOid, "1.2.840", undefined],
  [parseSubtree, ".1.2.840", [1, 2, 840]],
  [parseSubtree, "1.3.4294967296", undefined],
  [parseSubtree, "3.1", undefined],
  [parseSubtree, "1..3", undefined],
];

describe("texts are read as", () => {
  for (const [parse, text, expected] of PARSED) {
    test(`${parse.name} "${text}"`, () => assert.deepEqual(parse(text), expected));
  }
});

describe("the documentation's schema", () => {
  test("describes every key", () => {
    const undescribed: string[] = [];
    const walk = (node: ReturnType<typeof jsonSchema>, path: string) => {
      for (const branch of node.anyOf ?? [node]) {
        if (branch !== node) walk(branch, path);
        if (typeof branch.items === "object" && !Array.isArray(branch.items)) walk(branch.items, `${path}[]`);
        for (const [key, below] of Object.entries(branch.properties ?? {})) {
          if (typeof below !== "object") continue;
          if (!below.description) undescribed.push(`${path}.${key}`);
          walk(below, `${path}.${key}`);
        }
      }
    };
    walk(jsonSchema(), "");
    assert.deepEqual(undescribed, []);
    assert.ok(keysAt(["groups", 0, "interfaces", 1]).includes("match"));
  });

  test("has the defaults", () =>
    assert.equal(JSON.stringify(jsonSchema()).includes('"default":"*/15 * * * * *"'), true));
});

describe("sources", () => {
  const sourceOf = (keys: string) => configuration(`sources: [{ name: x, ${keys} }]`).sources[0];

  test("of kind illumos are asked every 10 s, and their commands are below the root", () => {
    const standard = { kind: "illumos", name: "x", interval: 10_000, path: "/" };
    assert.deepEqual(sourceOf("kind: illumos"), standard);
    assert.deepEqual(sourceOf('kind: illumos, interval: 10s, path: ""'), standard);
    assert.deepEqual(sourceOf("kind: illumos, interval: 5s, path: /zones/a/root"), {
      ...standard,
      interval: 5_000,
      path: "/zones/a/root",
    });
  });

  test("of kind snmp are asked every 30 s in version 2c, and given 2 s, three times", () =>
    assert.deepEqual(sourceOf('kind: snmp, target: "udp:192.0.2.11"'), {
      kind: "snmp",
      name: "x",
      target: { transport: "udp4", address: "192.0.2.11", port: 161 },
      interval: 30_000,
      timeout: 2_000,
      failures: 3,
      discoversLags: false,
      credential: { version: 2, community: "public" },
    }));
});
