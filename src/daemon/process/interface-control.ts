/** What `offline` and `online` do, and what is said when they cannot. */

import type { Control, ControlOutcome } from "../../web/web.ts";
import type { Core } from "../core.ts";

/** Members that a message names. */
const NAMED = 12;

export function interfaceControl(core: Core): Control {
  const set = async (device: string, offline: boolean): Promise<ControlOutcome> => {
    switch (core.setOffline(device, offline)) {
      case "done":
        return { kind: "done" };
      case "refused":
        return { kind: "refused", message: `Cannot take "${device}" offline: no other usable member would be left` };
      case "system":
        return {
          kind: "refused",
          message: `Cannot change "${device}": its group is the system's own; use if_mpadm(8)`,
        };
      default:
        return { kind: "unknown", message: `No group has a member "${device}": expected ${membersOf(core)}` };
    }
  };
  return { offline: (device) => set(device, true), online: (device) => set(device, false) };
}

/** For who has mistyped one. */
function membersOf(core: Core): string {
  const labels = core.snapshots.states().groups.flatMap(({ members }) => members.map(({ label }) => label));
  const shown = labels.slice(0, NAMED);
  const rest = labels.length - shown.length;
  return shown.length === 0
    ? "a group to begin with"
    : `${shown.join(", ")}${rest === 0 ? "" : ` or one of ${rest} more`}`;
}
