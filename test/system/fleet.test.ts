/**
 * Fifty hosts in fifty namespaces, two uplinks each, the real program on every one; a Prometheus agent scrapes them and writes to
 * VictoriaMetrics with the configuration of deploy/fleet. Links are cut, and the fleet's rules say so.
 *
 * "Within two scrape intervals" is asked of the data and not of this machine's speed: the rules are evaluated at the time of the
 * cut plus two intervals, once the samples up to then have arrived.
 */

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { without } from "../deploy/support.ts";
import { type Hooks, Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { root } from "../support/root.ts";
import { scratch } from "../support/scratch.ts";

const HOSTS = 50;
const INTERVAL_S = 5;
const CONFIG =
  "groups: [{ name: uplinks, interfaces: [up0, up1] }]\nsnmp: { listen_addresses: [] }\ndiscovery: { default_routes: false }\n";

/** Far above what arriving takes. */
const ARRIVAL_MS = 90_000;

interface Host {
  readonly ns: Netns;
  readonly program: Program;
}

/** expr of each rule of the fleet, by the name under which it is recorded. */
const rules = new Map(
  (
    parse(readFileSync(root("deploy", "fleet", "rules.yml"), "utf8")) as {
      readonly groups: readonly { readonly rules: readonly { readonly record: string; readonly expr: string }[] }[];
    }
  ).groups.flatMap(({ rules: list }) => list.map(({ record, expr }) => [record, expr] as const)),
);

class Fleet {
  readonly hub: Netns;
  readonly hosts: Host[] = [];
  readonly #hooks: Hooks;

  constructor(hooks: Hooks) {
    this.#hooks = hooks;
    this.hub = Netns.create(hooks, "hub");
  }

  /** A namespace with two uplinks and a link of its own to the hub, on which it is scraped. */
  async addHost(n: number): Promise<void> {
    const ns = Netns.create(this.#hooks, `host${n}`);
    ns.addVeth("up0", "far0");
    ns.addVeth("up1", "far1");
    ns.ip("link", "add", "mgmt", "type", "veth", "peer", "name", `host${n}`, "netns", this.hub.name);
    ns.ip("address", "add", `10.191.${n}.2/24`, "dev", "mgmt");
    ns.ip("link", "set", "mgmt", "up");
    this.hub.ip("address", "add", `10.191.${n}.1/24`, "dev", `host${n}`);
    this.hub.ip("link", "set", `host${n}`, "up");
    const args = [`--web.listen-address=10.191.${n}.2:10191`];
    this.hosts[n] = { ns, program: await Program.start(this.#hooks, { ns, config: CONFIG, args }) };
  }

  /** VictoriaMetrics, and the agent with the configuration that ships, pointed at these hosts. */
  collect(): void {
    const folder = scratch(this.#hooks);
    const agent = parse(readFileSync(root("deploy", "fleet", "agent", "prometheus-agent.yml"), "utf8"));
    agent.global.scrape_interval = `${INTERVAL_S}s`;
    agent.scrape_configs[0].static_configs = [{ targets: this.hosts.map((_, n) => `10.191.${n}.2:10191`) }];
    agent.remote_write[0].url = "http://127.0.0.1:8428/api/v1/write";
    writeFileSync(join(folder, "agent.yml"), stringify(agent));
    mkdirSync(join(folder, "agent"));
    const quiet = { stdio: "ignore", cwd: folder } as const;
    this.hub.spawn(
      [
        "victoria-metrics",
        `-storageDataPath=${folder}/vm`,
        "-httpListenAddr=127.0.0.1:8428",
        "-search.latencyOffset=0s",
      ],
      quiet,
    );
    this.hub.spawn(
      [
        ...["prometheus", "--enable-feature=agent", `--config.file=${folder}/agent.yml`],
        ...[`--storage.agent.path=${folder}/agent`, "--web.listen-address=127.0.0.1:9095"],
      ],
      quiet,
    );
  }

  /** An instant query. Each sample's labels, without the name, as "state=ok"; the value. */
  query(expr: string, time?: number): Map<string, number> {
    const answer = this.hub.run(
      "curl",
      ...["-sS", "--fail", "http://127.0.0.1:8428/api/v1/query", "--data-urlencode", `query=${expr}`],
      ...(time === undefined ? [] : ["--data-urlencode", `time=${time}`]),
      ...["--data-urlencode", "nocache=1"],
    );
    const { data } = JSON.parse(answer) as {
      readonly data: {
        readonly result: readonly { readonly metric: Record<string, string>; readonly value: [number, string] }[];
      };
    };
    return new Map(
      data.result.map(({ metric: { __name__: _, ...labels }, value: [, value] }) => [
        Object.entries(labels)
          .map(([name, label]) => `${name}=${label}`)
          .join(","),
        Number(value),
      ]),
    );
  }

  /** Waits until every host's samples up to `time` (seconds) are stored. */
  async arrived(time: number): Promise<void> {
    const end = performance.now() + ARRIVAL_MS;
    for (;;) {
      let oldest: number | undefined;
      try {
        oldest = this.query(
          `min(timestamp(up{job="ipmp-exporter"})) + 0 * (count(up{job="ipmp-exporter"}) >= ${HOSTS})`,
        ).get("");
      } catch (error) {
        if (performance.now() > end) throw error; // VictoriaMetrics is not up yet
      }
      if (oldest !== undefined && oldest >= time) return;
      if (performance.now() > end) throw new Error(`samples of ${oldest} arrived, waiting for ${time}`);
      await sleep(250);
    }
  }

  /** What the rule called `fleet:NAME` says two scrape intervals after `cut` (seconds). */
  async view(cut: number): Promise<(name: string) => Record<string, number>> {
    const time = cut + 2 * INTERVAL_S;
    await this.arrived(time);
    return (name) => Object.fromEntries(this.query(rules.get(`fleet:${name}`) ?? assert.fail(name), time));
  }
}

const now = (): number => Date.now() / 1000;

describe("a fleet of fifty hosts", { skip: NO_NETNS || without("prometheus", "victoria-metrics", "curl") }, () => {
  const cleanups: (() => void)[] = [];
  let fleet: Fleet;

  before(async () => {
    fleet = new Fleet({ after: (hook) => cleanups.unshift(hook) });
    // A few at a time: each waits for its program to be ready, and a machine has few processors.
    for (let n = 0; n < HOSTS; n += 5) await Promise.all([0, 1, 2, 3, 4].map((more) => fleet.addHost(n + more)));
    fleet.collect();
    await fleet.arrived(now());
  });
  after(() => {
    for (const cleanup of cleanups) cleanup();
  });

  test("is seen whole when nothing is wrong", async () => {
    const view = await fleet.view(now());
    assert.deepEqual(view("ipmp_groups:count"), { "": HOSTS });
    assert.deepEqual(view("ipmp_groups_by_state:count"), { "state=ok": HOSTS, "state=degraded": 0, "state=failed": 0 });
    assert.deepEqual(view("ipmp_groups_without_redundancy:count"), { "": 0 });
    assert.deepEqual(view("ipmp_exporters_down:count"), { "": 0 });
  });

  test("shows each kind of loss two scrape intervals after links were cut, and loses no count", async () => {
    for (const { ns } of fleet.hosts) ns.send("up0", { packets: 20, bytes: 1000 });
    for (const { ns } of fleet.hosts.slice(0, 15)) ns.ip("link", "set", "far0", "down");
    for (const { ns } of fleet.hosts.slice(10, 15)) ns.ip("link", "set", "far1", "down");
    for (const { ns } of fleet.hosts.slice(15, 20)) ns.ip("link", "delete", "up0");
    const view = await fleet.view(now());
    assert.deepEqual(view("ipmp_groups:count"), { "": HOSTS });
    assert.deepEqual(view("ipmp_groups_by_state:count"), { "state=ok": 30, "state=degraded": 15, "state=failed": 5 });
    assert.deepEqual(view("ipmp_groups_without_redundancy:count"), { "": 20 });
    assert.deepEqual(view("ipmp_members_failed:count"), { "": 10 + 2 * 5 });
    assert.deepEqual(view("ipmp_members_missing:count"), { "": 5 });
    assert.deepEqual(view("ipmp_exporters_down:count"), { "": 0 });
    const sent = fleet.query("ipmp_group_transmit_packets_total", now());
    assert.equal(sent.size, HOSTS);
    assert.deepEqual(
      [...sent].filter(([, packets]) => packets !== 20),
      [],
      "the deleted uplinks' packets count as well",
    );
  });

  test("is whole again when the links are back, but for a host whose exporter ended; no counter fell", async () => {
    for (const { ns } of fleet.hosts.slice(0, 15)) ns.ip("link", "set", "far0", "up");
    for (const { ns } of fleet.hosts.slice(10, 15)) ns.ip("link", "set", "far1", "up");
    for (const { ns } of fleet.hosts.slice(15, 20)) ns.addVeth("up0", "far0");
    await fleet.hosts[HOSTS - 1]?.program.stop();
    const view = await fleet.view(now());
    assert.deepEqual(view("ipmp_groups_by_state:count"), {
      "state=ok": HOSTS - 1,
      "state=degraded": 0,
      "state=failed": 0,
    });
    assert.deepEqual(view("ipmp_exporters_down:count"), { "": 1 });
    for (const counter of ["transmit_bytes", "receive_bytes", "transmit_packets", "receive_packets"]) {
      const resets = fleet.query(`sum(resets(ipmp_group_${counter}_total[1h]))`);
      assert.deepEqual([...resets.values()], [0], counter);
    }
  });
});
