/**
 * Sends probes and takes the answers, and does nothing else: what cannot be spared of the time that probes take. It goes through the same
 * sockets at the same pace as the program.
 *
 *   node bare-sender.js PROBES_PER_SECOND < ORIGINS
 */

import { readFileSync } from "node:fs";
import type { ProbeOrigin } from "#src/probe-socket/probe-socket.js";
import { loadProbeSockets } from "#src/probe-socket/probe-sockets.js";

/** A socket, and whom it asks. */
export interface Errand {
  readonly origin: ProbeOrigin;
  readonly target: string;
}

const TURN_MS = 89;

const rate = Number(process.argv[2]);
const errands = JSON.parse(readFileSync(0, "utf8")) as Errand[]; // the bench's own
const sockets = await loadProbeSockets();
const senders = errands.map(({ origin, target }) => {
  const opened = sockets.open("icmp", origin, () => undefined);
  if (opened.kind === "refused") throw new Error(`${opened.step}: ${opened.errno}`);
  return { socket: opened.socket, target };
});

const began = performance.now();
let sent = 0;
setInterval(() => {
  for (const due = ((performance.now() - began) / 1000) * rate; sent < due; sent++) {
    const { socket, target } = senders[sent % senders.length] ?? {};
    const sentAt = Number(process.hrtime.bigint());
    if (socket && target !== undefined) socket.send({ kind: "uni", sequence: sent & 0xffff, target, sentAt });
  }
  sockets.poll();
}, TURN_MS);
