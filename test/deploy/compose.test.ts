/** The compose files: what they mount exists, images are pinned, ports are the program's; the demonstration's links do fail. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, test } from "node:test";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { root } from "../support/root.ts";
import { at, DEFAULTS, document, fields, list, succeed, type Tree, text, without, word } from "./support.ts";

const PORT = DEFAULTS.webListenAddress.slice(1);

for (const path of [
  "deploy/compose/compose.yml",
  "deploy/fleet/single/compose.yml",
  "deploy/fleet/cluster/compose.yml",
]) {
  describe(path, () => {
    const compose = document(text(path));
    const services = fields(at(compose, "services"));
    const here = (file: string): string => normalize(join(dirname(path), file));

    test("mounts files of the repository and volumes that it declares, and builds what is there", () => {
      const declared = fields(at(compose, "volumes")).map(([name]) => name);
      for (const [name, service] of services) {
        for (const volume of list(at(service, "volumes") ?? []).map(word)) {
          const [source = ""] = volume.split(":");
          const known = source.startsWith(".") ? existsSync(root(here(source))) : declared.includes(source);
          // The dashboards are written by their own build.
          assert.ok(known || source.endsWith("dashboards/generated"), `${name} mounts ${source}`);
        }
        const build = at(service, "build");
        if (build === undefined) assert.match(word(at(service, "image")), /:v?\d[\w.-]*$/, `${name} is not pinned`);
        else {
          const context = here(word(at(build, "context")));
          assert.ok(existsSync(root(context, word(at(build, "dockerfile")))), `${name} builds nothing`);
        }
      }
    });

    test("depends on services and networks that exist, and publishes on loopback only", () => {
      const names = services.map(([name]) => name);
      for (const [name, service] of services) {
        const needed = at(service, "depends_on") ?? [];
        const others = Array.isArray(needed) ? needed.map(word) : fields(needed).map(([other]) => other);
        for (const other of others) assert.ok(names.includes(other), `${name} needs ${other}`);
        const [, shared] = /^service:(.*)$/.exec(word(at(service, "network_mode") ?? "")) ?? [];
        if (shared !== undefined) assert.ok(names.includes(shared));
        for (const port of list(at(service, "ports") ?? [])) assert.match(word(port), /^127\.0\.0\.1:/, name);
        assert.deepEqual(at(service, "cap_drop"), ["ALL"], name);
      }
    });

    test("starts rules by files that exist", () => {
      for (const [, service] of services) {
        const volumes = list(at(service, "volumes") ?? []).map((volume) => word(volume).split(":"));
        for (const [, rule = ""] of JSON.stringify(at(service, "command") ?? []).matchAll(/-rule=([^"]+)/g)) {
          const mount = volumes.find(([, target = "?"]) => rule === target || rule.startsWith(`${target}/`));
          assert.ok(mount, rule);
          const [source = "", target = ""] = mount;
          assert.ok(existsSync(root(here(source), rule.slice(target.length))), rule);
        }
      }
    });
  });
}

describe("the demonstration", () => {
  const compose = document(text("deploy", "compose", "compose.yml"));
  const service = (name: string): Tree | undefined => at(compose, "services", name);

  test("runs the exporter as nobody on a read-only root, in the namespace of the uplinks", () => {
    const exporter = service("exporter");
    assert.equal(at(exporter, "user"), "65534:65534");
    assert.equal(at(exporter, "read_only"), true);
    assert.equal(at(exporter, "cap_add"), undefined);
    assert.equal(at(exporter, "network_mode"), "service:uplinks");
    assert.deepEqual(at(service("uplinks"), "ports"), [`127.0.0.1:${PORT}:${PORT}`]);
  });

  test("scrapes the exporter where it listens, and Grafana finds Prometheus and the dashboards", () => {
    const prometheus = document(text("deploy", "compose", "prometheus.yml"));
    assert.deepEqual(at(prometheus, "scrape_configs", 0, "static_configs", 0, "targets"), [`uplinks:${PORT}`]);
    const provisioning = ["deploy", "compose", "grafana", "provisioning"];
    const source = document(text(...provisioning, "datasources", "prometheus.yml"));
    assert.equal(at(source, "datasources", 0, "url"), "http://prometheus:9090");
    const folder = at(document(text(...provisioning, "dashboards", "ipmp.yml")), "providers", 0, "options", "path");
    const mounts = list(at(service("grafana"), "volumes")).map(word);
    assert.ok(mounts.includes(`../../dashboards/generated:${word(folder)}:ro`));
  });

  test("has a configuration that the program accepts", () => {
    succeed(process.execPath, [
      root("dist", "main.js"),
      "check-config",
      root("deploy", "compose", "ipmp-exporter.yml"),
    ]);
  });

  test("makes two uplinks with traffic, which the exporter counts as one group", {
    skip: NO_NETNS || without("bash"),
  }, async (context) => {
    const ns = Netns.create(context, "demo");
    const uplinks = ns.spawn([root("deploy", "compose", "uplinks", "uplinks")], { stdio: "ignore" });
    context.after(() => uplinks.kill("SIGKILL"));
    const program = await Program.start(context, { ns, config: text("deploy", "compose", "ipmp-exporter.yml") });
    await program.until('ipmp_group_state{group="uplinks",state="ok"}', "1");
    await program.until('ipmp_group_members{group="uplinks",state="inactive"}', "1");
    const sent = 'ipmp_group_transmit_packets_total{group="uplinks"}';
    const before = BigInt((await program.metrics()).get(sent) ?? -1n);
    ns.ip("link", "set", "peer0", "down");
    await program.until('ipmp_group_state{group="uplinks",state="degraded"}', "1");
    const after = BigInt((await program.metrics()).get(sent) ?? -1n);
    assert.ok(before >= 0n && after >= before);
  });
});
