/** The program's life: start, reload, stop, and every way to be told that something is wrong. */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { AS_NOBODY, Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { root } from "../support/root.ts";

/** Runs the program to its end with a configuration that it must refuse. */
function refused(config: string | undefined, ...args: string[]) {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-test-"));
  try {
    const file = join(folder, "ipmp.yml");
    if (config !== undefined) writeFileSync(file, config);
    const sockets = ["--web.listen-address=127.0.0.1:0", "--snmp.listen-address=none"].filter(
      (flag) => !args.some((arg) => arg.split("=")[0] === flag.split("=")[0]),
    );
    const control = `--control.socket=${join(folder, "control.sock")}`;
    const { status, stderr } = spawnSync(
      process.execPath,
      [root("dist", "main.js"), `--config.file=${file}`, control, "--state.file=none", ...sockets, ...args],
      { encoding: "utf8", timeout: 20_000 },
    );
    return {
      status,
      stderr: stderr.replaceAll(file, "ipmp.yml"),
      leftSocket: existsSync(join(folder, "control.sock")),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("a configuration that is wrong", () => {
  const rows: [string, string, RegExp][] = [
    ["an unknown key", "grups: []\n", /^ipmp\.yml:1:1: grups: unknown key: expected .*groups/],
    ["a wrong type", "groups: 7\n", /^ipmp\.yml:1:9: groups: found 7: expected a list/],
    ["a group name that is too long", `groups: [{ name: ${"x".repeat(32)}, interfaces: [eth0] }]\n`, /31/],
    [
      "an interface in two groups",
      "groups:\n  - { name: a, interfaces: [eth0] }\n  - { name: b, interfaces: [eth0] }\n",
      /^ipmp\.yml:3:.*eth0/,
    ],
    [
      "an address twice",
      "groups:\n  - { name: a, interfaces: [eth0], addresses: [192.0.2.1, 192.0.2.1] }\n",
      /^ipmp\.yml:2:.*192\.0\.2\.1/,
    ],
  ];
  for (const [name, config, message] of rows) {
    test(`${name}: one line, exit 1, nothing half started`, () => {
      const { status, stderr, leftSocket } = refused(config);
      assert.equal(status, 1);
      assert.match(stderr, message);
      assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
      assert.equal(leftSocket, false);
    });
  }

  test("a file that is not there", () => {
    const { status, stderr } = refused(undefined);
    assert.equal(status, 1);
    assert.match(stderr, /^ipmp\.yml: .*expected/);
    assert.equal(stderr.trimEnd().split("\n").length, 1);
  });
});

describe("a port in use", () => {
  test("of the web server: one line that names it, exit 1, nothing half started", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    const { status, stderr, leftSocket } = refused("{}", `--web.listen-address=127.0.0.1:${address.port}`);
    server.close();
    assert.equal(status, 1);
    const last = stderr.trimEnd().split("\n").at(-1) ?? "";
    assert.match(last, new RegExp(`127\\.0\\.0\\.1:${address.port}.*another program`));
    assert.equal(leftSocket, false);
  });

  test("of the SNMP agent: the same, and the web server is closed again", async () => {
    const { createSocket } = await import("node:dgram");
    const socket = createSocket("udp4").bind(0, "127.0.0.1");
    await once(socket, "listening");
    const { port } = socket.address();
    const { status, stderr, leftSocket } = refused("{}", `--snmp.listen-address=udp:127.0.0.1:${port}`);
    socket.close();
    assert.equal(status, 1);
    assert.match(stderr.trimEnd().split("\n").at(-1) ?? "", new RegExp(`127\\.0\\.0\\.1:${port}`));
    assert.equal(leftSocket, false);
  });
});

describe("the daemon", { skip: NO_NETNS }, () => {
  const config = (...interfaces: string[]) => `groups: [{ name: ipmp0, interfaces: [${interfaces}] }]\n`;

  test("serves, and ends with 0 on SIGTERM and on SIGINT", async (t) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      const ns = Netns.create(t, "life");
      ns.addVeth("va", "vb");
      const program = await Program.start(t, { ns, config: config("va") });
      assert.equal((await program.get("/-/healthy")).status, 200);
      program.signal(signal);
      assert.equal(await program.exited(), 0);
      assert.equal(existsSync(join(program.folder, "control.sock")), false);
    }
  });

  test("takes up a new configuration on SIGHUP, and keeps the old one when the new one is wrong", async (t) => {
    const ns = Netns.create(t, "reload");
    ns.addVeth("va", "vb");
    const program = await Program.start(t, { ns, config: config("va") });
    const expected = 'ipmp_group_members_expected{group="ipmp0"}';
    await program.until(expected, "1");
    writeFileSync(join(program.folder, "ipmp.yml"), config("va", "vb"));
    program.signal("SIGHUP");
    await program.until(expected, "2");
    writeFileSync(join(program.folder, "ipmp.yml"), "groups: 7\n");
    program.signal("SIGHUP");
    await program.logged("configuration not reloaded", "ipmp.yml:1:9");
    assert.equal((await program.metrics()).get(expected), "2");
    assert.equal((await program.get("/-/reload", "POST")).status, 500);
    writeFileSync(join(program.folder, "ipmp.yml"), config("vb"));
    assert.equal((await program.get("/-/reload", "POST")).status, 200);
    assert.equal((await program.metrics()).get(expected), "1");
  });

  test("keeps its groups when the file is cut to nothing, says what would take them away, and does that", async (t) => {
    const ns = Netns.create(t, "cut");
    ns.addVeth("va", "vb");
    const program = await Program.start(t, { ns, config: config("va") });
    const expected = 'ipmp_group_members_expected{group="ipmp0"}';
    writeFileSync(join(program.folder, "ipmp.yml"), "");
    program.signal("SIGHUP");
    await program.logged("configuration not reloaded", "groups: []");
    const refused = await program.get("/-/reload", "POST");
    assert.equal(refused.status, 500);
    assert.match(refused.body, /groups: expected groups: \[\] to have none/);
    const metrics = await program.metrics();
    assert.equal(metrics.get(expected), "1");
    assert.equal(metrics.get("ipmp_exporter_config_last_reload_successful"), "0");
    writeFileSync(join(program.folder, "ipmp.yml"), "groups: []\n");
    assert.equal((await program.get("/-/reload", "POST")).status, 200);
    assert.equal((await program.metrics()).get(expected), undefined);
  });

  test("says which changes wait for a restart", async (t) => {
    const ns = Netns.create(t, "wait");
    ns.addVeth("va", "vb");
    const program = await Program.start(t, { ns, config: config("va") });
    writeFileSync(join(program.folder, "ipmp.yml"), `${config("va")}snmp: { system: { contact: noc } }\n`);
    program.signal("SIGHUP");
    await program.logged("take effect after a restart", "keys=snmp");
  });

  test("takes a SIGHUP and a SIGTERM during its start", async (t) => {
    const ns = Netns.create(t, "early");
    ns.addVeth("va", "vb");
    const program = Program.launch(t, { ns, config: config("va") });
    await program.logged("msg=starting");
    program.signal("SIGHUP");
    program.signal("SIGTERM");
    assert.equal(await program.exited(), 0);
  });

  test("goes on with its totals after a restart, also for what was carried meanwhile", async (t) => {
    const ns = Netns.create(t, "restart");
    ns.addVeth("va", "va-peer");
    ns.addVeth("vb", "vb-peer");
    const sample = 'ipmp_group_transmit_packets_total{group="ipmp0"}';
    const first = await Program.start(t, { ns, config: config("va", "vb") });
    ns.send("va", { packets: 100, bytes: 100 });
    assert.equal((await first.metrics()).get(sample), "100");
    first.signal("SIGKILL");
    await first.exited();
    ns.send("va", { packets: 30, bytes: 100 });
    ns.send("vb", { packets: 5, bytes: 100 });
    ns.ip("link", "delete", "vb"); // nobody saw what it carried
    const second = await Program.start(t, { ns, config: config("va", "vb"), folder: first.folder });
    assert.equal((await second.metrics()).get(sample), "130");
    await second.logged("counters restored", "groups=1", "state.json", "counting_since=", "last_read=");
    await second.logged("msg=ready", "not_ok=1", "page=none");
    assert.equal(await second.stop(), 0);
  });

  test("says at the start what is not well, where the page is, and why counters begin", async (t) => {
    const ns = Netns.create(t, "unwell");
    ns.addVeth("va", "va-peer");
    const args = ["--web.listen-address=127.0.0.1:10191"];
    const program = await Program.start(t, { ns, config: config("va", "vb"), args });
    await program.logged(
      "level=warn",
      "group is not well from the start",
      "group=ipmp0",
      "to=degraded",
      "vb does not exist",
    );
    await program.logged("counters begin now", "no state of an earlier run");
    await program.logged("level=warn", "msg=ready", "groups=1", "not_ok=1", "page=http://127.0.0.1:10191/");
    const [newest] = JSON.parse((await program.get("/api/v1/events")).body).events.slice(-1);
    assert.deepEqual([newest.kind, newest.from, newest.to], ["group-state", null, "degraded"]);
  });

  test("needs no privilege", async (t) => {
    const ns = Netns.create(t, "nobody");
    ns.addVeth("va", "vb");
    const program = await Program.start(t, { ns, config: config("va"), through: AS_NOBODY });
    const status = execFileSync("sh", ["-c", `grep -E '^(Uid|CapEff)' /proc/${program.pid}/status`], {
      encoding: "utf8",
    });
    assert.match(status, /Uid:\s65534/);
    assert.match(status, /CapEff:\s0+\n/);
    ns.send("va", { packets: 7, bytes: 100 });
    const samples = await program.metrics();
    assert.equal(samples.get('ipmp_group_transmit_packets_total{group="ipmp0"}'), "7");
    assert.equal(samples.get('ipmp_source_info{source="netlink"}'), "1");
  });

  test("takes a member out of service and back over its control socket", async (t) => {
    const ns = Netns.create(t, "offline");
    ns.addVeth("va", "vb");
    const program = await Program.start(t, { ns, config: config("va", "vb") });
    const main = (...args: string[]) =>
      spawnSync(
        process.execPath,
        [root("dist", "main.js"), ...args, `--control.socket=${join(program.folder, "control.sock")}`],
        {
          encoding: "utf8",
        },
      );
    assert.equal(main("offline", "va").status, 0);
    await program.until('ipmp_group_members{group="ipmp0",state="offline"}', "1");
    const last = main("offline", "vb");
    assert.equal(last.status, 1);
    assert.match(last.stderr, /no other usable member/);
    assert.match(main("offline", "vc").stderr, /No group has a member "vc": expected va, vb\n/);
    assert.equal(main("online", "va").status, 0);
    await program.until('ipmp_group_state{group="ipmp0",state="ok"}', "1");
    assert.equal((await program.get("/api/v1/interfaces/va/offline", "POST")).status, 404);
  });
});
