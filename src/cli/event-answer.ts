/** `/api/v1/events` as the commands for people read it, and an event as a line. */

import * as z from "zod";
import { printable } from "../log/printable.ts";
import type { Transition } from "../snapshot/event.ts";
import { EVENT_KINDS, eventSentence } from "../wording/event-sentence.ts";
import { foldStarts, startsOf } from "../wording/starts.ts";
import { type GroupAnswer, labelOf } from "./group-answer.ts";

/** Every kind has a time and a cause; what else it has depends on the kind. */
export const eventsAnswer = z.object({
  events: z.array(z.looseObject({ id: z.number(), kind: z.string(), time: z.string(), cause: z.string() })),
});

export type EventAnswer = z.output<typeof eventsAnswer>["events"][number];

/** Whether it is about the group: its own events, and those of links that are its members. What a link does is told again as what a member does. */
export function concernsGroup(event: EventAnswer, { name, members }: GroupAnswer): boolean {
  if (event.kind === "link-state") return false;
  if (event.kind === "program-started") return true;
  const { group, device } = event;
  return group === undefined ? members.some((member) => labelOf(member) === device) : group === name;
}

/** What only follows from what happened to a member, which is told by itself. */
const CONSEQUENCES: ReadonlySet<string> = new Set(["address-moved", "cast-changed"] satisfies Transition["kind"][]);

/** Whether it belongs among the few that a screen has room for. */
export function isHeadline({ kind }: EventAnswer): boolean {
  return !CONSEQUENCES.has(kind);
}

/** "02:14 wan0 of wan is failed, was active: link down", the oldest first; starts of the daemon with nothing else in between are one line. */
export function eventLines(events: readonly EventAnswer[], timeOf: (ms: number) => string): string[] {
  return foldStarts(events).map((told) => {
    const { event } = told;
    const { times, first } = startsOf(told);
    const often = times > 1 ? `, ${times} times since ${timeOf(Date.parse(first.time))}` : "";
    return printable(`${timeOf(Date.parse(event.time))} ${sentenceOf(event)}${often}: ${event.cause}`);
  });
}

/** A daemon of another version may have kinds that are not known here. */
function sentenceOf(event: EventAnswer): string {
  return EVENT_KINDS.includes(event.kind) ? eventSentence(transitionOf(event)) : event.kind;
}

/** The API says null where a transition has nothing, and seconds where it has milliseconds. */
function transitionOf(event: EventAnswer): Transition {
  const fields = Object.entries(event).map(([key, value]) => [key, value ?? undefined]);
  const { away_seconds: away } = event;
  return { ...Object.fromEntries(fields), awayMs: typeof away === "number" ? away * 1000 : undefined } as Transition;
}
