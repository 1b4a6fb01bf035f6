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
