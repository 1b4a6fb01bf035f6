/** A receiver of notifications that is replaced by one of another engine ID, again and again, while things go on changing. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Snapshot } from "#src/snapshot/snapshot.js";
import { type Agent, type NotificationOptions, startAgent } from "#src/snmp/agent.js";
import type { UsmUser } from "#src/snmp/usm.js";
import { agentOptions, newIdentity } from "../support/agent-options.ts";
import { freePort, LOOPBACK } from "../support/loopback.ts";
import { endpoint } from "../support/net-address.ts";
import { scratch } from "../support/scratch.ts";
import { aSnapshot } from "../support/snapshot.ts";
import { withoutTools } from "../support/snmp-tools.ts";
import { world } from "../support/snmp-world.ts";
import { eventually } from "../support/wait.ts";

const REPLACEMENTS = 5;
const USER: UsmUser = {
  name: "nms",
  auth: { protocol: "SHA-256", password: "authentic" },
  priv: { protocol: "AES-128", password: "in private" },
};

/** One group of one member: a change of it is three notifications, of the link, the group's row and what they belong to. */
const group = (state: "active" | "failed"): Snapshot =>
  aSnapshot({
    groups: [{ name: "ipmp0", members: [{ device: "eth0" }, { device: "eth1", state }] }],
    links: [
      { name: "eth0", ifindex: 10 },
      { name: "eth1", ifindex: 11, running: state !== "failed" },
    ],
  });
const PER_CHANGE = 3;

class Receiver {
  output = "";
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
      });
    }
  }

  /** `boots`: how often it says that it was started before. */
  static async start(
    t: TestContext,
    target: string,
    ownEngine: string,
    sender: Uint8Array,
    boots = 0,
  ): Promise<Receiver> {
    const home = join(scratch(t), ownEngine);
    mkdirSync(home, { recursive: true });
    const keys = `nms SHA-256 "${USER.auth.password}" AES "${USER.priv?.password}"`;
    const file = join(home, "snmptrapd.conf");
    const lines = [
      `engineID ${ownEngine}`,
      // Without the first it does not take the second for its own.
      `oldEngineID 0x80001f8804${Buffer.from(ownEngine).toString("hex")}`,
      `engineBoots ${boots}`,
      `createUser -e 0x${Buffer.from(sender).toString("hex")} ${keys}`,
      `createUser ${keys}`,
      "authUser log nms priv",
      "format2 %P|%v\\n",
    ];
    writeFileSync(file, `${lines.join("\n")}\n`);
    const child = spawn("snmptrapd", ["-f", "-Lo", "-n", "-On", "-C", "-c", file, target], {
      env: { ...process.env, MIBS: "", SNMP_PERSISTENT_DIR: home, SNMPCONFPATH: home },
      stdio: ["ignore", "pipe", "pipe"],
    });
    t.after(() => child.kill("SIGKILL"));
    const receiver = new Receiver(child);
    await eventually(
      () => receiver.output.includes("NET-SNMP version"),
      () => receiver.output,
    );
    return receiver;
  }

  count(kind: "INFORM" | "TRAP"): number {
    return this.output.split("\n").filter((line) => line.startsWith(kind)).length;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
  }
}

const credential = { version: 3, user: USER } as const;
const trapTo = (target: string): NotificationOptions => ({ target: endpoint(target), type: "trap", credential });
const informTo = (target: string): NotificationOptions => ({
  ...trapTo(target),
  type: "inform",
  retry: { timeoutMs: 1000, attempts: 4 },
});

/** An agent that tells of each change at once, and is asked nothing. */
async function notifying(
  t: TestContext,
  options: Parameters<typeof agentOptions>[0],
  notifications: readonly NotificationOptions[],
): Promise<Agent> {
  const agent = await startAgent(agentOptions({ ...options, dampingMs: 0, listenAddresses: [], notifications }));
  t.after(() => agent.close());
  return agent;
}

describe("snmptrapd that is replaced by another engine", { skip: withoutTools("snmptrapd") }, () => {
  test("gets every inform and trap that follows, and none counts as acknowledged that was not", async (t) => {
    const target = `udp:${LOOPBACK}:${freePort()}`;
    const engine = newIdentity();
    const daemon = world(group("active"));
    let receiver = await Receiver.start(t, target, "first", engine.id);
    const agent = await notifying(t, { ...daemon, engine }, [informTo(target), trapTo(target)]);
    let isFailed = false;
    const change = () => {
      isFailed = !isFailed;
      daemon.becomes(group(isFailed ? "failed" : "active"));
    };
    let informsSeen = 0;
    for (let n = 0; n < REPLACEMENTS; n++) {
      informsSeen += receiver.count("INFORM");
      await receiver.stop();
      // Nobody is there: these are repeated until the new one is.
      for (let i = 0; i < 5; i++) {
        change();
        await sleep(20);
      }
      receiver = await Receiver.start(t, target, `engine-${n}`, engine.id);
      await eventually(
        () => receiver.count("INFORM") >= 5 * PER_CHANGE,
        () => `replacement ${n}: of those that waited ${receiver.count("INFORM")} came:\n${receiver.output}`,
      );
      for (let i = 0; i < 10; i++) {
        const before = { informs: receiver.count("INFORM"), traps: receiver.count("TRAP") };
        change();
        await eventually(
          () =>
            receiver.count("INFORM") >= before.informs + PER_CHANGE &&
            receiver.count("TRAP") >= before.traps + PER_CHANGE,
          () => `replacement ${n}, change ${i}: ${JSON.stringify(before)}\n${receiver.output}`,
        );
      }
    }
    informsSeen += receiver.count("INFORM");
    const { informsUnacknowledged, notificationsDropped } = agent.counters();
    assert.deepEqual([informsUnacknowledged, notificationsDropped], [0n, 0n]);
    // The start, and per replacement those that waited and those that followed; one that was repeated may have come twice.
    assert.ok(informsSeen >= 1 + REPLACEMENTS * 15 * PER_CHANGE, `${informsSeen}`);
  });

  test("gets all that follows also where it is the same engine that has lost its count of boots", async (t) => {
    const target = `udp:${LOOPBACK}:${freePort()}`;
    const engine = newIdentity();
    const daemon = world(group("active"));
    let receiver = await Receiver.start(t, target, "the-same", engine.id, 100);
    const agent = await notifying(t, { ...daemon, engine }, [informTo(target)]);
    const came = (count: number) =>
      eventually(
        () => receiver.count("INFORM") >= count,
        () => `${receiver.count("INFORM")} of ${count} came, ${agent.counters().informsUnacknowledged} given up`,
      );
    daemon.becomes(group("failed"));
    await came(1 + PER_CHANGE);
    for (const boots of [50, 0]) {
      await receiver.stop();
      receiver = await Receiver.start(t, target, "the-same", engine.id, boots);
      daemon.becomes(group(boots === 50 ? "active" : "failed"));
      await came(PER_CHANGE);
    }
    assert.equal(agent.counters().informsUnacknowledged, 0n);
  });
});
