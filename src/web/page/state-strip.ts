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
  /** Undefined while nobody watched. */
  readonly state: GroupState | undefined;
}

/** `events` are those of all groups, the oldest first. Nothing is drawn of the time before the group was known, or while nobody watched. */
export function stateStrip(group: GroupSnapshot, events: readonly LoggedEvent[], { at, wallMs }: Snapshot): Html {
  const beginMs = wallMs - HOUR_MS;
  const ago = (instant: bigint): number => wallMs - Number(at - instant) / 1e6;
  const knownMs = ago(group.crtime);
  const spans = spansOf(group, events, ago(group.lastChange), knownMs);
  const x = (ms: number): number => (Math.min(Math.max(0, ms - beginMs), HOUR_MS) / HOUR_MS) * WIDTH;
  const parts = spans.flatMap(({ fromMs, state }, index) => {
    const [from, to] = [x(fromMs), x(spans[index + 1]?.fromMs ?? wallMs)];
    if (state === undefined || to <= from) return [];
    // A failure of a second is seen, too.
    const width = Math.max(to - from, state === "ok" ? 0 : 1);
    return [html`<path class="${state}" d="M${from.toFixed(1)} 0h${width.toFixed(1)}v${HEIGHT}H${from.toFixed(1)}z"/>`];
  });
  const changes = events.filter(
    (event) =>
      event.kind === "group-state" &&
      event.group === group.name &&
      event.from !== undefined &&
      event.from !== event.to &&
      event.wallMs > Math.max(beginMs, knownMs),
  ).length;
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
  const [oldest] = events;
  const isTold = events.some(
    (event) =>
      event.kind === "group-state" && event.group === name && event.from !== undefined && event.from !== event.to,
  );
  const firstMs = !isTold ? sinceMs : oldest === undefined || oldest.id === 1 ? knownMs : oldest.wallMs;
  const spans: { fromMs: number; state: GroupState | undefined }[] = [];
  /** Of these the next change says what the state was, or else the present one. */
  const untold: { state: GroupState | undefined }[] = [];
  const begin = (fromMs: number): void => {
    const span = { fromMs, state: undefined };
    spans.push(span);
    untold.push(span);
  };
  const tell = (past: GroupState | undefined): void => {
    for (const span of untold.splice(0)) span.state = past;
  };
  begin(Math.max(knownMs, firstMs));
  for (const event of events) {
    if (event.kind === "program-started" && event.awayMs !== undefined) {
      spans.push({ fromMs: event.wallMs - event.awayMs, state: undefined });
      begin(event.wallMs);
    }
    if (event.kind !== "group-state" || event.group !== name) continue;
    tell(event.from);
    spans.push({ fromMs: event.wallMs, state: event.to });
  }
  tell(state);
  return spans;
}
