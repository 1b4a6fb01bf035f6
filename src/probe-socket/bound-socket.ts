/**
 * A datagram socket that sends by one device from one of its addresses and by no other way, without privilege (socket(7),
 * SO_BINDTODEVICE: since Linux 5.7 anyone may, once; before it, IP_UNICAST_IF of ip(7)).
 */

import { ERRNO, errorName, type Libc } from "../os/libc.ts";
import { AF_OF, SOCK, SOL_SOCKET } from "../os/socket.ts";
import type { WatchSet } from "../os/watch-set.ts";
import type { Opened, ProbeOrigin, Sent } from "./probe-socket.ts";
import { ASK_FOR_TIMES, type ReceivedMessage } from "./received-message.ts";
import { Peers, socketAddress } from "./socket-address.ts";

const SO_BINDTODEVICE = 25;
/** Level of IP options, by family. */
export const SOL_IP = { ipv4: 0, ipv6: 41 } as const;
/** IP_UNICAST_IF, IPV6_UNICAST_IF. */
const UNICAST_IF = { ipv4: 50, ipv6: 76 } as const;
/** IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP: what is sent to all hosts is not for ourselves. */
const MULTICAST_LOOP = { ipv4: 34, ipv6: 19 } as const;

/** Errors of sendto(2) that say that there is no room, and nothing of the link. */
const NO_ROOM: readonly number[] = [ERRNO.EAGAIN, ERRNO.ENOBUFS, ERRNO.EINTR];

/** What the sockets of a system have in common. */
export interface SocketParts {
  readonly libc: Libc;
  readonly watches: WatchSet;
  readonly message: ReceivedMessage;
}

type Refused = Extract<Opened, { readonly kind: "refused" }>;

export class BoundSocket {
  readonly fd: number;
  /** Whom it sends to, and who answers. */
  readonly peers: Peers;
  readonly #libc: Libc;
  readonly #watches: WatchSet;
  #refusal: string | undefined;

  private constructor({ libc, watches }: SocketParts, { family, ifindex }: ProbeOrigin, fd: number) {
    this.#libc = libc;
    this.#watches = watches;
    this.peers = new Peers(family, ifindex);
    this.fd = fd;
  }

  /** `protocol`: IPPROTO_ICMP or the like, 0 for UDP. */
  static open(parts: SocketParts, origin: ProbeOrigin, protocol: number): BoundSocket | Refused {
    const { libc } = parts;
    const { family, device, source, ifindex } = origin;
    const fd = libc.socket(AF_OF[family], SOCK.DGRAM | SOCK.NONBLOCK | SOCK.CLOEXEC, protocol);
    if (fd < 0) return refused("socket", fd);
    const socket = new BoundSocket(parts, origin, fd);
    const toDevice = libc.setOption(fd, SOL_SOCKET, SO_BINDTODEVICE, new TextEncoder().encode(`${device}\0`));
    if (toDevice < 0) {
      const index = new Uint8Array(4);
      new DataView(index.buffer).setUint32(0, ifindex);
      const byIndex = libc.setOption(fd, SOL_IP[family], UNICAST_IF[family], index);
      if (byIndex < 0) return socket.#giveUp("SO_BINDTODEVICE", toDevice);
    }
    const bound = libc.bind(fd, socketAddress(family, source, 0, ifindex));
    if (bound < 0) return socket.#giveUp("bind", bound);
    socket.setOption(SOL_IP[family], MULTICAST_LOOP[family], 0);
    socket.setOption(...ASK_FOR_TIMES, 1);
    return socket;
  }

  /** `readable` is called when something waits, until the socket is closed: what is taken late would look slow. */
  watch(readable: () => void): Refused | undefined {
    return this.#watches.add(this.fd, readable) ? undefined : this.#giveUp("watch", -ERRNO.EOPNOTSUPP);
  }

  setOption(level: number, option: number, value: number): number {
    return this.#libc.setOption(this.fd, level, option, new Uint8Array(Int32Array.of(value).buffer));
  }

  /** Name of the error of the last send; undefined when it went out. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  send(bytes: Uint8Array, target: string, port: number): Sent {
    const result = this.#libc.sendTo(this.fd, bytes, this.peers.write(target, port));
    this.#refusal = result < 0 ? errorName(result) : undefined;
    if (result >= 0) return "sent";
    return NO_ROOM.includes(-result) ? "blocked" : "failed";
  }

  close(): void {
    this.#watches.remove(this.fd);
    this.#libc.close(this.fd);
  }

  #giveUp(step: string, negativeErrno: number): Refused {
    this.close();
    return refused(step, negativeErrno);
  }
}

function refused(step: string, negativeErrno: number): Refused {
  return { kind: "refused", step, errno: errorName(negativeErrno) };
}
