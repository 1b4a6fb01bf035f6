/**
 * Probes by UDP to a port where nobody listens: a target that lives answers "port unreachable", which the kernel keeps in the socket's
 * error queue (ip(7), IP_RECVERR). Needs no privilege and no setting. The port tells which probe was answered, as in traceroute(8),
 * because an error need not quote more than the head of the datagram (RFC 792).
 */

import type { IpFamily } from "../net-address/ip-address.ts";
import { BoundSocket, SOL_IP, type SocketParts } from "./bound-socket.ts";
import type { Hear, Opened, OutgoingProbe, ProbeAnswer, ProbeOrigin, ProbeSocket, Sent } from "./probe-socket.ts";
import { MSG_ERRQUEUE, type ReceivedMessage } from "./received-message.ts";

/** traceroute's first port, and how many follow: more than the probes that an answer may still belong to. */
const FIRST_PORT = 33_434;
const PORTS = 64;

const RECVERR = { ipv4: 11, ipv6: 25 } as const;
/** ICMP "destination unreachable, port unreachable", by family. */
const PORT_UNREACHABLE = {
  ipv4: { origin: 2, type: 3, code: 3 },
  ipv6: { origin: 3, type: 1, code: 4 },
} as const;
/** struct sock_extended_err: errno (32), origin, type, code, nothing, info (32), data (32); the offender's address follows. */
const OFFENDER = 16;

const ONE_BYTE = new Uint8Array(1);
const NANOSECONDS_PER_MILLISECOND = 1e6;

/** Errors taken at one go. */
const BURST = 1_024;

export function openUdp(parts: SocketParts, origin: ProbeOrigin, hear: Hear): Opened {
  const { family } = origin;
  const bound = BoundSocket.open(parts, origin, 0);
  if (!(bound instanceof BoundSocket)) return bound;
  bound.setOption(SOL_IP[family], RECVERR[family], 1);
  const socket = new UdpSocket(bound, parts.message, family, hear);
  return bound.watch(() => socket.receive()) ?? { kind: "open", socket };
}

class UdpSocket implements ProbeSocket {
  readonly method = "udp";
  readonly #socket: BoundSocket;
  readonly #message: ReceivedMessage;
  readonly #family: IpFamily;
  /** The last probes, each in the place that its port has. */
  readonly #probes: (OutgoingProbe | undefined)[] = new Array<undefined>(PORTS).fill(undefined);
  #next = 0;
  #hear: Hear;

  constructor(socket: BoundSocket, message: ReceivedMessage, family: IpFamily, hear: Hear) {
    this.#socket = socket;
    this.#message = message;
    this.#family = family;
    this.#hear = hear;
  }

  get refusal(): string | undefined {
    return this.#socket.refusal;
  }

  /** A probe to all hosts is not sent: nobody may answer it with an error (RFC 1122 section 3.2.2). */
  send(probe: OutgoingProbe): Sent {
    const { target } = probe;
    if (target === undefined) return "sent";
    const place = this.#next;
    this.#next = (place + 1) % PORTS;
    this.#probes[place] = probe;
    // An error that waits would be the result of sendto, and nothing would be sent; another may arrive between the two calls.
    this.#takeErrors((answer) => this.#tellLater(answer)); // whoever sends cannot listen now
    const sent = this.#socket.send(ONE_BYTE, target, FIRST_PORT + place);
    return sent === "failed" ? this.#socket.send(ONE_BYTE, target, FIRST_PORT + place) : sent;
  }

  receive(): void {
    this.#takeErrors(this.#hear);
    // Whatever a target sends us is not asked for; it must not wake us again.
    for (let count = 0; count < BURST && this.#message.receive(this.#socket.fd, 0) >= 0; count++);
  }

  close(): void {
    this.#hear = () => undefined;
    this.#socket.close();
  }

  /** When this turn of the loop is over, until when it grows older. */
  #tellLater(answer: ProbeAnswer): void {
    const takenMs = performance.now();
    setImmediate(() => {
      const waited = (performance.now() - takenMs) * NANOSECONDS_PER_MILLISECOND;
      this.#hear({ ...answer, age: answer.age + waited });
    });
  }

  #takeErrors(visit: Hear): void {
    const message = this.#message;
    for (let count = 0; count < BURST && message.receive(this.#socket.fd, MSG_ERRQUEUE) >= 0; count++) {
      const answer = this.#answer();
      if (answer !== undefined) visit(answer);
    }
  }

  #answer(): ProbeAnswer | undefined {
    const family = this.#family;
    const { peers } = this.#socket;
    const message = this.#message;
    const error = message.find(SOL_IP[family], RECVERR[family]);
    const sentTo = peers.read(message.name);
    if (error === undefined || sentTo === undefined || error.end - error.start <= OFFENDER) return undefined;
    const { control } = message;
    const { origin, type, code } = PORT_UNREACHABLE[family];
    const [foundOrigin, foundType, foundCode] = control.subarray(error.start + 4, error.start + 7);
    if (foundOrigin !== origin || foundType !== type || foundCode !== code) return undefined;
    const from = peers.read(control, error.start + OFFENDER)?.address;
    const probe = this.#probes[sentTo.port - FIRST_PORT];
    if (from === undefined || probe?.target !== sentTo.address) return undefined;
    const { kind, sequence, sentAt } = probe;
    return { kind, sequence, sentAt, from, age: message.age };
  }
}
