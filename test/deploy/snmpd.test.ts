/** The lines for snmpd make Debian's snmpd an AgentX master with a socket for its group, and it complains of none of them. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../support/root.ts";
import { scratch } from "../support/scratch.ts";
import { eventually } from "../support/wait.ts";
import { at, document, run, text, without } from "./support.ts";

const lines = text("deploy", "snmpd", "ipmp-exporter.conf");
const [, SOCKET = ""] = /^agentXSocket (\S+)$/m.exec(lines) ?? [];

describe("deploy/snmpd", () => {
  test("names the same socket on both sides and makes its folder", () => {
    const exporter = document(text("deploy", "snmpd", "ipmp-exporter.yml"));
    assert.equal(at(exporter, "snmp", "agentx", "socket"), SOCKET);
    assert.match(text("deploy", "snmpd", "snmpd-run.conf"), /^d \/run\/snmpd 0755 Debian-snmp Debian-snmp$/m);
  });

  test("has a configuration that the program accepts", () => {
    const file = root("deploy", "snmpd", "ipmp-exporter.yml");
    const { status, output } = run(process.execPath, [root("dist", "main.js"), "check-config", file]);
    assert.equal(status, 0, output);
  });

  const skip = (process.getuid?.() !== 0 && "needs root to give the socket to a group") || without("snmpd");
  test("is accepted by snmpd, whose socket then belongs to the group that the drop-in joins", {
    skip,
  }, async (context) => {
    const folder = scratch(context);
    const socket = join(folder, "agentx.sock");
    const config = join(folder, "snmpd.conf");
    writeFileSync(
      config,
      `agentAddress unix:${join(folder, "snmp.sock")}\nrocommunity public\n${lines.replace(SOCKET, socket)}`,
    );
    const child = spawn("snmpd", ["-f", "-Le", "-C", "-c", config, "-I", "-smux", "-p", join(folder, "pid")], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, SNMP_PERSISTENT_DIR: folder, MIBS: "" },
    });
    context.after(() => child.kill("SIGKILL"));
    let log = "";
    child.stderr.setEncoding("utf8").on("data", (part: string) => {
      log += part;
    });
    await eventually(
      () => log.includes("NET-SNMP version") && existsSync(socket),
      () => `snmpd is not up:\n${log}`,
    );
    assert.doesNotMatch(log, /Unknown token|Error|Warning/i);
    const { mode, gid } = statSync(socket);
    assert.equal(mode & 0o777, 0o660);
    const [, group = ""] =
      /^SupplementaryGroups=(\S+)$/m.exec(text("deploy", "systemd", "ipmp-exporter.service.d", "agentx.conf")) ?? [];
    assert.equal(String(gid), run("getent", ["group", group]).output.split(":")[2], `group ${group}`);
  });
});
