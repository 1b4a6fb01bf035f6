/** Where an AgentX master agent listens (RFC 2741 section 8), as `agentXSocket` of snmpd.conf(5) has it. */

import { formatHostPort, parseHostPort } from "./host-port.ts";
import { isUnixPath } from "./unix-path.ts";

export type AgentxSocket =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/** `/run/snmpd/agentx.sock`, `unix:/run/snmpd/agentx.sock` or `tcp:localhost:705`; undefined for anything else. */
export function parseAgentxSocket(text: string): AgentxSocket | undefined {
  if (text.startsWith("tcp:")) {
    const address = parseHostPort(text.slice("tcp:".length));
    if (address?.host === undefined || address.port === 0) return undefined;
    return { kind: "tcp", host: address.host, port: address.port };
  }
  const path = text.startsWith("unix:") ? text.slice("unix:".length) : text;
  return path.startsWith("/") && isUnixPath(path) ? { kind: "unix", path } : undefined;
}

export function formatAgentxSocket(socket: AgentxSocket): string {
  return socket.kind === "unix" ? socket.path : `tcp:${formatHostPort(socket)}`;
}
