/** What would become of the groups if something failed: the question as a form, which needs no script, and what is said above the answer. */

import { namesOfDomains } from "../../fate/named-domain.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";
import type { SupposedFailure } from "../../snapshot/supposition.ts";
import { lossSentence } from "../../wording/supposition.ts";
import { icon } from "./icon.ts";
import { type Html, html } from "./markup.ts";

/** So many things are offered; any other can be typed. */
const OFFERED = 200;

/** Asks the question; things that are supposed to have failed already stay so. `keep`: other parts of the address. */
export function whatIfForm(snapshot: Snapshot, keep: ReadonlyMap<string, string>): Html {
  const { without = [] } = snapshot;
  const hidden = [...keep, ...without.map(({ name }) => ["without", name] as const)];
  return html`<form class="chooser" method="get" data-key="what-if" data-keep>
<label for="without">${without.length === 0 ? "What if this failed:" : "And if this failed too:"}</label> <input id="without" name="without" list="things" placeholder="eth1, card=…, switch=…" maxlength="300">
<datalist id="things">${thingsIn(snapshot).map((name) => html`<option value="${name}"></option>`)}</datalist>
${hidden.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}<button type="submit">Show</button>
</form>`;
}

/** That this is not how things are, and the way back. */
export function whatIfNotice(without: readonly SupposedFailure[], back: string): Html {
  return html`<div class="notice supposed" role="note"><span class="state degraded">${icon("degraded")}</span><p><b>This is not so: it would be.</b> ${without.map((failure) => html`${lossSentence(failure)} `)}Traffic, counters and events are those of now. <a href="${back}">How things are</a></p></div>\n`;
}

/** Something that was named is not there. */
export function whatIfError(message: string): Html {
  return html`<div class="notice" role="alert"><span class="state failed">${icon("failed")}</span><p>${message}</p></div>\n`;
}

/** Of an address: what is supposed to have failed, after `?` or `&`; nothing when nothing is. */
export function withoutQuery({ without }: Pick<Snapshot, "without">, mark: "?" | "&" = "?"): string {
  const names = (without ?? []).map(({ name }) => `without=${encodeURIComponent(name)}`);
  return names.length === 0 ? "" : `${mark}${names.join("&")}`;
}

/** What members depend on, kind by kind. */
function thingsIn({ groups }: Snapshot): string[] {
  const domains = groups.flatMap(({ members }) => members.flatMap(({ domains: own = [] }) => own));
  return namesOfDomains(domains).slice(0, OFFERED);
}
