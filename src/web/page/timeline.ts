/** What happened, the latest first, each with its cause. */

import type { LoggedEvent } from "../../snapshot/event.ts";
import { eventSentence } from "../../wording/event-sentence.ts";
import { eventSign, isAnnounced } from "./event-sign.ts";
import { icon } from "./icon.ts";
import { type Html, html } from "./markup.ts";
import { instant } from "./instant.ts";

/** `announced` is for the page's script: what a screen reader should say by itself. */
export function timeline(events: readonly LoggedEvent[], most: number, root: string): Html {
  if (events.length === 0) return html`<p class="quiet">Nothing has happened since the program started.</p>`;
  const told = events.filter(({ kind }) => kind !== "link-state"); // what it means for the group is told by itself
  const shown = told.slice(-most).reverse();
  const rest = told.length - shown.length;
  return html`<ol class="timeline">
${shown.map((event) => {
  const announced = isAnnounced(event) && html` data-announce`;
  const sentence = html`<span class="what">${eventSentence(event)}</span> <span class="why">— ${event.cause}</span>`;
  return html`<li data-key="e${event.id}"${announced}>${instant(event.wallMs)} ${icon(eventSign(event))} <p>${sentence}</p></li>\n`;
})}</ol>
${rest > 0 && html`<p class="quiet">${rest} earlier ones are in <a href="${root}api/v1/events">/api/v1/events</a>.</p>`}`;
}
