/** The subagent under Debian's snmpd. */

import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, type TestContext, test } from "node:test";
import type { Snapshot } from "#src/snapshot/snapshot.js";
import { type Agent, type AgentOptions, startAgent } from "#src/snmp/agent.js";
import { agentOptions } from "../support/agent-options.ts";
import { freePort, LOOPBACK } from "../support/loopback.ts";
import { aSnapshot } from "../support/snapshot.ts";
import { world } from "../support/snmp-world.ts";
import { eventually } from "../support/wait.ts";

const missing = ["snmpd", "snmpget"].filter((program) => spawnSync(program, ["-v"]).error !== undefined);
const skip =
  missing.length > 0 ? `Debian's packages snmp and snmpd are not installed (no ${missing.join(", ")})` : false;

const IF_DESCR = "1.3.6.1.2.1.2.2.1.2";
const IF_NAME = "1.3.6.1.2.1.31.1.1.1.1";
const HC_IN = "1.3.6.1.2.1.31.1.1.1.6";
const OURS = "1.3.6.1.4.1.8072.9999.9999.10191";
const GROUP = 1_000_001;
/** No ping comes within a test, so that a transition alone brings new rows. */
const FAST = { reconnectMs: 20, reconnectMaxMs: 100, pingMs: 600_000 };

/** ifIndex far from those of the machine, whose rows snmpd has. */
function state(...groups: readonly string[]): Snapshot {
  return aSnapshot({
    groups: groups.map((name, i) => ({
      name,
      ifindex: GROUP + i,
      members: [{ device: `${name}a`, current: { rbytes64: 2n ** 40n } }, { device: `${name}b` }],
    })),
    links: groups.flatMap((name, i) => [
      { name: `${name}a`, ifindex: 900_001 + 2 * i },
      { name: `${name}b`, ifindex: 900_002 + 2 * i },
    ]),
  });
}

/** Stands between two ends of TCP, and may forget what it carries: both ends then talk to nobody, and none is told. */
class Relay {
  readonly port: number;
  readonly #server: Server;
  #pairs: (readonly [Socket, Socket])[] = [];

  private constructor(server: Server, host: string, port: number) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (near) => {
      const far = connect(port, host);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        from.on("error", () => {});
        from.on("close", () => to.destroy());
        from.pipe(to);
      }
      this.#pairs.push([near, far]);
    });
  }

  static async to(t: TestContext, host: string, port: number): Promise<Relay> {
    const server = createServer().listen(0, LOOPBACK);
    await once(server, "listening");
    const relay = new Relay(server, host, port);
    t.after(() => relay.#close());
    return relay;
  }

  forget(): void {
    for (const pair of this.#pairs) {
      for (const end of pair) {
        end.unpipe();
        end.removeAllListeners("close");
        end.resume();
      }
    }
  }

  #close(): void {
    this.#server.close();
    for (const pair of this.#pairs) for (const end of pair) end.destroy();
  }
}

describe("a subagent of snmpd", { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-agentx-"));
  after(() => rmSync(folder, { recursive: true }));
  const environment = { ...process.env, MIBS: "", SNMPCONFPATH: folder, SNMP_PERSISTENT_DIR: folder };

  class Master {
    readonly port = freePort();
    readonly path: string;
    readonly tcp = freePort();
    readonly #file: string;
    readonly #modules: string;
    #child: ChildProcess | undefined;

    constructor(name: string, modules = "", more = "") {
      this.path = join(folder, `${name}.sock`);
      this.#file = join(folder, `${name}.conf`);
      this.#modules = modules;
      writeFileSync(
        this.#file,
        [
          `agentAddress udp:${LOOPBACK}:${this.port}`,
          "rocommunity public 127.0.0.1",
          "master agentx",
          `agentXSocket ${this.path},tcp:${LOOPBACK}:${this.tcp}`,
          more,
          "",
        ].join("\n"),
      );
    }

    async start(): Promise<void> {
      const modules = this.#modules === "" ? [] : ["-I", this.#modules];
      this.#child = spawn("snmpd", ["-f", "-Ln", "-C", "-c", this.#file, ...modules], {
        env: environment,
        stdio: "ignore",
      });
      await eventually(
        async () => (await this.get("1.3.6.1.2.1.1.3.0")) !== "",
        () => "snmpd answers",
      );
    }

    async stop(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
      const child = this.#child;
      this.#child = undefined;
      if (child === undefined) return;
      child.kill(signal);
      await once(child, "exit");
    }

    /** Several walks at once, and the master is killed when the first has had an answer. @returns how the walks ended */
    async killedDuringWalks(name: string): Promise<(number | null)[]> {
      const walks = [1, 2, 3, 4].map(() =>
        spawn("snmpwalk", this.#arguments(["-r0", "-t2"], name), { env: environment }),
      );
      const ends = walks.map(async (walk) => {
        const [code] = (await once(walk, "exit")) as [number | null]; // as ChildProcess has it
        return code;
      });
      await Promise.race(walks.map((walk) => once(walk.stdout, "data")));
      await this.stop();
      return Promise.all(ends);
    }

    #arguments(patience: readonly string[], ...names: string[]): string[] {
      return ["-v2c", "-c", "public", ...patience, "-Onq", `udp:${LOOPBACK}:${this.port}`, ...names];
    }

    ask(program: string, ...names: string[]): Promise<string> {
      const args = this.#arguments(["-r10", "-t2"], ...names);
      return new Promise((resolve) => {
        execFile(program, args, { env: environment, maxBuffer: 1 << 26 }, (_, stdout) => resolve(stdout.trim()));
      });
    }

    /** The value, empty when there is none. */
    async get(name: string): Promise<string> {
      const text = await this.ask("snmpget", name);
      return text.includes("No Such") ? "" : text.slice(text.indexOf(" ") + 1).replaceAll('"', "");
    }
  }

  async function withMaster(master: Master, use: (master: Master) => Promise<void>): Promise<void> {
    await master.start();
    try {
      await use(master);
    } finally {
      await master.stop();
    }
  }

  const subagent = (
    daemon: ReturnType<typeof world>,
    agentx: Partial<NonNullable<AgentOptions["agentx"]>> & Pick<NonNullable<AgentOptions["agentx"]>, "socket">,
  ): Promise<Agent> =>
    startAgent(
      agentOptions({
        ...daemon,
        listenAddresses: [],
        dampingMs: 0,
        agentx: { mode: "merge", timing: FAST, ...agentx },
      }),
    );

  test("has its groups' rows among the kernel's, while it is there", async () => {
    await withMaster(new Master("merge"), async (master) => {
      const daemon = world(state("ipmp0"));
      const before = Number(await master.get("1.3.6.1.2.1.2.1.0"));
      assert.ok(before >= 1);
      const agent = await subagent(daemon, { socket: { kind: "unix", path: master.path } });
      await eventually(
        async () => (await master.get(`${IF_DESCR}.${GROUP}`)) === "ipmp0",
        () => "the group's row",
      );
      assert.equal(await master.get(`${IF_NAME}.${GROUP}`), "ipmp0");
      assert.equal(await master.get(`${HC_IN}.${GROUP}`), String(2n ** 40n));
      await eventually(
        async () => (await master.get("1.3.6.1.2.1.2.1.0")) === "3",
        () => "our ifNumber",
      );
      assert.equal(await master.get(`${OURS}.1.1.1.2.${GROUP}`), "ipmp0");
      assert.match(await master.ask("snmpwalk", "1.3.6.1.2.1.31.1.2"), new RegExp(`\\.${GROUP}\\.900001 `));

      const walk = await master.ask("snmpbulkwalk", "-Cr25", IF_DESCR);
      assert.match(walk, /lo/, "the kernel's rows are still there");
      assert.match(walk, /ipmp0/);

      const [group] = state("ipmp0").groups;
      assert.ok(group);
      daemon.becomes({ ...state("ipmp0"), groups: [{ ...group, ifindex: GROUP + 7 }] });
      await eventually(
        async () => (await master.get(`${IF_DESCR}.${GROUP + 7}`)) === "ipmp0",
        () => "the row of a group whose ifIndex a link took",
      );
      daemon.becomes(state("ipmp0", "ipmp1"));
      await eventually(
        async () => (await master.get(`${IF_DESCR}.${GROUP + 1}`)) === "ipmp1",
        () => "a new group's row",
      );
      daemon.becomes(state("ipmp0"));
      await eventually(
        async () => (await master.get(`${IF_DESCR}.${GROUP + 1}`)) === "",
        () => "the row of a group that is gone",
      );
      await agent.close();
      await eventually(
        async () => (await master.get(`${IF_DESCR}.${GROUP}`)) === "",
        () => "no rows without the subagent",
      );
      assert.equal(Number(await master.get("1.3.6.1.2.1.2.1.0")), before);
    });
  });

  test("comes back whenever the master does, also by TCP", async () => {
    const master = new Master("restart");
    const rounds = Number(process.env["AGENTX_RESTARTS"] ?? 4);
    // So many rows that no walk is at its end when the first answer is seen: snmpwalk prints in blocks.
    const daemon = world(state(...Array.from({ length: 30 }, (_, n) => `ipmp${n}`)));
    const agent = await subagent(daemon, { socket: { kind: "tcp", host: LOOPBACK, port: master.tcp } });
    assert.equal(agent.agentxConnected(), false);
    for (let round = 0; round < rounds; round++) {
      await withMaster(master, async () => {
        await eventually(
          async () => (await master.get(`${IF_DESCR}.${GROUP}`)) === "ipmp0",
          () => `the row after restart ${round}`,
        );
        const ends = await master.killedDuringWalks(OURS);
        assert.ok(
          ends.some((end) => end !== 0),
          "no walk was cut off",
        );
      });
    }
    await agent.close();
    assert.equal(agent.counters().failures, 0n);
  });

  test("stands in for the master's tables", async () => {
    await withMaster(new Master("replace", "-ifTable,ifXTable,interfaces,ifNumber"), async (master) => {
      const daemon = world(state("ipmp0"));
      const agent = await subagent(daemon, { socket: { kind: "unix", path: master.path }, mode: "replace" });
      await eventually(
        async () => (await master.get(`${IF_DESCR}.${GROUP}`)) === "ipmp0",
        () => "the group's row",
      );
      const rows = (await master.ask("snmpwalk", IF_DESCR)).split("\n").map((line) => line.split(" ")[1]);
      assert.deepEqual(rows, ['"ipmp0a"', '"ipmp0b"', '"ipmp0"']);
      await eventually(
        async () => (await master.get("1.3.6.1.2.1.2.1.0")) === "3",
        () => "our ifNumber",
      );
      await agent.close();
    });
  });

  test("has its rows back after a relay between the two has forgotten their connection", async (t) => {
    const master = new Master("relay", "", "agentXTimeout 1\nagentXRetries 0");
    const relay = await Relay.to(t, LOOPBACK, master.tcp);
    await withMaster(master, async () => {
      const daemon = world(state("ipmp0"));
      const timing = { ...FAST, pingMs: 300, answerMs: 500 };
      const agent = await subagent(daemon, { socket: { kind: "tcp", host: LOOPBACK, port: relay.port }, timing });
      t.after(() => agent.close());
      const hasRow = async () => (await master.get(`${IF_DESCR}.${GROUP}`)) === "ipmp0";
      for (let round = 0; round < 3; round++) {
        await eventually(hasRow, () => `the row, round ${round}`);
        assert.equal(agent.agentxConnected(), true);
        relay.forget();
        await eventually(
          () => agent.agentxConnected() === false,
          () => `the loss is noticed, round ${round}`,
        );
        // Here the master still holds the rows for a session that is over, and refuses them to the new one (error 263).
        await eventually(
          async () => agent.agentxConnected() === true && (await hasRow()),
          () => `the row is back, round ${round}: connected ${agent.agentxConnected()}`,
        );
      }
      await agent.close();
    });
  });

  test("lets the master notify by each of its own sinks", async (t) => {
    const sinks = ["trapsink", "trap2sink", "informsink"].map((kind) => ({ kind, port: freePort() }));
    const users = join(folder, "sinks");
    mkdirSync(users, { recursive: true });
    const v3 = freePort();
    const lines = [
      ...sinks.map(({ kind, port }) => `${kind} ${LOOPBACK}:${port} public`),
      `trapsess -v 3 -e 0x8000000001020304 -l authNoPriv -u nms -a SHA -A authentic ${LOOPBACK}:${v3}`,
    ];
    const output = new Map<string, string>();
    for (const { kind, port } of [...sinks, { kind: "trapsess", port: v3 }]) {
      const file = join(users, `${kind}.conf`);
      writeFileSync(
        file,
        [
          "authCommunity log public",
          "createUser -e 0x8000000001020304 nms SHA authentic",
          "authUser log nms auth",
          "",
        ].join("\n"),
      );
      const persistent = join(users, kind);
      const receiver = spawn("snmptrapd", ["-f", "-Lo", "-n", "-On", "-C", "-c", file, `udp:${LOOPBACK}:${port}`], {
        env: { ...environment, SNMP_PERSISTENT_DIR: persistent },
        stdio: ["ignore", "pipe", "ignore"],
      });
      t.after(() => receiver.kill("SIGKILL"));
      output.set(kind, "");
      receiver.stdout
        .setEncoding("utf8")
        .on("data", (text: string) => output.set(kind, (output.get(kind) ?? "") + text));
      await eventually(
        () => output.get(kind)?.includes("NET-SNMP") === true,
        () => `snmptrapd for ${kind}`,
      );
    }
    await withMaster(new Master("sinks", "", lines.join("\n")), async (master) => {
      const daemon = world(state("ipmp0"));
      const agent = await subagent(daemon, { socket: { kind: "unix", path: master.path } });
      await eventually(
        () => agent.agentxConnected() === true,
        () => "a session",
      );
      const [group] = daemon.snapshots.within().groups;
      assert.ok(group);
      daemon.becomes({ ...daemon.snapshots.within(), groups: [{ ...group, state: "failed", linkUp: false }] });
      // The group's name, and how many changes the notification stands for, whatever the version made of the rest.
      const values = [`${OURS}.1.1.1.2.${GROUP}`, `${OURS}.1.6.1.0`];
      for (const [kind] of output) {
        await eventually(
          () =>
            values.every((value) => output.get(kind)?.includes(value)) && /5\.3|Link Down/.test(output.get(kind) ?? ""),
          () => `${kind}: ${output.get(kind)}`,
        );
      }
      assert.equal(agent.counters().notificationsDropped, 0n);
      await agent.close();
    });
  });

  test("lets the master notify", async () => {
    const receiver = createSocket("udp4").bind(0, "127.0.0.1");
    await once(receiver, "listening");
    const datagrams: Buffer[] = [];
    receiver.on("message", (datagram) => datagrams.push(datagram));
    const sink = `trap2sink 127.0.0.1:${receiver.address().port} public`;
    await withMaster(new Master("notify", "", sink), async (master) => {
      const daemon = world(state("ipmp0"));
      const agent = await subagent(daemon, { socket: { kind: "unix", path: master.path } });
      await eventually(
        () => agent.agentxConnected() === true,
        () => "a session",
      );
      const [group] = daemon.snapshots.within().groups;
      assert.ok(group);
      daemon.becomes({ ...daemon.snapshots.within(), groups: [{ ...group, state: "failed" }] });
      // ipmpGroupStateChange: 1.3.6.1.4.1.8072.9999.9999.10191.0.1
      const oid = Buffer.from("2b06010401bf08ce0fce0fcf4f0001", "hex");
      await eventually(
        () => datagrams.some((datagram) => datagram.includes(oid)),
        () => datagrams.map((datagram) => datagram.toString("hex")).join("\n"),
      );
      await agent.close();
    });
    receiver.close();
  });
});
