/** Opens probe sockets, by the way that the system allows: ICMP where it can be had, else UDP. */

import { type Libc, LibcError, loadLibc } from "../os/libc.ts";
import { openIcmp } from "./icmp-socket.ts";
import type { Opened, ProbeMethod, ProbeOrigin } from "./probe-socket.ts";
import { ReceivedMessage } from "./received-message.ts";
import { openUdp } from "./udp-socket.ts";

/** Opens a socket for the probes of one family of one link; `readable` is called, never synchronously, when an answer waits. */
export type OpenProbeSocket = (method: ProbeMethod, origin: ProbeOrigin, readable: () => void) => Opened;

const OPEN = { icmp: openIcmp, udp: openUdp } as const;

/** How to open probe sockets on this system; where it cannot be done at all, each is refused. */
export async function loadProbeSockets(): Promise<OpenProbeSocket> {
  try {
    return probeSockets(await loadLibc());
  } catch (error) {
    if (!(error instanceof LibcError)) throw error;
    return () => ({ kind: "refused", step: "load", errno: error.message });
  }
}

export function probeSockets(libc: Libc): OpenProbeSocket {
  const message = new ReceivedMessage(libc); // for all sockets: it is read before the next is received
  return (method, origin, readable) => OPEN[method](libc, message, origin, readable);
}
