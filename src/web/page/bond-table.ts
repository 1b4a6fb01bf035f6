/** What a bond's driver and LACP say of each slave, for the bond's own page. */

import type { GroupSnapshot, MemberSnapshot } from "../../snapshot/snapshot.ts";
import { type Html, html, type Part } from "./markup.ts";
import { NONE } from "./member-table.ts";
import { count } from "../../wording/quantity.ts";

/** Undefined for a group that is no bond, or whose slaves' driver is not heard. */
export function bondTable(group: GroupSnapshot): Html | undefined {
  const slaves = group.members.filter(({ link }) => link.attributes.port?.kind === "bond");
  if (slaves.length === 0) return undefined;
  const columns = group.lacp ? [...COLUMNS, ...LACP_COLUMNS] : COLUMNS;
  return html`<section class="part" aria-label="Bond"><h2>Bond</h2><div class="scroll" tabindex="0" role="region" aria-label="Slaves of ${group.name}"><table>
<thead><tr><th scope="col">Slave</th>${columns.map(({ title }) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>
${slaves.map(
  (slave) =>
    html`<tr data-key="b${slave.label}"><th scope="row"><code>${slave.label}</code></th>${columns.map(({ of }) => html`<td>${of(slave) ?? NONE}</td>`)}</tr>\n`,
)}</tbody></table></div></section>`;
}

interface Column {
  readonly title: string;
  readonly of: (slave: MemberSnapshot) => Part;
}

const COLUMNS: readonly Column[] = [
  { title: "Role", of: ({ link }) => link.attributes.port?.role },
  { title: "Monitored as", of: ({ link }) => link.attributes.port?.miiStatus },
  { title: "Found down", of: ({ link }) => times(link.attributes.port?.linkFailures) },
  { title: "Own address", of: ({ link }) => code(link.attributes.port?.permanentLladdr) },
];

const LACP_COLUMNS: readonly Column[] = [
  { title: "Aggregator", of: ({ lacp }) => number(lacp?.aggregator) },
  { title: "Partner", of: ({ link }) => code(link.attributes.port?.partnerLladdr) },
  { title: "Partner's key", of: ({ link }) => number(link.attributes.port?.partnerKey) },
  {
    title: "Churn, both ends",
    of: ({ link }) => {
      const { actorChurn, partnerChurn, actorChurnedCount = 0n, partnerChurnedCount = 0n } = link.attributes.port ?? {};
      if (actorChurn === undefined || partnerChurn === undefined) return undefined;
      return `${actorChurn} (${count(actorChurnedCount)}), ${partnerChurn} (${count(partnerChurnedCount)})`;
    },
  },
];

function times(some: bigint | undefined): Part {
  return some === undefined ? undefined : count(some);
}

function number(some: number | undefined): Part {
  return some === undefined ? undefined : String(some);
}

function code(text: string | undefined): Part {
  return text === undefined ? undefined : html`<code>${text}</code>`;
}
