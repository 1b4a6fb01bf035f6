/** UDP sockets of the agent: bound, or refused with one line that says why. */

import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { formatSnmpEndpoint, type SnmpEndpoint } from "../net-address/snmp-endpoint.ts";

/** An address that cannot be listened on; the message is one line for the user. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly address: string;

  constructor(address: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.address = address;
  }
}

/** What the system's refusals mean to somebody who wrote the address. */
const REFUSALS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program uses that port (snmpd?); choose another one",
  EACCES: "ports below 1024 need a privilege (CAP_NET_BIND_SERVICE); choose one above, such as 1161",
  EADDRNOTAVAIL: "this machine has no such address",
  EAFNOSUPPORT: "this machine has no such address family",
};

/**
 * A bound socket. Whoever gets it must close it.
 * @throws ListenError
 */
export function listen(endpoint: SnmpEndpoint, receive: (datagram: Buffer, from: RemoteInfo) => void): Promise<Socket> {
  const { transport, address, port } = endpoint;
  return new Promise((resolve, reject) => {
    const socket = createSocket({
      type: transport,
      ipv6Only: transport === "udp6",
      recvBufferSize: RECEIVE_BUFFER,
      // Every address here is one already: a resolver would only put each reply off to a later turn.
      lookup: (numeric, _, callback) => callback(null, numeric, transport === "udp6" ? 6 : 4),
    });
    const refuse = (cause: NodeJS.ErrnoException) => {
      socket.close();
      const text = formatSnmpEndpoint(endpoint);
      const why = REFUSALS[cause.code ?? ""] ?? cause.message;
      reject(new ListenError(text, `Cannot listen on ${text} for SNMP: ${why}`, { cause }));
    };
    socket.once("error", refuse);
    socket.on("message", receive);
    socket.bind(port, address, () => {
      socket.off("error", refuse);
      resolve(socket);
    });
  });
}

/** Octets. Requests that wait while a snapshot is taken; the system's limit may be lower, which is no error. */
const RECEIVE_BUFFER = 1024 * 1024;
