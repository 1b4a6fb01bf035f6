/**
 * Joining a list of all links with the events that arrived around it. Events come on one socket and the list on another, so
 * an event received after the list may tell of something from before it.
 */

import type { LinkState, SourceEvent } from "../source.ts";

export type LinkEvent = Extract<SourceEvent, { kind: "link" | "gone" | "speed" }>;

/**
 * @param gap as in the resync event
 * @param links all there were when the list was read
 * @param later events received after it, oldest first
 * @param known whether that link was known before the list
 * @returns the events to deliver, in order
 */
export function joinResync(
  gap: string | undefined,
  links: readonly LinkState[],
  later: readonly LinkEvent[],
  known: (ifindex: number) => boolean,
): SourceEvent[] {
  const listed = new Set(links.map(({ link }) => link.ifindex));
  const before: SourceEvent[] = [];
  const after = new Map<number, LinkEvent[]>();
  for (const event of later) {
    if (event.kind === "link") {
      // Only the last event of a link is surely not older than the list. Earlier ones may be, and would show a flap that was over
      // before the list was read.
      const kept = (after.get(event.link.ifindex) ?? []).filter(({ kind }) => kind === "gone");
      after.set(event.link.ifindex, [...kept, event]);
    } else if (event.kind === "speed") {
      after.set(event.ifindex, [...(after.get(event.ifindex) ?? []), event]); // asked for when it was received: newer than the list
    } else if (listed.has(event.ifindex)) {
      after.set(event.ifindex, [event]);
    } else {
      // The link was deleted before the list was read. Its last counters are delivered before the list, which no longer has it.
      after.delete(event.ifindex);
      if (known(event.ifindex)) before.push(event);
    }
  }
  return [...before, { kind: "resync", gap, links }, ...[...after.values()].flat()];
}
