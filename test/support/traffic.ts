/** Traffic that goes on while links change, by a sender that knows how many packets the kernel took. */

import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Netns } from "./netns.ts";

/** UDP payload of every packet; a link counts 42 bytes more (Ethernet 14, IPv4 20, UDP 8). */
const PAYLOAD = 958;
export const PACKET_BYTES = PAYLOAD + 42;

export class Traffic {
  readonly #child: ChildProcess;
  #output = "";

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#output += text;
    });
  }

  /** Sends out of a wired link until it is stopped; answers when the first packet is out. */
  static async through(ns: Netns, device: string): Promise<Traffic> {
    const address = /inet (10\.200\.\d+)\.1\//.exec(ns.ip("address", "show", "dev", device))?.[1];
    if (address === undefined) throw new Error(`Cannot send through "${device}": it is not wired`);
    const command = [process.execPath, "--eval", SENDER, `${address}.2`, String(PAYLOAD)];
    const child = ns.spawn(command, { stdio: ["ignore", "pipe", "inherit"] });
    const traffic = new Traffic(child);
    if (child.stdout) await once(child.stdout, "data");
    return traffic;
  }

  /** @returns packets that the kernel took */
  async stop(): Promise<number> {
    const exited = once(this.#child, "close");
    this.#child.kill("SIGTERM");
    await exited;
    return Number(this.#output.trim().split("\n").at(-1));
  }
}

/** Counts a packet when the kernel has taken it. While the link is down or gone it takes none, and sending goes on. */
const SENDER = `
const [address, bytes] = process.argv.slice(1);
const socket = require("node:dgram").createSocket("udp4");
const payload = Buffer.alloc(Number(bytes));
let taken = 0;
let stopping = false;
process.on("SIGTERM", () => { stopping = true; });
const next = (error) => {
  if (!error && ++taken === 1) console.log("sending");
  if (stopping) { console.log(taken); socket.close(); }
  else setImmediate(() => socket.send(payload, 9, address, next));
};
socket.send(payload, 9, address, next);
`;

/** Where packets go that leave by a wired link: the neighbour of the last subnet that it was given. */
export function targetThrough(ns: Netns, device: string): string {
  const subnet = [...ns.ip("address", "show", "dev", device).matchAll(/inet (10\.200\.\d+)\.1\//g)].at(-1)?.[1];
  if (subnet === undefined) throw new Error(`Cannot send through "${device}": it is not wired`);
  return `${subnet}.2`;
}

/**
 * Steady traffic to many targets from one namespace, by one process: a few thousand packets a second to each, so that it can go
 * on for long while links change. One target can be held while the others go on.
 *
 *   const generator = Generator.start(ns);
 *   generator.through(target);
 *   await generator.hold(target);     // nothing is under way any more
 */
export class Generator {
  readonly #child: ChildProcess;
  readonly #targets = new Set<string>();

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static start(ns: Netns): Generator {
    const child = ns.spawn([process.execPath, "--eval", STEADY_SENDER], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    return new Generator(child);
  }

  /** In the namespace: its /proc/PID/net is that of the namespace. */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("The generator has not been started");
    return this.#child.pid;
  }

  /** Sends to a target until told otherwise. While the link is down or gone it tries on. */
  through(target: string): void {
    this.#targets.add(target);
    this.#child.send({ kind: "send", target });
  }

  /** Stops what goes to that target. @returns packets that the kernel took since `through` */
  async hold(target: string): Promise<number> {
    return this.#targets.delete(target) ? this.#ask({ kind: "hold", target }) : 0;
  }

  /** So many packets of that size, as fast as the kernel takes them. */
  async send(target: string, packets: number, bytes: number): Promise<void> {
    await this.#ask({ kind: "batch", target, packets, bytes });
  }

  async holdAll(): Promise<void> {
    for (const target of [...this.#targets]) await this.hold(target);
  }

  /** @returns packets taken; one question at a time */
  async #ask(message: object): Promise<number> {
    const answer = once(this.#child, "message");
    this.#child.send(message);
    const [taken] = (await answer) as [number]; // STEADY_SENDER's only message
    return taken;
  }
}

/** A few packets to each target, one after the other, then a pause. */
const STEADY_SENDER = `
const socket = require("node:dgram").createSocket("udp4");
const payload = Buffer.alloc(${PAYLOAD});
const BURST = 10, PAUSE_MS = 3;
const targets = new Map();
const burst = (target, state, left) => {
  if (state.held) { targets.delete(target); process.send(state.taken); return; }
  if (left === 0) { setTimeout(burst, PAUSE_MS, target, state, BURST); return; }
  socket.send(payload, 9, target, (error) => { if (!error) state.taken++; burst(target, state, error ? 0 : left - 1); });
};
const batch = (target, left, payload, total) => {
  if (left === 0) { process.send(total); return; }
  socket.send(payload, 9, target, (error) => { if (error) throw error; batch(target, left - 1, payload, total); });
};
process.on("message", ({ kind, target, packets, bytes }) => {
  if (kind === "batch") { batch(target, packets, Buffer.alloc(bytes), packets); return; }
  if (kind === "hold") { targets.get(target).held = true; return; }
  const state = { taken: 0, held: false };
  targets.set(target, state);
  burst(target, state, BURST);
});
process.on("disconnect", () => process.exit());
`;
