/** The arithmetic of a group, statistic by statistic: what members that left have carried, and each present member's share. */

import { NET_STATISTICS } from "../../kstat/net.ts";
import type { GroupSnapshot, Snapshot } from "../../snapshot/snapshot.ts";
import { count } from "../../wording/quantity.ts";
import { type Html, html } from "./markup.ts";
import { NONE } from "./member-table.ts";

/** Beside a 64-bit statistic its 32-bit half says nothing more; link_up is no counter. */
const SHOWN = NET_STATISTICS.map((statistic, index) => ({ ...statistic, index })).filter(
  ({ name, kind }) => kind === "counter" && !NET_STATISTICS.some((other) => other.name === `${name}64`),
);

export function counterTable(group: GroupSnapshot, { supported }: Snapshot): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Counters of ${group.name}"><table class="counters">
<thead><tr><th scope="col">Statistic</th><th scope="col" class="number">Group</th><th scope="col" class="number">Members that left</th>
${group.members.map(({ label }) => html`<th scope="col" class="number"><code>${label}</code></th>`)}</tr></thead>
<tbody>
${SHOWN.map(({ name, index }) => {
  const cell = (words: BigUint64Array, lacks: ReadonlySet<string> | undefined): Html =>
    html`<td class="number">${supported.has(name) && !lacks?.has(name) ? count(words[index] ?? 0n) : NONE}</td>`;
  return html`<tr><th scope="row"><code>${name}</code></th>${cell(group.total, group.lacks)}${cell(group.departed, group.lacks)}${group.members.map(({ share, link }) => cell(share, link.lacks))}</tr>\n`;
})}</tbody></table></div>`;
}
