/**
 * docs/MIGRATING.md, tried: one Prometheus scrapes node_exporter, snmp_exporter and the program, on two hosts, with the configuration and the rules that
 * ship, while a link fails. Each expression of the page and each panel of the dashboard has an answer, and the old names go on.
 *
 * There are no bonds in a namespace: what node_exporter's collector of bonds reads is a tree that the test writes, as sysfs would have it; traffic and
 * links are real. The second host is the first under another address.
 */

import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { parse as parseYaml } from "yaml";
import { fillIn, parse as parsePromql } from "../dashboards/promql.ts";
import { type Dashboard, panels } from "../dashboards/shipped.ts";
import { lacks } from "../dashboards/tool.ts";
import { fences, page } from "../docs/pages.ts";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { root } from "../support/root.ts";
import { scratch } from "../support/scratch.ts";
import { withoutTools } from "../support/snmp-tools.ts";
import { eventually } from "../support/wait.ts";

const skip =
  NO_NETNS ||
  lacks("prometheus", "prometheus") ||
  withoutTools("prometheus-node-exporter", "prometheus-snmp-exporter", "curl");

const CONFIGURATION = `
groups:
  - { name: bond0, interfaces: [eth0, eth1] }
  - { name: uplink, interfaces: [up0, up1] } # up1 is never there
`;

/** Windows in seconds instead of minutes. */
const shortened = (text: string): string => text.replaceAll(/\[(\d+)m\]/g, "[$1s]");

/** Expressions of the page: its fenced ones, and those of its tables. */
const text = page("docs/MIGRATING.md");
const FENCED = fences(text)
  .filter(({ language }) => language === "promql")
  .map(({ text: expression }) => expression.trim());
const IN_TABLES = [...text.matchAll(/^\|(.+)\|$/gm)]
  .flatMap(([, row = ""]) =>
    [...row.matchAll(/`((?:\\\||[^`])+)`/g)].map(([, code = ""]) => code.replaceAll("\\|", "|")),
  )
  .filter((code) => /^(?!\w+\.)\S*(?:node_|ipmp_|ifHC|ifOper)|^(?:rate|sum|increase|max|min)\b/.test(code));

/** What this scenario cannot bring about is asked with its limit moved to the other side. */
const MOVED: Readonly<Record<string, readonly [from: string, to: string, because: string]>> = {
  "max without (device) (ipmp_member_speed_bytes) > min without (device) (ipmp_member_speed_bytes)": [
    "> min",
    ">= min",
    "veth links all say the same speed",
  ],
};

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values?: readonly (readonly [number, string])[];
  readonly value?: readonly [number, string];
}

describe("the page on migration", { skip }, () => {
  const undo: (() => void)[] = [];
  const hooks = { after: (hook: () => void) => void undo.unshift(hook) };
  after(() => {
    for (const one of undo) one();
  });

  let ns: Netns;
  let folder = "";
  let startedAt = 0;
  let endedAt = 0;
  let program: Program;

  const api = (path: string, parameters: Readonly<Record<string, string>>): Series[] => {
    const fields = Object.entries(parameters).flatMap(([name, value]) => ["--data-urlencode", `${name}=${value}`]);
    const answer = JSON.parse(ns.run("curl", "-sG", ...fields, `http://127.0.0.1:9090/api/v1/${path}`)) as {
      readonly data?: { readonly result: Series[] };
      readonly error?: string;
    }; // Prometheus' API
    if (answer.data === undefined) throw new Error(`${parameters["query"]}: ${answer.error}`);
    return answer.data.result;
  };
  const now = (query: string): Series[] => api("query", { query });
  /** During the time in which the link failed. */
  const over = (query: string): Series[] =>
    api("query_range", { query, start: String(startedAt), end: String(endedAt), step: "1" }).filter(({ values = [] }) =>
      values.some(([, value]) => Number.isFinite(Number(value))),
    );
  const until = (query: string): Promise<void> =>
    eventually(
      () => {
        try {
          return now(query).length > 0;
        } catch {
          return false; // Prometheus is starting
        }
      },
      () => `Prometheus never answered ${query}; the program said:\n${program.log.join("\n")}`,
    );

  /** The files below /sys/class/net that node_exporter reads. */
  const sysfs = (path: string, content: string): void => {
    const file = join(folder, "sys/class/net", path);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, `${content}\n`);
  };
  function writeSysfs(): void {
    sysfs("bonding_masters", "bond0");
    sysfs("bond0/bonding/slaves", "eth0 eth1");
    for (const device of ["bond0", "eth0", "eth1"]) {
      const file = (name: string, content: string): void => sysfs(`${device}/${name}`, content);
      for (const [name, content] of Object.entries({
        operstate: "up",
        carrier: "1",
        mtu: "1500",
        carrier_changes: "2",
      }))
        file(name, content);
      file("speed", device === "eth1" ? "100" : "10000");
      if (device !== "bond0") sysfs(`bond0/lower_${device}/bonding_slave/mii_status`, "up");
    }
  }
  function startNodeExporter(...more: readonly string[]): ChildProcess {
    const collectors = ["netdev", "netclass", "uname"].map((name) => `--collector.${name}`);
    return ns.spawn(
      [
        "prometheus-node-exporter",
        `--path.sysfs=${join(folder, "sys")}`,
        ...["--web.listen-address=:9100", "--collector.disable-defaults", ...collectors, ...more],
      ],
      { stdio: "ignore" },
    );
  }

  /** deploy/snmp_exporter as Debian's snmp_exporter wants it (version and authentication in the module), and columns of its own if_mib. */
  function snmpModules(): object {
    const { auths, modules } = parseYaml(readFileSync(root("deploy", "snmp_exporter", "snmp.yml"), "utf8")) as {
      readonly auths: Readonly<Record<string, { readonly community: string; readonly version: number }>>;
      readonly modules: Readonly<Record<string, object>>;
    }; // ours
    const { community, version } = auths["public_v2"] ?? assert.fail("no public_v2");
    const column = (name: string, oid: string, type: string): object => ({
      ...{ name, oid, type, help: name },
      indexes: [{ labelname: "ifIndex", type: "gauge" }],
      lookups: [
        { labels: ["ifIndex"], labelname: "ifName", oid: "1.3.6.1.2.1.31.1.1.1.1", type: "DisplayString" },
        { labels: [], labelname: "ifIndex" },
      ],
    });
    const ifMib = {
      walk: ["1.3.6.1.2.1.2", "1.3.6.1.2.1.31.1.1"],
      metrics: [
        column("ifOperStatus", "1.3.6.1.2.1.2.2.1.8", "gauge"),
        column("ifHCInOctets", "1.3.6.1.2.1.31.1.1.1.6", "counter"),
        column("ifHCOutOctets", "1.3.6.1.2.1.31.1.1.1.10", "counter"),
        column("ifHighSpeed", "1.3.6.1.2.1.31.1.1.1.15", "gauge"),
      ],
    };
    return Object.fromEntries(
      Object.entries({ ...modules, if_mib: ifMib }).map(([name, module]) => [
        name,
        { ...module, version, auth: { community } },
      ]),
    );
  }

  before(async () => {
    folder = scratch(hooks);
    ns = Netns.create(hooks, "migrate");
    for (const name of ["eth0", "eth1", "up0", "bond0"]) ns.addVeth(name, `${name}-far`);
    writeSysfs();
    program = await Program.start(hooks, {
      ns,
      config: CONFIGURATION,
      args: ["--web.listen-address=:10191", "--snmp.listen-address=udp:127.0.0.1:1161"],
    });
    let nodeExporter = startNodeExporter("--collector.bonding");
    writeFileSync(join(folder, "snmp.yml"), JSON.stringify(snmpModules())); // JSON is YAML
    ns.spawn(
      ["prometheus-snmp-exporter", `--config.file=${join(folder, "snmp.yml")}`, "--web.listen-address=127.0.0.1:9116"],
      { stdio: "ignore" },
    );

    // As it ships, with other hosts and shorter times.
    const shipped = readFileSync(root("deploy", "prometheus", "migration.yml"), "utf8");
    const configuration = shipped
      .replaceAll("host1.example.net", "127.0.0.1")
      .replaceAll("host2.example.net", "127.0.0.2")
      .replaceAll("15s", "500ms")
      .replace("localhost:9116", "127.0.0.1:9116");
    writeFileSync(join(folder, "prometheus.yml"), configuration);
    for (const name of ["rules", "migration"]) {
      cpSync(root("dashboards", name), join(folder, name), { recursive: true });
    }
    for (const name of ["rules/recording.yml", "rules/alerts.yml"]) {
      const file = join(folder, name);
      writeFileSync(file, shortened(readFileSync(file, "utf8")).replaceAll(/^ +for: .*\n/gm, ""));
    }
    ns.spawn(
      [
        "prometheus",
        `--config.file=${join(folder, "prometheus.yml")}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        "--web.listen-address=127.0.0.1:9090",
      ],
      { stdio: "ignore" },
    );

    await until('ipmp_group_state{group="bond0", state="ok"} == 1 and on (host) (node_bonding_active == 2)');
    await until('ifHCInOctets{ifName="bond0"}');
    // From then on there is a sample of everything at every second.
    await until('count_over_time(ipmp_group_info{group="bond0"}[3s]) >= 5 and on (host) node_bonding_active');
    startedAt = Math.floor(Date.now() / 1000);
    for (const [far, packets] of [
      ["eth0-far", 300],
      ["eth1-far", 200],
      ["eth0", 100],
    ] as const)
      ns.send(far, { packets, bytes: 1000 });

    ns.ip("link", "set", "eth1-far", "down");
    for (const [path, content] of [
      ["bond0/lower_eth1/bonding_slave/mii_status", "down"],
      ["eth1/operstate", "down"],
      ["eth1/carrier", "0"],
      ["eth1/carrier_changes", "3"],
    ] as const)
      sysfs(path, content);
    await until('ipmp_group_state{group="bond0", state="degraded"} == 1 and on (host) (node_bonding_active == 1)');
    await until('ALERTS{alertname="IPMPGroupDegraded", alertstate="firing", group="bond0"}');
    await until('node_bonding_active{exporter="ipmp-exporter", master="uplink"} == 1');
    await until('ifHCInOctets{exporter="ipmp-exporter"}');
    // Found down at boot, and forgotten.
    sysfs("bond0/bonding/slaves", "eth0");
    await until('max_over_time(node_bonding_slaves{exporter="", master="bond0"}[3s]) == 1');
    await until('count_over_time(ipmp_group_state{group="bond0", state="degraded"}[3s]) >= 5');
    endedAt = Math.floor(Date.now() / 1000);

    // The old names of a bond, from us alone.
    nodeExporter.kill("SIGKILL");
    nodeExporter = startNodeExporter();
    await until('node_bonding_slaves{exporter="ipmp-exporter", master="bond0"}');
  });

  test("has expressions of all kinds", () => {
    assert.ok(FENCED.length >= 7, String(FENCED.length));
    for (const family of ["node_network_", "node_bonding_", "ipmp_group_", "ipmp_member_", "ifHCInOctets"])
      assert.ok(
        IN_TABLES.some((expression) => expression.includes(family)),
        family,
      );
    assert.ok(IN_TABLES.length >= 36, IN_TABLES.join("\n"));
  });

  for (const expression of new Set([...FENCED, ...IN_TABLES])) {
    const moved = MOVED[expression];
    const why = moved === undefined ? "" : ` (with its limit moved: ${moved[2]})`;
    test(`has an answer to: ${expression}${why}`, () => {
      assert.deepEqual(parsePromql(expression).errors, []);
      const asked = moved === undefined ? expression : expression.replace(moved[0], moved[1]);
      assert.notEqual(over(shortened(asked)).length, 0);
    });
  }

  test("joins hosts with different ports: nothing of one host meets another's", () => {
    const [withLabel = "", withoutLabel = ""] = FENCED;
    for (const expression of [withLabel, withoutLabel]) {
      const hosts = over(shortened(expression)).map(({ metric }) => metric["host"]);
      assert.deepEqual(hosts.sort(), ["127.0.0.1", "127.0.0.2"]);
    }
  });

  test("counts the same bytes before and after", () => {
    const counted = (expression: string): Map<string, number> =>
      new Map(
        api("query", { query: expression, time: String(endedAt) }).map(({ metric, value }) => [
          metric["host"] ?? "",
          Number(value?.[1]),
        ]),
      );
    const since = (expression: string): string => `${expression} - (${expression} @ ${startedAt})`;
    for (const [links, group] of [
      ["node_network_receive_bytes_total", "ipmp_group_receive_bytes_total"],
      ["node_network_transmit_bytes_total", "ipmp_group_transmit_bytes_total"],
    ] as const) {
      const ofLinks = counted(`sum by (host) (${since(`${links}{device=~"eth0|eth1", exporter=""}`)})`);
      const ofGroup = counted(`sum by (host) (${since(`${group}{group="bond0"}`)})`);
      assert.equal(ofGroup.size, 2);
      assert.deepEqual(ofLinks, ofGroup);
      for (const bytes of ofGroup.values()) assert.ok(bytes > 100_000, String(bytes));
    }
  });

  test("records old names only where nobody else has them, and as they were", () => {
    // While node_exporter had the bond, it was left to it.
    const duringBond = over('node_bonding_slaves{exporter="ipmp-exporter", master="bond0"}');
    assert.deepEqual(duringBond, []);
    const last = now('node_bonding_slaves{master="bond0"}');
    assert.deepEqual(
      last.map(({ metric }) => [metric["job"], metric["exporter"]]),
      [
        ["node", "ipmp-exporter"],
        ["node", "ipmp-exporter"],
      ],
    );
    assert.deepEqual(last.map(({ metric }) => metric["instance"]).sort(), ["127.0.0.1:9100", "127.0.0.2:9100"]);
    assert.deepEqual(
      last.map(({ value }) => value?.[1]),
      ["2", "2"],
    );
    assert.deepEqual(over('node_network_receive_bytes_total{exporter="ipmp-exporter", device="bond0"}'), []);
    assert.equal(over('node_network_receive_bytes_total{exporter="ipmp-exporter", device="uplink"}').length, 2);
    // Over SNMP the first host is asked, and the second is not.
    assert.deepEqual(
      [...new Set(over('ifHCInOctets{exporter="ipmp-exporter"}').map(({ metric }) => metric["instance"]))],
      ["127.0.0.2"],
    );
  });

  test("keeps what node-mixin's alert on bonds says, after node_exporter has no bonds any more", () => {
    const degraded = now("node_bonding_slaves - node_bonding_active != 0").map(({ metric }) => metric["master"]);
    assert.deepEqual([...new Set(degraded)].sort(), ["bond0", "uplink"]);
  });

  for (const name of ["node-exporter", "snmp-exporter"]) {
    const { groups } = parseYaml(readFileSync(root("dashboards", "migration", `${name}.yml`), "utf8")) as {
      readonly groups: readonly { readonly rules: readonly { readonly record: string }[] }[];
    }; // promtool has seen it
    for (const { record } of groups.flatMap(({ rules }) => rules)) {
      test(`${name}.yml has recorded ${record}`, () =>
        assert.notEqual(now(`${record}{exporter="ipmp-exporter"}`).length, 0));
    }
  }

  const shown = JSON.parse(readFileSync(root("dashboards", "generated", "before-and-after.json"), "utf8")) as Dashboard; // our own
  const ofDashboard = (expression: string, group: string): Series[] =>
    over(fillIn(expression, { __rate_interval: "3s", __range: "30s", job: "ipmp-exporter", node_job: "node", group }));
  for (const { title, targets = [] } of panels(shown)) {
    for (const { expr, refId } of targets) {
      test(`${shown.title}: "${title}", query ${refId}, has an answer`, () => {
        const series = ofDashboard(expr, "bond0");
        assert.notEqual(series.length, 0, expr);
        for (const { metric } of series) assert.ok(metric["host"] ?? metric["instance"], expr);
      });
    }
  }

  test("shows the same before and after, while all is well", () => {
    const difference = panels(shown).find(({ title }) => title === "Difference, received");
    const last = ofDashboard(difference?.targets?.[0]?.expr ?? "", "uplink");
    assert.equal(last.length, 2);
    for (const { values = [] } of last) for (const [, value] of values) assert.equal(Number(value), 0);
  });

  test("has alerts that name the member and the reason, and link to a page that is there", () => {
    const { data } = JSON.parse(ns.run("curl", "-s", "http://127.0.0.1:9090/api/v1/alerts")) as {
      readonly data: {
        readonly alerts: readonly Readonly<Record<"labels" | "annotations", Readonly<Record<string, string>>>>[];
      };
    }; // Prometheus' API
    const degraded = data.alerts.filter(
      ({ labels }) => labels["alertname"] === "IPMPGroupDegraded" && labels["group"] === "bond0",
    );
    assert.deepEqual(
      degraded.map(({ annotations }) => annotations["description"]).sort(),
      ["127.0.0.1", "127.0.0.2"].map(
        (host) => `Group bond0 on ${host}:10191 has been degraded for 15 minutes: eth1 has no carrier.`,
      ),
    );
    for (const { annotations } of degraded) {
      assert.match(ns.run("curl", "-sf", annotations["runbook_url"] ?? ""), /<h1[^>]*>IPMPGroupDegraded</);
    }
  });

  test("has the module for snmp_exporter: every metric of it is polled", () => {
    const polled = ns.run("curl", "-sf", "http://127.0.0.1:9116/snmp?module=ipmp&target=127.0.0.1:1161");
    const { modules } = parseYaml(readFileSync(root("deploy", "snmp_exporter", "snmp.yml"), "utf8")) as {
      readonly modules: { readonly ipmp: { readonly metrics: readonly { readonly name: string }[] } };
    }; // ours
    const missing = modules.ipmp.metrics.filter(({ name }) => !new RegExp(`^${name}\\{`, "m").test(polled));
    assert.deepEqual(missing, []);
    assert.match(polled, /^ipmpGroupState\{[^}]*ipmpGroupName="bond0"[^}]*\} 2$/m);
  });
});
