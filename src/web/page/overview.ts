/** Many groups as one table. */

import type { GroupSnapshot, Snapshot } from "../../snapshot/snapshot.ts";
import { verdictOf } from "../../wording/verdict.ts";
import { groupLink, groupState, trouble } from "./group-section.ts";
import { type Html, html } from "./markup.ts";
import { NONE } from "./member-table.ts";
import { bitsPerSecond, count } from "../../wording/quantity.ts";
import { groupKey, type TrafficHistory } from "./traffic-history.ts";

/** `groups` are those to show, in their order; `snapshot` says of when they are. */
export function overview(
  groups: readonly GroupSnapshot[],
  snapshot: Snapshot,
  traffic: TrafficHistory,
  root: string,
): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="All groups"><table class="overview">
<thead><tr><th scope="col">Group</th><th scope="col">State</th><th scope="col">Why</th><th scope="col" class="number">Active</th><th scope="col" class="number">In</th><th scope="col" class="number">Out</th><th scope="col" class="number">Failovers</th></tr></thead>
<tbody>
${groups.map((group) => {
  const now = traffic.now(groupKey(group.name));
  const verdict = verdictOf(group, snapshot);
  return html`<tr data-key="o${group.name}"><th scope="row"><a href="${groupLink(root, group.name)}">${group.name}</a></th><td>${groupState(verdict)}</td><td>${trouble(verdict) ?? NONE}</td>
<td class="number">${group.counts.active} of ${group.membersExpected}</td><td class="number">${now ? bitsPerSecond(now.receive) : NONE}</td><td class="number">${now ? bitsPerSecond(now.transmit) : NONE}</td><td class="number">${count(group.failovers)}</td></tr>\n`;
})}</tbody></table></div>`;
}
