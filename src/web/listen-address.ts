/** Where the server listens, and what to tell the user of an address on which it cannot. */

import { formatHttpAddress, type HttpAddress } from "../net-address/http-address.ts";

export type ListenAddress =
  | HttpAddress
  /** A socket that somebody else has bound, as systemd does (LISTEN_FDS begin at 3). */
  | { readonly kind: "fd"; readonly fd: number };

export function formatListenAddress(address: ListenAddress): string {
  return address.kind === "fd" ? `fd:${address.fd}` : formatHttpAddress(address);
}

/** An address that cannot be listened on. The message is one line: what, where, and what would be right. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly address: string;

  constructor(address: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.address = address;
  }
}

/** What to do about each reason that the system gives for not listening. */
const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program listens there; stop it or choose another port or path",
  EACCES: "this user may not; choose a port above 1023 or a folder that it may write",
  EADDRNOTAVAIL: "no interface of this machine has that address; use one that it has, or leave the host empty",
  ENOTFOUND: "that host name has no address; use an address of this machine",
  EAFNOSUPPORT: "the system does not support that address family; use the other one",
  ENOENT: "the folder does not exist; create it or choose another path",
  ENOTSOCK: "a file that is not a socket is there; remove it or choose another path",
  ENAMETOOLONG: "a socket path may have 107 bytes; choose a shorter one",
};

export function listenError(address: string, cause: unknown): ListenError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const reason = REMEDIES[code] ?? (cause instanceof Error ? cause.message : String(cause));
  return new ListenError(address, `Cannot listen on "${address}": ${reason}${code === "" ? "" : ` (${code})`}`, {
    cause,
  });
}
