/** Writes each transition as one log line. The level says how much it matters. */

import type { Log, LogLevel } from "../../log/log.ts";
import type { LoggedEvent, Transition } from "../../snapshot/event.ts";

const MESSAGES: Readonly<Record<Transition["kind"], string>> = {
  "program-started": "started",
  "group-added": "group added",
  "group-removed": "group removed",
  "group-refused": "group cannot be made",
  "group-renumbered": "group has another ifIndex",
  "group-state": "group state changed",
  "bond-unmonitored": "bond does not monitor its links",
  "member-joined": "member joined",
  "member-left": "member left",
  "member-refused": "link may not join",
  "member-state": "member state changed",
  "link-state": "link state changed",
  "address-moved": "address moved",
  "cast-changed": "nominee changed",
  "mtu-changed": "group MTU changed",
  "targets-mute": "no target answers probes",
  "targets-answer": "a target answers probes again",
  "probe-method": "how members are probed",
  "detection-time": "failure detection time changed",
  "link-renamed": "link renamed",
  "counter-reset": "counters of a link were reset",
  "events-lost": "link events were lost",
  "source-unanswered": "a source does not answer",
  "source-answers": "a source answers again",
  "source-limit": "not everything can be seen",
  "cross-check-failed": "the system counts a group otherwise",
  "audit-failed": "a group does not add up",
  "state-unsaved": "state cannot be saved: after a restart counters would go back to the last save",
  "state-saved": "state is saved again",
};

export function logTransition(log: Log, event: LoggedEvent): void {
  const isFound = event.kind === "group-state" && event.from === undefined;
  const isStill = event.kind === "group-state" && event.from === event.to;
  const { id: _id, wallMs: _wallMs, kind, ...fields } = event;
  const message = isStill ? "group is still not well" : isFound ? "group is not well from the start" : MESSAGES[kind];
  log[levelOf(event)](message, fields);
}

function levelOf(transition: Transition): LogLevel {
  switch (transition.kind) {
    case "group-state":
      return transition.to === "failed" ? "error" : transition.to === "degraded" ? "warn" : "info";
    case "member-state":
      return transition.to === "failed" ? "warn" : "info";
    case "link-state":
      return "debug"; // what it means for the group is a line of its own
    case "program-started":
      return "debug"; // what was restored is told in lines of their own
    case "probe-method":
      return transition.degraded ? "warn" : "info";
    case "audit-failed":
    case "targets-mute":
      return "error";
    case "bond-unmonitored":
    case "member-refused":
    case "counter-reset":
    case "cross-check-failed":
    case "group-refused":
    case "events-lost":
    case "source-unanswered":
    case "source-limit":
    case "state-unsaved":
      return "warn";
    default:
      return "info";
  }
}
