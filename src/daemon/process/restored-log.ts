/** Says at the start whether counters go on from an earlier run, and if not, why they begin anew. */

import type { Log } from "../../log/log.ts";
import type { Restored } from "../links/restoration.ts";
import type { Clock } from "./clock.ts";

export function logRestored(log: Log, restored: Restored, from: string | undefined, clock: Clock): void {
  switch (restored.kind) {
    case "restored": {
      const now = clock.now();
      const wall = (at: bigint) => new Date(clock.wallMs() - Number((now - at) / 1_000_000n)).toISOString();
      const { groups, since, readAt } = restored;
      log.info("counters restored", {
        groups,
        from,
        counting_since: since === undefined ? undefined : wall(since),
        last_read: readAt === undefined ? undefined : wall(readAt),
      });
      return;
    }
    case "begun":
      log[restored.expected ? "info" : "warn"]("counters begin now", { reason: restored.reason });
      return;
    default:
      restored satisfies never;
  }
}
