/** UDP sockets of the agent: bound, or refused with one line that says why. */

import { createSocket, type RemoteInfo, type Socket, type SocketType } from "node:dgram";
import { formatSnmpEndpoint, hostOf, isAddressOf, type SnmpEndpoint } from "../net-address/snmp-endpoint.ts";

/** An address that cannot be listened on; the message is one line for the user. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly address: string;
  /** Whether this host has no such address now: it may have it later. */
  readonly isAbsent: boolean;

  constructor(endpoint: SnmpEndpoint, cause: NodeJS.ErrnoException) {
    const address = formatSnmpEndpoint(endpoint);
    super(`Cannot listen on ${address} for SNMP: ${refusalOf(cause)}`, { cause });
    this.address = address;
    this.isAbsent = isAbsent(endpoint, cause);
  }
}

/** What the system's refusals mean to somebody who wrote the address. */
const REFUSALS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program uses that port (snmpd?); choose another one",
  EACCES: "ports below 1024 need a privilege (CAP_NET_BIND_SERVICE); choose one above, such as 1161",
  EADDRNOTAVAIL: "this machine has no such address",
  EAFNOSUPPORT: "this machine has no such address family",
};

/** Why the system refuses, for the user. */
export function refusalOf({ code, message }: NodeJS.ErrnoException): string {
  return REFUSALS[code ?? ""] ?? message;
}

/** A link that is not there is told as an invalid argument: its name has no number. */
function isAbsent({ zone }: SnmpEndpoint, { code }: NodeJS.ErrnoException): boolean {
  return code === "EADDRNOTAVAIL" || (zone !== undefined && (code === "EINVAL" || code === "ENODEV"));
}

/**
 * A bound socket. Whoever gets it must close it.
 * @throws ListenError
 */
export async function listen(
  endpoint: SnmpEndpoint,
  receive: (datagram: Buffer, from: RemoteInfo) => void,
): Promise<Socket> {
  const socket = udpSocket(endpoint.transport, RECEIVE_BUFFER);
  socket.on("message", receive);
  try {
    await bind(socket, hostOf(endpoint), endpoint.port);
  } catch (error) {
    throw new ListenError(endpoint, error as NodeJS.ErrnoException); // what a socket emits when it cannot be bound
  }
  return socket;
}

/** Whether this host has the address now. Any other doubt about it is for whoever binds in earnest. */
export async function isLocalAddress(endpoint: SnmpEndpoint): Promise<boolean> {
  const socket = udpSocket(endpoint.transport);
  try {
    await bind(socket, hostOf(endpoint), 0);
  } catch (error) {
    return !isAbsent(endpoint, error as NodeJS.ErrnoException);
  }
  await closed(socket);
  return true;
}

/**
 * Whether the bound socket has the endpoint's address still. The system keeps a link-local one with the number of the link: a link
 * that is made anew under the same name has another number, and one that is renamed has it still.
 */
export function isBoundTo(socket: Socket, endpoint: SnmpEndpoint): boolean {
  if (endpoint.zone === undefined) return true;
  try {
    return isAddressOf(endpoint, socket.address().address);
  } catch {
    return false; // no link has that number
  }
}

export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}

/** An unbound socket. */
export function udpSocket(type: SocketType, recvBufferSize?: number): Socket {
  return createSocket({
    type,
    ipv6Only: type === "udp6",
    ...(recvBufferSize === undefined ? {} : { recvBufferSize }),
    // Every address here is one already: a resolver would only put each reply off to a later turn.
    lookup: (numeric, _, callback) => callback(null, numeric, type === "udp6" ? 6 : 4),
  });
}

/** Closes the socket and throws what the system says when it cannot be bound. */
export function bind(socket: Socket, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error) => {
      socket.close();
      reject(error);
    };
    socket.once("error", refuse);
    socket.bind(port, host, () => {
      socket.off("error", refuse);
      resolve();
    });
  });
}

/** Octets. Requests that wait while a snapshot is taken; the system's limit may be lower, which is no error. */
const RECEIVE_BUFFER = 1024 * 1024;
