/** The built program on a tree of illumos's commands: from the commands to metrics, SNMP, page and its own ipmpstat and kstat. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";
import { program } from "../cli/program.ts";
import { saySamples, TABLES } from "../support/illumos-samples.ts";
import { IllumosTree, IPMPSTAT } from "../support/illumos-tree.ts";
import type { Hooks } from "../support/netns.ts";
import { Program, type ProgramOptions } from "../support/program.ts";
import { scratch } from "../support/scratch.ts";
import { withoutTools } from "../support/snmp-tools.ts";
import { eventually } from "../support/wait.ts";

/** The program, watching a tree with the samples as its own host. */
async function watching(hooks: Hooks, { config = "", ...options }: ProgramOptions = {}) {
  const tree = new IllumosTree(scratch(hooks));
  saySamples(tree);
  const running = await Program.start(hooks, { ...options, config: `path: { illumos: ${tree.root} }\n${config}` });
  return { tree, running };
}

/** What one of the tree's own commands prints. */
function printedBy(tree: IllumosTree, tool: "ipmpstat" | "kstat", args: readonly string[]): string {
  const file = join(tree.root, tool === "kstat" ? "usr/bin" : "usr/sbin", tool);
  const { status, stdout } = spawnSync(file, args, { encoding: "utf8" });
  assert.equal(status, 0);
  return stdout;
}

test("ipmpstat and kstat print byte for byte what the system's own commands print", async (t) => {
  const { tree, running } = await watching(t, { config: "source: illumos\n" });
  const socket = `--control.socket=${join(running.folder, "control.sock")}`;
  const commands: ["ipmpstat" | "kstat", ...string[]][] = [
    ...Object.keys(TABLES).map((command): ["ipmpstat", ...string[]] => ["ipmpstat", ...command.split(" ").slice(1)]),
    ["ipmpstat", ...IPMPSTAT.interfaces.split(" ").slice(1)],
    ["ipmpstat", ...IPMPSTAT.targets.split(" ").slice(1)],
    ["kstat", "-p", "ipmp:0:ipmp0:"],
    ["kstat", "-p", "link:0:net0:"],
  ];
  for (const [tool, ...args] of commands) {
    const ours = await program([tool, socket, ...args]);
    assert.equal(ours.stdout, printedBy(tree, tool, args), `${tool} ${args.join(" ")}: ${ours.stderr}`);
    assert.equal(ours.status, 0);
  }
  assert.equal(await running.stop(), 0);
});

describe("the program on illumos", () => {
  test("shows the groups as the system has them, in metrics and on the page", async (t) => {
    const { running } = await watching(t, { config: "source: illumos\n" });
    const metrics = await running.metrics();
    const expected: readonly (readonly [sample: string, value: string])[] = [
      ['ipmp_group_state{group="frontend",state="degraded"}', "1"],
      ['ipmp_group_state{group="acct0",state="failed"}', "1"],
      ['ipmp_group_failure_detection_time_seconds{group="frontend"}', "20"],
      ['ipmp_group_transmit_bytes_total{group="ipmp0"}', "1234567890123"],
      ['ipmp_kstat{module="ipmp",instance="0",name="ipmp0",statistic="obytes"}', "1912276171"],
      ['ipmp_member_flag{group="acct0",device="net5",flag="OFFLINE"}', "1"],
      ['ipmp_member_flag{group="dbnet",device="net8",flag="INACTIVE"}', "1"],
      ['ipmp_group_cross_check_success{group="ipmp0"}', "1"],
      ['ipmp_source_up{source="local",kind="illumos"}', "1"],
    ];
    for (const [sample, value] of expected) assert.equal(metrics.get(sample), value, sample);
    assert.equal(metrics.get('ipmp_group_failure_detection_time_seconds{group="dbnet"}'), undefined);
    assert.equal([...metrics.keys()].filter((sample) => sample.startsWith("ipmp_probe_sent")).length, 0);
    const { body } = await running.get("/");
    for (const text of ["frontend", "acct0", "taken offline"])
      assert.ok(body.includes(text), `the page has no "${text}"`);
    const refused = await program(["offline", `--control.socket=${join(running.folder, "control.sock")}`, "net0"]);
    assert.match(refused.stderr, /its group is the system's own; use if_mpadm\(8\)/);
  });

  test("has rows of its groups and their members for SNMP managers", { skip: withoutTools("snmpwalk") }, async (t) => {
    const { running } = await watching(t, {
      config: "source: illumos\n",
      args: ["--snmp.listen-address=udp:127.0.0.1:0"],
    });
    const port = await running.told(/snmp=udp:127\.0\.0\.1:(\d+)/);
    const walk = (oid: string) =>
      spawnSync("snmpwalk", ["-v2c", "-c", "public", "-Oqv", "-r10", "-t2", `127.0.0.1:${port}`, oid], {
        encoding: "utf8",
      })
        .stdout.split("\n")
        .map((line) => line.replaceAll('"', ""));
    let names: string[] = [];
    // A snapshot of before the system had answered is served for a second.
    await eventually(
      () => {
        names = walk("1.3.6.1.2.1.31.1.1.1.1");
        return ["ipmp0", "web0", "net0", "net8"].every((name) => names.includes(name));
      },
      () => `rows of ${names.join(", ")}`,
    );
    assert.equal(walk("1.3.6.1.2.1.31.1.1.1.10")[names.indexOf("ipmp0")], "1234567890123");
  });

  test("takes the commands by itself there, and needs no C library", async (t) => {
    // As on the system itself, where koffi has no binary: nothing native can be loaded.
    const there = [
      'Object.defineProperty(process, "platform", { value: "sunos" });',
      'process.dlopen = () => { throw new Error("no binary for this platform"); };',
    ].join("");
    const { running } = await watching(t, {
      through: ["env", `NODE_OPTIONS=--import=data:text/javascript,${encodeURIComponent(there)}`],
    });
    assert.equal((await running.metrics()).get('ipmp_group_state{group="ipmp0",state="ok"}'), "1");
    await running.logged("reading links and IPMP groups by kstat, ipmpstat and dladm");
    assert.equal(await running.stop(), 0);
  });

  test("says in one line that a command is missing, shows the rest, and takes it up when it is there", async (t) => {
    const { tree, running } = await watching(t, { config: "source: illumos\n" });
    tree.remove("ipmpstat");
    await running.logged("a source does not answer", "usr/sbin/ipmpstat is not there");
    assert.equal((await running.metrics()).get('ipmp_group_state{group="ipmp0",state="ok"}'), "1");
    tree.install("ipmpstat");
    tree.say(IPMPSTAT.groups, "ipmp0:ipmp0:failed:10.00s:[net0 net1]\n");
    await running.until('ipmp_group_state{group="ipmp0",state="failed"}', "1");
    assert.equal(running.log.filter((line) => line.includes("a source does not answer")).length, 1);
  });

  test("stops at once while a command hangs, and leaves none behind", async (t) => {
    const { tree, running } = await watching(t, { config: "source: illumos\n" });
    tree.forgetCalls();
    tree.behave("dladm", 'echo "pid $$" >> "$(dirname "$0")/../../calls"; sleep 600');
    const hanging = () =>
      tree
        .calls()
        .find((line) => line.startsWith("pid "))
        ?.slice(4);
    while (hanging() === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(await running.stop(), 0);
    assert.throws(() => process.kill(Number(hanging()), 0), /ESRCH/);
  });
});

describe("an illumos system beside the host's own links", () => {
  const UP = 'ipmp_source_up{source="gz",kind="illumos"}';

  /** The program on this host, with a tree of commands as a source that is called gz. */
  async function beside(hooks: Hooks) {
    const tree = new IllumosTree(scratch(hooks));
    saySamples(tree);
    const config = `sources: [{ name: gz, kind: illumos, interval: 5s, path: ${tree.root} }]\n`;
    return { tree, running: await Program.start(hooks, { config }) };
  }

  test("has its groups among the others, and its name on its links", async (t) => {
    const { running } = await beside(t);
    const metrics = await running.metrics();
    const expected: readonly (readonly [sample: string, value: string])[] = [
      [UP, "1"],
      ['ipmp_group_state{group="frontend",state="degraded"}', "1"],
      ['ipmp_group_transmit_bytes_total{group="ipmp0"}', "1234567890123"],
      ['ipmp_member_flag{group="acct0",device="net5",source="gz",flag="OFFLINE"}', "1"],
      ['ipmp_group_cross_check_success{group="ipmp0"}', "1"],
    ];
    for (const [sample, value] of expected) assert.equal(metrics.get(sample), value, sample);
    assert.ok(metrics.has('ipmp_source_up{source="local",kind="netlink"}'), "the host is watched as ever");
    const refused = await program(["offline", `--control.socket=${join(running.folder, "control.sock")}`, "gz:net0"]);
    assert.match(refused.stderr, /its group is the system's own; use if_mpadm\(8\)/);
  });

  test("is said to be silent and to answer again, once each", async (t) => {
    const { tree, running } = await beside(t);
    tree.remove("ipmpstat");
    await running.until(UP, "0");
    await running.logged("a source does not answer", "source=gz", "usr/sbin/ipmpstat is not there");
    tree.install("ipmpstat");
    tree.say(IPMPSTAT.groups, "ipmp0:ipmp0:failed:10.00s:[net0 net1]\n");
    await running.until('ipmp_group_state{group="ipmp0",state="failed"}', "1");
    await running.logged("a source answers again", "source=gz", "usr/sbin/ipmpstat is not there");
    for (const message of ["a source does not answer", "a source answers again"])
      assert.equal(running.log.filter((line) => line.includes(message)).length, 1, message);
  });
});
