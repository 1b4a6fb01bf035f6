/** Signs for states: a shape each, so that none depends on its colour. A word always stands beside them. */

import type { GroupState, MemberState } from "../../snapshot/snapshot.ts";
import { Html, html } from "./markup.ts";
import { LIGHT } from "./style.ts";

/** Besides the states: a lone link, a promised member that is not there, a link that may not join, and what is only told. */
export type Sign = GroupState | MemberState | "single" | "missing" | "refused" | "note";

/** Paths in a square of 16 by 16. */
const SHAPES: Readonly<Record<Sign, Html>> = {
  ok: Html.trusted('<circle cx="8" cy="8" r="7"/><path class="cut" d="M4.5 8.3 7 10.8l4.6-5.2"/>'),
  active: Html.trusted('<circle cx="8" cy="8" r="7"/><path class="cut" d="M4.5 8.3 7 10.8l4.6-5.2"/>'),
  degraded: Html.trusted('<path d="M8 1 15.5 14.5h-15z"/><path class="cut" d="M8 6v4m0 1.6v1"/>'),
  failed: Html.trusted('<path d="M1.5 1.5h13v13h-13z"/><path class="cut" d="m5 5 6 6m0-6-6 6"/>'),
  inactive: Html.trusted('<circle class="line" cx="8" cy="8" r="6"/><path class="line" d="M6.2 5.5v5m3.6-5v5"/>'),
  offline: Html.trusted('<circle class="line" cx="8" cy="8" r="6"/><path class="line" d="M8 4.5v4"/>'),
  single: Html.trusted('<circle class="line" cx="8" cy="8" r="6"/><circle cx="8" cy="8" r="2"/>'),
  missing: Html.trusted('<circle class="line dashed" cx="8" cy="8" r="6"/><path class="line" d="M5.5 8h5"/>'),
  refused: Html.trusted('<circle class="line" cx="8" cy="8" r="6"/><path class="line" d="m3.8 3.8 8.4 8.4"/>'),
  note: Html.trusted('<circle cx="8" cy="8" r="2.5"/>'),
};

/** The sign alone. */
export function icon(sign: Sign): Html {
  return html`<svg class="icon ${sign}" viewBox="0 0 16 16" aria-hidden="true">${SHAPES[sign]}</svg>`;
}

/** The sign and the word. */
export function labelled(sign: Sign, word: string = sign): Html {
  return html`<span class="state ${sign}">${icon(sign)} ${word}</span>`;
}

const TAB_SHAPES = {
  ok: "%3Ccircle cx='8' cy='8' r='7'/%3E",
  degraded: "%3Cpath d='M8 1 15.5 14.5h-15z'/%3E",
  failed: "%3Cpath d='M1.5 1.5h13v13h-13z'/%3E",
} as const;

/** For the window's tab. Colours are those of the light theme: there is no telling which one the tab has. */
export function tabIcon(state: GroupState): string {
  const root = `%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16' fill='${encodeURIComponent(LIGHT[state])}'%3E`;
  return `data:image/svg+xml,${root}${TAB_SHAPES[state]}%3C/svg%3E`;
}
