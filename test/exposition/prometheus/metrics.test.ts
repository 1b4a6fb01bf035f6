import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { FAMILIES, renderText } from "#src/exposition/prometheus/metrics.js";
import { NET_INDEX, NET_STATISTICS, type NetStatistic } from "#src/kstat/net.js";
import { Schema } from "#src/kstat/schema.js";
import type { Snapshot } from "#src/snapshot/snapshot.js";
import { root } from "../../support/root.ts";
import { aSnapshot, BOND, type Counters, EXAMPLE, NOW } from "../../support/snapshot.ts";
import { parseScrape, type Scrape, seriesOf, valueOf } from "./scrape.ts";

/** The ten traffic counters of the contract and the statistic of each. */
const TRAFFIC: Readonly<Record<string, NetStatistic>> = {
  receive_bytes: "rbytes64",
  transmit_bytes: "obytes64",
  receive_packets: "ipackets64",
  transmit_packets: "opackets64",
  receive_errors: "ierrors",
  transmit_errors: "oerrors",
  receive_multicast_packets: "multircv",
  transmit_multicast_packets: "multixmt",
  receive_broadcast_packets: "brdcstrcv",
  transmit_broadcast_packets: "brdcstxmt",
};

function render(snapshot: Snapshot): string {
  return Buffer.from(renderText(snapshot)).toString("utf8");
}

function scrape(snapshot: Snapshot): Scrape {
  return parseScrape(render(snapshot));
}

/** A histogram has three kinds of sample. */
function familyOf(name: string, types: ReadonlyMap<string, string>): string {
  const histogram = name.replace(/_(bucket|sum|count)$/, "");
  return types.get(histogram) === "histogram" ? histogram : name;
}

describe("the example's metrics", () => {
  for (const [file, snapshot] of Object.entries({ "metrics.prom": EXAMPLE, "bond.prom": BOND })) {
    test(`are those of the golden file ${file}`, () => {
      const path = root("test", "golden", file);
      const text = render(snapshot);
      const { UPDATE_GOLDEN } = process.env;
      if (UPDATE_GOLDEN === "1") writeFileSync(path, text);
      assert.equal(text, readFileSync(path, "utf8"));
    });
  }

  test("say of LACP only in a bond of mode 802.3ad", () => {
    const name = "ipmp_member_lacp_in_active_aggregator";
    assert.ok(!render(EXAMPLE).includes(name));
    const of = (device: string) => valueOf(scrape(BOND), name, { group: "bond0", device });
    assert.deepEqual([of("eth0"), of("eth1")], ["1", "0"]);
  });

  test("leave promtool with nothing to say", (context) => {
    const promtool = spawnSync("promtool", ["check", "metrics"], { input: render(EXAMPLE), encoding: "utf8" });
    if (promtool.error !== undefined) {
      context.skip(`promtool (Debian package prometheus): ${promtool.error.message}`);
      return;
    }
    const complaints = `${promtool.stdout}${promtool.stderr}`.split("\n").filter((line) => line !== "");
    assert.deepEqual(complaints, []);
  });

  test("are each said once, under a family that is described", () => {
    const { samples, types, helps } = scrape(EXAMPLE);
    const series = samples.map(({ name, labels }) => seriesOf(name, labels));
    assert.equal(new Set(series).size, series.length);
    for (const name of samples.map((sample) => familyOf(sample.name, types)))
      assert.ok(types.has(name) && helps.has(name), `${name} has HELP and TYPE`);
  });

  test("stand together by family", () => {
    const { samples, types } = scrape(EXAMPLE);
    const names = samples.map(({ name }) => familyOf(name, types));
    const changes = names.filter((name, index) => name !== names[index - 1]);
    assert.equal(new Set(changes).size, changes.length);
  });
});

describe("exactness", () => {
  test("a group's and a member's counters are written to the last digit up to 2^64 - 1", () => {
    for (const value of [2n ** 53n - 1n, 2n ** 53n + 1n, 2n ** 64n - 1n]) {
      const snapshot = aSnapshot({ groups: [{ name: "g", members: [{ device: "d", current: { rbytes64: value } }] }] });
      const text = scrape(snapshot);
      assert.equal(valueOf(text, "ipmp_group_receive_bytes_total", { group: "g" }), String(value));
      assert.equal(valueOf(text, "ipmp_member_receive_bytes_total", { group: "g", device: "d" }), String(value));
    }
  });

  test("every statistic has its own metric", () => {
    const current: Counters = Object.fromEntries(
      Object.values(TRAFFIC).map((name, index) => [name, 101n + BigInt(index)]),
    );
    const text = scrape(aSnapshot({ groups: [{ name: "g", members: [{ device: "d", current }] }] }));
    for (const [noun, statistic] of Object.entries(TRAFFIC)) {
      assert.equal(valueOf(text, `ipmp_group_${noun}_total`, { group: "g" }), String(current[statistic]));
      assert.equal(valueOf(text, `ipmp_member_${noun}_total`, { group: "g", device: "d" }), String(current[statistic]));
    }
  });

  test("ipmp_kstat shows all 15, the 32-bit ones modulo 2^32", () => {
    const current: Counters = { rbytes64: 2n ** 40n + 5n, ierrors: 2n ** 32n + 6n, multixmt: 7n };
    const text = scrape(
      aSnapshot({
        groups: [{ name: "g", ifname: "ipmp7", members: [{ device: "d", current }] }],
        unsupported: ["multixmt"],
      }),
    );
    const kstats = text.samples.filter(({ name }) => name === "ipmp_kstat");
    assert.deepEqual(
      kstats.map(({ labels: { statistic } }) => statistic),
      NET_STATISTICS.map(({ name }) => name),
    );
    const shown = (statistic: string): string | undefined =>
      valueOf(text, "ipmp_kstat", { module: "ipmp", instance: "0", name: "ipmp7", statistic });
    assert.equal(shown("rbytes"), "5");
    assert.equal(shown("rbytes64"), String(2n ** 40n + 5n));
    assert.equal(shown("ierrors"), "6");
    assert.equal(shown("multixmt"), "7");
    assert.equal(shown("link_up"), "1");
  });

  test("ipmp_kstat shows the low half of a word that is kept for a 32-bit statistic", () => {
    const schema = new Schema([{ name: "ierrors", type: "uint32" }]);
    const id = { module: "ipmp", instance: 0, name: "ipmp0", class: "net" };
    const reading = { id, crtime: NOW, snaptime: NOW, schema, values: new BigUint64Array([2n ** 33n + 9n]) };
    const [group] = aSnapshot({ groups: [{ name: "ipmp0" }] }).groups;
    assert.ok(group);
    const text = scrape({ ...aSnapshot(), groups: [{ ...group, kstat: reading }] });
    const labels = { module: "ipmp", instance: "0", name: "ipmp0", statistic: "ierrors" };
    assert.equal(valueOf(text, "ipmp_kstat", labels), "9");
  });

  test("a group's counter is the departed share plus the members', whatever the history", () => {
    const word = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    const some: fc.Arbitrary<Counters> = fc.record(
      Object.fromEntries(Object.values(TRAFFIC).map((name) => [name, word])),
    );
    const member = fc.record({ baseline: some, current: some });
    const group = fc.record({ departed: some, members: fc.array(member, { maxLength: 4 }) });
    fc.assert(
      fc.property(fc.array(group, { maxLength: 3 }), (groups) => {
        const snapshot = aSnapshot({
          groups: groups.map(({ departed, members }, g) => ({
            name: `g${g}`,
            departed,
            members: members.map((counters, m) => ({ device: `d${g}.${m}`, ...counters })),
          })),
        });
        const text = scrape(snapshot);
        for (const { name, departed, members } of snapshot.groups) {
          for (const [noun, statistic] of Object.entries(TRAFFIC)) {
            const shares = members.map(({ device }) =>
              BigInt(valueOf(text, `ipmp_member_${noun}_total`, { group: name, device }) ?? -1n),
            );
            const sum = shares.reduce((a, b) => a + b, departed[NET_INDEX[statistic]] ?? 0n);
            assert.equal(valueOf(text, `ipmp_group_${noun}_total`, { group: name }), String(BigInt.asUintN(64, sum)));
          }
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe("what is absent", () => {
  test("a statistic that the source cannot provide has no sample of its own, and ipmp_statistic_supported 0", () => {
    const current: Counters = { multixmt: 5n, brdcstrcv: 6n, multircv: 7n };
    const input = { groups: [{ name: "g", members: [{ device: "d", current }] }] };
    const text = scrape(aSnapshot({ ...input, unsupported: ["multixmt", "brdcstrcv"] }));
    const names = new Set(text.samples.map(({ name }) => name));
    for (const scope of ["group", "member"]) {
      assert.ok(!names.has(`ipmp_${scope}_transmit_multicast_packets_total`));
      assert.ok(!names.has(`ipmp_${scope}_receive_broadcast_packets_total`));
      assert.ok(names.has(`ipmp_${scope}_receive_multicast_packets_total`));
    }
    assert.equal(valueOf(text, "ipmp_statistic_supported", { statistic: "multixmt" }), "0");
    assert.equal(valueOf(text, "ipmp_statistic_supported", { statistic: "multircv" }), "1");
  });

  test("a group without nominee, addresses, MTU and failover has no sample for them", () => {
    const { samples } = scrape(
      aSnapshot({ groups: [{ name: "default", mtu: undefined, members: [{ device: "wan0" }] }] }),
    );
    const names = new Set(samples.map(({ name }) => name));
    for (const name of [
      "ipmp_group_cast_device",
      "ipmp_group_addresses",
      "ipmp_group_mtu_bytes",
      "ipmp_group_last_failover_timestamp_seconds",
      "ipmp_member_bound_addresses",
    ]) {
      assert.ok(!names.has(name), name);
    }
    assert.ok(names.has("ipmp_group_failovers_total"));
  });

  test("a system without groups still says what it is", () => {
    const { samples } = scrape(aSnapshot());
    assert.ok(samples.some(({ name }) => name === "ipmp_source_info"));
    assert.ok(!samples.some(({ name }) => name.startsWith("ipmp_group_") || name.startsWith("ipmp_member_")));
  });
});

describe("states", () => {
  test("exactly one of ok, degraded and failed is 1", () => {
    for (const state of ["ok", "degraded", "failed"] as const) {
      const text = scrape(aSnapshot({ groups: [{ name: "g", state }] }));
      const said = ["ok", "degraded", "failed"].map((of) =>
        valueOf(text, "ipmp_group_state", { group: "g", state: of }),
      );
      assert.deepEqual(
        said,
        ["ok", "degraded", "failed"].map((of) => String(Number(of === state))),
      );
    }
  });

  test("members are counted by state, and a missing one is not among them", () => {
    const members = [
      { device: "a" },
      { device: "b", state: "failed" } as const,
      { device: "c", state: "failed" } as const,
      { device: "d", state: "offline" } as const,
    ];
    const text = scrape(aSnapshot({ groups: [{ name: "g", members, missing: ["e"] }] }));
    const count = (state: string): string | undefined => valueOf(text, "ipmp_group_members", { group: "g", state });
    assert.deepEqual(["active", "inactive", "failed", "offline"].map(count), ["1", "0", "2", "1"]);
    assert.equal(valueOf(text, "ipmp_group_members_expected", { group: "g" }), "5");
    assert.equal(valueOf(text, "ipmp_group_members_missing", { group: "g" }), "1");
  });

  test("seconds in a state are exact decimals", () => {
    const stateTime = { ok: 9_007_199_254_740_993_000_000_001n, degraded: 500_000_000n, failed: 0n };
    const text = scrape(aSnapshot({ groups: [{ name: "g", stateTime }] }));
    const spent = (state: string): string | undefined =>
      valueOf(text, "ipmp_group_state_seconds_total", { group: "g", state });
    assert.deepEqual(["ok", "degraded", "failed"].map(spent), ["9007199254740993.000000001", "0.5", "0"]);
  });
});

test("odd names arrive as they are", () => {
  const name = 'gr"ou\\p\n';
  const device = 'éth"0\\';
  const text = scrape(
    aSnapshot({ groups: [{ name, ifname: "x", members: [{ device }] }], links: [{ name: device, alias: "\n" }] }),
  );
  assert.equal(valueOf(text, "ipmp_member_active", { group: name, device }), "1");
  const { alias } = text.samples.find((sample) => sample.name === "ipmp_member_info")?.labels ?? {};
  assert.equal(alias, "\n");
});

test("every family is explained in a sentence", () => {
  for (const { name, help } of FAMILIES) assert.match(help, /^[A-Z1].*\.$/, name);
});
