/** A way to a device that takes time and loses datagrams: a relay between two sockets on loopback. */

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { Hooks } from "./netns.ts";

export interface LossyPathOptions {
  /** Milliseconds from one end to the other, each way. */
  readonly delayMs: number;
  /** Of so many datagrams, both ways together, one is lost. */
  readonly oneIn: number;
}

export class LossyPath {
  readonly #near: Socket;
  /** How many datagrams have been lost. */
  lost = 0;
  #datagrams = 0;

  private constructor(near: Socket) {
    this.#near = near;
  }

  /** To `port` on loopback. */
  static async open(hooks: Hooks, port: number, { delayMs, oneIn }: LossyPathOptions): Promise<LossyPath> {
    const [near, far] = [createSocket("udp4"), createSocket("udp4")];
    for (const socket of [near, far]) {
      socket.bind(0, "127.0.0.1");
      await once(socket, "listening");
      hooks.after(() => void socket.close());
    }
    const path = new LossyPath(near);
    let asker = 0;
    const timers = new Set<NodeJS.Timeout>();
    hooks.after(() => timers.forEach(clearTimeout));
    const carry = (datagram: Buffer, by: Socket, to: () => number) => {
      if (++path.#datagrams % oneIn === 0) {
        path.lost++;
        return;
      }
      timers.add(setTimeout(() => by.send(datagram, to(), "127.0.0.1"), delayMs));
    };
    near.on("message", (datagram, from) => {
      asker = from.port;
      carry(datagram, far, () => port);
    });
    far.on("message", (datagram) => carry(datagram, near, () => asker));
    return path;
  }

  get target(): string {
    return `udp:127.0.0.1:${this.#near.address().port}`;
  }
}
