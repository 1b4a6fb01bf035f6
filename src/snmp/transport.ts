/** UDP sockets of the agent: addresses as snmpd writes them, bound or refused with one line that says why. */

import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { isIP } from "node:net";

export interface Endpoint {
  readonly family: "udp4" | "udp6";
  readonly address: string;
  readonly port: number;
}

/** An address that cannot be understood or listened on; the message is one line for the user. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly address: string;

  constructor(address: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.address = address;
  }
}

/**
 * Reads `udp:127.0.0.1:1161`, `udp6:[::1]:1161`, `udp:[::1]:1161`, and `udp:1161` for every IPv4 address (snmpd.conf(5)).
 * @throws ListenError
 */
export function parseEndpoint(text: string): Endpoint {
  const [, transport, v6, v4, port] =
    /^(?:(udp6?):)?(?:\[([0-9A-Fa-f:.%a-z]+)\]:|([0-9.]+):)?([0-9]{1,5})$/.exec(text) ?? [];
  const address = v6 ?? v4 ?? (transport === "udp6" ? "::" : "0.0.0.0");
  const version = isIP(address);
  const fits = version !== 0 && Number(port) <= 65_535 && !(transport === "udp6" && version === 4);
  if (port === undefined || !fits) {
    throw new ListenError(
      text,
      `Cannot understand SNMP address "${text}": expected udp:ADDRESS:PORT or udp6:[ADDRESS]:PORT, such as udp:127.0.0.1:1161`,
    );
  }
  return { family: version === 6 ? "udp6" : "udp4", address, port: Number(port) };
}

export function formatEndpoint({ family, address, port }: Endpoint): string {
  return family === "udp6" ? `udp6:[${address}]:${port}` : `udp:${address}:${port}`;
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
export function listen(text: string, receive: (datagram: Buffer, from: RemoteInfo) => void): Promise<Socket> {
  const { family, address, port } = parseEndpoint(text);
  return new Promise((resolve, reject) => {
    const socket = createSocket({
      type: family,
      ipv6Only: family === "udp6",
      recvBufferSize: RECEIVE_BUFFER,
      // Every address here is one already: a resolver would only put each reply off to a later turn.
      lookup: (numeric, _, callback) => callback(null, numeric, family === "udp6" ? 6 : 4),
    });
    const refuse = (cause: NodeJS.ErrnoException) => {
      socket.close();
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

/** Where a socket listens, once bound: port 0 has become a real one. */
export function endpointOf(socket: Socket): Endpoint {
  const { family, address, port } = socket.address();
  return { family: family === "IPv6" ? "udp6" : "udp4", address, port };
}
