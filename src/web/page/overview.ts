/** Many groups as one table, with a form to choose among them. Both work without a script. */

import type { LoggedEvent } from "../../snapshot/event.ts";
import { GROUP_STATES, type Snapshot } from "../../snapshot/snapshot.ts";
import { bitsPerSecond, count } from "../../wording/quantity.ts";
import { groupLink, groupState, trouble } from "./group-section.ts";
import { type Html, html, type Part } from "./markup.ts";
import { NONE } from "./member-table.ts";
import { isFiltered, type Order, queryOf, type Row, type Selection } from "./selection.ts";
import { StripEvents, stateStrip } from "./state-strip.ts";
import { groupKey, type TrafficHistory } from "./traffic-history.ts";

/** Chooses groups by text and state; what is sorted stays so. */
export function chooser(selection: Selection, found: number, all: number): Html {
  const { text, state, order, isReversed, without } = selection;
  const sort = isReversed || order !== "state" ? `${isReversed ? "-" : ""}${order}` : undefined;
  return html`<form class="chooser" role="search" method="get" action="./" data-key="chooser" data-keep>
<label for="q">Groups with</label> <input id="q" name="q" type="search" value="${text}" placeholder="name, member or reason" maxlength="100">
<label for="state">that are</label> <select id="state" name="state"><option value="">in any state</option>${GROUP_STATES.map(
    (each) => html`<option value="${each}"${each === state && html` selected`}>${each}</option>`,
  )}</select>
${sort !== undefined && html`<input type="hidden" name="sort" value="${sort}">`}${without.map((name) => html`<input type="hidden" name="without" value="${name}">`)}<button type="submit">Show</button>
${isFiltered(selection) && html`<span class="dim">${found} of ${all}</span> <a href="./${queryOf({ ...selection, text: "", state: undefined })}">all groups</a>`}
</form>`;
}

const HEADS: readonly { readonly title: string; readonly order?: Order; readonly isNumber?: boolean }[] = [
  { title: "Group", order: "name" },
  { title: "State", order: "state" },
  { title: "Last hour" },
  { title: "Why" },
  { title: "Active", order: "active", isNumber: true },
  { title: "In", order: "traffic", isNumber: true },
  { title: "Out", isNumber: true },
  { title: "Failovers", order: "failovers", isNumber: true },
];

interface OverviewContext {
  readonly snapshot: Snapshot;
  readonly events: readonly LoggedEvent[];
  readonly traffic: TrafficHistory;
  readonly root: string;
}

/** `rows` are those to show, in their order. */
export function overview(
  rows: readonly Row[],
  selection: Selection,
  { snapshot, events, traffic, root }: OverviewContext,
): Html {
  const ofStrips = new StripEvents(events);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="All groups"><table class="overview">
<thead><tr>${HEADS.map((head) => heading(head, selection))}</tr></thead>
<tbody>
${rows.map(({ group, verdict }) => {
  const now = traffic.now(groupKey(group.name));
  return html`<tr data-key="o${group.name}"><th scope="row"><a href="${groupLink(root, group.name, snapshot)}">${group.name}</a></th><td>${groupState(verdict)}</td><td>${stateStrip(group, ofStrips, snapshot)}</td><td class="why">${trouble(verdict) || NONE}</td>
<td class="number">${group.counts.active} of ${group.membersExpected}</td><td class="number">${now ? bitsPerSecond(now.receive) : NONE}</td><td class="number">${now ? bitsPerSecond(now.transmit) : NONE}</td><td class="number">${count(group.failovers)}</td></tr>\n`;
})}</tbody></table></div>`;
}

/** A link that sorts by its column; once more, the other way round. */
function heading({ title, order, isNumber }: (typeof HEADS)[number], selection: Selection): Part {
  const numeric = isNumber === true && html` class="number"`;
  if (order === undefined) return html`<th scope="col"${numeric}>${title}</th>`;
  const isSorted = selection.order === order;
  const isReversed = isSorted && !selection.isReversed;
  const sorted = isSorted && html` aria-sort="${selection.isReversed ? "descending" : "ascending"}"`;
  return html`<th scope="col"${numeric}${sorted}><a href="./${queryOf({ ...selection, order, isReversed })}">${title}</a></th>`;
}
