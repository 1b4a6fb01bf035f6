/** Which addresses this host has now, for whoever listens on each of them. */

export interface HostAddresses {
  /** As sockets take them, each once: a link-local address of IPv6 with its link (`fe80::1%eth0`). */
  list(): readonly string[];
  /** Calls the listener after each change, or what may be one; the result ends that. */
  subscribe(listener: () => void): () => void;
}
