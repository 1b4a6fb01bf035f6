/**
 * The socket through which one receiver is told. It has the source address that the configuration wants, and waits while this host does
 * not have it; without one the route chooses.
 */

import type { Socket } from "node:dgram";
import type { Log } from "../log/log.ts";
import { type IpAddress, ipOctets } from "../net-address/ip-address.ts";
import { formatSnmpEndpoint, hostOf, isAddressOf, type SnmpEndpoint } from "../net-address/snmp-endpoint.ts";
import type { HostAddresses } from "../snapshot/host-addresses.ts";
import { ChangeFollower } from "./change-follower.ts";
import { bind, isBoundTo, isLocalAddress, refusalOf, udpSocket } from "./transport.ts";

export interface NotificationSocketOptions {
  readonly endpoint: SnmpEndpoint;
  readonly sourceAddress: IpAddress | undefined;
  readonly hostAddresses: HostAddresses;
  readonly receive: (datagram: Uint8Array) => void;
  /** It can send, after a time in which it could not. */
  readonly onOpen: () => void;
  readonly log: Log;
}

/** Milliseconds between attempts to take the source address, where nobody tells that it has come. */
const RETRY_MS = 5_000;
const NO_ADDRESS = new Uint8Array(4);

export class NotificationSocket {
  readonly name: string;
  readonly #options: NotificationSocketOptions;
  /** Where it sends from: port 0 is any. */
  readonly #source: SnmpEndpoint | undefined;
  #socket: Socket | undefined;
  #unsubscribe = (): void => {};
  #retry: NodeJS.Timeout | undefined;
  readonly #changes: ChangeFollower;
  /** What was said last of why it cannot send. */
  #said: string | undefined;
  #closed = false;

  constructor(options: NotificationSocketOptions) {
    const { endpoint, sourceAddress, log } = options;
    this.#options = options;
    this.name = formatSnmpEndpoint(endpoint);
    this.#source = sourceAddress === undefined ? undefined : { ...endpoint, address: sourceAddress, port: 0 };
    if (this.#source === undefined) this.#take(udpSocket(endpoint.transport));
    this.#changes = new ChangeFollower(
      () => this.#follow(),
      (error) => log.error("SNMP notifications cannot follow their source address", { target: this.name, error }),
    );
  }

  /** Takes the source address, or begins to wait for it. */
  async start(): Promise<void> {
    if (this.#source === undefined) return;
    await this.#follow();
    this.#unsubscribe = this.#options.hostAddresses.subscribe(() => this.#changes.wake());
    this.#changes.wake(); // what changed meanwhile
  }

  get isOpen(): boolean {
    return this.#socket !== undefined;
  }

  send(message: Uint8Array): void {
    const { endpoint, log } = this.#options;
    this.#socket?.send(Buffer.from(message), endpoint.port, hostOf(endpoint), (error) => {
      if (error) log.warn("SNMP notification not sent", { target: this.name, error });
    });
  }

  /**
   * By which of our IPv4 addresses the receiver is reached: the source address, else the one of the route, which the system knows;
   * zeros where there is no route, or none of IPv4.
   */
  ownAddress(then: (address: Uint8Array) => void): void {
    const { endpoint, sourceAddress } = this.#options;
    if (endpoint.transport !== "udp4") {
      then(NO_ADDRESS);
      return;
    }
    if (sourceAddress !== undefined) {
      then(ipOctets(sourceAddress) ?? NO_ADDRESS);
      return;
    }
    const probe = udpSocket(endpoint.transport).unref();
    const answer = (own: Uint8Array) => {
      probe.close();
      if (!this.#closed) then(own);
    };
    probe.once("error", () => answer(NO_ADDRESS));
    probe.connect(endpoint.port, endpoint.address, () => answer(ipOctets(probe.address().address) ?? NO_ADDRESS));
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe();
    void this.#changes.close(); // a run that is under way closes what it opens
    clearTimeout(this.#retry);
    this.#socket?.close();
    this.#socket = undefined;
  }

  /** Opens the socket when the source address is there, and closes it when it is gone: what would be sent then, the kernel refuses. */
  async #follow(): Promise<void> {
    const source = this.#source;
    if (source === undefined || this.#closed) return;
    clearTimeout(this.#retry);
    if (this.#socket !== undefined && !(isBoundTo(this.#socket, source) && (await isLocalAddress(source)))) {
      this.#socket?.close();
      this.#socket = undefined;
    }
    if (this.#socket === undefined && !this.#closed) await this.#open(source);
    if (this.#socket !== undefined || this.#closed) return;
    this.#retry = setTimeout(() => this.#changes.wake(), RETRY_MS).unref();
  }

  async #open(source: SnmpEndpoint): Promise<void> {
    const socket = udpSocket(source.transport);
    try {
      await bind(socket, hostOf(source), 0);
    } catch (error) {
      this.#sayWaiting(source, refusalOf(error as NodeJS.ErrnoException)); // what a socket emits when it cannot be bound
      return;
    }
    if (this.#closed) {
      socket.close();
      return;
    }
    this.#take(socket);
    if (this.#said !== undefined)
      this.#options.log.info("SNMP notifications have their source address", { target: this.name });
    this.#said = undefined;
    this.#options.onOpen();
  }

  /** Once for each reason. */
  #sayWaiting({ address }: SnmpEndpoint, why: string): void {
    if (this.#said === why || this.#closed) return;
    this.#said = why;
    this.#options.log.warn("SNMP notifications wait for their source address", { target: this.name, address, why });
  }

  #take(socket: Socket): void {
    const { endpoint, receive, log } = this.#options;
    socket.on("message", (datagram, from) => {
      if (from.port === endpoint.port && isAddressOf(endpoint, from.address)) receive(datagram);
    });
    socket.on("error", (error) => log.warn("SNMP notification not sent", { target: this.name, error }));
    this.#socket = socket.unref();
  }
}
