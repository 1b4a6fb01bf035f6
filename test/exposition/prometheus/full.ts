/** The example of all faces with everything that a program can have besides: an SNMP agent, a state that is kept. */

import { NET_STATISTICS } from "#src/kstat/net.js";
import type { Snapshot } from "#src/snapshot/snapshot.js";
import { EXAMPLE } from "../../support/snapshot.ts";

/** Whatever can be absent is there, but for what only a bond has. */
export const FULL: Snapshot = {
  ...EXAMPLE,
  supported: new Set(NET_STATISTICS.map(({ name }) => name)),
  engine: { joinsRefused: { ENXIO: 1n }, linkNotes: { DL_NOTE_LINK_UP: 2n }, routingMessages: { RTM_NEWADDR: 3n } },
  state: { saved: true, saves: 4n, failures: 1n, lastSavedMs: 1_763_853_300_125, fault: "damaged", recovered: false },
  audit: { ok: true, violations: 0n },
  snmp: {
    packets: 9n,
    responses: 8n,
    refused: { community: 1n },
    notificationsSent: 3n,
    notificationsDropped: 2n,
    informsUnacknowledged: 1n,
    listening: [{ address: "udp:127.0.0.1:1161", open: true }],
    agentxConnected: true,
  },
};
