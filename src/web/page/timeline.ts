/** What happened, the latest first, each with its cause. How groups were found at a start is folded into the line of that start. */

import { isFoundAtStart, type LoggedEvent } from "../../snapshot/event.ts";
import { eventSentence } from "../../wording/event-sentence.ts";
import { eventSign, isAnnounced } from "./event-sign.ts";
import { icon } from "./icon.ts";
import { type Html, html, type Part } from "./markup.ts";
import { instant } from "./instant.ts";

export function timeline(events: readonly LoggedEvent[], most: number, root: string): Html {
  if (events.length === 0) return html`<p class="quiet">Nothing has happened since the program started.</p>`;
  const lines = linesOf(events);
  const shown = lines.slice(-most).reverse();
  const rest = lines.length - shown.length;
  return html`<ol class="timeline">
${shown.map(item)}</ol>
${rest > 0 && html`<p class="quiet">${rest} earlier ones are in <a href="${root}api/v1/events">/api/v1/events</a>.</p>`}`;
}

interface Line {
  readonly event: LoggedEvent;
  /** Of a start: how the groups were found. */
  readonly found: LoggedEvent[];
}

function linesOf(events: readonly LoggedEvent[]): Line[] {
  const lines: Line[] = [];
  let start: Line | undefined;
  for (const event of events) {
    if (event.kind === "link-state") continue; // what it means for the group is told by itself
    if (isFoundAtStart(event) && start !== undefined) {
      start.found.push(event);
      continue;
    }
    const line = { event, found: [] };
    if (event.kind === "program-started") start = line;
    lines.push(line);
  }
  return lines;
}

/** `data-announce` is for the page's script: what a screen reader should say by itself. */
function item({ event, found }: Line): Html {
  const announced = isAnnounced(event) && html` data-announce`;
  const sentence = html`<span class="what">${eventSentence(event)}</span> <span class="why">— ${event.cause}</span>`;
  return html`<li data-key="e${event.id}"${announced}>${instant(event.wallMs)} ${icon(eventSign(event))} <div><p>${sentence}</p>${foundList(found)}</div></li>\n`;
}

function foundList(found: readonly LoggedEvent[]): Part {
  if (found.length === 0) return undefined;
  const groups = found.filter(({ kind }) => kind === "group-added").length;
  const members = found.length - groups;
  const summary = [
    ...(groups === 0 ? [] : [`${groups} ${groups === 1 ? "group" : "groups"}`]),
    `${members} ${members === 1 ? "member" : "members"}`,
  ].join(" and ");
  return html`<details class="found"><summary>${summary} found</summary><ul>${found.map((event) => html`<li>${eventSentence(event)}</li>`)}</ul></details>`;
}
