/** The sockets of all members, one for each family that is probed, and by which method each of them came to be. */

import { FAMILIES, type Family, ofFamily } from "../../ipmp/address.ts";
import type { LinkAddress } from "../../link/link-address.ts";
import type { Hear, ProbeOrigin, ProbeSocket } from "../../probe-socket/probe-socket.ts";
import type { ProbeSockets } from "../../probe-socket/probe-sockets.ts";

export interface SocketSettings {
  readonly method: "auto" | "icmp" | "udp";
  /** Milliseconds between two probes. */
  readonly intervalMs: number;
}

/** How a family of a member is probed. `why` says for people what stood in the way of something better. */
export type Line =
  | { readonly method: "icmp" | "udp"; readonly socket: ProbeSocket; readonly why: string | undefined }
  | { readonly method: "none"; readonly why: string };

interface Use {
  /** The address to send from. */
  readonly from: LinkAddress | undefined;
  readonly device: string;
  readonly hear: Hear;
}

interface Entry {
  readonly address: string;
  readonly line: Line;
}

/** Targets limit their ICMP errors, usually to one a second (icmp_ratelimit of icmp(7)): quicker probes would be lost. */
const UDP_INTERVAL_MIN_MS = 1_000;

/** What allows ping sockets to everybody. deploy/sysctl has it as a file. */
const SYSCTL = "net.ipv4.ping_group_range=0 2147483647";

export class MemberSockets {
  readonly #sockets: ProbeSockets;
  readonly #entries = new Map<string, Record<Family, Entry | undefined>>();

  constructor(sockets: ProbeSockets) {
    this.#sockets = sockets;
  }

  get(key: string, family: Family): Line | undefined {
    const entries = this.#entries.get(key);
    return entries && ofFamily(entries, family)?.line;
  }

  /** Makes a member send from that address in that family, by the method that can be had; without an address, not at all. */
  use(key: string, family: Family, { from, device, hear }: Use, settings: SocketSettings): void {
    const entries = this.#entries.get(key) ?? { v4: undefined, v6: undefined };
    this.#entries.set(key, entries);
    const known = entries[family];
    if (known?.address === from?.address) return;
    close(known);
    entries[family] = undefined;
    if (!from) return;
    const origin = { family: from.family, ifindex: from.ifindex, source: from.address, device };
    entries[family] = { address: from.address, line: this.#choose(origin, settings, hear) };
  }

  /** Gives the answers that wait to those who hear them, now. */
  poll(): void {
    this.#sockets.poll();
  }

  /** Closes those in whose place a better one may be had by now. The others go on: whoever has asked through them waits for an answer. */
  reconsider(): void {
    for (const entries of this.#entries.values()) {
      for (const family of FAMILIES) {
        const entry = entries[family];
        if (entry?.line.why === undefined) continue;
        close(entry);
        entries[family] = undefined;
      }
    }
  }

  /** Closes the sockets of all members but these. */
  keep(wanted: { has(key: string): boolean }): void {
    for (const [key, { v4, v6 }] of this.#entries) {
      if (wanted.has(key)) continue;
      close(v4);
      close(v6);
      this.#entries.delete(key);
    }
  }

  #choose(origin: ProbeOrigin, { method, intervalMs }: SocketSettings, hear: Hear): Line {
    let why: string | undefined;
    if (method !== "udp") {
      const opened = this.#sockets.open("icmp", origin, hear);
      if (opened.kind === "open") return { method: "icmp", socket: opened.socket, why };
      const { step, errno } = opened;
      const isForbidden = step === "socket" && errno === "EACCES";
      why = isForbidden
        ? `ping sockets are not allowed (sysctl ${SYSCTL} allows them)`
        : `ICMP fails: ${step}: ${errno}`;
      if (method === "icmp") return { method: "none", why };
    }
    if (intervalMs < UDP_INTERVAL_MIN_MS) {
      const tooQuick = `a probe every ${intervalMs} ms is too quick for UDP`;
      return { method: "none", why: why === undefined ? tooQuick : `${why}, and ${tooQuick}` };
    }
    const opened = this.#sockets.open("udp", origin, hear);
    if (opened.kind === "open") return { method: "udp", socket: opened.socket, why };
    const refused = `UDP fails: ${opened.step}: ${opened.errno}`;
    return { method: "none", why: why === undefined ? refused : `${why}, and ${refused}` };
  }
}

function close(entry: Entry | undefined): void {
  if (entry && entry.line.method !== "none") entry.line.socket.close();
}
