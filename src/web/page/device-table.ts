/** The devices whose links are polled: whether each answers, when it last did, and which groups have its links. */

import { LOCAL, sourceOfLabel } from "../../link/link-id.ts";
import type { SourceSnapshot } from "../../snapshot/program.ts";
import type { GroupSnapshot, Snapshot } from "../../snapshot/snapshot.ts";
import { count } from "../../wording/quantity.ts";
import { groupLink } from "./group-section.ts";
import { labelled } from "./icon.ts";
import { instant } from "./instant.ts";
import { type Html, html, type Part } from "./markup.ts";
import { NONE } from "./member-table.ts";

/** Nothing where only this host is watched. */
export function deviceSection(snapshot: Snapshot, root: string): Part {
  const { sources, groups, links } = snapshot;
  const devices = sources.filter(({ name }) => name !== LOCAL);
  if (devices.length === 0) return undefined;
  const linksOf = new Map<string, number>();
  for (const { id } of links) linksOf.set(id.source, (linksOf.get(id.source) ?? 0) + 1);
  const groupsOf = groupsBySource(groups);
  return html`<section class="part" aria-label="Devices"><h2>Devices</h2>
<div class="scroll" tabindex="0" role="region" aria-label="All devices"><table class="overview">
<thead><tr><th scope="col">Device</th><th scope="col">State</th><th scope="col">Why</th><th scope="col">Last answer</th><th scope="col" class="number">Links</th><th scope="col" class="number">Polls lost</th><th scope="col">Groups</th></tr></thead>
<tbody>
${devices.map((device) => row(device, linksOf.get(device.name) ?? 0, groupsOf.get(device.name) ?? [], root, snapshot))}</tbody></table></div></section>`;
}

function row(
  device: SourceSnapshot,
  links: number,
  groups: readonly GroupSnapshot[],
  root: string,
  snapshot: Snapshot,
): Html {
  const { name, up, cause, lastSuccessMs, polls } = device;
  const lost = Object.entries(polls).reduce(
    (sum, [outcome, times]) => (outcome === "answered" ? sum : sum + times),
    0n,
  );
  const isAsked = lastSuccessMs !== undefined || !up;
  const state = up ? labelled("ok", isAsked ? "answers" : "not asked yet") : labelled("failed", "no answer");
  const linked = groups.map(
    ({ name: group }, n) => html`${n > 0 && ", "}<a href="${groupLink(root, group, snapshot)}">${group}</a>`,
  );
  return html`<tr data-key="d${name}"><th scope="row"><code>${name}</code></th><td>${state}</td><td class="why">${cause ?? NONE}</td>
<td>${lastSuccessMs === undefined ? NONE : instant(lastSuccessMs)}</td><td class="number">${links}</td><td class="number${lost === 0n && " zero"}">${count(lost)}</td><td>${linked.length === 0 ? NONE : linked}</td></tr>\n`;
}

/** Groups by the source of a member, or of a link that is missing. */
function groupsBySource(groups: readonly GroupSnapshot[]): Map<string, readonly GroupSnapshot[]> {
  const found = new Map<string, GroupSnapshot[]>();
  for (const group of groups) {
    const present = group.members.map(({ link }) => link.id.source);
    for (const source of new Set([...present, ...group.missing.map(sourceOfLabel)])) {
      const known = found.get(source);
      if (known) known.push(group);
      else found.set(source, [group]);
    }
  }
  return found;
}
