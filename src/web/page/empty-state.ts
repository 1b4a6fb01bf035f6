/** What a newcomer needs: the links that are there, and what to write so that they become a group. */

import type { LinkSnapshot } from "../../snapshot/snapshot.ts";
import { type Html, html } from "./markup.ts";
import { NONE } from "./member-table.ts";
import { interfacesOf, uplinksAmong } from "../../wording/first-group.ts";
import { linkSpeed } from "../../wording/quantity.ts";

const MOST_LINKS = 50;

export function emptyState(links: readonly LinkSnapshot[]): Html {
  const candidates = uplinksAmong(links);
  const shown = links.slice(0, MOST_LINKS);
  return html`<section class="empty part" aria-label="How to begin">
<p>A group is a set of links that stand in for each other. Say which links belong together, in a file such as <code>/etc/ipmp-exporter/config.yml</code>:</p>
${snippet(candidates)}
<p>Then start the program with <code>--config.file=/etc/ipmp-exporter/config.yml</code>, or, if it runs with that file already, send it SIGHUP. This page shows the group as soon as it exists.</p>
<h2>Links of this system</h2>
${
  shown.length === 0
    ? html`<p class="quiet">None were found.</p>`
    : html`<div class="scroll" tabindex="0" role="region" aria-label="Links of this system"><table>
<thead><tr><th scope="col">Link</th><th scope="col">State</th><th scope="col">Speed</th><th scope="col">Kind</th><th scope="col">Address</th></tr></thead>
<tbody>
${shown.map(linkRow)}</tbody></table></div>`
}
${links.length > shown.length && html`<p class="quiet">And ${links.length - shown.length} more in <a href="api/v1/links">/api/v1/links</a>.</p>`}
</section>`;
}

/** The configuration to copy; made-up names where no link would do. */
export function snippet(candidates: readonly LinkSnapshot[]): Html {
  const text = `groups:\n  - name: ipmp0\n    interfaces: ${interfacesOf(candidates)}\n`;
  return html`<div class="snippet"><pre tabindex="0" role="region" aria-label="Configuration">${text}</pre><button type="button" data-copy hidden>Copy</button></div>`;
}

function linkRow({ attributes }: LinkSnapshot): Html {
  const { name, operState, speedBitsPerSecond, kind, driver, lladdr } = attributes;
  const speed = speedBitsPerSecond === undefined ? NONE : linkSpeed(speedBitsPerSecond);
  return html`<tr data-key="n${name}"><th scope="row"><code>${name}</code></th><td>${operState}</td><td>${speed}</td><td>${driver ?? kind ?? NONE}</td><td><code>${lladdr || NONE}</code></td></tr>\n`;
}
