/** Debian's snmpd on loopback, outside of any namespace, with the engine that a test wants: its ID, and how often it was started. It tells the links of this host. */

import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DeviceUser } from "#src/sources/snmp/manager.js";
import type { Hooks } from "./netns.ts";
import { scratch } from "./scratch.ts";

/** The user of version 3 that it knows. */
export const LOOPBACK_USER: DeviceUser = {
  name: "poller",
  auth: { protocol: "SHA-256", password: "correct horse" },
  priv: { protocol: "AES-128", password: "battery staple" },
};

export class LoopbackAgent {
  readonly port: number;
  readonly #folder: string;
  #agent: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.port = port;
  }

  static async create(hooks: Hooks): Promise<LoopbackAgent> {
    const socket = createSocket("udp4").bind(0, "127.0.0.1");
    await once(socket, "listening");
    const { port } = socket.address();
    socket.close();
    await once(socket, "close");
    const agent = new LoopbackAgent(scratch(hooks), port);
    hooks.after(() => void agent.stop());
    return agent;
  }

  get target(): string {
    return `udp:127.0.0.1:${this.port}`;
  }

  /** `engine`: hexadecimal; `boots`: how often it was started, this time included. It may not answer yet. */
  start(engine: string, boots: number): void {
    const { name, auth, priv } = LOOPBACK_USER;
    const lines = [
      `agentAddress ${this.target}`,
      `exactEngineID 0x${engine}`,
      `oldEngineID 0x${engine}`, // without it, it does not take the next for its own
      `engineBoots ${boots - 1}`,
      `createUser ${name} SHA-256 "${auth.password}" AES-128 "${priv?.password}"`,
      `rouser ${name} priv`,
      "rocommunity public 127.0.0.1",
      "",
    ];
    const file = join(this.#folder, "agent.conf");
    writeFileSync(file, lines.join("\n"));
    const env = { ...process.env, MIBS: "", SNMPCONFPATH: "/nonexistent", SNMP_PERSISTENT_DIR: this.#folder };
    this.#agent = spawn("snmpd", ["-f", "-Ln", "-C", "-c", file], { stdio: "ignore", env });
  }

  async stop(): Promise<void> {
    const agent = this.#agent;
    this.#agent = undefined;
    if (!agent) return;
    const ended = once(agent, "exit");
    agent.kill("SIGTERM");
    await ended;
  }
}
