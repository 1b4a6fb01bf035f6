/** Two chassis with Debian's snmpd in namespaces of their own, a link of each in one group, under traffic. */

import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { scratch } from "../support/scratch.ts";
import { withoutTools } from "../support/snmp-tools.ts";
import { eventually } from "../support/wait.ts";

const USER = { name: "poller", auth: "correct horse", priv: "battery staple" } as const;
const TOTAL = 'ipmp_group_receive_bytes_total{group="core"}';
const PACKETS = 'ipmp_group_receive_packets_total{group="core"}';
const SYS_UP_TIME = "1.3.6.1.2.1.1.3.0";
/** Hundredths of a second after which the program takes an agent's counters for complete. */
const COMPLETE_TICKS = 2_000;
const state = (name: string) => `ipmp_group_state{group="core",state="${name}"}`;
/** NET-SNMP-AGENT-MIB::nsCacheTimeout of ifTable, which is 15 s otherwise. */
const IF_TABLE_CACHE = "1.3.6.1.4.1.8072.1.5.3.1.2.1.3.6.1.2.1.2.2";

/** A switch: a namespace with a link under its name, a way to the hub, and snmpd. */
class Chassis {
  readonly ns: Netns;
  readonly address: string;
  readonly #folder: string;
  #agent: ChildProcess | undefined;

  private constructor(ns: Netns, address: string, folder: string) {
    this.ns = ns;
    this.address = address;
    this.#folder = folder;
  }

  static async create(t: TestContext, hub: Netns, n: number): Promise<Chassis> {
    const ns = Netns.create(t, `sw${n}`);
    const subnet = `10.201.${n}`;
    hub.ip("link", "add", `mgmt${n}`, "type", "veth", "peer", "name", "mgmt", "netns", ns.name);
    hub.ip("address", "add", `${subnet}.1/24`, "dev", `mgmt${n}`);
    hub.ip("link", "set", `mgmt${n}`, "up");
    ns.ip("address", "add", `${subnet}.2/24`, "dev", "mgmt");
    ns.ip("link", "set", "mgmt", "up");
    ns.addVeth("eth49", "far");
    const chassis = new Chassis(ns, `${subnet}.2`, scratch(t));
    await chassis.startAgent();
    return chassis;
  }

  get target(): string {
    return `udp:${this.address}:161`;
  }

  async startAgent(): Promise<void> {
    const file = join(this.#folder, "snmpd.conf");
    const lines = [
      `agentAddress ${this.target}`,
      "rwcommunity public",
      // Without its own configuration files, which the test keeps from it, it would make up another one at each start.
      `exactEngineID 0x80000009${Buffer.from(this.address).toString("hex")}`,
      `createUser ${USER.name} SHA-256 "${USER.auth}" AES-128 "${USER.priv}"`,
      `rouser ${USER.name} priv`,
      "",
    ];
    writeFileSync(file, lines.join("\n"));
    const env = { ...process.env, MIBS: "", SNMPCONFPATH: "/nonexistent", SNMP_PERSISTENT_DIR: this.#folder };
    this.#agent = this.ns.spawn(["snmpd", "-f", "-Ln", "-C", "-c", file], { stdio: "ignore", env });
    const set = ["snmpset", "-v2c", "-cpublic", "-t1", "-r0", this.target, IF_TABLE_CACHE, "i", "1"];
    await eventually(
      () => {
        try {
          this.ns.run("env", "MIBS=", ...set);
          return true;
        } catch {
          return false;
        }
      },
      () => "snmpd does not answer",
    );
  }

  /** Waits until the agent has been up for so long that its counters are taken. */
  async isComplete(): Promise<void> {
    const get = ["snmpget", "-v2c", "-cpublic", "-Oqvt", this.target, SYS_UP_TIME];
    const uptime = () => Number(this.ns.run("env", "MIBS=", ...get));
    await eventually(
      () => uptime() > COMPLETE_TICKS,
      () => `snmpd has been up for ${uptime()}`,
    );
  }

  async stopAgent(): Promise<void> {
    const agent = this.#agent;
    if (!agent) return;
    const ended = once(agent, "exit");
    agent.kill("SIGTERM");
    await ended;
  }

  /** Bytes that the link has received, as the kernel counts. */
  received(device = "eth49"): bigint {
    return BigInt(this.ns.link(device).stats64.rx.bytes);
  }

  packetsReceived(): bigint {
    return BigInt(this.ns.link("eth49").stats64.rx.packets);
  }

  /** Packets of 1,000 bytes that the link receives. */
  carry(packets: number): void {
    this.ns.send("far", { packets, bytes: 958 });
  }
}

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
    const polls = 'ipmp_source_polls_total{source="sw1",kind="snmp",outcome="answered"}';
    const answered = async () => Number((await second.metrics()).get(polls));
    const before = await answered();
    while ((await answered()) < before + 4);
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

    // snmpd goes on telling the name that a link had when it first saw it: the link is still the same, and counts.
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
});
