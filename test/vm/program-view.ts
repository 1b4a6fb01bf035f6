/**
 * What the program says of its groups, over its API and over SNMP:
 *
 *   bond0 degraded: d0 active, d1 failed (link down)
 *
 * A group's state; each member's state and, where it is not active, why; members that are missing.
 */

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { TAG } from "#src/exposition/snmp/protocol/ber-reader.js";
import { readReply, request, type Varbind } from "../exposition/snmp/manager.ts";
import type { Program } from "../support/program.ts";
import type { Counters } from "./kernel-view.ts";

/** What is looked at of /api/v1/groups. */
export interface GroupView {
  readonly name: string;
  readonly state: string;
  readonly ifindex: number;
  readonly missing: readonly string[];
  readonly kstats: Counters;
  readonly shared_fate: readonly { readonly kind: string; readonly domain: string }[];
  /** No key where the system does not tell enough. */
  readonly survives: Readonly<Record<string, boolean>>;
  readonly members: readonly {
    readonly device: string;
    readonly ifindex: number;
    readonly state: string;
    readonly reason: string | null;
  }[];
}

/** `without`: as they would be without these. */
export async function groupsOf(program: Program, without: readonly string[] = []): Promise<readonly GroupView[]> {
  const query = new URLSearchParams(without.map((name) => ["without", name])).toString();
  const { body } = await program.get(`/api/v1/groups?${query}`);
  return (JSON.parse(body) as { readonly groups: readonly GroupView[] }).groups;
}

export function programSays(groups: readonly GroupView[]): string {
  return groups.map(groupSays).join(" · ");
}

function groupSays({ name, state, members, missing }: GroupView): string {
  const said = members.map(({ device, state, reason }) => `${device} ${state}${reason === null ? "" : ` (${reason})`}`);
  const parts = [...said, ...missing.map((device) => `${device} missing`)];
  return `${name} ${state}: ${parts.join(", ") || "no members"}`;
}

/** What groups are left with: "bond0 degraded: d1 active; survives not link". What is lost may have failed, be set down, or be gone; a gateway's MAC may be known only since. */
export function leftOf(groups: readonly GroupView[]): string {
  return groups
    .map(({ name, state, members, survives }) => {
      const left = members.filter((member) => member.state === "active" || member.state === "inactive");
      const { gateway: _, ...lives } = survives;
      return `${name} ${state}: ${left.map((member) => `${member.device} ${member.state}`).join(", ")}; ${livesSay(lives)}`;
    })
    .join(" · ");
}

function livesSay(survives: GroupView["survives"]): string {
  return `survives ${Object.entries(survives)
    .map(([kind, does]) => (does ? kind : `not ${kind}`))
    .join(", ")}`;
}

/** "bond0 shares card 0000:00:05; survives link, not card". */
export function programSaysOfFate(groups: readonly GroupView[]): string {
  return groups.map(fateSays).join(" · ");
}

function fateSays({ name, shared_fate, survives }: GroupView): string {
  const shared = shared_fate.map(({ kind, domain }) => `${kind} ${domain}`).sort();
  return `${name} shares ${shared.join(", ") || "nothing"}; ${livesSay(survives)}`;
}

export interface EventView {
  readonly id: number;
  readonly kind: string;
  readonly group?: string;
  readonly device?: string;
  /** null: as it was found. */
  readonly from?: string | null;
  readonly to?: string;
  readonly cause: string;
}

/** Events after `id`, and the id of the last. */
export async function eventsAfter(
  program: Program,
  id: number,
): Promise<{ readonly events: readonly EventView[]; readonly last: number }> {
  const { body } = await program.get(`/api/v1/events?since=${id}`);
  const { events } = JSON.parse(body) as { readonly events: readonly EventView[] };
  return { events, last: events.at(-1)?.id ?? id };
}

/** "bond0 d1 active → failed: link down". */
export function eventSays({ kind, group, device, from, to, cause }: EventView): string {
  const about = [group, device].filter((word) => word !== undefined).join(" ");
  const change =
    to === undefined ? kind : from === undefined ? `${kind} ${to}` : from === null ? to : `${from} → ${to}`;
  return `${about} ${change}: ${cause}`;
}

/** UDP port of the agent in the machine. */
export const SNMP_PORT = 1161;

/** Indexes of one column, each with its value. */
export async function walkColumn(column: string, port = SNMP_PORT): Promise<Map<string, Varbind>> {
  const socket = createSocket("udp4");
  const found = new Map<string, Varbind>();
  try {
    for (let last = column; ; ) {
      socket.send(request({ type: TAG.getBulkRequest, names: [last], second: 50 }), port, "127.0.0.1");
      const [datagram] = (await once(socket, "message", { signal: AbortSignal.timeout(10_000) })) as [Buffer];
      for (const varbind of readReply(datagram).varbinds) {
        if (!varbind.name.startsWith(`${column}.`)) return found;
        found.set(varbind.name.slice(column.length + 1), varbind);
        last = varbind.name;
      }
    }
  } finally {
    socket.close();
  }
}
