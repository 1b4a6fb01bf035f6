/** SNMP of the program as a configuration file sets it up: users, notifications, AgentX. */

import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { scratch } from "../support/scratch.ts";
import { asUser, COMMUNITY, manager, startMaster, TrapReceiver, withoutTools } from "../support/snmp-tools.ts";
import { eventually } from "../support/wait.ts";

const skip = NO_NETNS || withoutTools("snmpget", "snmpwalk", "snmpd", "snmptrapd");

const AGENT = "udp:127.0.0.1:1161";
const MASTER = "udp:127.0.0.1:161";
const SYS_NAME = "SNMPv2-MIB::sysName.0";
const GROUPS = "groups: [{ name: ipmp0, interfaces: [va, vb] }]\n";
const AUTH = "a long enough word";
const PRIV = "another long word";

/** Two links that are up, and password files beside the configuration. */
function stage(t: TestContext) {
  const ns = Netns.create(t, "snmp");
  ns.addVeth("va", "pa");
  ns.addVeth("vb", "pb");
  const folder = scratch(t);
  writeFileSync(join(folder, "auth"), `${AUTH}\n`);
  writeFileSync(join(folder, "priv"), `${PRIV}\nonly the first line counts\n`);
  return { ns, folder };
}

const USERS = `
  users:
    - { name: nms, auth: { protocol: SHA-256, password_file: auth }, priv: { protocol: AES-128, password_file: priv } }
    - { name: plain, auth: { protocol: SHA-512, password_file: auth } }
`;

describe("SNMP by the configuration file", { skip }, () => {
  test("users are served by their passwords and at their level, and nobody else", async (t) => {
    const { ns, folder } = stage(t);
    const config = `${GROUPS}snmp:\n  communities: []\n  system: { name: host.example.net }${USERS}`;
    await Program.start(t, { ns, folder, config });
    const get = (...who: readonly string[]) => manager(ns, "snmpget", ...who, "-Oqv", AGENT, SYS_NAME);
    for (const user of [asUser("nms", ["SHA-256", AUTH], ["AES", PRIV]), asUser("plain", ["SHA-512", AUTH])]) {
      const { stdout, stderr } = await get(...user);
      assert.equal(stdout, "host.example.net\n", stderr);
    }
    for (const [complaint, user] of [
      [/Authentication failure/, asUser("nms", ["SHA-256", "a long wrong word"], ["AES", PRIV])],
      [/Decryption error/, asUser("nms", ["SHA-256", AUTH], ["AES", "a long wrong word"])],
      [/Unsupported security level/, asUser("nms", ["SHA-256", AUTH])],
      [/Unknown user name/, asUser("nobody", ["SHA-256", AUTH])],
      [/Timeout/, ["-v2c", "-c", "public", "-r0", "-t0.3"]],
    ] as const) {
      const { stdout, stderr } = await get(...user);
      assert.equal(stdout, "");
      assert.match(stderr, complaint);
    }
  });

  test("a community and a user see their views and nothing else, in every request", async (t) => {
    const { ns, folder } = stage(t);
    const config = `${GROUPS}snmp:
  communities:
    - { name: interfaces, view: { include: [1.3.6.1.2.1.2, 1.3.6.1.2.1.31], exclude: [1.3.6.1.2.1.31.1.2] } }
    - { name: elsewhere, sources: [192.0.2.0/24] }
  users:
    - { name: ours, auth: { protocol: SHA-256, password_file: auth }, view: { include: [1.3.6.1.4.1] } }
`;
    await Program.start(t, { ns, folder, config });
    const heads = async (program: string, ...args: string[]) => {
      const { stdout } = await manager(ns, program, ...args, "-On", AGENT, ".1");
      return new Set(stdout.split("\n").flatMap((line) => /^\.((\d+\.){8})/.exec(line)?.[1] ?? []));
    };
    const seen = ["1.3.6.1.2.1.2.1.", "1.3.6.1.2.1.2.2.", "1.3.6.1.2.1.31.1."];
    for (const program of ["snmpwalk", "snmpbulkwalk"]) {
      assert.deepEqual([...(await heads(program, "-v2c", "-c", "interfaces"))], seen);
      assert.deepEqual([...(await heads(program, ...asUser("ours", ["SHA-256", AUTH])))], ["1.3.6.1.4.1.8072.9999."]);
    }
    const get = (community: string, name: string, ...patience: string[]) =>
      manager(ns, "snmpget", "-v2c", "-c", community, ...patience, "-Oqv", AGENT, name);
    assert.match((await get("interfaces", SYS_NAME)).stdout, /No Such Object/);
    assert.match((await get("interfaces", "IF-MIB::ifStackStatus.0.1")).stdout, /No Such Object/);
    assert.equal((await get("interfaces", "IF-MIB::ifNumber.0")).stdout, "3\n");
    assert.match((await get("elsewhere", SYS_NAME, "-r0", "-t0.5")).stderr, /Timeout/);
  });

  for (const [what, setting, message] of [
    [
      "an instance",
      "communities: [{ name: a, view: { include: [1.3.6.1.2.1.2.2.1.2.1] } }]",
      /the view of snmp\.communities\[0\]: .* it is an instance; ifDescr is 1\.3\.6\.1\.2\.1\.2\.2\.1\.2/,
    ],
    ["inside another MIB", "enterprise: 1.3.6.1.2.1.1", /snmp\.enterprise: .* share an object identifier/],
  ] as const) {
    test(`a subtree that is ${what}: one line, exit 1`, async (t) => {
      const { ns, folder } = stage(t);
      const config = `${GROUPS}snmp: { ${setting} }\n`;
      const program = Program.launch(t, { ns, folder, config, args: ["--log.level=error"] });
      assert.equal(await program.exited(), 1);
      await program.logged("ipmp-exporter: ");
      assert.equal(program.log.length, 1, program.log.join("\n"));
      assert.match(program.log[0] ?? "", message);
    });
  }

  for (const [what, spoil, message] of [
    [
      "missing",
      (file: string) => rmSync(file),
      /Cannot use snmp\.users\[0\]\.priv\.password_file: no such file: expected a readable file/,
    ],
    [
      "too short",
      (file: string) => writeFileSync(file, "short\n"),
      /Cannot use snmp\.users\[0\]\.priv\.password_file: its first line has 5 octets: expected .* 8 octets/,
    ],
  ] as const) {
    test(`a password file that is ${what}: one line, exit 1`, async (t) => {
      const { ns, folder } = stage(t);
      spoil(join(folder, "priv"));
      const program = Program.launch(t, { ns, folder, config: `${GROUPS}snmp:${USERS}`, args: ["--log.level=error"] });
      assert.equal(await program.exited(), 1);
      await program.logged("ipmp-exporter: ");
      assert.equal(program.log.length, 1, program.log.join("\n"));
      assert.match(program.log[0] ?? "", message);
    });
  }

  test("receivers are told in every version, over restarts too", async (t) => {
    const { ns, folder } = stage(t);
    const target = `udp:127.0.0.1:${TrapReceiver.PORT}`;
    const config = `${GROUPS}snmp:${USERS}  damping: 100ms
  notifications:
    - { target: "${target}", community: traps }
    - { target: "${target}", version: 1, community: old }
    - { target: "${target}", version: 3, user: nms }
    - { target: "${target}", version: 3, user: nms, type: inform }
    - { target: "${target}", type: inform, community: informs }
`;
    const scalar = async (name: string) =>
      (await manager(ns, "snmpget", ...COMMUNITY, "-Oqv", AGENT, name)).stdout.trim().replaceAll(/[" ]/g, "");
    const ENGINE_ID = "1.3.6.1.6.3.10.2.1.1.0";
    const ENGINE_BOOTS = "1.3.6.1.6.3.10.2.1.2.0";

    const first = await Program.start(t, { ns, folder, config });
    const engineId = await scalar(ENGINE_ID);
    assert.match(engineId, /^80001F8805[0-9A-F]{16}$/);
    const boots = Number(await scalar(ENGINE_BOOTS));
    first.signal("SIGKILL"); // nothing of it may depend on a good end
    await first.exited();

    const keys = `nms SHA-256 "${AUTH}" AES "${PRIV}"`;
    const receiver = await TrapReceiver.start(ns, join(folder, "trapd"), [
      "authCommunity log traps",
      "authCommunity log old",
      "authCommunity log informs",
      `createUser -e 0x${engineId} ${keys}`,
      `createUser ${keys}`,
      "authUser log nms priv",
    ]);
    /** How each receiver sees who told it. */
    const HOW = [
      "TRAP2, SNMP v2c, community traps",
      "TRAP, SNMP v1, community old",
      "TRAP2, SNMP v3, user nms",
      "INFORM, SNMP v3, user nms",
      "INFORM, SNMP v2c, community informs",
    ];

    for (const run of [1, 2]) {
      receiver.forget();
      const program = await Program.start(t, { ns, folder, config });
      assert.equal(await scalar(ENGINE_ID), engineId, "the engine stays who it is");
      assert.equal(Number(await scalar(ENGINE_BOOTS)), boots + run, "and counts its starts");
      ns.ip("link", "set", "va", "down");
      for (const how of HOW) {
        const v1 = how.startsWith("TRAP,");
        // snmptrapd prints the generic and the specific number of version 1, with a name where there is one.
        const named = (module: string, name: string, numbers: string) => (v1 ? numbers : `${module}::${name}`);
        await receiver.received(how, named("SNMPv2-MIB", "coldStart", "|SNMPv2-MIB::snmpTraps 0 0 from 127.0.0.1|"));
        await receiver.received(
          how,
          named("IF-MIB", "linkDown", "|SNMPv2-MIB::snmpTraps 2 0 from 127.0.0.1|"),
          /ifIndex\.(\d+) = INTEGER: \1\t/,
          /ifAdminStatus\.\d+ = INTEGER: down\(2\)/,
          /ifOperStatus\.\d+ = INTEGER: down\(2\)/,
        );
        await receiver.received(
          how,
          named(
            "IPMP-EXPORTER-MIB",
            "ipmpGroupStateChange",
            "ipmpExporterMIB 6 IPMP-EXPORTER-MIB::ipmpGroupStateChange from 127.0.0.1|",
          ),
          /ipmpGroupName\.\d+ = STRING: ipmp0/,
          "= INTEGER: degraded(2)",
          "= Gauge32: 1 members",
        );
        await receiver.received(
          how,
          named(
            "IPMP-EXPORTER-MIB",
            "ipmpMemberStateChange",
            "6 IPMP-EXPORTER-MIB::ipmpMemberStateChange from 127.0.0.1|",
          ),
          /ipmpMemberDevice\.\d+\.\d+ = STRING: va/,
          /ipmpMemberState\.\d+\.\d+ = INTEGER: offline\(4\)/,
        );
      }
      ns.ip("link", "set", "va", "up");
      for (const how of HOW)
        await receiver.received(how, how.startsWith("TRAP,") ? "snmpTraps 3 0 from 127.0.0.1|" : "IF-MIB::linkUp");
      await program.stop();
    }
    await receiver.stop();
  });

  test("whoever guesses a community is told of, once, and a receiver that never answers is given up", async (t) => {
    const { ns, folder } = stage(t);
    const target = `udp:127.0.0.1:${TrapReceiver.PORT}`;
    const receiver = await TrapReceiver.start(ns, join(folder, "trapd"), ["authCommunity log public"]);
    const config = `${GROUPS}snmp:
  notifications:
    - { target: "${target}" }
    - { target: "udp:127.0.0.1:9", type: inform }
`;
    const program = await Program.start(t, { ns, folder, config });
    for (const community of ["private", "secret"]) {
      const { stderr } = await manager(ns, "snmpget", "-v2c", "-c", community, "-r0", "-t0.3", AGENT, SYS_NAME);
      assert.match(stderr, /Timeout/);
    }
    await receiver.received("SNMPv2-MIB::authenticationFailure");
    await program.logged("SNMP inform not acknowledged", "udp:127.0.0.1:9");
    // By then a second one would long be here.
    assert.equal(receiver.lines.filter((line) => line.includes("authenticationFailure")).length, 1);
    // That of the start and that of the failure.
    await program.until("ipmp_snmp_informs_unacknowledged_total", "2");
    const samples = await program.metrics();
    assert.equal(samples.get('ipmp_snmp_refused_total{reason="unknown_community"}'), "2");
    assert.equal(samples.get("ipmp_snmp_notifications_dropped_total"), "0");
    assert.equal(samples.get("ipmp_snmp_notifications_sent_total"), "4");
  });

  test("a group's row stands among the kernel's on the port of Debian's snmpd", async (t) => {
    const { ns, folder } = stage(t);
    const socket = join(folder, "agentx.sock");
    await startMaster(ns, join(folder, "snmpd"), socket);
    const ask = async (program: string, ...names: string[]) =>
      (await manager(ns, program, ...COMMUNITY, "-OQs", MASTER, ...names)).stdout.trim().split("\n");
    const kernel = await ask("snmpwalk", "IF-MIB::ifDescr");
    assert.deepEqual(kernel.map((line) => line.split(" = ")[1]).toSorted(), ["lo", "pa", "pb", "va", "vb"]);

    const config = `groups: [{ name: ipmp0, interfaces: [va, vb], addresses: [192.0.2.10] }]
snmp:\n  listen_addresses: none\n  agentx: { socket: "${socket}" }\n`;
    const program = await Program.start(t, { ns, folder, config });
    await program.logged("AgentX master has all rows");
    await program.until("ipmp_snmp_agentx_connected", "1");
    await eventually(
      async () => (await ask("snmpget", "IF-MIB::ifNumber.0"))[0] === "ifNumber.0 = 6",
      () => "ifNumber does not count the group",
    );
    const rows = await ask("snmpbulkwalk", "IF-MIB::ifDescr");
    const own = rows.filter((row) => !kernel.includes(row));
    assert.equal(own.length, 1, rows.join("\n"));
    const [, ifindex] = /^ifDescr\.(\d+) = ipmp0$/.exec(own[0] ?? "") ?? [];
    assert.ok(ifindex);
    assert.deepEqual(rows.toSorted(), [...kernel, ...own].toSorted());
    const status = (word: string) =>
      eventually(
        async () =>
          (await ask("snmpget", `IF-MIB::ifOperStatus.${ifindex}`))[0] === `ifOperStatus.${ifindex} = ${word}`,
        () => `ifOperStatus is not ${word}`,
      );
    await status("up");
    assert.deepEqual(await ask("snmpget", `IF-MIB::ifType.${ifindex}`), [`ifType.${ifindex} = propVirtual`]);
    // The group's address, with the hardware address of the member that it is bound to.
    const neighbours = await ask("snmpwalk", `1.3.6.1.2.1.4.35.1.4.${ifindex}`);
    assert.equal(neighbours.length, 1);
    assert.match(neighbours[0] ?? "", /\.1\.4\.192\.0\.2\.10 = /);
    ns.send("va", { packets: 10, bytes: 100 });
    const metric = 'ipmp_group_transmit_bytes_total{group="ipmp0"}';
    const bytes = (await program.metrics()).get(metric);
    await eventually(
      async () => (await ask("snmpget", `IF-MIB::ifHCOutOctets.${ifindex}`))[0]?.split(" = ")[1] === bytes,
      () => `ifHCOutOctets is not ${bytes}`,
    );
    for (const device of ["va", "vb"]) ns.ip("link", "set", device, "down");
    await status("down");
    const stack = await ask("snmpwalk", "IF-MIB::ifStackStatus");
    assert.equal(stack.filter((line) => line.startsWith(`ifStackStatus.${ifindex}.`)).length, 2, stack.join("\n"));
    await program.stop();
    await eventually(
      async () => (await ask("snmpwalk", "IF-MIB::ifDescr")).length === kernel.length,
      () => "the row stays without the program",
    );
  });
});
