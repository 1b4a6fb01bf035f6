/**
 * Probes by ICMP echo from a ping socket (icmp(7)): SOCK_DGRAM with IPPROTO_ICMP, for which no privilege is needed where
 * net.ipv4.ping_group_range has a group of the process. The kernel hands over the replies to this socket's requests and no others.
 */

import type { Libc } from "../os/libc.ts";
import { BoundSocket } from "./bound-socket.ts";
import { echoRequest, parseEchoReply } from "./echo-message.ts";
import type { Opened, OutgoingProbe, ProbeAnswer, ProbeOrigin, ProbeSocket, Sent } from "./probe-socket.ts";
import type { ReceivedMessage } from "./received-message.ts";

/** IPPROTO_ICMP, IPPROTO_ICMPV6. */
const PROTOCOL = { ipv4: 1, ipv6: 58 } as const;

/** All hosts on the link. */
const EVERYBODY = { ipv4: "224.0.0.1", ipv6: "ff02::1" } as const;

/** Answers taken at one go, so that a flood cannot hold the event loop: each probe has one, and is forgotten after 52. */
const BURST = 1_024;

export function openIcmp(libc: Libc, message: ReceivedMessage, origin: ProbeOrigin, readable: () => void): Opened {
  const socket = BoundSocket.open(libc, origin, PROTOCOL[origin.family], readable);
  if (!(socket instanceof BoundSocket)) return socket;
  return { kind: "open", socket: new IcmpSocket(socket, message, origin) };
}

class IcmpSocket implements ProbeSocket {
  readonly method = "icmp";
  readonly #socket: BoundSocket;
  readonly #message: ReceivedMessage;
  readonly #origin: ProbeOrigin;

  constructor(socket: BoundSocket, message: ReceivedMessage, origin: ProbeOrigin) {
    this.#socket = socket;
    this.#message = message;
    this.#origin = origin;
  }

  send(probe: OutgoingProbe): Sent {
    const target = probe.target ?? EVERYBODY[this.#origin.family];
    return this.#socket.send(echoRequest(this.#origin.family, probe), target, 0);
  }

  receive(visit: (answer: ProbeAnswer) => void): void {
    const message = this.#message;
    for (let count = 0; count < BURST && message.receive(this.#socket.fd, 0) >= 0; count++) {
      const answered = parseEchoReply(this.#origin.family, message.data);
      const from = message.peer?.address;
      if (answered === undefined || from === undefined) continue;
      const { kind, sequence, sentAt } = answered;
      visit({ kind, sequence, sentAt, from, age: message.age });
    }
  }

  close(): void {
    this.#socket.close();
  }
}
