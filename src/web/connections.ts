/**
 * A bound on open connections, of everybody and of each client address, and on how often one address opens them. Node accepts one
 * connection each time round its loop, so that what is done with each keeps all that wait in the system's queue waiting: those that
 * have ended there already, and those of who opens too many, are closed before anything is made for them. A new connection is never
 * refused for the sake of one that does nothing: the one that has been idle longest is closed, first of all those of the address that has most. A connection
 * is idle while no request is in progress on it, also while it has sent only part of one.
 */

import type { Socket } from "node:net";
import { SourceBuckets } from "../rate-limit/source-buckets.ts";
import type { BucketRate } from "../rate-limit/token-bucket.ts";
import { LOCAL, sourceOf } from "./client-address.ts";

export interface ConnectionBounds {
  /** Open connections of one listening address. Each costs some tens of kilobytes. */
  readonly connections: number;
  /** Those of one client address, or IPv6 network of 64 bits. */
  readonly connectionsOfOne: number;
  /** How often such an address may open one. Scrapers keep theirs, or open one for each scrape. */
  readonly openingsOfOne: BucketRate;
}

/**
 * The bounds of one of so many listening addresses, so that all of them together take at most half of the `descriptors` that the system
 * allows: a connection for which there is none is refused by the runtime, whoever asks, and nobody is told.
 */
export function within<Bounds extends ConnectionBounds>(
  bounds: Bounds,
  descriptors: number,
  addresses: number,
): Bounds {
  const share = Math.max(1, Math.floor(descriptors / 2 / addresses));
  if (share >= bounds.connections) return bounds;
  return { ...bounds, connections: share, connectionsOfOne: Math.min(bounds.connectionsOfOne, Math.ceil(share / 4)) };
}

/** What was done to keep the bounds. */
export type Relief = "idle_closed" | "new_refused" | "too_often";

/** The thousand requests that one read may hold take Node about as long as so many connections that are closed at once. */
const COUNTS_AS = 200;

interface Connection {
  readonly socket: Socket;
  readonly source: string;
  busy: boolean;
}

/** What tells a connection from the others, on the bare socket and on the one with TLS. */
type Key = string | Socket;

export class Connections {
  readonly #bounds: ConnectionBounds;
  readonly #relieved: (relief: Relief) => void;
  /** Whose last request ended longest ago comes first. */
  readonly #open = new Map<Key, Connection>();
  readonly #counts = new Map<string, number>();
  readonly #openings: SourceBuckets;

  /** `relieved` is told of each connection that was closed to keep the bounds. */
  constructor(bounds: ConnectionBounds, relieved: (relief: Relief) => void) {
    this.#bounds = bounds;
    this.#relieved = relieved;
    this.#openings = new SourceBuckets(bounds.openingsOfOne);
  }

  get size(): number {
    return this.#open.size;
  }

  /** Whether the connection may go on; otherwise it has been closed. On a Unix socket (not `isTcp`) nobody has an address. */
  accept(socket: Socket, isTcp: boolean): boolean {
    const source = sourceOf(socket.remoteAddress);
    // The system knows no peer of a TCP connection that has been reset since.
    if (isTcp && source === LOCAL) {
      socket.destroy();
      return false;
    }
    if (isTcp && !this.#openings.take(source, performance.now())) return this.#refuse(socket, "too_often");
    const full = this.#open.size >= this.#bounds.connections;
    if (full || this.#countOf(source) >= this.#bounds.connectionsOfOne) {
      const victim = full ? this.#idle() : this.#idle(source);
      if (victim === undefined) return this.#refuse(socket, "new_refused");
      this.#relieved("idle_closed");
      this.#forget(...victim);
      victim[1].socket.destroy();
    }
    const key = keyOf(socket);
    const before = this.#open.get(key);
    if (before !== undefined) this.#forget(key, before); // the same port again, before the end of the former was heard of
    const connection = { socket, source, busy: false };
    this.#open.set(key, connection);
    this.#counts.set(source, this.#countOf(source) + 1);
    socket.once("close", () => this.#forget(key, connection));
    return true;
  }

  /** Ends a connection for what has come on it, which took as long as many connections take: it counts as so many of its address. */
  end(socket: Socket): void {
    const source = sourceOf(socket.remoteAddress);
    if (source !== LOCAL) this.#openings.charge(COUNTS_AS, source, performance.now());
    socket.destroy();
  }

  #refuse(socket: Socket, relief: Relief): false {
    this.#relieved(relief);
    socket.destroy();
    return false;
  }

  /** A request has begun on it (the socket with TLS, if there is one). Answers with what is to be called at its end. */
  begin(socket: Socket): () => void {
    const key = keyOf(socket);
    const connection = this.#open.get(key);
    if (connection === undefined) return () => {};
    connection.busy = true;
    return () => {
      connection.busy = false;
      if (this.#open.get(key) !== connection) return;
      // Behind those that have been idle for longer.
      this.#open.delete(key);
      this.#open.set(key, connection);
    };
  }

  /** The connection to close, of `source` or of the source with most that are idle. */
  #idle(source?: string): readonly [Key, Connection] | undefined {
    let found: readonly [Key, Connection] | undefined;
    for (const [key, connection] of this.#open) {
      if (connection.busy || (source !== undefined && connection.source !== source)) continue;
      if (found === undefined || this.#countOf(connection.source) > this.#countOf(found[1].source)) {
        found = [key, connection];
      }
    }
    return found;
  }

  #forget(key: Key, connection: Connection): void {
    if (this.#open.get(key) !== connection) return;
    this.#open.delete(key);
    const count = this.#countOf(connection.source) - 1;
    if (count > 0) this.#counts.set(connection.source, count);
    else this.#counts.delete(connection.source);
  }

  #countOf(source: string): number {
    return this.#counts.get(source) ?? 0;
  }
}

/** On TCP the peer's address and port; a socket with TLS and the one below it have the same. */
function keyOf(socket: Socket): Key {
  const { remoteAddress, remotePort } = socket;
  return remoteAddress === undefined ? socket : `${remoteAddress} ${remotePort}`;
}
