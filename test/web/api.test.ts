import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { NET_STATISTICS } from "#src/kstat/net.js";
import { aSnapshot, BOND, EXAMPLE, NOW } from "../support/snapshot.ts";
import { ask, serve } from "./client.ts";

const NAMES = NET_STATISTICS.map(({ name }) => name);

type Fifteen = Readonly<Record<string, string>>;
interface Group {
  readonly name: string;
  readonly kstats: Fifteen;
  readonly gr_kstats0: Fifteen;
  readonly members: readonly {
    readonly device: string;
    readonly phyint_kstats0: Fifteen;
    readonly link_kstat: Fifteen;
  }[];
}

describe("/api/v1/groups", () => {
  test("tells what a bond's driver and LACP say; null of any other group", async (context) => {
    const { port, world } = await serve(context);
    world.fresh = () => Promise.resolve(BOND);
    const [group] = JSON.parse((await ask({ port, path: "/api/v1/groups" })).text).groups;
    assert.deepEqual(group.bond, {
      monitor: "mii",
      lacp: {
        ...{ rate: "fast", min_links: 0, active_aggregator: 1 },
        ...{ actor_key: 15, partner_key: 9, partner_lladdr: "02:fc:ce:91:32:14" },
      },
    });
    const { lacp, ...driver } = group.members[0].bond;
    assert.deepEqual(driver, {
      role: "active",
      mii_status: "up",
      link_failures: "2",
      permanent_lladdr: "02:1d:22:fd:7e:72",
    });
    assert.deepEqual(
      [lacp.partner_lladdr, lacp.partner_key, lacp.actor_churn, lacp.partner_churned],
      ["02:fc:ce:91:32:14", 9, "none", "1"],
    );
    const ipmp0 = aSnapshot({ groups: [{ name: "ipmp0", members: [{ device: "eth0" }] }] });
    world.fresh = () => Promise.resolve(ipmp0);
    const [other] = JSON.parse((await ask({ port, path: "/api/v1/groups" })).text).groups;
    assert.deepEqual([other.bond, other.members[0].bond], [null, null]);
  });

  test("holds what is needed to add up each group's counters, as decimal strings", async (context) => {
    const { port } = await serve(context);
    const { groups } = JSON.parse((await ask({ port, path: "/api/v1/groups" })).text) as { groups: Group[] };
    assert.deepEqual(
      groups.map(({ name }) => name),
      ["default", "ipmp0"],
    );
    for (const [index, group] of groups.entries()) {
      for (const fifteen of [group.gr_kstats0, ...group.members.flatMap((m) => [m.phyint_kstats0, m.link_kstat])]) {
        assert.deepEqual(Object.keys(fifteen), NAMES);
        for (const value of Object.values(fifteen)) assert.match(value, /^\d+$/);
      }
      for (const [position, statistic] of NAMES.entries()) {
        const sum = group.members.reduce(
          (total, { phyint_kstats0, link_kstat }) =>
            total + BigInt(link_kstat[statistic] ?? "") - BigInt(phyint_kstats0[statistic] ?? ""),
          BigInt(group.gr_kstats0[statistic] ?? ""),
        );
        assert.equal(sum, EXAMPLE.groups[index]?.total[position], `${group.name} ${statistic}`);
        if (statistic !== "link_up") assert.equal(group.kstats[statistic], String(sum));
      }
    }
  });

  test("says what a group is, null where it has no such thing", async (context) => {
    const { port } = await serve(context);
    const get = async (name: string) => JSON.parse((await ask({ port, path: `/api/v1/groups/${name}` })).text);
    const ipmp0 = await get("ipmp0");
    assert.equal(ipmp0.state, "degraded");
    assert.equal(ipmp0.link_up, true);
    assert.deepEqual(ipmp0.cast_device, { ipv4: "eth0", ipv6: null });
    assert.deepEqual(ipmp0.missing, ["eth2"]);
    assert.deepEqual(ipmp0.addresses[1], { address: "192.0.2.11", family: "ipv4", up: false, inbound: null });
    assert.equal(ipmp0.members[0].device, "eth0");
    assert.deepEqual(ipmp0.members[0].failures, { link: "1", probe: "2" });
    assert.deepEqual(ipmp0.members[1].flags, ["RUNNING", "INACTIVE", "STANDBY"]);
    const other = await get("default");
    assert.equal(other.cast_device, null);
    assert.equal(other.addresses, null);
    assert.equal(other.last_failover, null);
    assert.deepEqual(other.refused, [{ device: "tun0", errno: "ENXIO", why: "it has no link-layer address" }]);
  });

  test("shows link_up as the group's kstat does", async (context) => {
    const { port, world } = await serve(context);
    const linkUp = async (): Promise<unknown> =>
      JSON.parse((await ask({ port, path: "/api/v1/groups/ipmp0" })).text).kstats.link_up;
    assert.equal(await linkUp(), "1");
    const members = [{ device: "eth0", state: "failed" }] as const;
    world.fresh = () => Promise.resolve(aSnapshot({ groups: [{ name: "ipmp0", members }] }));
    assert.equal(await linkUp(), "0");
  });

  test("is not kept by anybody", async (context) => {
    const { port } = await serve(context);
    for (const path of [
      "/api/v1/groups",
      "/api/v1/groups/ipmp0",
      "/api/v1/links",
      "/api/v1/kstats",
      "/api/v1/ipmpstat",
      "/api/v1/probes",
      "/api/v1/status",
      "/api/v1/events",
    ]) {
      const { headers } = await ask({ port, path });
      assert.equal(headers["cache-control"], "no-store");
      assert.match(String(headers["content-type"]), /^application\/json/);
    }
  });
});

test("/api/v1/links lists every link with its counters", async (context) => {
  const { port } = await serve(context);
  const { links } = JSON.parse((await ask({ port, path: "/api/v1/links" })).text);
  assert.deepEqual(
    links.map(({ ifindex, name, group }: Record<string, unknown>) => [ifindex, name, group]),
    [
      [1, "lo", null],
      [2, "eth0", "ipmp0"],
      [3, "eth1", "ipmp0"],
      [4, "wan0", "default"],
      [5, "wan1", "default"],
    ],
  );
  assert.equal(links[1].link_kstat.rbytes64, "18446744073709551614");
  assert.equal(links[4].link_kstat.norcvbuf, "3");
  assert.deepEqual(links[1].addresses, [{ address: "192.0.2.1", prefix_length: 24 }]);
});

test("/api/v1/probes has the last probes, or those after one", async (context) => {
  const row = { device: "eth0", family: "ipv4" as const, target: "192.0.2.1", sentMs: 1_763_853_300_250 };
  const rest = { networkRoundTrip: undefined, roundTrip: undefined, average: 800_000, deviation: 0 };
  const rows = [1, 2].map((id) => ({ id, probe: 500 + id, ...row, ...rest }));
  const probes = { since: (after = 0) => rows.filter(({ id }) => id > after) };
  const { port } = await serve(context, { probes });
  const all = JSON.parse((await ask({ port, path: "/api/v1/probes" })).text);
  assert.equal(all.last_id, 2);
  assert.deepEqual(all.probes[0], {
    id: 1,
    device: "eth0",
    family: "ipv4",
    probe: 501,
    target: "192.0.2.1",
    sent: "2025-11-22T23:15:00.250Z",
    outcome: "lost",
    round_trip_ns: null,
    network_round_trip_ns: null,
    round_trip_average_ns: 800_000,
    round_trip_deviation_ns: 0,
  });
  assert.equal(JSON.parse((await ask({ port, path: "/api/v1/probes?since=1" })).text).probes.length, 1);
  assert.equal((await ask({ port, path: "/api/v1/probes?since=yesterday" })).status, 400);
});

test("/api/v1/kstats lists every kstat with types, in the order of its schema", async (context) => {
  const { port } = await serve(context);
  const { kstats } = JSON.parse((await ask({ port, path: "/api/v1/kstats" })).text);
  const group = kstats.find(({ module, name }: Record<string, unknown>) => module === "ipmp" && name === "ipmp0");
  assert.deepEqual(
    group.statistics.map(({ name }: { name: string }) => name),
    NAMES,
  );
  assert.deepEqual(group.statistics[3], { name: "rbytes64", type: "uint64", value: "18446744073709551615" });
  assert.deepEqual(group.statistics[2], { name: "rbytes", type: "uint32", value: "4294967295" });
  assert.equal(group.instance, 0);
  assert.equal(group.class, "net");
  assert.equal(group.crtime, "860412.554019882");
  assert.equal(group.snaptime, "864012.554019882");
});

describe("/api/v1/status", () => {
  test("says how the program fares, with counters as decimal strings", async (context) => {
    const { port, world } = await serve(context);
    world.fresh = () =>
      Promise.resolve(
        aSnapshot({
          at: NOW,
          groups: [{ name: "ipmp0", members: [{ device: "eth0" }] }],
          engine: {
            joinsRefused: { ENXIO: 2n },
            linkNotes: { DL_NOTE_LINK_UP: 2n ** 60n },
            routingMessages: { RTM_IFINFO: 1n },
          },
          state: {
            saved: true,
            saves: 0n,
            failures: 3n,
            lastSavedMs: 1_763_853_300_250,
            fault: "damaged",
            recovered: false,
          },
          audit: { ok: true, violations: 4n },
          resets: [{ device: "eth0", reason: "backwards", count: 5n }],
        }),
      );
    const status = JSON.parse((await ask({ port, path: "/api/v1/status" })).text);
    assert.deepEqual(
      { engine: status.engine, state: status.state, audit: status.audit, resets: status.resets, groups: status.groups },
      {
        engine: {
          joins_refused: { ENXIO: "2" },
          link_notes: { DL_NOTE_LINK_UP: "1152921504606846976" },
          routing_messages: { RTM_IFINFO: "1" },
        },
        state: { saved: true, saves: "0", failures: "3", last_saved: "2025-11-22T23:15:00.250Z", fault: "damaged" },
        audit: { ok: true, violations: "4" },
        resets: [{ device: "eth0", reason: "backwards", count: "5" }],
        groups: { ok: 1, degraded: 0, failed: 0 },
      },
    );
    assert.equal(status.version, "1.2.3");
    assert.deepEqual(status.source, { name: "netlink", delivers_events: true, gaps: "0", reads: "0" });
    assert.deepEqual(status.collectors[0], { name: "addresses", success: true, duration_seconds: 0.000125 });
  });

  test("has null for what there is not", async (context) => {
    const { port } = await serve(context);
    const { engine, state, audit } = JSON.parse((await ask({ port, path: "/api/v1/status" })).text);
    assert.deepEqual({ engine, state, audit }, { engine: null, state: null, audit: null });
  });
});
