/** How the members of a group are probed, in one sentence for the log. */

import type { Line } from "./member-sockets.ts";

const NAMES = { icmp: "ICMP echo", udp: "UDP to closed ports", none: "links alone, without probes" } as const;

export interface MethodSummary {
  readonly text: string;
  /** Something better could be had. */
  readonly isDegraded: boolean;
}

/** Undefined while no member has an address to send from. */
export function summarizeMethods(
  lines: readonly { readonly device: string; readonly line: Line }[],
): MethodSummary | undefined {
  const devices = new Map<string, Set<string>>();
  for (const { device, line } of lines) {
    const how = line.why === undefined ? NAMES[line.method] : `${NAMES[line.method]} because ${line.why}`;
    devices.set(how, (devices.get(how) ?? new Set()).add(device));
  }
  if (devices.size === 0) return undefined;
  const parts = [...devices].map(([how, names]) => `${[...names].join(", ")}: ${how}`);
  return { text: parts.join("; "), isDegraded: lines.some(({ line }) => line.why !== undefined) };
}
