/** Opens probe sockets, by the way that the system allows: ICMP where it can be had, else UDP. */

import { type Libc, LibcError, loadLibc } from "../os/libc.ts";
import { WatchSet } from "../os/watch-set.ts";
import { openIcmp } from "./icmp-socket.ts";
import type { Hear, Opened, ProbeMethod, ProbeOrigin } from "./probe-socket.ts";
import { ReceivedMessage } from "./received-message.ts";
import { openUdp } from "./udp-socket.ts";

/** The probe sockets of a system. */
export interface ProbeSockets {
  /** Opens one for the probes of one family of one link, whose answers are given to `hear` as they come. */
  open(method: ProbeMethod, origin: ProbeOrigin, hear: Hear): Opened;
  /** Gives the answers that wait to those who hear them, now. */
  poll(): void;
}

const OPEN = { icmp: openIcmp, udp: openUdp } as const;

/** Those of this system; where sockets cannot be had at all, each is refused. */
export async function loadProbeSockets(): Promise<ProbeSockets> {
  try {
    return probeSockets(await loadLibc());
  } catch (error) {
    if (!(error instanceof LibcError)) throw error;
    const { message: errno } = error;
    return { open: () => ({ kind: "refused", step: "load", errno }), poll: () => undefined };
  }
}

function probeSockets(libc: Libc): ProbeSockets {
  // One of each for all sockets: a message is read before the next is received.
  const parts = { libc, watches: new WatchSet(libc), message: new ReceivedMessage(libc) };
  return {
    open: (method, origin, hear) => OPEN[method](parts, origin, hear),
    poll: () => parts.watches.poll(),
  };
}
