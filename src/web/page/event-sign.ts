/** How much a transition matters to who reads the page. */

import type { Transition } from "../../snapshot/event.ts";
import type { Sign } from "./icon.ts";

/** The sign that stands before it. */
export function eventSign(event: Transition): Sign {
  switch (event.kind) {
    case "group-state":
    case "member-state":
      return event.to;
    case "member-left":
      return "missing";
    case "member-refused":
      return "refused";
    case "bond-unmonitored":
    case "counter-reset":
    case "cross-check-failed":
    case "group-refused":
    case "source-unanswered":
    case "events-lost":
    case "targets-mute":
    case "state-unsaved":
      return "degraded";
    case "audit-failed":
      return "failed";
    case "state-saved":
    case "source-answers":
    case "targets-answer":
      return "ok";
    default:
      return "note";
  }
}

/** Whether a screen reader should say it by itself: redundancy was lost or came back. */
export function isAnnounced({ kind }: Transition): boolean {
  return kind === "group-state" || kind === "member-state" || kind === "audit-failed" || kind === "state-unsaved";
}

/** Whether it concerns a group: its own events, those of links that are its members, and starts of the program. */
export function concerns(event: Transition, group: string, devices: ReadonlySet<string>): boolean {
  if (event.kind === "program-started") return true;
  if ("group" in event) return event.group === group;
  return "device" in event && devices.has(event.device);
}
