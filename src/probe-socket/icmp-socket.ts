/**
 * Probes by ICMP echo from a ping socket (icmp(7)): SOCK_DGRAM with IPPROTO_ICMP, for which no privilege is needed where
 * net.ipv4.ping_group_range has a group of the process. The kernel hands over the replies to this socket's requests and no others.
 */

import { BoundSocket, type SocketParts } from "./bound-socket.ts";
import { echoRequest, parseEchoReply } from "./echo-message.ts";
import type { Opened, OutgoingProbe, ProbeAnswer, ProbeOrigin, ProbeSocket, Sent } from "./probe-socket.ts";
import type { ReceivedMessage } from "./received-message.ts";

/** IPPROTO_ICMP, IPPROTO_ICMPV6. */
const PROTOCOL = { ipv4: 1, ipv6: 58 } as const;

/** All hosts on the link. */
const EVERYBODY = { ipv4: "224.0.0.1", ipv6: "ff02::1" } as const;

export function openIcmp(parts: SocketParts, origin: ProbeOrigin, readable: () => void): Opened {
  const socket = BoundSocket.open(parts, origin, PROTOCOL[origin.family], readable);
  if (!(socket instanceof BoundSocket)) return socket;
  return { kind: "open", socket: new IcmpSocket(socket, parts.message, origin) };
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

  get refusal(): string | undefined {
    return this.#socket.refusal;
  }

  send(probe: OutgoingProbe): Sent {
    const target = probe.target ?? EVERYBODY[this.#origin.family];
    return this.#socket.send(echoRequest(this.#origin.family, probe), target, 0);
  }

  receive(visit: (answer: ProbeAnswer) => void): void {
    const message = this.#message;
    if (message.receive(this.#socket.fd, 0) < 0) return;
    const answered = parseEchoReply(this.#origin.family, message.data, message.size);
    const from = this.#socket.peers.read(message.name)?.address;
    if (answered === undefined || from === undefined) return;
    const { kind, sequence, sentAt } = answered;
    visit({ kind, sequence, sentAt, from, age: message.age });
  }

  close(): void {
    this.#socket.close();
  }
}
