/** Which client a connection comes from. */

import { clientNetwork } from "../net-address/client-network.ts";

/** All who reach us through a Unix socket: the file's mode says who they are. */
export const LOCAL = "local";

/** `address` is what the system says of a peer; it says nothing of one on a Unix socket. */
export function sourceOf(address: string | undefined): string {
  return address === undefined ? LOCAL : clientNetwork(address);
}
