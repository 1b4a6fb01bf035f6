/** The Kubernetes manifests and the Helm chart: the same objects, hardened, on the port and the paths that the program has. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { Program } from "../support/program.ts";
import { root } from "../support/root.ts";
import { scratch } from "../support/scratch.ts";
import { type Chart, render } from "./helm-template.ts";
import { at, DEFAULTS, document, fields, list, run, succeed, type Tree, text, word } from "./support.ts";

const byText = (a: string, b: string): number => a.localeCompare(b);

const FOLDER = ["deploy", "kubernetes"] as const;
const CHART = ["deploy", "helm", "ipmp-exporter"] as const;
const PORT = Number(DEFAULTS.webListenAddress.slice(1));

const resources = list(at(document(text(...FOLDER, "kustomization.yaml")), "resources")).map(word);
const objects = new Map(resources.map((name) => [name, document(text(...FOLDER, name))]));
const daemonSet = objects.get("daemonset.yaml");
const pod = at(daemonSet, "spec", "template", "spec");
const container = at(pod, "containers", 0);

describe("the Kubernetes manifests", () => {
  test("are all in the kustomization, each with version, kind, name and namespace", () => {
    const files = readdirSync(root(...FOLDER)).filter(
      (name) => name.endsWith(".yaml") && name !== "kustomization.yaml",
    );
    assert.deepEqual([...resources].sort(byText), files.sort(byText));
    for (const [name, object] of objects) {
      for (const path of [["apiVersion"], ["kind"], ["metadata", "name"], ["metadata", "namespace"]]) {
        assert.ok(at(object, ...path), `${name}: ${path.join(".")}`);
      }
      assert.equal(at(object, "metadata", "namespace"), "monitoring", name);
    }
  });

  test("select what they label", () => {
    const labels = at(daemonSet, "spec", "template", "metadata", "labels");
    assert.deepEqual(at(daemonSet, "spec", "selector", "matchLabels"), labels);
    assert.deepEqual(at(objects.get("podmonitor.yaml"), "spec", "selector", "matchLabels"), labels);
    assert.deepEqual(at(objects.get("networkpolicy.yaml"), "spec", "podSelector", "matchLabels"), labels);
  });

  test("give the pod the node's network and no right beyond that", () => {
    assert.equal(at(pod, "hostNetwork"), true);
    assert.equal(at(pod, "hostPID"), false);
    assert.equal(at(pod, "automountServiceAccountToken"), false);
    assert.equal(at(objects.get("serviceaccount.yaml"), "automountServiceAccountToken"), false);
    assert.equal(at(pod, "securityContext", "runAsNonRoot"), true);
    assert.equal(at(pod, "securityContext", "runAsUser"), 65534);
    assert.equal(at(pod, "securityContext", "seccompProfile", "type"), "RuntimeDefault");
    assert.deepEqual(at(container, "securityContext"), {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      privileged: false,
      capabilities: { drop: ["ALL"] },
    });
    assert.deepEqual(at(pod, "tolerations"), [{ operator: "Exists" }]);
    assert.equal(
      list(at(pod, "volumes")).some((volume) => at(volume, "hostPath") !== undefined),
      false,
    );
  });

  test("use the program's port everywhere", () => {
    assert.equal(at(container, "ports", 0, "containerPort"), PORT);
    assert.equal(at(container, "ports", 0, "hostPort"), PORT);
    assert.equal(at(objects.get("networkpolicy.yaml"), "spec", "ingress", 0, "ports", 0, "port"), PORT);
    const name = at(container, "ports", 0, "name");
    for (const probe of ["livenessProbe", "readinessProbe"])
      assert.equal(at(container, probe, "httpGet", "port"), name);
    assert.equal(at(objects.get("podmonitor.yaml"), "spec", "podMetricsEndpoints", 0, "port"), name);
  });

  test("mount what is there, and every volume", () => {
    const volumes = list(at(pod, "volumes")).map((volume) => at(volume, "name"));
    const mounts = list(at(container, "volumeMounts")).map((mount) => at(mount, "name"));
    assert.deepEqual(mounts, volumes);
    assert.equal(at(pod, "volumes", 0, "configMap", "name"), at(objects.get("configmap.yaml"), "metadata", "name"));
  });

  test("ask for paths that the program has, with flags that it takes", async (context) => {
    const folder = scratch(context);
    const config = join(folder, "config.yml");
    writeFileSync(config, word(at(objects.get("configmap.yaml"), "data", "config.yml")));
    // The test's program listens elsewhere, and has SNMP turned off already.
    const args = list(at(container, "args"))
      .map((arg) => word(arg).replace("/etc/ipmp-exporter/config.yml", config))
      .filter((arg) => !/^--(?:web|snmp)\.listen-address=/.test(arg));
    assert.equal(args.length, 1);
    const program = await Program.start(context, { args });
    const paths = [
      at(container, "livenessProbe", "httpGet", "path"),
      at(container, "readinessProbe", "httpGet", "path"),
      at(objects.get("podmonitor.yaml"), "spec", "podMetricsEndpoints", 0, "path"),
    ];
    for (const path of paths) assert.equal((await program.get(word(path))).status, 200, word(path));
  });

  test("hold the rules as they are in dashboards/rules", () => {
    const { status, output } = run(process.execPath, [root(...FOLDER, "prometheus-rule.js"), "--check"]);
    assert.equal(status, 0, output);
    const groups = list(at(objects.get("prometheusrule.yaml"), "spec", "groups"));
    assert.ok(groups.length > 0 && groups.every((group) => list(at(group, "rules")).length > 0));
  });
});

const defaults = document(text(...CHART, "values.yaml"));
const chart = (values: Tree, name = "ipmp-exporter"): Chart => ({
  values,
  release: { Name: name, Namespace: "monitoring" },
  file: (path) => text(...CHART, path),
});
const templates = readdirSync(root(...CHART, "templates")).filter((name) => name.endsWith(".yaml"));
const rendered = (name: string, values: Tree, release?: string): Tree | undefined => {
  const yaml = render(text(...CHART, "templates", name), chart(values, release));
  return yaml.trim() === "" ? undefined : document(yaml);
};
/** The default values with one of them changed. */
const changed = (key: string, value: Tree): Tree => Object.fromEntries([...fields(defaults), [key, value]]);

describe("the Helm chart", () => {
  test("says which version it is", () => {
    const { version } = JSON.parse(text("package.json")) as { readonly version: string };
    const meta = document(text(...CHART, "Chart.yaml"));
    assert.equal(at(meta, "apiVersion"), "v2");
    assert.equal(at(meta, "appVersion"), version);
    assert.equal(at(defaults, "image", "tag"), version);
    assert.equal(at(container, "image"), `ipmp-exporter:${version}`);
  });

  test("renders, as it stands, to the plain manifests", () => {
    assert.deepEqual([...templates].sort(byText), [...resources].sort(byText));
    for (const name of templates) {
      const object = rendered(name, defaults);
      const plain = objects.get(name);
      if (name === "configmap.yaml") {
        const config = (tree: Tree | undefined): unknown => parse(word(at(tree, "data", "config.yml")));
        assert.deepEqual(config(object), config(plain));
        assert.deepEqual(at(object, "metadata"), at(plain, "metadata"));
      } else assert.deepEqual(object, plain, name);
    }
  });

  test("uses each of its values", () => {
    const all = templates.map((name) => text(...CHART, "templates", name)).join("\n");
    for (const [key, value] of fields(defaults)) {
      const nested = ["image", "podMonitor", "prometheusRule", "networkPolicy"].includes(key) ? fields(value) : [];
      const paths = nested.length === 0 ? [key] : nested.map(([inner]) => `${key}.${inner}`);
      for (const path of paths) assert.ok(all.includes(`.Values.${path}`), `${path} is used nowhere`);
    }
  });

  test("leaves out what is turned off, and takes a port and a state folder", () => {
    for (const [key, name] of [
      ["podMonitor", "podmonitor.yaml"],
      ["prometheusRule", "prometheusrule.yaml"],
      ["networkPolicy", "networkpolicy.yaml"],
    ] as const) {
      assert.equal(rendered(name, changed(key, { enabled: false })), undefined, name);
    }
    const moved = at(rendered("daemonset.yaml", changed("port", 9999), "edge"), "spec", "template", "spec");
    assert.equal(at(moved, "containers", 0, "ports", 0, "hostPort"), 9999);
    assert.ok(list(at(moved, "containers", 0, "args")).includes("--web.listen-address=:9999"));
    assert.equal(at(moved, "serviceAccountName"), "edge");
    const hostPath = { path: "/var/lib/ipmp-exporter", type: "Directory" };
    const kept = rendered("daemonset.yaml", changed("stateVolume", { hostPath }));
    assert.deepEqual(at(kept, "spec", "template", "spec", "volumes", 1), { name: "state", hostPath });
    const first = rendered("daemonset.yaml", changed("priorityClassName", "system-node-critical"));
    assert.equal(at(first, "spec", "template", "spec", "priorityClassName"), "system-node-critical");
  });

  for (const [what, template] of [
    ["a function that is not known", '{{ include "x" . }}'],
    ["a value that is missing", "{{ .Values.nothing }}"],
    ["an open if", "{{ if .Values.port }}x"],
    ["open braces", "{{ .Values.port }"],
  ] as const) {
    test(`would not be rendered with ${what}`, () => assert.throws(() => render(template, chart(defaults))));
  }

  test("has a configuration that the program accepts", (context) => {
    const file = join(scratch(context), "config.yml");
    writeFileSync(file, word(at(rendered("configmap.yaml", defaults), "data", "config.yml")));
    succeed(process.execPath, [root("dist", "main.js"), "check-config", file]);
    assert.ok(existsSync(root(...CHART, "templates", "NOTES.txt")));
  });
});
