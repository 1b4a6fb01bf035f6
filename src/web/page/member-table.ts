/** The members of a group: what each one is to it and why, its link, what it carries, and those that should be there. */

import type { GroupSnapshot, MemberSnapshot } from "../../snapshot/snapshot.ts";
import { labelled } from "./icon.ts";
import { type Html, html, type Part } from "./markup.ts";
import { bitsPerSecond, count, duration, linkSpeed } from "../../wording/quantity.ts";
import { memberKey, type TrafficHistory } from "./traffic-history.ts";

/** Nothing to say, for eyes and for ears. */
export const NONE = html`<span class="none" aria-hidden="true">–</span><span class="sr">none</span>`;

/** `colours`: the number of each device's colour in the plot. */
export function memberTable(group: GroupSnapshot, colours: ReadonlyMap<string, number>, traffic: TrafficHistory): Html {
  const hasAddresses = group.members.some(({ boundAddresses }) => boundAddresses !== undefined);
  const columns = hasAddresses ? 8 : 7;
  const absent = [
    ...group.missing.map((device) => ({
      device,
      state: labelled("missing"),
      why: "promised, but there is no such link",
    })),
    ...group.refused.map(({ device, errno, why }) => ({
      device,
      state: labelled("refused"),
      why: `${why} (${errno})`,
    })),
  ];
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Members of ${group.name}"><table class="members">
<thead><tr><th scope="col">Member</th><th scope="col">State</th><th scope="col">Why</th><th scope="col">Link</th>
<th scope="col" class="number">In</th><th scope="col" class="number">Out</th>${hasAddresses && html`<th scope="col" class="number">Addresses</th>`}
<th scope="col" class="number">Failures</th></tr></thead>
<tbody>
${group.members.map((member) => {
  const rate = traffic.now(memberKey(group.name, member.label));
  const times = Object.values(member.failures).reduce((sum, some) => sum + some, 0n);
  return html`<tr data-key="m${member.label}"><th scope="row">${swatch(colours.get(member.label))}<code>${member.label}</code></th>
<td>${role(member)}</td><td class="why">${member.reason ?? NONE}</td><td data-label="Link">${link(member)}</td>
<td class="number" data-label="In">${rate ? bitsPerSecond(rate.receive) : NONE}</td><td class="number" data-label="Out">${rate ? bitsPerSecond(rate.transmit) : NONE}</td>
${hasAddresses && html`<td class="number" data-label="Addresses">${member.boundAddresses ?? NONE}</td>`}<td class="number${times === 0n && " zero"}" data-label="Failures">${count(times)}</td></tr>\n`;
})}${absent.map(
  ({ device, state, why }) =>
    html`<tr data-key="a${device}"><th scope="row">${swatch(colours.get(device))}<code>${device}</code></th><td>${state}</td><td class="why" colspan="${columns - 2}">${why}</td></tr>\n`,
)}</tbody></table></div>`;
}

function swatch(colour: number | undefined): Html {
  const sample = colour !== undefined && html`<path class="m${colour}" d="M0 0h10v10H0z"/>`;
  return html`<svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">${sample}</svg>`;
}

function role({ state, standby }: MemberSnapshot): Part {
  return html`${labelled(state)}${standby && html` <span class="tag">standby</span>`}`;
}

function link({ linkUp, link: { attributes } }: MemberSnapshot): Part {
  const { adminUp, speedBitsPerSecond, driver, kind } = attributes;
  const up = linkUp ? "up" : adminUp ? "down" : "disabled";
  const what = driver ?? kind;
  return html`${up}${speedBitsPerSecond !== undefined && `, ${linkSpeed(speedBitsPerSecond)}`}${what !== undefined && html` <span class="dim">${what}</span>`}`;
}

/** What there is to know of each member's link, for the group's own page. */
export function linkTable(group: GroupSnapshot, at: bigint): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Links of ${group.name}"><table>
<thead><tr><th scope="col">Link</th><th scope="col">Index</th><th scope="col">Address</th><th scope="col">MTU</th><th scope="col">Flags</th><th scope="col">Member for</th><th scope="col">Failures</th><th scope="col">Repairs</th></tr></thead>
<tbody>
${group.members.map(
  (
    member,
  ) => html`<tr data-key="l${member.label}"><th scope="row"><code>${member.label}</code></th><td>${member.link.id.ifindex}</td>
<td><code>${member.link.attributes.lladdr || NONE}</code></td><td>${member.link.attributes.mtu}</td><td>${member.flags.join(" ")}</td>
<td>${duration(at - member.joinedAt)}</td><td>${byReason(member.failures)}</td><td>${byReason(member.repairs)}</td></tr>\n`,
)}</tbody></table></div>`;
}

function byReason(counts: Readonly<Record<string, bigint>>): Part {
  const known = Object.entries(counts).filter(([, times]) => times > 0n);
  return known.length === 0 ? "0" : known.map(([reason, times]) => `${count(times)} ${reason}`).join(", ");
}
