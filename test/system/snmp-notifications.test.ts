/** Notifications as Debian's snmptrapd takes them in, under the names of our MIB. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { EventLog } from "#src/daemon/snapshots/event-log.js";
import type { Snapshot } from "#src/snapshot/snapshot.js";
import type { NotificationOptions } from "#src/snmp/agent.js";
import { type Agent, type AgentOptions, startAgent } from "#src/snmp/agent.js";
import type { UsmUser } from "#src/snmp/usm.js";
import { agentOptions, newIdentity } from "../support/agent-options.ts";
import { freePort, LOOPBACK } from "../support/loopback.ts";
import { endpoint } from "../support/net-address.ts";
import { root } from "../support/root.ts";
import { aSnapshot, type MemberInput } from "../support/snapshot.ts";
import { world } from "../support/snmp-world.ts";
import { eventually } from "../support/wait.ts";

const found = spawnSync("snmptrapd", ["-v"]).error === undefined;
const skip = found ? false : "Debian's package snmptrapd is not installed";

const USER: UsmUser = {
  name: "nms",
  auth: { protocol: "SHA-256", password: "authentic" },
  priv: { protocol: "AES-128", password: "in private" },
};

function state(...members: MemberInput[]): Snapshot {
  return aSnapshot({
    groups: [{ name: "ipmp0", members }],
    links: members.map(({ device, state }, i) => ({ name: device, ifindex: 10 + i, running: state !== "failed" })),
  });
}

const healthy = state({ device: "eth0" }, { device: "eth1" });
const oneFailed = state({ device: "eth0" }, { device: "eth1", state: "failed" });
const allFailed = state({ device: "eth0", state: "failed" }, { device: "eth1", state: "failed" });

describe("notifications", { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-trapd-"));
  const engine = newIdentity();
  let receiver: ChildProcess;
  let target: string;
  let output = "";

  before(async () => {
    target = `udp:${LOOPBACK}:${freePort()}`;
    const configuration = join(folder, "snmptrapd.conf");
    const keys = `nms SHA-256 "${USER.auth.password}" AES "${USER.priv?.password}"`;
    writeFileSync(
      configuration,
      [
        "authCommunity log public",
        `createUser -e 0x${Buffer.from(engine.id).toString("hex")} ${keys}`,
        `createUser ${keys}`,
        "authUser log nms priv",
        "format2 %P|%W|%v\\n",
        "format1 %P|%N %w %q|%v\\n",
      ].join("\n"),
    );
    receiver = spawn("snmptrapd", ["-f", "-Lo", "-n", "-C", "-c", configuration, target], {
      env: {
        ...process.env,
        MIBDIRS: [root("node_modules/net-snmp/lib/mibs"), root("mibs")].join(":"),
        MIBS: "SNMPv2-MIB:IF-MIB:IPMP-EXPORTER-MIB",
        SNMP_PERSISTENT_DIR: folder,
        SNMPCONFPATH: folder,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [receiver.stdout, receiver.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    await eventually(
      () => output.includes("NET-SNMP version"),
      () => output,
    );
  });
  after(async () => {
    receiver.kill();
    await once(receiver, "exit");
    rmSync(folder, { recursive: true });
  });

  const start = (
    daemon: ReturnType<typeof world>,
    some: Partial<NotificationOptions>,
    more: Partial<AgentOptions> = {},
  ): Promise<Agent> =>
    startAgent(
      agentOptions({
        ...daemon,
        engine,
        dampingMs: 0,
        notifications: [
          {
            target: endpoint(target),
            type: "trap",
            credential: { version: 2, community: "public" },
            ...some,
          },
        ],
        ...more,
      }),
    );

  /** What snmptrapd printed since `from`, once it has that many lines of notifications. */
  async function received(from: number, count: number): Promise<string[]> {
    const lines = () =>
      output
        .slice(from)
        .split("\n")
        .filter((line) => /TRAP|INFORM/.test(line));
    await eventually(
      () => lines().length >= count,
      () => output.slice(from),
    );
    return lines();
  }

  for (const [name, some] of [
    ["a trap of version 2", {}],
    ["an inform of version 2", { type: "inform" }],
    ["a trap of version 3", { credential: { version: 3, user: USER } }],
    ["an inform of version 3", { type: "inform", credential: { version: 3, user: USER } }],
  ] as const) {
    test(`${name} tells of start, link, group and member under their names`, async () => {
      const from = output.length;
      const daemon = world(healthy);
      const agent = await start(daemon, some);
      const [first] = await received(from, 1);
      assert.match(first ?? "", /coldStart/);
      daemon.becomes(oneFailed);
      const lines = (await received(from, 4)).slice(1).toSorted();
      await agent.close();
      assert.equal(lines.length, 3);
      const has = (...parts: RegExp[]) =>
        assert.ok(
          lines.some((line) => parts.every((part) => part.test(line))),
          `${parts.join(" ")} in\n${lines.join("\n")}`,
        );
      has(
        /IF-MIB::linkDown/,
        /ifIndex\.11 = INTEGER: 11/,
        /ifAdminStatus\.11 .*up\(1\)/,
        /ifOperStatus\.11 .*down\(2\)/,
      );
      has(/ipmpGroupStateChange/, /ipmpGroupName\.1000001 = STRING: ipmp0/, /ipmpGroupState\.1000001 .*degraded\(2\)/);
      has(/ipmpMemberStateChange/, /ipmpMemberDevice\.1000001\.11 = STRING: eth1/, /ipmpMemberState.*failed\(3\)/);
      assert.deepEqual([agent.counters().notificationsSent, agent.counters().informsUnacknowledged], [4n, 0n]);
    });
  }

  test("a group that was not well before the agent started is told of once", async () => {
    const from = output.length;
    const daemon = world(oneFailed);
    const found = {
      kind: "group-state",
      group: "ipmp0",
      ifname: "ipmp0",
      from: undefined,
      to: "degraded",
      cause: "eth0 has no carrier",
    } as const;
    const since = () => [{ ...found, id: 1, wallMs: 0 }];
    const agent = await start({ ...daemon, events: { ...daemon.events, since } }, {});
    const lines = await received(from, 2);
    await agent.close();
    assert.match(lines[1] ?? "", /ipmpGroupStateChange.*ipmpGroupState\.1000001 .*degraded\(2\)/);
    assert.equal(agent.counters().notificationsSent, 2n);
  });

  test("what earlier runs of the program saw is not told again", async () => {
    const from = output.length;
    const daemon = world(healthy);
    const before = new EventLog();
    for (const to of ["failed", "ok"] as const)
      before.append({ kind: "group-state", group: "ipmp0", ifname: "ipmp0", from: undefined, to, cause: "x" }, 0);
    const restored = new EventLog(before.saved(0, true));
    assert.equal(restored.since().length, 2);
    const still = { kind: "group-state", group: "ipmp0", ifname: "ipmp0", from: "degraded", to: "degraded" } as const;
    restored.append({ ...still, cause: "as before the restart" }, 0);
    const events = { ...daemon.events, earlier: restored.earlier, since: (id?: number) => restored.since(id) };
    const agent = await start({ ...daemon, events }, {});
    daemon.becomes(oneFailed);
    const lines = await received(from, 4);
    await agent.close();
    assert.equal(lines.filter((line) => /ipmpGroupStateChange/.test(line)).length, 1, lines.join("\n"));
    assert.equal(agent.counters().notificationsSent, 4n);
  });

  test("a trap of version 1 is translated", async () => {
    const from = output.length;
    const daemon = world(healthy);
    const agent = await start(daemon, { credential: { version: 1, community: "public" } });
    daemon.becomes(allFailed);
    // coldStart, both links, the group's own row, the group, both members.
    const lines = await received(from, 7);
    await agent.close();
    const text = lines.join("\n");
    assert.match(text, /snmpTraps 0 0\|/, "coldStart is generic");
    assert.match(text, /snmpTraps 2 0\|.*ifOperStatus\.11 .*down\(2\)/);
    assert.match(text, /ipmpExporterMIB 6 .*ipmpGroupStateChange\|.*failed\(3\)/);
  });

  test("an inform that nobody acknowledges is given up and counted", async () => {
    const daemon = world(healthy);
    const silent = createSocket("udp4").bind(0, "127.0.0.1");
    await once(silent, "listening");
    let copies = 0;
    silent.on("message", () => copies++);
    const silentTarget = endpoint(`udp:127.0.0.1:${silent.address().port}`);
    const agent = await start(daemon, { target: silentTarget, type: "inform", retry: { timeoutMs: 5, attempts: 3 } });
    await eventually(
      () => agent.counters().informsUnacknowledged === 1n && copies >= 3,
      () => `${copies} copies`,
    );
    await agent.close();
    assert.equal(copies, 3);
    silent.close();
  });

  test("no more than a hundred informs wait for a receiver that is slow, and what changes meanwhile adds up", async () => {
    const daemon = world(healthy);
    const agent = await start(daemon, {
      target: endpoint(`udp:${LOOPBACK}:${freePort()}`),
      type: "inform",
      retry: { timeoutMs: 60_000, attempts: 2 },
    });
    for (let i = 0; i < 60; i++) {
      daemon.becomes(i % 2 === 0 ? oneFailed : healthy);
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { notificationsSent, notificationsDropped } = agent.counters();
    await agent.close();
    assert.equal(notificationsSent, 100n);
    assert.equal(notificationsDropped, 0n);
  });

  test("a link that flaps is told of once, and then with the state it has", async () => {
    const from = output.length;
    const daemon = world(healthy);
    const agent = await start(daemon, {}, { dampingMs: 2_000 });
    await received(from, 1);
    for (const next of [oneFailed, healthy, oneFailed, healthy, oneFailed, healthy]) {
      daemon.becomes(next);
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const lines = await received(from, 7);
    await agent.close();
    assert.equal(lines.filter((line) => line.includes("linkDown")).length, 1);
    assert.equal(lines.filter((line) => line.includes("linkUp")).length, 1);
  });
});
