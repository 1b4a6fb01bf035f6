/** What an SNMP agent under test stands on: a daemon that says what it is told, and a port that nobody has. */

import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { Snapshot } from "#src/snapshot/snapshot.js";

/** A daemon that shows what it is told to show. */
export function world(first: Snapshot) {
  let now = first;
  const listeners = new Set<() => void>();
  return {
    snapshots: { fresh: () => Promise.resolve(now), within: () => now },
    events: {
      subscribe(listener: (event: never) => void) {
        const call = () => listener(undefined as never); // the agent is only woken
        listeners.add(call);
        return () => void listeners.delete(call);
      },
    },
    becomes(next: Snapshot) {
      now = next;
      for (const listener of listeners) listener();
    },
  };
}

export async function freeUdpPort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}
