/** What happens to links, addresses and routes while they are probed, on real links, as nobody and without a capability. */

import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { AS_NOBODY, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { root } from "../support/root.ts";
import { scratch } from "../support/scratch.ts";
import { UplinkNetwork } from "../support/uplink-network.ts";
import { eventually } from "../support/wait.ts";

const TARGETS = "targets: { up0: [10.9.0.1], up1: [10.9.1.1] }";
const config = (more = TARGETS) => `groups: [{ name: ipmp0, interfaces: [up0, up1] }]
detection: { failure_detection_time: 1s, probes: { enabled: true, ${more} } }
`;

const failed = (device: string) => `ipmp_member_flag{group="ipmp0",device="${device}",flag="FAILED"}`;
const count = (name: string, device: string) =>
  `ipmp_probe_${name}_total{group="ipmp0",device="${device}",family="ipv4"}`;

async function start(t: TestContext, { host: ns }: UplinkNetwork, text: string): Promise<Program> {
  return Program.start(t, { ns, config: text, through: AS_NOBODY });
}

/** Waits until so many more probes of a member have been answered than now. */
async function answersAgain(program: Program, device: string, more = 3): Promise<void> {
  const sample = count("acked", device);
  const begin = Number((await program.metrics()).get(sample) ?? 0);
  let last: string | undefined;
  await eventually(
    async () => {
      last = (await program.metrics()).get(sample);
      return Number(last ?? 0) >= begin + more;
    },
    () => `${sample} went from ${begin} to ${last}:\n${program.log.join("\n")}`,
  );
}

describe("a link that is probed", { skip: NO_NETNS }, () => {
  test("goes on to be probed under another name", async (t) => {
    const network = UplinkNetwork.create(t);
    const program = await start(t, network, config("targets: { up0: [10.9.0.1], up1: [10.9.1.1], wan: [10.9.1.1] }"));
    await answersAgain(program, "up1");
    writeFileSync(
      join(program.folder, "ipmp.yml"),
      config().replace("[up0, up1]", "[up0, wan]").replace("up1:", "wan:"),
    );
    network.host.ip("link", "set", "up1", "down");
    network.host.ip("link", "set", "up1", "name", "wan");
    network.host.ip("link", "set", "wan", "up");
    program.signal("SIGHUP");
    await answersAgain(program, "wan", 10);
    await program.until(failed("wan"), "0");
  });

  test("is probed by a new socket when it is made anew under its name", async (t) => {
    const network = UplinkNetwork.create(t);
    const program = await start(t, network, config());
    await answersAgain(program, "up1");
    const { host, switches } = network;
    host.ip("link", "del", "up1");
    host.ip("link", "add", "up1", "type", "veth", "peer", "name", "host1", "netns", switches.name);
    switches.batch(["link set host1 master br1", "link set host1 up"]);
    host.ip("address", "add", "10.9.1.9/24", "dev", "up1");
    host.ip("link", "set", "up1", "up");
    await answersAgain(program, "up1", 10);
    await program.until(failed("up1"), "0");
    network.cut(1);
    await program.until(failed("up1"), "1");
  });

  test("is judged by its link while its address is away, and probed again when it is back", async (t) => {
    const network = UplinkNetwork.create(t);
    const program = await start(t, network, config());
    await answersAgain(program, "up1");
    network.host.ip("address", "del", "10.9.1.9/24", "dev", "up1");
    await eventually(
      async () => !(await program.metrics()).has(count("sent", "up1")),
      () => "it is still probed",
    );
    assert.equal((await program.metrics()).get(failed("up1")), "0");
    network.host.ip("address", "add", "10.9.1.9/24", "dev", "up1");
    await answersAgain(program, "up1");
    assert.equal((await program.metrics()).get(failed("up1")), "0");
  });

  test("probes the next hops that its routes have now", async (t) => {
    const network = UplinkNetwork.create(t);
    network.router.ip("address", "add", "10.9.1.2/24", "dev", "r1");
    network.multipath("4");
    const program = await start(t, network, config("targets: {}"));
    await answersAgain(program, "up1");
    const hops = ["nexthop", "via", "10.9.0.1", "dev", "up0", "nexthop", "via", "10.9.1.2", "dev", "up1"];
    network.host.ip("route", "replace", "default", ...hops);
    await eventually(
      async () => {
        const { body } = await program.get("/api/v1/groups/ipmp0");
        return body.includes('"10.9.1.2"') && !body.includes('"10.9.1.1"');
      },
      () => `the targets are those of before:\n${program.log.join("\n")}`,
    );
    await answersAgain(program, "up1", 10);
    assert.equal((await program.metrics()).get(failed("up1")), "0");
  });

  test("that has nobody to probe is held back when it comes up for the third time within a minute", async (t) => {
    const network = UplinkNetwork.create(t);
    for (const device of ["up0", "up1"]) network.host.ip("address", "flush", "dev", device);
    const program = await start(t, network, config("targets: {}"));
    for (const times of [1, 2, 3]) {
      network.switches.ip("link", "set", "host1", "down");
      await program.until(failed("up1"), "1");
      network.switches.ip("link", "set", "host1", "up");
      await program.until('ipmp_member_link_up{group="ipmp0",device="up1"}', "1");
      if (times < 3) await program.until(failed("up1"), "0");
    }
    const { body } = await program.get("/api/v1/groups/ipmp0");
    assert.match(body, /came up more than twice within a minute/);
    assert.equal((await program.metrics()).get(failed("up1")), "1");
  });
});

/** Echo requests that a host has sent, by IPv4 and by IPv6. */
function echoesSent({ host }: UplinkNetwork): (string | undefined)[] {
  const [names, values] = host
    .run("grep", "^Icmp:", "/proc/net/snmp")
    .split("\n")
    .map((line) => line.split(" "));
  const byIpv6 = /^Icmp6OutEchos\s+(\d+)$/m.exec(host.run("cat", "/proc/net/snmp6"));
  return [values?.[names?.indexOf("OutEchos") ?? -1], byIpv6?.[1]];
}

describe("check-config --live", { skip: NO_NETNS }, () => {
  const live = (t: TestContext, { host }: UplinkNetwork, text: string): string => {
    const folder = scratch(t);
    const file = join(folder, "c.yml");
    writeFileSync(file, text);
    chmodSync(folder, 0o755);
    const [command = "", ...args] = [...AS_NOBODY, process.execPath, root("dist", "main.js")];
    const printed = host.run(command, ...args, "check-config", "--live", file);
    return printed.slice(printed.indexOf("\n") + 1);
  };

  test("says by which method each member would be probed, and whom, and sends nothing", (t) => {
    const network = UplinkNetwork.create(t);
    network.multipath("6");
    assert.equal(
      live(t, network, config("targets: { up0: [10.9.0.1] }").replace("[up0, up1]", "[up0, up1, up7]")),
      `group ipmp0: probed
  up0: IPv4 by ICMP echo from 10.9.0.9 to 10.9.0.1
  up1: IPv6 by ICMP echo from 2001:db8:1::9 to 2001:db8:1::1
  up7: there is no such link now
`,
    );
    assert.deepEqual(echoesSent(network), ["0", "0"]);
  });

  test("says what stands in the way, and which setting would help", (t) => {
    const network = UplinkNetwork.create(t, { pingSockets: false });
    network.multipath("4");
    const setting = "ping sockets are not allowed (sysctl net.ipv4.ping_group_range=0 2147483647 allows them)";
    assert.equal(
      live(t, network, "detection: { failure_detection_time: 10s, probes: { enabled: true } }\n"),
      `group default: probed
  up0: IPv4 by UDP to closed ports from 10.9.0.9 to 10.9.0.1, because ${setting}
  up1: IPv4 by UDP to closed ports from 10.9.1.9 to 10.9.1.1, because ${setting}
`,
    );
    assert.match(
      live(t, network, "detection: { failure_detection_time: 1s, probes: { enabled: true } }\n"),
      /up0: not by IPv4, because ping sockets are not allowed \(.+\), and a probe every 142 ms is too quick for UDP/,
    );
  });

  test("does not say of a link of a device that there is none: it asks no device", (t) => {
    const network = UplinkNetwork.create(t);
    const sources = "sources: [{ name: sw1, kind: snmp, target: 'udp:192.0.2.1:161' }]";
    const groups = "groups: [{ name: ipmp0, interfaces: [up0, { source: sw1, device: Ethernet1/49 }] }]";
    assert.equal(
      live(t, network, `${sources}\n${groups}\n`),
      `group ipmp0: judged by links alone, without probes
  up0
  sw1:Ethernet1/49: a link of another system, which was not asked
`,
    );
  });

  test("says of groups that are not probed that links decide", (t) => {
    const network = UplinkNetwork.create(t);
    assert.equal(
      live(t, network, "groups: [{ name: ipmp0, interfaces: [up0] }]\n"),
      "group ipmp0: judged by links alone, without probes\n  up0\n",
    );
  });
});
