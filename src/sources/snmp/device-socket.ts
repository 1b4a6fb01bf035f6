/**
 * The socket that net-snmp is lent: a datagram reaches it only when it comes from the address and port of the device, and, in version 3,
 * when it is as well protected as the request was. The library itself takes an answer from anybody who guesses a request's number, and
 * one without authentication for a request with it.
 */

import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { EventEmitter } from "node:events";
import { parseIpAddress } from "../../net-address/ip-address.ts";
import type { SnmpEndpoint } from "../../net-address/snmp-endpoint.ts";
import { isReport, v3Flags } from "./v3-flags.ts";

export interface DeviceSocketOptions {
  readonly device: SnmpEndpoint;
  /** Bits of msgFlags (RFC 3412 section 6.4) that every answer has, but for a Report; undefined below version 3. */
  readonly flags: number | undefined;
  /** A datagram was dropped. */
  readonly dropped: (from: RemoteInfo) => void;
}

/** What net-snmp uses of a socket. */
export class DeviceSocket extends EventEmitter {
  readonly #socket: Socket;
  #closed = false;

  constructor({ device, flags, dropped }: DeviceSocketOptions) {
    super();
    this.#socket = createSocket(device.transport);
    this.#socket.on("message", (datagram, from) => {
      const isFromDevice = from.port === device.port && parseIpAddress(from.address) === device.address;
      const isProper = isFromDevice && (flags === undefined || isProtected(datagram, flags));
      if (!isProper || !this.#isTaken(datagram, from)) dropped(from);
    });
    this.#socket.on("close", () => this.emit("close"));
    this.#socket.on("error", () => {}); // a request that could not be sent is told of by itself, others run into their deadline
  }

  /** The library throws over some datagrams, as over a Report of version 1: here that would end the program. */
  #isTaken(datagram: Buffer, from: RemoteInfo): boolean {
    try {
      this.emit("message", datagram, from);
      return true;
    } catch {
      return false;
    }
  }

  /** As dgram's. */
  send(
    buffer: Buffer,
    offset: number,
    length: number,
    port: number,
    address: string,
    sent: (error: Error | null) => void,
  ): void {
    this.#socket.send(buffer, offset, length, port, address, sent);
  }

  ref(): void {}

  unref(): void {
    this.#socket.unref();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }
}

/** A Report tells of an error before there are keys that both ends know. */
function isProtected(datagram: Buffer, wanted: number): boolean {
  const flags = v3Flags(datagram);
  if (flags === undefined) return false;
  return (flags & wanted) === wanted || isReport(datagram);
}
