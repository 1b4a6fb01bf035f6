/**
 * What happened, the latest first, each with its cause. How groups were found at a start is folded into the line of that start, and so are starts
 * right before it.
 */

import type { LoggedEvent } from "../../snapshot/event.ts";
import { eventSentence } from "../../wording/event-sentence.ts";
import { foldStarts, startsOf, type Told } from "../../wording/starts.ts";
import { eventSign, isAnnounced } from "./event-sign.ts";
import { icon } from "./icon.ts";
import { type Html, html, type Part } from "./markup.ts";
import { instant } from "./instant.ts";

export function timeline(events: readonly LoggedEvent[], most: number, root: string): Html {
  if (events.length === 0) return html`<p class="quiet">Nothing has happened since the program started.</p>`;
  // What a link does means something for its group, which is told by itself.
  const lines = foldStarts(events.filter(({ kind }) => kind !== "link-state"));
  const shown = lines.slice(-most).reverse();
  const rest = lines.length - shown.length;
  return html`<ol class="timeline">
${shown.map(item)}</ol>
${rest > 0 && html`<p class="quiet">${rest} earlier ones are in <a href="${root}api/v1/events">/api/v1/events</a>.</p>`}`;
}

/** `data-announce` is for the page's script: what a screen reader should say by itself. */
function item(told: Told<LoggedEvent>): Html {
  const { event, found, before } = told;
  const { times, first } = startsOf(told);
  const announced = isAnnounced(event) && html` data-announce`;
  const often = times > 1 && html`, ${times} times since ${instant(first.wallMs)}`;
  const sentence = html`<span class="what">${eventSentence(event)}${often}</span> <span class="why">— ${event.cause}</span>`;
  return html`<li data-key="e${event.id}"${announced}>${instant(event.wallMs)} ${icon(eventSign(event))} <div><p>${sentence}</p>${foundList(found)}${beforeList(before, times - 1)}</div></li>\n`;
}

/** What the starts before have told. */
function beforeList(before: readonly LoggedEvent[], starts: number): Part {
  if (before.length === 0) return undefined;
  const lines = before.map(
    (event) =>
      html`<li>${instant(event.wallMs)} ${eventSentence(event)} <span class="why">— ${event.cause}</span></li>`,
  );
  return html`<details class="found"><summary>${starts === 1 ? "The start" : `The ${starts} starts`} before it</summary><ul>${lines}</ul></details>`;
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
