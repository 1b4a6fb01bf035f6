/**
 * Starts of the program among what happened. How things were found at a start belongs to it, and starts without anything else in between
 * are one: a service that is started again and again would push everything else off the screen.
 */

import { isFoundAtStart, type Transition } from "../snapshot/event.ts";

/** Something that happened, or a start. */
export interface Told<Event> {
  readonly event: Event;
  /** Of a start: what it found, the oldest first. */
  readonly found: Event[];
  /** Of a start: the starts just before it, with all that each of them told, the oldest first. */
  readonly before: Event[];
}

/** `kind` and `cause` of a transition; of a change of a group's state, both states. */
interface Happening {
  readonly kind: string;
  readonly cause: string;
  readonly from?: unknown;
  readonly to?: unknown;
}

/** What a start says again, because it is still so. */
const REPEATED: ReadonlySet<string> = new Set([
  "group-refused",
  "member-refused",
  "bond-unmonitored",
  "probe-method",
  "source-limit",
] satisfies Transition["kind"][]);

/** The oldest first. */
export function foldStarts<Event extends Happening>(events: readonly Event[]): Told<Event>[] {
  const told: Told<Event>[] = [];
  /** Position of the last start, as long as nothing has happened since that it would not say again. */
  let fresh: number | undefined;
  let start: Told<Event> | undefined;
  for (const event of events) {
    if (isFoundAtStart(event) && start !== undefined) {
      start.found.push(event);
      continue;
    }
    const line: Told<Event> = { event, found: [], before: [] };
    if (event.kind === "program-started") {
      const last = fresh === undefined ? [] : told.splice(fresh);
      line.before.push(...last.flatMap(({ event: each, before }) => [...before, each]));
      start = line;
      fresh = told.length;
    } else if (!isRepeated(event)) {
      fresh = undefined;
    }
    told.push(line);
  }
  return told;
}

function isRepeated({ kind, from, to }: Happening): boolean {
  return REPEATED.has(kind) || (kind === "group-state" && (from === undefined || from === null || from === to));
}

/** How many starts a line stands for, and the first of them. */
export function startsOf<Event extends Happening>({ event, before }: Told<Event>): { times: number; first: Event } {
  const starts = [...before, event].filter(({ kind }) => kind === "program-started");
  return { times: starts.length, first: starts[0] ?? event };
}
