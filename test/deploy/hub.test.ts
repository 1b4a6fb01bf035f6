/** The files of a hub are accepted by the programs that read them. */

import assert from "node:assert/strict";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../support/root.ts";
import { scratch } from "../support/scratch.ts";
import { run, succeed, text, without } from "./support.ts";

describe("deploy/hub", () => {
  test("has a unit that is valid", { skip: without("systemd-analyze") }, (context) => {
    const file = join(scratch(context), "ipmp-exporter-hub.service");
    const unit = text("deploy", "hub", "ipmp-exporter-hub.service");
    writeFileSync(file, unit.replaceAll("/usr/bin/ipmp-exporter", root("dist", "main.js")));
    const { status, output } = run("systemd-analyze", ["verify", "--man=no", file]);
    assert.deepEqual({ status, output }, { status: 0, output: "" });
  });

  test("has the sandbox of the other unit, but for the memory that many devices take", () => {
    const sandbox = (name: string[]) =>
      text(...name)
        .split("UMask=")[1]
        ?.replace(/^MemoryMax=\S+$/m, "");
    assert.equal(
      sandbox(["deploy", "hub", "ipmp-exporter-hub.service"]),
      sandbox(["deploy", "systemd", "ipmp-exporter.service"]),
    );
  });

  test("has a configuration that check-config accepts", (context) => {
    const folder = scratch(context);
    copyFileSync(root("deploy", "hub", "hub.yml"), join(folder, "hub.yml"));
    for (const secret of ["poller.auth", "poller.priv"])
      writeFileSync(join(folder, secret), "correct horse\n", { mode: 0o600 });
    const printed = succeed(process.execPath, [root("dist", "main.js"), "check-config", join(folder, "hub.yml")]);
    assert.match(printed, /: valid: 1 group, 2 interface rules/);
  });

  test("has jobs that promtool accepts", { skip: without("promtool") }, () => {
    succeed("promtool", ["check", "config", root("deploy", "hub", "prometheus.yml")]);
  });
});
