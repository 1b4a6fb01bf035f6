/** A device for tests: a network namespace with links, a way to the hub, and Debian's snmpd. */

import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Hooks, Netns } from "./netns.ts";
import { scratch } from "./scratch.ts";
import { eventually } from "./wait.ts";

/** The user of version 3 that each of them knows. */
export const USER = { name: "poller", auth: "correct horse", priv: "battery staple" } as const;
const SYS_UP_TIME = "1.3.6.1.2.1.1.3.0";
/** Hundredths of a second after which the program takes an agent's counters for complete. */
const COMPLETE_TICKS = 2_000;
/** NET-SNMP-AGENT-MIB::nsCacheTimeout of ifTable, which is 15 s otherwise. */
const IF_TABLE_CACHE = "1.3.6.1.4.1.8072.1.5.3.1.2.1.3.6.1.2.1.2.2";

/** A switch: a namespace with a link under its name, a way to the hub, and snmpd. */
export class Chassis {
  readonly ns: Netns;
  readonly address: string;
  readonly #folder: string;
  /** Lines of snmpd.conf beside its own. */
  readonly #lines: readonly string[];
  #agent: ChildProcess | undefined;

  private constructor(ns: Netns, address: string, folder: string, lines: readonly string[]) {
    this.ns = ns;
    this.address = address;
    this.#folder = folder;
    this.#lines = lines;
  }

  /** `linesFor`: lines of snmpd.conf beside its own, made when its links are there. */
  static async create(
    t: Hooks,
    hub: Netns,
    n: number,
    linesFor: (ns: Netns) => readonly string[] = () => [],
  ): Promise<Chassis> {
    const ns = Netns.create(t, `sw${n}`);
    const subnet = `10.201.${n}`;
    hub.ip("link", "add", `mgmt${n}`, "type", "veth", "peer", "name", "mgmt", "netns", ns.name);
    hub.ip("address", "add", `${subnet}.1/24`, "dev", `mgmt${n}`);
    hub.ip("link", "set", `mgmt${n}`, "up");
    ns.ip("address", "add", `${subnet}.2/24`, "dev", "mgmt");
    ns.ip("link", "set", "mgmt", "up");
    ns.addVeth("eth49", "far");
    const chassis = new Chassis(ns, `${subnet}.2`, scratch(t), linesFor(ns));
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
      ...this.#lines,
      "",
    ];
    writeFileSync(file, lines.join("\n"));
    const env = { ...process.env, MIBS: "", SNMPCONFPATH: "/nonexistent", SNMP_PERSISTENT_DIR: this.#folder };
    this.#agent = this.ns.spawn(["snmpd", "-f", "-Ln", "-C", "-c", file], { stdio: "ignore", env });
    await eventually(
      () => {
        try {
          this.set(IF_TABLE_CACHE, 1);
          return true;
        } catch {
          return false;
        }
      },
      () => "snmpd does not answer",
    );
  }

  /** Sets an integer of its agent. @throws Error when that does not take it */
  set(oid: string, value: number): void {
    this.ns.run("env", "MIBS=", "snmpset", "-v2c", "-cpublic", "-t1", "-r0", this.target, oid, "i", String(value));
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
