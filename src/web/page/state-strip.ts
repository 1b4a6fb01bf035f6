/** The states of a group over the last hour as a strip of colours; the words beside it say the present one. */

import type { LoggedEvent } from "../../snapshot/event.ts";
import type { GroupSnapshot, GroupState, Snapshot } from "../../snapshot/snapshot.ts";
import { type Html, html } from "./markup.ts";

const HOUR_MS = 3_600_000;
/** In units of the drawing. */
const WIDTH = 120;
const HEIGHT = 10;

interface Span {
  readonly fromMs: number;
  readonly state: GroupState;
}

/** `events` are those of all groups, the oldest first. Nothing is drawn of the time before the group was known. */
export function stateStrip(group: GroupSnapshot, events: readonly LoggedEvent[], { at, wallMs }: Snapshot): Html {
  const beginMs = wallMs - HOUR_MS;
  const knownMs = wallMs - Number(at - group.crtime) / 1e6;
  const spans = spansOf(group, events, wallMs - Number(at - group.lastChange) / 1e6, knownMs);
  const x = (ms: number): number => (Math.max(0, ms - beginMs) / HOUR_MS) * WIDTH;
  const parts = spans.flatMap(({ fromMs, state }, index) => {
    const [from, to] = [x(fromMs), x(spans[index + 1]?.fromMs ?? wallMs)];
    if (to <= from) return [];
    // A failure of a second is seen, too.
    const width = Math.max(to - from, state === "ok" ? 0 : 1);
    return [html`<path class="${state}" d="M${from.toFixed(1)} 0h${width.toFixed(1)}v${HEIGHT}H${from.toFixed(1)}z"/>`];
  });
  const changes = spans.filter(({ fromMs }) => fromMs > beginMs && fromMs > knownMs).length;
  const summary =
    changes === 0
      ? "no change in the last hour"
      : `${changes} ${changes === 1 ? "change" : "changes"} in the last hour`;
  return html`<svg class="strip" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${summary}"><title>${summary}</title>${parts}</svg>`;
}

/** The oldest first; the last is the present state. Of the time before the oldest event that is still there, nothing is known. */
function spansOf(
  { name, state }: GroupSnapshot,
  events: readonly LoggedEvent[],
  sinceMs: number,
  knownMs: number,
): Span[] {
  const changes = events.flatMap((event) =>
    event.kind === "group-state" && event.group === name && event.from !== undefined ? [event] : [],
  );
  const [first] = changes;
  if (first?.from === undefined) return [{ fromMs: sinceMs, state }];
  const [oldest = first] = events;
  const fromMs = oldest.id === 1 ? knownMs : Math.max(knownMs, oldest.wallMs);
  return [{ fromMs, state: first.from }, ...changes.map(({ wallMs, to }) => ({ fromMs: wallMs, state: to }))];
}
