/** A transition as a sentence. */

import type { Transition } from "../snapshot/event.ts";

const FAMILY_NAMES = { ipv4: "IPv4", ipv6: "IPv6" } as const;

/** Every kind, as the names of events in the stream. */
export const EVENT_KINDS: readonly string[] = Object.keys({
  "program-started": true,
  "group-added": true,
  "group-removed": true,
  "group-refused": true,
  "group-renumbered": true,
  "group-state": true,
  "bond-unmonitored": true,
  "member-joined": true,
  "member-left": true,
  "member-refused": true,
  "member-state": true,
  "link-state": true,
  "address-moved": true,
  "cast-changed": true,
  "mtu-changed": true,
  "targets-mute": true,
  "targets-answer": true,
  "probe-method": true,
  "detection-time": true,
  "link-renamed": true,
  "counter-reset": true,
  "events-lost": true,
  "source-unanswered": true,
  "source-answers": true,
  "source-limit": true,
  "cross-check-failed": true,
  "audit-failed": true,
  "state-unsaved": true,
  "state-saved": true,
} satisfies Record<Transition["kind"], true>);

/** What happened; the cause is told beside it. */
export function eventSentence(event: Transition): string {
  switch (event.kind) {
    case "program-started":
      return event.awayMs === undefined ? "The program started" : "The program started again";
    case "group-added":
      return `${event.group} added`;
    case "group-refused":
      return `${event.group} cannot be made`;
    case "group-removed":
      return `${event.group} removed`;
    case "group-renumbered":
      return `The ifIndex of ${event.group} is now ${event.ifindex}`;
    case "group-state":
      if (event.from === event.to) return `${event.group} is still ${event.to}`;
      return `${event.group} is ${event.to}${event.from === undefined ? " from the start" : was(event.from)}`;
    case "bond-unmonitored":
      return `${event.group} does not monitor its links`;
    case "member-joined":
      return `${event.device} joined ${event.group}`;
    case "member-left":
      return `${event.device} left ${event.group}`;
    case "member-refused":
      return `${event.device} may not join ${event.group} (${event.errno})`;
    case "member-state":
      return `${event.device} of ${event.group} is ${event.to}, was ${event.from}`;
    case "link-state":
      return `Link ${event.device} is ${event.to}`;
    case "address-moved":
      return event.to === undefined
        ? `${event.address} of ${event.group} is bound nowhere, was on ${event.from}`
        : `${event.address} of ${event.group} is bound to ${event.to}${was(event.from)}`;
    case "cast-changed":
      return `${FAMILY_NAMES[event.family]} nominee of ${event.group} is ${event.to ?? "nobody"}${was(event.from)}`;
    case "mtu-changed":
      return `MTU of ${event.group} is ${event.mtu} bytes`;
    case "targets-mute":
      return `No target of ${event.group} answers probes`;
    case "targets-answer":
      return `A target of ${event.group} answers probes again`;
    case "probe-method":
      return `How members of ${event.group} are probed`;
    case "detection-time":
      return `${event.group} finds failures within ${event.milliseconds / 1000} s`;
    case "link-renamed":
      return `${event.from} is now called ${event.device}`;
    case "counter-reset":
      return `Counters of ${event.device} were reset; those of its group go on`;
    case "source-unanswered":
      return `The source ${event.source} does not answer`;
    case "source-answers":
      return `The source ${event.source} answers again`;
    case "events-lost":
      return "Events were lost or could not be read";
    case "source-limit":
      return "Not everything can be seen";
    case "cross-check-failed":
      return `The system counts ${event.group} otherwise`;
    case "audit-failed":
      return `${event.group} does not add up`;
    case "state-unsaved":
      return "The state cannot be saved";
    case "state-saved":
      return "The state is saved again";
    default:
      return event satisfies never;
  }
}

function was(from: string | undefined): string {
  return from === undefined ? "" : `, was ${from}`;
}
