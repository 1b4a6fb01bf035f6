/** Two chassis with Debian's snmpd in namespaces of their own, a link of each in one group, under traffic. */

import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { Chassis, USER } from "../support/chassis.ts";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { morePolls } from "../support/polls.ts";
import { Program } from "../support/program.ts";
import { scratch } from "../support/scratch.ts";
import { withoutTools } from "../support/snmp-tools.ts";

const TOTAL = 'ipmp_group_receive_bytes_total{group="core"}';
const PACKETS = 'ipmp_group_receive_packets_total{group="core"}';
const state = (name: string) => `ipmp_group_state{group="core",state="${name}"}`;
const IF_TYPE = "1.3.6.1.2.1.2.2.1.3";
/** IANAifType ieee8023adLag. */
const LAG = 161;
/** dot3adAggPortSelectedAggID and dot3adAggPortAttachedAggID. */
const SELECTED = "1.2.840.10006.300.43.1.2.1.1.12";
const ATTACHED = "1.2.840.10006.300.43.1.2.1.1.13";

const VERSIONS = { 2: "version: 2", 3: `version: 3, user: ${USER.name}` } as const;

async function stage(t: TestContext, version: keyof typeof VERSIONS = 2) {
  const hub = Netns.create(t, "hub");
  const sw1 = await Chassis.create(t, hub, 1);
  const sw2 = await Chassis.create(t, hub, 2);
  const folder = scratch(t);
  chmodSync(folder, 0o777);
  for (const part of ["auth", "priv"] as const) writeFileSync(join(folder, part), `${USER[part]}\n`, { mode: 0o640 });
  const source = (name: string, { target }: Chassis) =>
    `{ name: ${name}, kind: snmp, target: "${target}", interval: 500ms, timeout: 300ms, failures: 2, ${VERSIONS[version]} }`;
  const config = `sources: [${source("sw1", sw1)}, ${source("sw2", sw2)}]
groups:
  - { name: core, interfaces: [{ source: sw1, device: eth49 }, { source: sw2, device: eth49 }] }
snmp:
  listen_addresses: none
  users:
    - { name: ${USER.name}, auth: { protocol: SHA-256, password_file: ${folder}/auth }, priv: { protocol: AES-128, password_file: ${folder}/priv } }
`;
  await sw1.isComplete();
  await sw2.isComplete();
  const program = await Program.start(t, { ns: hub, config });
  await program.until(state("ok"), "1");
  return { hub, sw1, sw2, config, program };
}

describe("two chassis with snmpd", {
  concurrency: true,
  skip: NO_NETNS || withoutTools("snmpd", "snmpset", "snmpget"),
}, () => {
  for (const version of [2, 3] as const) {
    test(`over version ${version}: one stops answering and comes back, and at rest nothing is missing`, async (t) => {
      const { sw1, sw2, program } = await stage(t, version);
      const [before1, before2] = [sw1.received(), sw2.received()];
      sw1.carry(300);
      sw2.carry(200);
      await program.until(TOTAL, String(sw1.received() - before1 + sw2.received() - before2));
      await sw2.stopAgent();
      await program.until(state("degraded"), "1");
      sw1.carry(50);
      sw2.carry(70);
      await program.until(TOTAL, String(sw1.received() - before1 + 200_000n));
      await sw2.startAgent();
      await program.until(state("ok"), "1");
      // Only the agent was started anew, and tells too few packets at first: it is not believed until it is complete, and then nothing is missing.
      await program.until(TOTAL, String(sw1.received() - before1 + sw2.received() - before2));
      assert.equal((await program.metrics()).get(PACKETS), "620");
    });
  }

  test("the past of a link is not counted when the program finds an agent that has just been started", async (t) => {
    const { sw1, sw2, config, program, hub } = await stage(t);
    await program.stop();
    sw1.carry(40);
    await sw1.stopAgent();
    await sw1.startAgent();
    const second = await Program.start(t, { ns: hub, config });
    await second.until(state("ok"), "1");
    await sw1.isComplete();
    sw2.carry(3);
    await second.until(TOTAL, "3000");
    await morePolls(second, "sw1", 4);
    sw1.carry(2);
    await second.until(TOTAL, "5000");
    assert.equal((await second.metrics()).get(PACKETS), "5");
  });

  test("a link that goes down, is renamed, is deleted, and is made again under its name", async (t) => {
    const { sw1, sw2, program } = await stage(t);
    const before = sw2.received();
    sw2.carry(100);
    await program.until(TOTAL, "100000");
    sw2.ns.ip("link", "set", "far", "down");
    await program.until(state("degraded"), "1");
    await program.logged("device=sw2:eth49", "to=failed", "link down");
    sw2.ns.ip("link", "set", "far", "up");
    await program.until(state("ok"), "1");

    // snmpd goes on telling the name that a link had when it first saw it, and the counters that it had when it was renamed.
    sw2.ns.ip("link", "set", "eth49", "down");
    sw2.ns.ip("link", "set", "eth49", "name", "eth50");
    sw2.ns.ip("link", "set", "eth50", "up");
    await program.until(state("ok"), "1");
    const carried = String(sw2.received("eth50") - before);
    await program.until(TOTAL, carried);

    sw2.ns.ip("link", "delete", "eth50");
    sw2.ns.addVeth("eth49", "far");
    const { ifindex } = sw2.ns.link("eth49");
    await program.until(
      `ipmp_member_info{group="core",device="eth49",source="sw2",lladdr="${sw2.ns.lladdr("eth49")}",ifindex="${ifindex}"}`,
      "1",
    );
    await program.until(state("ok"), "1");
    await program.until(TOTAL, carried);
    sw1.carry(10);
    sw2.carry(20);
    await program.until(TOTAL, String(BigInt(carried) + 30_000n));
  });

  test("one is polled at its link-local address, by the link that is named or numbered", async (t) => {
    const hub = Netns.create(t, "hub", { ipv6: true });
    await Chassis.create(t, hub, 1, (ns) => {
      ns.run("sh", "-c", "echo 0 > /proc/sys/net/ipv6/conf/mgmt/disable_ipv6");
      ns.ip("address", "add", "fe80::2/64", "dev", "mgmt", "nodad");
      return ["agentAddress udp6:161", "rocommunity6 public"];
    });
    hub.ip("address", "add", "fe80::1/64", "dev", "mgmt1", "nodad");
    const source = (name: string, zone: string | number) =>
      `{ name: ${name}, kind: snmp, target: "udp6:[fe80::2%${zone}]:161", interval: 500ms, timeout: 300ms, version: 2 }`;
    const config = `sources: [${source("named", "mgmt1")}, ${source("numbered", hub.link("mgmt1").ifindex)}]
groups:
  - { name: core, interfaces: [{ source: named, device: eth49 }, { source: numbered, device: eth49 }] }
snmp: { listen_addresses: none }
`;
    const program = await Program.start(t, { ns: hub, config });
    await program.until(state("ok"), "1");
  });

  test("a wrong community and a wrong password are said, and say nothing", async (t) => {
    const { sw1, sw2, config, program, hub } = await stage(t, 3);
    await program.stop();
    const wrong = join(scratch(t), "wrong");
    writeFileSync(wrong, "S3cretMarker\n");
    const folder = /password_file: (\S+)\/auth/.exec(config)?.[1] ?? "";
    const second = await Program.start(t, { ns: hub, config: config.replace(`${folder}/auth`, wrong) });
    await second.logged("the user, or a password is wrong");
    await second.stop();
    const third = await Program.start(t, { ns: hub, config: config.replace(`${folder}/priv`, wrong) });
    await third.logged("no answer");
    for (const line of [...second.log, ...third.log]) assert.ok(!line.includes("S3cretMarker"), line);
    assert.ok(sw1.received() >= 0n && sw2.received() >= 0n);
  });

  test("LAGs of a switch are groups, which follow what its LAG-MIB says", async (t) => {
    const hub = Netns.create(t, "hub");
    const indexOf = (ns: Netns, name: string) => Number(ns.link(name).ifindex);
    const sw1 = await Chassis.create(t, hub, 3, (ns) => {
      ns.addVeth("eth50", "far50");
      ns.addVeth("Po1", "farPo");
      const lag = indexOf(ns, "Po1");
      const said = ["eth49", "eth50"].flatMap((name) =>
        [ATTACHED, SELECTED].map((column) => `override -rw ${column}.${indexOf(ns, name)} integer ${lag}`),
      );
      return [`override ${IF_TYPE}.${lag} integer ${LAG}`, ...said];
    });
    const program = await Program.start(t, {
      ns: hub,
      config: `sources: [{ name: sw1, kind: snmp, target: "${sw1.target}", interval: 500ms, timeout: 300ms, failures: 2, discover: lags }]
snmp: { listen_addresses: none }
`,
    });
    const lagState = (name: string) => `ipmp_group_state{group="sw1:Po1",state="${name}"}`;
    const total = 'ipmp_group_receive_bytes_total{group="sw1:Po1"}';
    await program.until(lagState("ok"), "1");
    await sw1.isComplete();
    await morePolls(program, "sw1", 4);
    const before = sw1.received() + sw1.received("eth50");
    const counted = BigInt((await program.metrics()).get(total) ?? "");
    sw1.carry(20);
    sw1.ns.send("far50", { packets: 30, bytes: 958 });
    await program.until(total, String(counted + sw1.received() + sw1.received("eth50") - before));
    sw1.ns.ip("link", "set", "far50", "down");
    sw1.set(`${ATTACHED}.${indexOf(sw1.ns, "eth50")}`, 0);
    sw1.set(`${SELECTED}.${indexOf(sw1.ns, "eth50")}`, 0);
    await program.until(lagState("degraded"), "1");
    await program.logged("device=sw1:eth50", "to=failed");
    sw1.ns.ip("link", "set", "far50", "up");
    sw1.set(`${ATTACHED}.${indexOf(sw1.ns, "eth50")}`, indexOf(sw1.ns, "Po1"));
    await program.until(lagState("ok"), "1");
    // Taken out of the LAG while it works: the group is whole without it.
    sw1.set(`${ATTACHED}.${indexOf(sw1.ns, "eth50")}`, 0);
    await program.logged("member left", "device=sw1:eth50");
    assert.equal((await program.metrics()).get(lagState("ok")), "1");
  });
});
