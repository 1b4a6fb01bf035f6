/** What the daemon would make of a configuration on this host now, for `check-config --live`: its groups, and how each member is probed. */

import type { Configuration } from "../../config/configuration.ts";
import { LOCAL, sourceOfLabel } from "../../link/link-id.ts";
import { loadProbeSockets } from "../../probe-socket/probe-sockets.ts";
import type { FamilyProbes } from "../../snapshot/probes.ts";
import type { GroupSnapshot, MemberSnapshot } from "../../snapshot/snapshot.ts";
import { Core } from "../core.ts";
import { EventLog } from "../snapshots/event-log.ts";
import { type Clock, systemClock } from "./clock.ts";
import { openLocalSource } from "./local-source.ts";

/**
 * Lines for people. A daemon forms its groups and is closed again: it keeps nothing, listens nowhere, and sends no probe, because
 * its clock stands still, however slow the host is.
 *
 * @throws SourceError when the links of this host cannot be read in the way that is configured
 */
export async function rehearse(configuration: Configuration): Promise<string[]> {
  const { source, identity } = await openLocalSource(configuration);
  const core = new Core({
    sources: [source],
    clock: standingClock(),
    events: new EventLog(),
    configuration,
    stateFile: undefined,
    loaded: { kind: "none" },
    system: identity,
    probeSockets: await loadProbeSockets(),
  });
  try {
    core.start();
    const { groups } = core.snapshots.states();
    return groups.length === 0 ? ["no group: nothing is configured, and nothing was found"] : groups.flatMap(linesOf);
  } finally {
    core.close();
  }
}

function standingClock(): Clock {
  const [now, wallMs] = [systemClock.now(), systemClock.wallMs()];
  return { now: () => now, wallMs: () => wallMs };
}

function linesOf(group: GroupSnapshot): string[] {
  const isProbed = group.members.some(({ probes }) => probes !== undefined);
  const how = isProbed ? "probed" : "judged by links alone, without probes";
  return [
    `group ${group.name}: ${group.members.length === 0 ? "no members" : how}`,
    ...group.members.flatMap((member) => memberLines(member, isProbed)),
    ...group.missing.map((label) => `  ${label}: ${whyMissing(label)}`),
    ...group.refused.map(({ device, why }) => `  ${device}: may not join: ${why}`),
  ];
}

/** Devices are asked by the daemon alone. */
function whyMissing(label: string): string {
  return sourceOfLabel(label) === LOCAL ? "there is no such link now" : "a link of another system, which was not asked";
}

function memberLines({ device, probes }: MemberSnapshot, isProbed: boolean): string[] {
  if (!isProbed) return [`  ${device}`];
  const families = probes?.families ?? [];
  if (families.length === 0) return [`  ${device}: links alone, because it has no address to send probes from`];
  return families.map((family) => `  ${device}: ${methodOf(family)}`);
}

const FAMILY = { ipv4: "IPv4", ipv6: "IPv6" } as const;
const METHOD = { icmp: "ICMP echo", udp: "UDP to closed ports" } as const;

function methodOf({ family, method, methodReason, testAddress, targets }: FamilyProbes): string {
  const why = methodReason === undefined ? "" : `, because ${methodReason}`;
  if (method === "none") return `not by ${FAMILY[family]}${why}`;
  const addresses = targets.map(({ address }) => address).join(", ");
  return `${FAMILY[family]} by ${METHOD[method]} from ${testAddress} to ${addresses || "whoever answers on the link"}${why}`;
}
