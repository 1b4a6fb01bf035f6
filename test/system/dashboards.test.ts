/**
 * Every query of every panel and rule, asked of a real Prometheus that scraped the real program while links went down and came
 * back and a router answered no probes. The windows of the rules are shortened, so that what takes minutes takes seconds, and the
 * rules really fire.
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { groups } from "../../dashboards/queries.ts";
import { fillIn, type Variables } from "../dashboards/promql.ts";
import { DASHBOARDS, dashboard, panels, rules, rulesPath } from "../dashboards/shipped.ts";
import { lacks } from "../dashboards/tool.ts";
import { NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { root } from "../support/root.ts";
import { remove } from "../support/scratch.ts";
import { UplinkNetwork } from "../support/uplink-network.ts";

const skip = NO_NETNS || lacks("prometheus", "prometheus") || lacks("curl", "curl") || lacks("openssl", "openssl");

const CONFIGURATION = `
groups:
  - name: ipmp0
    interfaces: [va, { device: vb, standby: true }]
    addresses: [192.0.2.10]
  - name: ipmp1
    # ve is never there, and lo may not join.
    interfaces: [vc, vd, ve, lo]
  - name: ipmp2
    interfaces: [up0, up1]
    probes: true
  - name: ipmp3 # both tunnels end with one link
    interfaces: [vx1, vx2]
detection:
  failure_detection_time: 1s # too short for UDP
  probes: { targets: { up0: [10.9.0.1], up1: [10.9.1.1] } }
web: { listen_addresses: ["127.0.0.1:10191"] }
snmp: { listen_addresses: none }
state: { file: none }
`;

const prometheusConfiguration = (folder: string) => `
global: { scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms }
rule_files: ["${folder}/recording.yml", "${folder}/alerts.yml"]
scrape_configs:
  - job_name: ipmp-exporter
    static_configs: [{ targets: ["127.0.0.1:10191"] }]
  - job_name: ipmp-exporter-of-the-router
    scheme: https
    tls_config: { insecure_skip_verify: true }
    static_configs: [{ targets: ["10.9.0.1:10191"] }]
`;

/** Windows in seconds instead of minutes, a past that lies seconds back instead of hours, and no waiting. */
const shortened = (text: string) =>
  text
    .replaceAll(/\[(\d+)m\]/g, "[$1s]")
    .replaceAll(/offset (\d+)h/g, "offset $1s")
    .replaceAll(/^ +for: .*\n/gm, "");

/** Runs inside the namespace: what comes in by a Unix socket goes to a port there. */
const BRIDGE = `
const { connect, createServer } = require("node:net");
const [path, port] = process.argv.slice(1);
createServer((outside) => {
  const inside = connect(Number(port), "127.0.0.1");
  for (const end of [outside, inside]) end.on("error", () => { outside.destroy(); inside.destroy(); });
  outside.pipe(inside).pipe(outside);
}).listen(path);
`;

/** Runs inside the namespace: about 3 MB/s to each address, for as long as it lives. */
const TRAFFIC = `
const socket = require("node:dgram").createSocket("udp4");
const payload = Buffer.alloc(1400);
socket.on("error", () => {});
setInterval(() => {
  for (const address of process.argv.slice(1)) {
    for (let packet = 0; packet < 20; packet++) socket.send(payload, 9, address, () => {}); // a link that is down refuses it
  }
}, 10);
`;

/** A host with a bond has these; here there is none. */
const NEEDS_A_BOND = /ipmp_member_lacp_|ipmp_group_bond_info/;

/** Only one of the groups is probed. */
const OF_PROBES = /ipmp_probe_|ipmp_group_failure_detection_time|ipmp_group_targets_mute/;

/** Commands of the runbooks that ask our program, each once. */
const RUNBOOK_COMMANDS = [
  ...new Set(
    readdirSync(root("docs", "runbooks"))
      .map((page) => readFileSync(root("docs", "runbooks", page), "utf8"))
      .flatMap((text) =>
        [...text.matchAll(/^(?:ipmp-exporter (?!check-config)|curl ).*$/gm)].map(([command]) => command),
      )
      .filter((command) => !NEEDS_A_BOND.test(command)),
  ),
];

/** The router serves TLS, the host does not. */
const ASKS_THE_ROUTER = /https:/;

/** As a person does who looks at the top of the output: `ipmpstat -p` goes on until nobody reads any more. */
const upToAScreenful = (command: string) => (/ipmpstat -p/.test(command) ? `${command} | head -n 24` : command);

/** A certificate that ends tomorrow, and the web configuration that names it. */
function webConfiguration(folder: string): string {
  const key = join(folder, "tls.key");
  const certificate = join(folder, "tls.crt");
  const file = join(folder, "web.yml");
  const make = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"];
  execFileSync("openssl", [...make, "-subj", "/CN=router", "-keyout", key, "-out", certificate], { stdio: "ignore" });
  writeFileSync(file, `tls_server_config: { cert_file: ${certificate}, key_file: ${key} }\n`);
  return file;
}

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

/** How long a condition may take to come true on a slow machine. */
const DEADLINE_MS = 60_000;

describe("a Prometheus that scraped the program while links failed", { skip }, () => {
  let folder = "";
  let startedAt = 0;
  let endedAt = 0;
  /** What the program wrote, for the message of a failure. */
  let log = "";
  const printed = new Map<string, string>();
  const failed = new Map<string, unknown>();

  function get(path: string): Promise<Series[]> {
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: join(folder, "bridge"), path }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => {
          try {
            const answer = JSON.parse(text) as {
              readonly data?: { readonly result?: Series[] };
              readonly error?: string;
            };
            if (answer.data?.result === undefined) reject(new Error(`${path}: ${answer.error ?? text}`));
            else resolve(answer.data.result);
          } catch (error) {
            reject(new Error(`${path}: ${text}`, { cause: error }));
          }
        });
        response.on("error", reject);
      });
      asked.on("error", reject);
      asked.end();
    });
  }

  const now = (query: string) => get(`/api/v1/query?${new URLSearchParams({ query })}`);

  function over(query: string): Promise<Series[]> {
    const parameters = { query, start: String(startedAt), end: String(endedAt), step: "1" };
    return get(`/api/v1/query_range?${new URLSearchParams(parameters)}`);
  }

  /** Until the query has an answer. */
  async function until(query: string): Promise<void> {
    const deadline = Date.now() + DEADLINE_MS;
    let last: unknown = "no answer";
    while (Date.now() < deadline) {
      try {
        if ((await now(query)).length > 0) return;
      } catch (error) {
        last = error;
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error(`Prometheus never answered ${query}; the program said:\n${log}`, { cause: last });
  }

  const state = (group: string, name: string) => `ipmp_group_state{group="${group}", state="${name}"} == 1`;
  /** The group was seen in that state by several scrapes in a row. */
  const settled = (group: string, name: string) =>
    until(`sum_over_time(ipmp_group_state{group="${group}", state="${name}"}[2s]) >= 3 and ${state(group, name)}`);
  const firing = (alert: string) => until(`ALERTS{alertname="${alert}", alertstate="firing"}`);

  const undo: (() => void)[] = [];
  after(() => {
    for (const one of undo) one();
  });

  before(async () => {
    const hooks = { after: (hook: () => void) => undo.push(hook) };
    const network = UplinkNetwork.create(hooks, { pingSockets: false });
    const { host: ns, router } = network;
    folder = mkdtempSync(join(tmpdir(), "ipmp-dashboards-"));
    undo.push(() => remove(folder));
    for (const [name, peer] of ["a", "b", "c", "d"].map((end) => [`v${end}`, `p${end}`] as const)) {
      ns.addVeth(name, peer);
    }
    for (const id of ["1", "2"]) {
      ns.ip("link", "add", `vx${id}`, "type", "vxlan", "id", id, "dev", "vd", "dstport", "4789");
      ns.ip("link", "set", `vx${id}`, "up");
    }
    writeFileSync(join(folder, "ipmp.yml"), CONFIGURATION);
    writeFileSync(join(folder, "prometheus.yml"), prometheusConfiguration(folder));
    for (const name of ["alerts", "recording"] as const) {
      writeFileSync(join(folder, `${name}.yml`), shortened(readFileSync(rulesPath(name), "utf8")));
    }
    const options = { stdio: "ignore" } as const;
    const program = ns.spawn(
      [
        process.execPath,
        root("dist", "main.js"),
        `--config.file=${join(folder, "ipmp.yml")}`,
        `--control.socket=${join(folder, "control")}`,
      ],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    program.stderr?.setEncoding("utf8").on("data", (text) => {
      log += text;
    });
    Program.launch(hooks, {
      ns: router,
      args: ["--web.listen-address=:10191", `--web.config.file=${webConfiguration(folder)}`],
    });
    ns.spawn(
      [
        "prometheus",
        `--config.file=${join(folder, "prometheus.yml")}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        "--web.listen-address=127.0.0.1:9090",
      ],
      options,
    );
    ns.spawn([process.execPath, "--eval", BRIDGE, join(folder, "bridge"), "9090"], options);
    const neighbours = ["va", "vb", "vc"].map(
      (device) => ns.ip("-4", "neighbour", "show", "dev", device).split(" ")[0] ?? "",
    );
    ns.spawn([process.execPath, "--eval", TRAFFIC, ...neighbours], options);

    await settled("ipmp0", "ok");
    startedAt = Math.floor(Date.now() / 1000);
    await firing("IPMPGroupMemberMissing");
    await firing("IPMPGroupImbalanced"); // vd has no traffic
    await firing("IPMPCertificateEnds");
    await firing("IPMPGroupSharedFate");

    await firing("IPMPMemberNotProbed");
    network.allowPingSockets(true);
    program.kill("SIGHUP");
    for (const device of ["up0", "up1"]) await until(`ipmp_probe_acked_total{device="${device}"} > 0`);

    // The standby takes over, and goes back to waiting; often enough to be called flapping.
    ns.ip("link", "set", "pa", "down");
    await settled("ipmp0", "degraded");
    await until('ipmp_member_active{group="ipmp0", device="vb"} == 1');
    for (const alert of ["IPMPGroupDegraded", "IPMPGroupNoRedundancy", "IPMPMemberLinkDown"]) await firing(alert);
    ns.ip("link", "set", "pa", "up");
    await settled("ipmp0", "ok");
    for (let failover = 2; failover <= 8; failover++) {
      ns.ip("link", "set", "pa", "down");
      await until(state("ipmp0", "degraded"));
      ns.ip("link", "set", "pa", "up");
      await until(state("ipmp0", "ok"));
    }
    await firing("IPMPGroupFlapping");

    ns.ip("link", "set", "pa", "down");
    ns.ip("link", "set", "pb", "down");
    await settled("ipmp0", "failed");
    await firing("IPMPGroupFailed");
    ns.ip("link", "set", "pa", "up");
    ns.ip("link", "set", "pb", "up");
    await settled("ipmp0", "ok");

    network.mute(true);
    await firing("IPMPTargetsMute");
    network.mute(false);
    await firing("IPMPProbeLoss");

    writeFileSync(join(folder, "ipmp.yml"), `${CONFIGURATION}groupes: []\n`);
    program.kill("SIGHUP");
    await firing("IPMPConfigurationRefused");
    endedAt = Math.floor(Date.now() / 1000);

    const shell = [
      "set -eu",
      `ipmp-exporter() { "${process.execPath}" "${root("dist", "main.js")}" "$@" --control.socket="${folder}/control"; }`,
    ];
    for (const command of RUNBOOK_COMMANDS) {
      const here = command.replaceAll("GROUP", "ipmp0").replaceAll("HOST", "localhost").replaceAll("DEVICE", "va");
      // -f makes curl fail where the program says that there is no such thing.
      try {
        const asked = ASKS_THE_ROUTER.test(command) ? router : ns;
        const line = upToAScreenful(here.replace(/^curl /, "curl -f "));
        printed.set(command, asked.run("bash", "-c", [...shell, line].join("\n")));
      } catch (error) {
        failed.set(command, error);
      }
    }

    program.kill("SIGTERM");
    await firing("IPMPExporterDown");
  });

  const finite = (series: readonly Series[]) =>
    series.filter(({ values = [] }) => values.some(([, value]) => Number.isFinite(Number(value))));

  for (const name of DASHBOARDS) {
    const shown = dashboard(name);
    const chosen = (group: string): Variables => ({
      __rate_interval: "3s",
      __interval: "1s",
      __range: `${endedAt - startedAt}s`,
      job: "ipmp-exporter",
      ...(name === "group-detail" ? { group } : {}),
    });
    for (const panel of panels(shown)) {
      test(`answers ${name}: "${panel.title}"`, async () => {
        const labels = new Set<string>();
        for (const { expr, refId, legendFormat = "" } of panel.targets ?? []) {
          const group = OF_PROBES.test(expr) ? "ipmp2" : "ipmp0";
          const series = finite(await over(fillIn(expr, chosen(group))));
          assert.notEqual(series.length, 0, `query ${refId} has no data: ${expr}`);
          for (const { metric } of series) {
            for (const label of Object.keys(metric)) labels.add(label);
            for (const [, label = ""] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
              // What the fallback of a query adds to keep its line on zero has fewer labels.
              if (label !== "reason") assert.ok(metric[label], `query ${refId} has no ${label} for its legend`);
            }
          }
          assert.equal(
            new Set(
              series.map(({ metric }) => legendFormat.replaceAll(/\{\{(\w+)\}\}/g, (_, label) => metric[label] ?? "")),
            ).size,
            panel.type === "table" || legendFormat === "" ? 1 : series.length,
            `query ${refId}: two series have one legend`,
          );
        }
        const columns = panel.transformations?.find(({ id }) => id === "filterFieldsByName")?.options as
          | { readonly include: { readonly names: readonly string[] } }
          | undefined; // panel.ts makes no other
        for (const field of columns?.include.names ?? []) {
          assert.ok(field.startsWith("Value") || labels.has(field), `the table shows ${field}, which no query brings`);
        }
      });
    }
    for (const { name: mark, expr = "" } of shown.annotations.list ?? []) {
      test(`answers ${name}: the mark "${mark}"`, async () => {
        assert.notEqual((await over(fillIn(expr, chosen("ipmp0")))).length, 0);
      });
    }
  }

  for (const { record = "", expr } of rules("recording")) {
    test(`answers and recorded ${record}`, async () => {
      assert.notEqual(finite(await over(shortened(expr))).length, 0, "no data");
      assert.notEqual(finite(await over(record)).length, 0, "nothing was recorded");
    });
  }

  /** What this scenario cannot bring about is asked with its limit moved to the other side. */
  const MOVED: Readonly<Record<string, readonly [from: string, to: string, because: string]>> = {
    IPMPGroupInsufficientHeadroom: ["> 0.9", "> 0", "veth links say 10 Gb/s"],
    IPMPGroupMixedSpeed: ["> min", ">= min", "veth links all say the same speed"],
    IPMPCollectorFailed: ["== 0", "== 1", "nothing keeps rtnetlink from answering"],
    IPMPProbeRoundTripHigh: ["> 0.005 + 3 *", "> 0 *", "the router answers at once, now as before"],
  };
  /** Where there is nothing to ask about, the answer is empty, and no error. */
  const ABSENT: Readonly<Record<string, string>> = {
    IPMPLacpAggregatorMismatch: "no bond here",
    IPMPBondUnmonitored: "no bond here",
  };
  for (const { alert = "", expr } of rules("alerts")) {
    const absent = ABSENT[alert];
    if (absent !== undefined) {
      test(`has nothing to say of ${alert}: ${absent}`, async () => assert.deepEqual(await over(expr), []));
      continue;
    }
    const moved = MOVED[alert];
    test(moved === undefined ? `fired ${alert}` : `answers ${alert} with its limit moved: ${moved[2]}`, async () => {
      if (moved !== undefined) {
        assert.ok(expr.includes(moved[0]));
        assert.notEqual((await over(shortened(expr).replace(moved[0], moved[1]))).length, 0);
      } else {
        // Every sample counts, because an alert may fire for less than a step of `over`; and not only to the end of the scenario,
        // because the exporter was stopped after it.
        const seconds = Math.ceil(Date.now() / 1000) - startedAt;
        const fired = await now(`present_over_time(ALERTS{alertname="${alert}", alertstate="firing"}[${seconds}s])`);
        assert.notEqual(fired.length, 0);
      }
    });
  }

  for (const command of RUNBOOK_COMMANDS) {
    test(`the runbooks' command answers: ${command}`, () => {
      assert.ifError(failed.get(command));
      assert.notEqual(printed.get(command)?.trim() ?? "", "");
    });
  }

  test("saw the redundancy go and come back", async () => {
    const [series] = await over('instance_group:ipmp_group_redundancy_loss:level{group="ipmp0"}');
    const levels = series?.values?.map(([, value]) => Number(value)) ?? [];
    assert.deepEqual(new Set(levels), new Set([0, 2, 3]));
  });

  test("agrees with what the dashboards compute themselves", async () => {
    const pairs = {
      "instance_group:ipmp_group_members_usable:sum": groups.usable,
      "instance_group:ipmp_group_redundancy_loss:level": groups.redundancyLoss,
      "8 * instance_group:ipmp_group_capacity_bytes:sum": groups.capacity,
      "8 * instance_group:ipmp_group_capacity_without_largest_bytes:sum": groups.capacityWithoutLargest,
    };
    for (const [record, expr] of Object.entries(pairs)) {
      // Group ipmp1 is in one condition all the time, so the moment of recording does not matter.
      const both = [record, fillIn(expr, { group: "ipmp1" })].map(async (query) =>
        (await over(query))
          .filter(({ metric }) => metric["group"] === "ipmp1")
          .flatMap(({ values = [] }) => values.map(([, value]) => value)),
      );
      const [recorded = [], computed = []] = await Promise.all(both);
      assert.notEqual(computed.length, 0, record);
      assert.deepEqual(new Set(recorded), new Set(computed), record);
    }
  });
});
