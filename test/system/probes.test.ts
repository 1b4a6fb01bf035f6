/**
 * Probes on real links, as nobody and without a capability: uplinks that go through a switch to a router, and a path that is cut behind the
 * switch, where no carrier shows it.
 */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { program as command, firstLines } from "../cli/program.ts";
import { AS_NOBODY, linkLocal, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { root } from "../support/root.ts";
import { scratch } from "../support/scratch.ts";
import { CUTS, UPLINKS, type Uplink, UplinkNetwork } from "../support/uplink-network.ts";
import { eventually } from "../support/wait.ts";

/** Failures are found within a second: a probe every 142 ms. */
const QUICK = "detection: { failure_detection_time: 1s, probes: { enabled: true } }\n";
const GROUP = "groups: [{ name: ipmp0, interfaces: [up0, up1] }]\n";

async function start(t: TestContext, { host: ns }: UplinkNetwork, config: string): Promise<Program> {
  return Program.start(t, { ns, config, through: AS_NOBODY });
}

/** Waits until both members have answers. */
async function answered(program: Program, group: string, family: "ipv4" | "ipv6", count = 3): Promise<void> {
  for (const n of UPLINKS) {
    const sample = `ipmp_probe_acked_total{group="${group}",device="up${n}",family="${family}"}`;
    let last: string | undefined;
    await eventually(
      async () => {
        last = (await program.metrics()).get(sample);
        return Number(last ?? 0) >= count;
      },
      () => `${sample} is ${last}:\n${program.log.join("\n")}`,
    );
  }
}

/** The program on a host whose two uplinks are a group that is probed over IPv4, each answered. */
async function probed(t: TestContext): Promise<{ readonly network: UplinkNetwork; readonly program: Program }> {
  const network = UplinkNetwork.create(t);
  network.multipath("4");
  const program = await start(t, network, GROUP + QUICK);
  await answered(program, "ipmp0", "ipv4");
  return { network, program };
}

/** The program's own command, asking the running one. */
function ipmpstat(program: Program, ...args: readonly string[]) {
  return command(["ipmpstat", `--control.socket=${join(program.folder, "control.sock")}`, ...args]);
}

const HOW: Readonly<Record<keyof typeof CUTS, string>> = {
  port: "a port that is down",
  filter: "a far end that drops its answers",
  misled: "a switch that looks for the router elsewhere",
};

const failed = (group: string, n: Uplink) => `ipmp_member_flag{group="${group}",device="up${n}",flag="FAILED"}`;
const probe = (name: string, n: Uplink, family = "ipv4", group = "ipmp0") =>
  `ipmp_probe_${name}{group="${group}",device="up${n}",family="${family}"}`;

describe("a path that is cut two hops away", { skip: NO_NETNS }, () => {
  for (const { title, family, group, config } of [
    { title: "of a configured group", family: "ipv4", group: "ipmp0", config: GROUP + QUICK },
    { title: "of a multipath default route", family: "ipv4", group: "default", config: QUICK },
    { title: "over IPv6 alone", family: "ipv6", group: "default", config: QUICK },
  ] as const) {
    test(`${title} fails its member, whose carrier stays, and mended repairs it after ten answers`, async (t) => {
      const network = UplinkNetwork.create(t);
      network.multipath(family === "ipv4" ? "4" : "6");
      const program = await start(t, network, config);
      await answered(program, group, family);
      network.cut(1);
      await program.until(failed(group, 1), "1");
      const found = await program.metrics();
      const link = `ipmp_member_link_up{group="${group}",device="up1"}`;
      assert.equal(found.get(link), "1");
      assert.equal(found.get(failed(group, 0)), "0");
      assert.equal(found.get(`ipmp_member_failures_total{group="${group}",device="up1",reason="probe"}`), "1");
      const target = family === "ipv4" ? "10.9.1.1" : "2001:db8:1::1";
      await program.logged("member state changed", "device=up1", "to=failed", `probes lost to ${target}`);
      const acked = Number(found.get(probe("acked_total", 1, family, group)));
      network.mend(1);
      await program.until(failed(group, 1), "0");
      const mended = await program.metrics();
      assert.ok(Number(mended.get(probe("acked_total", 1, family, group))) - acked >= 10);
      await program.logged("member state changed", "device=up1", "from=failed", "10 probes answered");
    });
  }

  for (const [how, cut] of Object.entries(CUTS)) {
    test(`by ${HOW[how as keyof typeof CUTS]} is found`, async (t) => {
      const { network, program } = await probed(t);
      network.cut(1, cut);
      await program.until(failed("ipmp0", 1), "1");
      assert.equal((await program.metrics()).get('ipmp_member_link_up{group="ipmp0",device="up1"}'), "1");
      network.mend(1, cut);
      await program.until(failed("ipmp0", 1), "0");
      assert.equal((await program.metrics()).get(failed("ipmp0", 0)), "0");
    });
  }

  test("is found, and found mended, though nobody asks: a scrape would wake the loop", async (t) => {
    const { network, program } = await probed(t);
    network.cut(1);
    await program.logged("member state changed", "device=up1", "to=failed");
    network.cut(0);
    await program.logged("no target answers probes", "group=ipmp0", "no answer from 10.9.0.1");
    network.mend(0);
    network.mend(1);
    await program.logged("member state changed", "device=up1", "from=failed", "to=active");
  });

  test("is found where both families have targets only when both are mute", async (t) => {
    const network = UplinkNetwork.create(t);
    network.multipath("4");
    network.multipath("6");
    const program = await start(t, network, GROUP + QUICK);
    await answered(program, "ipmp0", "ipv4");
    await answered(program, "ipmp0", "ipv6");
    network.mute(true); // of IPv4
    const lost = Number((await program.metrics()).get(probe("lost_total", 1)));
    await eventually(
      async () => Number((await program.metrics()).get(probe("lost_total", 1))) >= lost + 10,
      () => "IPv4 is still answered",
    );
    assert.equal((await program.metrics()).get(failed("ipmp0", 1)), "0");
    network.cut(1);
    await program.until(failed("ipmp0", 1), "1");
    assert.equal((await program.metrics()).get(failed("ipmp0", 0)), "0");
  });

  test("is found by UDP where ping sockets are forbidden, and the log says what would help", async (t) => {
    const network = UplinkNetwork.create(t, { pingSockets: false });
    network.multipath("4");
    // The router limits its ICMP errors to one a second.
    const program = await start(
      t,
      network,
      `${GROUP}detection: { failure_detection_time: 7s, probes: { enabled: true } }\n`,
    );
    await program.logged("how members are probed", "UDP to closed ports", "ping_group_range");
    await answered(program, "ipmp0", "ipv4", 2);
    assert.equal(
      (await program.metrics()).get(`ipmp_probe_method{group="ipmp0",device="up0",family="ipv4",method="udp"}`),
      "1",
    );
    network.cut(1);
    await program.until(failed("ipmp0", 1), "1");
    assert.equal((await program.metrics()).get(failed("ipmp0", 0)), "0");
  });

  test("is seen as it happens with ipmpstat -p", async (t) => {
    const { network, program } = await probed(t);
    const socket = `--control.socket=${join(program.folder, "control.sock")}`;
    const lines = await firstLines(8, ["ipmpstat", socket, "-pnP", "-o", "interface,netrtt,rtt,target"]);
    for (const line of lines) assert.match(line, /^up([01]):\d+\.\d\dms:\d+\.\d\dms:10\.9\.\1\.1$/);
    network.cut(1);
    await program.until(failed("ipmp0", 1), "1");
    const { stdout } = await ipmpstat(program, "-i");
    assert.match(stdout, /^up1 +no +ipmp0 +\S+ +up +failed +failed$/m);
    assert.match((await ipmpstat(program, "-g")).stdout, /^ipmp0 +ipmp0 +degraded +\d+\.\d\ds +up0 \[up1\]$/m);
  });

  test("is known after a restart", async (t) => {
    const { network, program: first } = await probed(t);
    network.cut(1);
    await first.until(failed("ipmp0", 1), "1");
    first.signal("SIGTERM");
    assert.equal(await first.exited(), 0);
    const second = await Program.start(t, {
      ns: network.host,
      through: AS_NOBODY,
      folder: first.folder,
      config: GROUP + QUICK,
    });
    assert.equal((await second.metrics()).get(failed("ipmp0", 1)), "1");
    await answered(second, "ipmp0", "ipv4", 0);
    network.mend(1);
    await second.until(failed("ipmp0", 1), "0");
  });
});

describe("targets", { skip: NO_NETNS }, () => {
  test("are IPv6 routers by their link-local addresses, each on its own link", async (t) => {
    const network = UplinkNetwork.create(t);
    const routers = await Promise.all(UPLINKS.map((n) => linkLocal(network.router, `r${n}`)));
    await Promise.all(UPLINKS.map((n) => linkLocal(network.host, `up${n}`)));
    const hops = UPLINKS.flatMap((n) => ["nexthop", "via", routers[n] ?? "", "dev", `up${n}`]);
    network.host.ip("-6", "route", "add", "default", ...hops);
    const program = await start(t, network, GROUP + QUICK);
    await answered(program, "ipmp0", "ipv6");
    const { stdout } = await ipmpstat(program, "-tnP", "-o", "interface,mode,targets");
    assert.deepEqual(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => line.replaceAll("\\", "")),
      UPLINKS.map((n) => `up${n}:routes:${routers[n]}`),
    );
    network.cut(0);
    await program.until(failed("ipmp0", 0), "1");
    assert.equal((await program.metrics()).get(failed("ipmp0", 1)), "0");
  });

  test("of the link's own subnet are reached under strict reverse path filtering", async (t) => {
    const network = UplinkNetwork.create(t);
    network.host.run("sh", "-c", "for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 1 > $f; done");
    network.multipath("4");
    const program = await start(t, network, GROUP + QUICK);
    await answered(program, "ipmp0", "ipv4");
    const lost = UPLINKS.map(async (n) => (await program.metrics()).get(probe("lost_total", n)));
    assert.deepEqual(await Promise.all(lost), ["0", "0"]);
  });

  test("are answered to links in one subnet with the settings that check-config asks for, and not without", async (t) => {
    const network = UplinkNetwork.create(t);
    const { host, switches } = network;
    switches.ip("link", "set", "host1", "master", "br0");
    host.ip("address", "flush", "dev", "up1");
    host.ip("address", "add", "10.9.0.10/24", "dev", "up1");
    const set = (pattern: string, value: number) =>
      host.run("sh", "-c", `for f in /proc/sys/net/ipv4/conf/${pattern}; do echo ${value} > $f; done`);
    set("*/rp_filter", 1);
    const config = GROUP + QUICK.replace("true }", "true, targets: { up0: [10.9.0.1], up1: [10.9.0.1] } }");
    const file = join(scratch(t), "c.yml");
    writeFileSync(file, config);
    const program = [process.execPath, root("dist", "main.js")];
    const warned = () => host.run("sh", "-c", 'exec "$0" "$@" 2>&1', ...program, "check-config", file);
    assert.ok(warned().includes("set net.ipv4.conf.all.rp_filter=2 and net.ipv4.conf.all.arp_ignore=1\n"));
    set("all/rp_filter", 2);
    set("all/arp_ignore", 1);
    assert.ok(!warned().includes("warning"));
    const running = await start(t, network, config);
    await answered(running, "ipmp0", "ipv4");
    set("all/rp_filter", 1);
    await running.until(failed("ipmp0", 1), "1");
    set("all/rp_filter", 2);
    await running.until(failed("ipmp0", 1), "0");
  });

  test("one of which is mute change, and the member keeps its state", async (t) => {
    const network = UplinkNetwork.create(t);
    const targets = "targets: { up0: [10.9.0.1, 10.9.0.77], up1: [10.9.1.1] }"; // nobody has 10.9.0.77
    const config = `${GROUP}detection: { failure_detection_time: 1s, probes: { enabled: true, ${targets} } }\n`;
    const program = await start(t, network, config);
    // It begins with two. The mute one is in use for a second, which somebody who asks late has missed.
    await program.until(`ipmp_probe_targets{group="ipmp0",device="up0",family="ipv4",state="active"}`, "1");
    const metrics = await program.metrics();
    assert.equal(metrics.get(failed("ipmp0", 0)), "0");
    assert.equal(metrics.get(`ipmp_member_failures_total{group="ipmp0",device="up0",reason="link"}`), "0");
  });

  test("that all go mute are said to be at fault, and the group keeps its traffic", async (t) => {
    const { network, program } = await probed(t);
    network.mute(true);
    await program.until('ipmp_group_targets_mute{group="ipmp0"}', "1");
    assert.equal((await program.metrics()).get('ipmp_group_link_up{group="ipmp0"}'), "1");
    await program.logged("no target answers probes", "10.9.0.1, 10.9.1.1");
    network.mute(false);
    await program.until('ipmp_group_targets_mute{group="ipmp0"}', "0");
    await program.until('ipmp_group_state{group="ipmp0",state="ok"}', "1");
  });
});
