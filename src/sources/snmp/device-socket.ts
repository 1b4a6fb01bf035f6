/**
 * The socket that net-snmp is lent: a datagram reaches it only when it comes from the address and port of the device, and, in version 3,
 * when it is as well protected as the request was. The library itself takes an answer from anybody who guesses a request's number, and
 * one without authentication for a request with it. A request that is not answered is sent again from here, because the library's own clock takes
 * an answer for late that has long arrived while the program was busy.
 */

import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { EventEmitter } from "node:events";
import { isAddressOf, type SnmpEndpoint } from "../../net-address/snmp-endpoint.ts";
import { afterReading } from "./reading-deadline.ts";
import { isReport, v3Flags } from "./v3-flags.ts";

export interface DeviceSocketOptions {
  readonly device: SnmpEndpoint;
  /** Bits of msgFlags (RFC 3412 section 6.4) that every answer has, but for a Report; undefined below version 3. */
  readonly flags: number | undefined;
  /** A datagram was dropped. */
  readonly dropped: (from: RemoteInfo) => void;
  /** Milliseconds in which an answer is waited for, after each of the times that a request is sent. */
  readonly timeoutMs: number;
  readonly times: number;
  /** The last request was sent so many times, and {@link DeviceSocket.answered} has not been called. */
  readonly expired: () => void;
}

/** Datagrams that the library needs for one question at most: to find the device's engine, to learn its clock, and to ask. */
const MOST_SENDINGS = 3;

/** The library wants to send once more: the device tells it each time that its clock stands at 0. */
export class NoClockError extends Error {}

/** What net-snmp uses of a socket. */
export class DeviceSocket extends EventEmitter {
  readonly #socket: Socket;
  readonly #options: DeviceSocketOptions;
  #closed = false;
  #stopWaiting: () => void = () => {};
  /** Datagrams of the present question. */
  #sendings = 0;

  constructor(options: DeviceSocketOptions) {
    super();
    const { device, flags, dropped } = options;
    this.#options = options;
    this.#socket = createSocket(device.transport);
    this.#socket.on("message", (datagram, from) => {
      const isFromDevice = from.port === device.port && isAddressOf(device, from.address);
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

  /** The last request needs no answer any more. */
  answered(): void {
    this.#stopWaiting();
    this.#stopWaiting = () => {}; // keeps no datagram
    this.#sendings = 0;
  }

  /** As dgram's, and again for as long as there is no answer. Of one question {@link MOST_SENDINGS} datagrams are taken, and no more. */
  send(
    buffer: Buffer,
    offset: number,
    length: number,
    port: number,
    address: string,
    sent: (error: Error | null) => void,
  ): void {
    if (++this.#sendings > MOST_SENDINGS) {
      sent(new NoClockError());
      return;
    }
    const again = () => this.#socket.send(buffer, offset, length, port, address, () => {});
    this.#wait(again, this.#options.times - 1);
    this.#socket.send(buffer, offset, length, port, address, sent);
  }

  #wait(again: () => void, left: number): void {
    const { timeoutMs, expired } = this.#options;
    this.#stopWaiting();
    this.#stopWaiting = afterReading(timeoutMs, () => {
      if (left === 0) {
        expired();
        return;
      }
      again();
      this.#wait(again, left - 1);
    });
  }

  ref(): void {}

  unref(): void {
    this.#socket.unref();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopWaiting();
    this.#socket.close();
  }
}

/** A Report tells of an error before there are keys that both ends know. */
function isProtected(datagram: Buffer, wanted: number): boolean {
  const flags = v3Flags(datagram);
  if (flags === undefined) return false;
  return (flags & wanted) === wanted || isReport(datagram);
}
