/** Where HTTP is served, as `--web.listen-address` of Prometheus exporters has it, and on Unix sockets. */

import { formatHostPort, parseHostPort } from "./host-port.ts";
import { isUnixPath } from "./unix-path.ts";

export type HttpAddress =
  /** `host` undefined: every address of the machine, IPv6 and IPv4. Port 0 lets the system choose. */
  | { readonly kind: "tcp"; readonly host: string | undefined; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** `:10191`, `127.0.0.1:10191`, `[::1]:10191`, `localhost:10191` or `unix:/run/x.sock`; undefined for anything else. */
export function parseHttpAddress(text: string): HttpAddress | undefined {
  const [, path] = /^unix:(\/.+)$/s.exec(text) ?? [];
  if (path !== undefined) return isUnixPath(path) ? { kind: "unix", path } : undefined;
  const address = parseHostPort(text);
  return address && { kind: "tcp", ...address };
}

export function formatHttpAddress(address: HttpAddress): string {
  return address.kind === "unix" ? `unix:${address.path}` : formatHostPort(address);
}
