/**
 * Probes by ICMP echo from a ping socket (icmp(7)): SOCK_DGRAM with IPPROTO_ICMP, for which no privilege is needed where
 * net.ipv4.ping_group_range has a group of the process. The kernel hands over the replies to this socket's requests and no others.
 */

import { BoundSocket, type SocketParts } from "./bound-socket.ts";
import { ECHO_TYPES, type EchoTypes, echoRequest, parseEchoReply } from "./echo-message.ts";
import type { Hear, Opened, OutgoingProbe, ProbeOrigin, ProbeSocket, Sent } from "./probe-socket.ts";
import type { ReceivedMessage } from "./received-message.ts";

/** IPPROTO_ICMP, IPPROTO_ICMPV6. */
const PROTOCOL = { ipv4: 1, ipv6: 58 } as const;

/** All hosts on the link. */
const EVERYBODY = { ipv4: "224.0.0.1", ipv6: "ff02::1" } as const;

export function openIcmp(parts: SocketParts, origin: ProbeOrigin, hear: Hear): Opened {
  const { family } = origin;
  const bound = BoundSocket.open(parts, origin, PROTOCOL[family]);
  if (!(bound instanceof BoundSocket)) return bound;
  const socket = new IcmpSocket(bound, ECHO_TYPES[family], EVERYBODY[family]);
  return bound.watch(() => socket.receive(parts.message, hear)) ?? { kind: "open", socket };
}

class IcmpSocket implements ProbeSocket {
  readonly method = "icmp";
  readonly #socket: BoundSocket;
  readonly #types: EchoTypes;
  readonly #everybody: string;

  constructor(socket: BoundSocket, types: EchoTypes, everybody: string) {
    this.#socket = socket;
    this.#types = types;
    this.#everybody = everybody;
  }

  get refusal(): string | undefined {
    return this.#socket.refusal;
  }

  send(probe: OutgoingProbe): Sent {
    return this.#socket.send(echoRequest(this.#types, probe), probe.target ?? this.#everybody, 0);
  }

  /** Takes one answer: while there are more, it is called again. */
  receive(message: ReceivedMessage, hear: Hear): void {
    if (message.receive(this.#socket.fd, 0) < 0) return;
    const answered = parseEchoReply(this.#types, message.data, message.size);
    const from = this.#socket.peers.read(message.name)?.address;
    if (answered === undefined || from === undefined) return;
    const { kind, sequence, sentAt } = answered;
    hear({ kind, sequence, sentAt, from, age: message.age });
  }

  close(): void {
    this.#socket.close();
  }
}
