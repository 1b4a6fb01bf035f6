/** The tarball: built, unpacked somewhere, and run from there as somebody would who has nothing but Node. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { untilReady } from "../support/ready.ts";
import { root } from "../support/root.ts";
import { scratch } from "../support/scratch.ts";
import { deadLinks } from "./dead-links.ts";
import { succeed, without } from "./support.ts";

describe("the tarball", { skip: without("tar", "gzip", "md5sum") }, () => {
  const undo: (() => void)[] = [];
  const hooks = { after: (hook: () => void) => void undo.unshift(hook) };
  after(() => {
    for (const one of undo) one();
  });

  let file = "";
  let unpacked = "";
  before(() => {
    const folder = scratch(hooks);
    file = succeed(root("deploy", "tarball"), [folder]).trim();
    succeed("tar", ["-xzf", file, "-C", folder]);
    // Where nothing around it can help.
    unpacked = join(folder, "elsewhere");
    renameSync(join(folder, basename(file, ".tar.gz")), unpacked);
  });

  test("is named as those of Prometheus are", () => {
    assert.match(basename(file), /^ipmp-exporter-\d+\.\d+\.\d+\.linux-(?:amd64|arm64|[a-z0-9]+)\.tar\.gz$/);
  });

  test("is the same when it is built again", () => {
    const [first, second] = [file, succeed(root("deploy", "tarball"), [scratch(hooks)]).trim()].map(
      (path) => succeed("md5sum", [path]).split(" ")[0],
    );
    assert.equal(first, second);
  });

  test("holds what goes with the program, and nothing of its development", () => {
    for (const path of [
      "README.md",
      "LICENSE",
      "deploy/config.yml",
      "deploy/systemd/ipmp-exporter.service",
      "dashboards/rules/alerts.yml",
      "dashboards/generated/groups.json",
      "mibs/IPMP-EXPORTER-MIB",
      "docs/man/ipmp-exporter.1",
      "docs/runbooks/IPMPGroupFailed.md",
    ]) {
      assert.ok(existsSync(join(unpacked, path)), path);
    }
    const all = readdirSync(unpacked, { recursive: true, encoding: "utf8" });
    assert.deepEqual(
      all.filter((path) => /\.ts$|\.map$|^node_modules\/typescript\b/.test(path)),
      [],
    );
  });

  test("has whatever its documents link to", () => {
    const { dead, followed } = deadLinks(unpacked);
    assert.deepEqual(dead, []);
    assert.ok(followed > 100, `${followed} links`);
  });

  test("runs where it is unpacked", { skip: NO_NETNS || without("curl") }, async (context) => {
    const ns = Netns.create(context, "tarball");
    ns.addVeth("eth0", "eth0-far");
    const home = scratch(context);
    const { XDG_STATE_HOME: _state, XDG_RUNTIME_DIR: _runtime, ...environment } = process.env;
    writeFileSync(join(home, "config.yml"), "groups: [{ name: uplink, interfaces: [eth0] }]\n");
    const child = ns.spawn([join(unpacked, "dist", "main.js"), "--config.file=config.yml"], {
      cwd: home,
      env: { ...environment, HOME: home },
      stdio: ["ignore", "ignore", "pipe"],
    });
    await untilReady(child);
    assert.match(ns.run("curl", "-sf", "localhost:10191/metrics"), /^ipmp_group_info\{group="uplink",/m);
    assert.match(ns.run("curl", "-sf", "localhost:10191/runbooks/IPMPGroupFailed"), /<h1[^>]*>IPMPGroupFailed</);
  });
});
