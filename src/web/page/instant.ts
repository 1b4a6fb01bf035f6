/** Moments as people read them. */

import { type Html, html } from "./markup.ts";

/** "2026-11-28 02:14 UTC", where no script could say it in the reader's own time. */
export function clockTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** An instant, in UTC as the server knows it; the page's script says it in the reader's own time. */
export function instant(ms: number): Html {
  const iso = new Date(ms).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC</time>`;
}
