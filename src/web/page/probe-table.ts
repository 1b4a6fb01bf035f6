/** How the members of a group are probed: by which method, whom, and how long the answers take. */

import type { FamilyProbes, ProbeHistory, TargetSnapshot } from "../../snapshot/probes.ts";
import type { GroupSnapshot, MemberSnapshot } from "../../snapshot/snapshot.ts";
import { type Html, html, type Part } from "./markup.ts";
import { NONE } from "./member-table.ts";
import { count, milliseconds } from "../../wording/quantity.ts";
import { type RoundTrip, sparkline } from "./sparkline.ts";

/** Undefined for a group none of whose members is probed. */
export function probeTable(group: GroupSnapshot, trips: RoundTrips): Html | undefined {
  const probed = group.members.filter(({ probes }) => probes !== undefined);
  if (probed.length === 0) return undefined;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Probes of ${group.name}"><table class="members">
<thead><tr><th scope="col">Probed</th><th scope="col">By</th><th scope="col">Targets</th><th scope="col">Round trips</th><th scope="col" class="number">Now</th><th scope="col" class="number">Lost</th></tr></thead>
<tbody>
${probed.flatMap((member) => rows(member, trips))}</tbody></table></div>`;
}

function rows(member: MemberSnapshot, trips: RoundTrips): Html[] {
  const { device, probes } = member;
  const name = html`<th scope="row"><code>${device}</code></th>`;
  const families = probes?.families ?? [];
  if (families.length === 0)
    return [
      html`<tr data-key="p${device}">${name}<td colspan="5">by its link alone: it has no address to send probes from</td></tr>\n`,
    ];
  return families.map(
    (probed) => html`<tr data-key="p${device} ${probed.family}">${name}<td>${method(probed)}</td>
<td data-label="Targets">${targets(probed)}</td><td data-label="Round trips">${sparkline(trips.of(device, probed.family), trips.nowMs)}</td>
<td class="number" data-label="Now">${now(probed)}</td><td class="number" data-label="Lost">${lost(probed)}</td></tr>\n`,
  );
}

const FAMILIES = { ipv4: "IPv4", ipv6: "IPv6" } as const;
const METHODS = { icmp: "ICMP", udp: "UDP", none: "its link alone" } as const;

function method({ family, method: how, methodReason }: FamilyProbes): Html {
  const text = how === "none" ? METHODS.none : `${METHODS[how]}, ${FAMILIES[family]}`;
  return methodReason === undefined ? html`${text}` : html`${text} <span class="dim">because ${methodReason}</span>`;
}

/** The next to be probed first. */
function targets({ targets: list, method: how, mode }: FamilyProbes): Part {
  if (mode === "disabled" && how !== "none") return html`<span class="dim">not while it is out of use</span>`;
  if (list.length === 0) return how === "none" ? NONE : html`<span class="dim">none found yet</span>`;
  return html`<ul class="inline">${list.map((target) => html`<li><code>${target.address}</code>${aside(target)}</li>`)}</ul>`;
}

const ASIDE = { active: undefined, unused: "in reserve", slow: "set aside: slow", dead: "set aside: mute" } as const;

function aside({ state }: TargetSnapshot): Part {
  const why = ASIDE[state];
  return why && html` <span class="dim">${why}</span>`;
}

/** Of the next target: the smoothed average. */
function now({ targets: [next], mode }: FamilyProbes): Part {
  return mode === "disabled" || next?.roundTrip === undefined ? NONE : milliseconds(next.roundTrip);
}

function lost({ counts }: FamilyProbes): Part {
  if (counts === undefined) return NONE;
  return html`${count(BigInt(counts.lost - counts.late))} <span class="dim">of ${count(BigInt(counts.sent))}</span>`;
}

/** What became of the last probes, by member and address family. */
export class RoundTrips {
  readonly nowMs: number;
  readonly #byMember = new Map<string, Map<number, RoundTrip>>();

  constructor(history: ProbeHistory, nowMs: number) {
    this.nowMs = nowMs;
    for (const { device, family, probe, sentMs, networkRoundTrip } of history.since()) {
      const key = keyOf(device, family);
      const probes = this.#byMember.get(key) ?? new Map<number, RoundTrip>();
      this.#byMember.set(key, probes);
      probes.set(probe, { sentMs, duration: networkRoundTrip }); // a late answer takes the place of the loss
    }
  }

  of(device: string, family: FamilyProbes["family"]): readonly RoundTrip[] {
    return [...(this.#byMember.get(keyOf(device, family))?.values() ?? [])];
  }
}

function keyOf(device: string, family: FamilyProbes["family"]): string {
  return `${family} ${device}`;
}
