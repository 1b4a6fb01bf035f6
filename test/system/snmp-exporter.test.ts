/** Prometheus' own SNMP exporter as a manager of our agent: what it makes of ifTable and ifXTable is what /metrics says. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { Syntax } from "#src/exposition/snmp/protocol/syntax.js";
import { agentTree } from "#src/exposition/snmp/view/agent-tree.js";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { scratch } from "../support/scratch.ts";
import { manager, withoutTools } from "../support/snmp-tools.ts";
import { eventually } from "../support/wait.ts";

const skip = NO_NETNS || withoutTools("prometheus-snmp-exporter", "curl");

const AUTH = "a long enough word";
const PRIV = "another long word";
const EXPORTER = "127.0.0.1:9116";

/** As its generator names the types of SMI. */
const TYPES: Readonly<Partial<Record<Syntax, string>>> = {
  Counter32: "counter",
  Counter64: "counter",
  Gauge32: "gauge",
  Integer32: "gauge",
  TimeTicks: "gauge",
};
const IF_NAME = "1.3.6.1.2.1.31.1.1.1.1";

/** What snmp_exporter's generator makes of `walk: [interfaces, ifXTable]` with a lookup of ifName, for our own objects. */
function generated(): object {
  const tables = agentTree().tables.filter(({ name }) => name === "ifTable" || name === "ifXTable");
  const metrics = tables.flatMap(({ oid, columns }) =>
    columns.flatMap(({ number, name, syntax }) => {
      const type = TYPES[syntax];
      if (type === undefined) return [];
      const indexes = [{ labelname: "ifIndex", type: "gauge" }];
      const lookups = [{ labels: ["ifIndex"], labelname: "ifName", oid: IF_NAME, type: "DisplayString" }];
      return [{ name, oid: [...oid, number].join("."), type, help: name, indexes, lookups }];
    }),
  );
  const common = { walk: ["1.3.6.1.2.1.2", "1.3.6.1.2.1.31.1.1"], metrics, timeout: "5s" };
  const user = {
    username: "nms",
    security_level: "authPriv",
    ...{ auth_protocol: "SHA256", password: AUTH, priv_protocol: "AES", priv_password: PRIV },
  };
  return {
    v2c: { ...common, version: 2, auth: { community: "public" } },
    v3: { ...common, version: 3, auth: user },
  };
}

/** `ifHCInOctets{ifName="va"}` to its value. */
function samplesOf(text: string): Map<string, number> {
  const samples = text.matchAll(/^(\w+)\{[^}]*ifName="([^"]*)"[^}]*\} (\S+)$/gm);
  return new Map([...samples].map(([, name, device, value]) => [`${name} ${device}`, Number(value)]));
}

describe("prometheus-snmp-exporter", { skip }, () => {
  test("polls our agent in versions 2c and 3, and shows what /metrics shows", async (t) => {
    const ns = Netns.create(t, "snmpexp");
    ns.addVeth("va", "pa");
    ns.addVeth("vb", "pb");
    const folder = scratch(t);
    writeFileSync(join(folder, "auth"), `${AUTH}\n`);
    writeFileSync(join(folder, "priv"), `${PRIV}\n`);
    const config = `groups: [{ name: ipmp0, interfaces: [va, vb] }]
snmp:
  users:
    - { name: nms, auth: { protocol: SHA-256, password_file: auth }, priv: { protocol: AES-128, password_file: priv } }
`;
    const program = await Program.start(t, { ns, folder, config });
    for (const [device, packets] of [
      ["va", 70],
      ["vb", 30],
      ["pa", 11],
    ] as const) {
      ns.send(device, { packets, bytes: 1000 });
    }

    // JSON is YAML.
    const file = join(folder, "snmp.yml");
    writeFileSync(file, JSON.stringify(generated()));
    ns.spawn(["prometheus-snmp-exporter", `--config.file=${file}`, `--web.listen-address=${EXPORTER}`], {
      stdio: "ignore",
    });
    const get = async (path: string) => (await manager(ns, "curl", "-sf", `http://${EXPORTER}/${path}`)).stdout;
    await eventually(
      async () => (await get("metrics")) !== "",
      () => "prometheus-snmp-exporter does not answer",
    );

    for (const module of ["v2c", "v3"]) {
      const metrics = await program.metrics();
      let seen = new Map<string, number>();
      // The agent may answer from a snapshot that is a second old.
      await eventually(
        async () => {
          seen = samplesOf(await get(`snmp?target=127.0.0.1:1161&module=${module}`));
          const bytes = String(seen.get("ifHCInOctets ipmp0"));
          return bytes === metrics.get('ipmp_group_receive_bytes_total{group="ipmp0"}');
        },
        () => `${module}: ${JSON.stringify([...seen])}`,
      );
      const value = (name: string, device = "ipmp0") => seen.get(`${name} ${device}`) ?? Number.NaN;
      const ours = (name: string) => Number(metrics.get(`${name}{group="ipmp0"}`));
      for (const [direction, ...octets] of [
        ["receive", "ifHCInOctets", "ifInOctets"],
        ["transmit", "ifHCOutOctets", "ifOutOctets"],
      ] as const) {
        for (const name of octets) assert.equal(value(name), ours(`ipmp_group_${direction}_bytes_total`), name);
        const side = direction === "receive" ? "In" : "Out";
        const packets = (prefix: string) =>
          ["Ucast", "Multicast", "Broadcast"].reduce((sum, kind) => {
            const one = value(`${prefix}${side}${kind}Pkts`);
            // A broadcast counter that the source has not got is no sample.
            return sum + (Number.isNaN(one) ? 0 : one);
          }, 0);
        assert.equal(packets("ifHC"), ours(`ipmp_group_${direction}_packets_total`), direction);
        assert.equal(value(`if${side}Errors`), ours(`ipmp_group_${direction}_errors_total`), direction);
      }
      assert.ok(value("ifHCOutOctets") >= 100 * 1042, "the traffic is in it");
      for (const device of ["va", "vb"]) {
        const { stats64 } = ns.link(device);
        assert.equal(value("ifHCInOctets", device), stats64.rx.bytes);
        assert.equal(value("ifHCOutOctets", device), stats64.tx.bytes);
        assert.equal(value("ifOperStatus", device), 1);
      }
      assert.equal(value("ifType"), 53);
      assert.equal(value("ifConnectorPresent"), 2);
    }
  });
});
