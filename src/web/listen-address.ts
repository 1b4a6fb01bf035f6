/** Addresses to listen on, as `--web.listen-address` takes them. */

export type ListenAddress =
  /** `host` undefined: every address of the machine, IPv6 and IPv4. */
  | { readonly kind: "tcp"; readonly host: string | undefined; readonly port: number }
  | { readonly kind: "unix"; readonly path: string }
  /** A socket that somebody else has bound, as systemd does (LISTEN_FDS begin at 3). */
  | { readonly kind: "fd"; readonly fd: number };

/** An address that is wrong or cannot be listened on. The message is one line: what, where, and what would be right. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly address: string;

  constructor(address: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.address = address;
  }
}

/** ":10191", "127.0.0.1:0", "[::1]:10191", "localhost:80", "unix:/run/x.sock", "fd:3". @throws ListenError */
export function parseListenAddress(text: string): ListenAddress {
  const unix = /^unix:(\/.+)$/.exec(text);
  if (unix?.[1] !== undefined) return { kind: "unix", path: unix[1] };
  const fd = /^fd:(\d{1,5})$/.exec(text);
  if (fd?.[1] !== undefined) return { kind: "fd", fd: Number(fd[1]) };
  const tcp = /^(?:\[([0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|([^[\]:/\s]*)):(\d{1,5})$/.exec(text);
  const port = Number(tcp?.[3]);
  if (tcp === null || port > 65_535) {
    const right = '":10191", "127.0.0.1:10191", "[::1]:10191" or "unix:/run/ipmp-exporter/web.sock"';
    throw new ListenError(text, `Cannot listen on "${text}": an address must look like ${right}`);
  }
  const host = tcp[1] ?? tcp[2];
  return { kind: "tcp", host: host === "" ? undefined : host, port };
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
