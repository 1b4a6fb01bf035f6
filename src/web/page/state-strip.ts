/** The states of a group over the last hour as a strip of colours; the words beside it say the present one. */

import type { LoggedEvent } from "../../snapshot/event.ts";
import type { GroupSnapshot, GroupState, Snapshot } from "../../snapshot/snapshot.ts";
import { type Html, html } from "./markup.ts";

const HOUR_MS = 3_600_000;
/** In units of the drawing. */
const WIDTH = 120;
const HEIGHT = 10;

/** What is told at a start is how a group was found: it has no former state, or the one that it has now. */
function isChange(event: LoggedEvent): boolean {
  return event.kind === "group-state" && event.from !== undefined && event.from !== event.to;
}

interface Span {
  readonly fromMs: number;
  /** Undefined while nobody watched. */
  readonly state: GroupState | undefined;
}

/** What the strips of all groups need of the events, gathered once: there may be thousands of these, and hundreds of groups. */
export class StripEvents {
  readonly oldest: LoggedEvent | undefined;
  readonly #starts: LoggedEvent[] = [];
  readonly #byGroup = new Map<string, LoggedEvent[]>();

  /** The oldest first. */
  constructor(events: readonly LoggedEvent[]) {
    [this.oldest] = events;
    for (const event of events) {
      if (event.kind === "program-started") this.#starts.push(event);
      if (event.kind !== "group-state") continue;
      const known = this.#byGroup.get(event.group);
      if (known) known.push(event);
      else this.#byGroup.set(event.group, [event]);
    }
  }

  /** Changes of that group's state, and starts of the program, the oldest first. */
  of(group: string): readonly LoggedEvent[] {
    return [...this.#starts, ...(this.#byGroup.get(group) ?? [])].sort((a, b) => a.id - b.id);
  }
}

/** Nothing is drawn of the time before the group was known, or while nobody watched. */
export function stateStrip(group: GroupSnapshot, all: StripEvents, { at, wallMs }: Snapshot): Html {
  const events = all.of(group.name);
  const beginMs = wallMs - HOUR_MS;
  const ago = (instant: bigint): number => wallMs - Number(at - instant) / 1e6;
  const knownMs = ago(group.crtime);
  const spans = spansOf(group, events, { sinceMs: ago(group.lastChange), knownMs, oldest: all.oldest });
  const x = (ms: number): number => (Math.min(Math.max(0, ms - beginMs), HOUR_MS) / HOUR_MS) * WIDTH;
  const parts = spans.flatMap(({ fromMs, state }, index) => {
    const [from, to] = [x(fromMs), x(spans[index + 1]?.fromMs ?? wallMs)];
    if (state === undefined || to <= from) return [];
    // A failure of a second is seen, too.
    const width = Math.max(to - from, state === "ok" ? 0 : 1);
    return [html`<path class="${state}" d="M${from.toFixed(1)} 0h${width.toFixed(1)}v${HEIGHT}H${from.toFixed(1)}z"/>`];
  });
  const changes = events.filter((event) => isChange(event) && event.wallMs > Math.max(beginMs, knownMs)).length;
  const summary =
    changes === 0
      ? "no change in the last hour"
      : `${changes} ${changes === 1 ? "change" : "changes"} in the last hour`;
  return html`<svg class="strip" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${summary}"><title>${summary}</title>${parts}</svg>`;
}

/** The oldest first; the last is the present state. Of the time before the oldest event that is still there, nothing is known. */
function spansOf(
  { state }: GroupSnapshot,
  events: readonly LoggedEvent[],
  { sinceMs, knownMs, oldest }: { sinceMs: number; knownMs: number; oldest: LoggedEvent | undefined },
): Span[] {
  const firstMs = !events.some(isChange) ? sinceMs : oldest === undefined || oldest.id === 1 ? knownMs : oldest.wallMs;
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
    if (event.kind !== "group-state") continue;
    tell(event.from);
    spans.push({ fromMs: event.wallMs, state: event.to });
  }
  tell(state);
  return spans;
}
