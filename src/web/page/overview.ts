/** Many groups as one table, those in trouble first. */

import type { GroupSnapshot } from "../../snapshot/snapshot.ts";
import { groupLink, trouble } from "./group-section.ts";
import { labelled } from "./icon.ts";
import { type Html, html } from "./markup.ts";
import { NONE } from "./member-table.ts";
import { bitsPerSecond, count } from "./quantity.ts";
import { groupKey, type TrafficHistory } from "./traffic-history.ts";

const SEVERITY = { failed: 0, degraded: 1, ok: 2 } as const;

/** The worst first, then by name. */
export function worstFirst(groups: readonly GroupSnapshot[]): readonly GroupSnapshot[] {
  return [...groups].sort((a, b) => SEVERITY[a.state] - SEVERITY[b.state] || (a.name < b.name ? -1 : 1));
}

export function overview(groups: readonly GroupSnapshot[], traffic: TrafficHistory, root: string): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="All groups"><table class="overview">
<thead><tr><th scope="col">Group</th><th scope="col">State</th><th scope="col">Why</th><th scope="col" class="number">Active</th><th scope="col" class="number">In</th><th scope="col" class="number">Out</th><th scope="col" class="number">Failovers</th></tr></thead>
<tbody>
${groups.map((group) => {
  const now = traffic.now(groupKey(group.name));
  return html`<tr data-key="o${group.name}"><th scope="row"><a href="${groupLink(root, group.name)}">${group.name}</a></th><td>${labelled(group.state)}</td><td>${trouble(group) ?? NONE}</td>
<td class="number">${group.counts.active} of ${group.membersExpected}</td><td class="number">${now ? bitsPerSecond(now.receive) : NONE}</td><td class="number">${now ? bitsPerSecond(now.transmit) : NONE}</td><td class="number">${count(group.failovers)}</td></tr>\n`;
})}</tbody></table></div>`;
}
