/** One listening HTTP server: its limits against slow and greedy clients, how it binds, how it closes. */

import { once } from "node:events";
import { createServer, type RequestListener, type Server, type ServerOptions } from "node:http";
import type { Socket } from "node:net";
import { formatHttpAddress } from "../net-address/http-address.ts";
import { type ConnectionBounds, Connections, type Relief } from "./connections.ts";
import { formatListenAddress, type ListenAddress } from "./listen-address.ts";
import type { MessageTypes } from "./message-types.ts";
import { RequestQueue } from "./request-queue.ts";
import { inodeOf, listenOnUnixSocket, removeUnixSocket } from "../unix-socket/unix-socket.ts";

export interface Limits extends ConnectionBounds {
  /** From the first byte of a request to the end of its headers. */
  readonly headersMs: number;
  /** From the first byte of a request to its last. */
  readonly requestMs: number;
  /** Silence in which neither side moves a byte of a request in progress. */
  readonly idleMs: number;
  /** Between two requests of one connection. Longer than usual scrape intervals, so that scrapers can keep theirs. */
  readonly keepAliveMs: number;
  /** How often the first two are looked at, while a connection is open. */
  readonly checkMs: number;
  /** From the acceptance of a request to the end of its response. */
  readonly responseMs: number;
  readonly headerBytes: number;
}

export const LIMITS: Limits = {
  headersMs: 10_000,
  requestMs: 30_000,
  idleMs: 60_000,
  keepAliveMs: 130_000,
  checkMs: 5_000,
  responseMs: 120_000,
  headerBytes: 8192,
  connections: 512,
  connectionsOfOne: 128,
  openingsOfOne: { intervalMs: 10, burst: 400 },
};

/** An application, and what its requests and responses are made of. */
export interface Served {
  readonly answer: RequestListener;
  readonly types: MessageTypes;
}

/** Makes an HTTP server, or an HTTPS one; both are `Server` to us. */
export type ServerFactory = (options: ServerOptions, listener: RequestListener) => Server;

export interface ListenerOptions {
  readonly served: Served;
  readonly limits: Limits;
  readonly make?: ServerFactory | undefined;
  /** Told of each connection that was closed to keep the bounds. */
  readonly relieved: (relief: Relief) => void;
  /** Told when the system cannot hand over a connection, as when there are no descriptors. */
  readonly failed: (error: Error) => void;
}

export class Listener {
  readonly #server: Server;
  readonly #connections: Connections;
  readonly #failed: ListenerOptions["failed"];
  #closing = false;
  /** What it was told to listen on. */
  #given = "";
  #unix: { readonly path: string; readonly inode: bigint | undefined } | undefined;

  constructor({ served, limits, make = createServer, relieved, failed }: ListenerOptions) {
    const connections = new Connections(limits, relieved);
    this.#connections = connections;
    const options: ServerOptions = {
      ...served.types,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: limits.checkMs,
      maxHeaderSize: limits.headerBytes,
      // Set below, for those that are not closed at once.
      noDelay: false,
    };
    const queue = new RequestQueue(
      (request, response) => {
        const ended = connections.begin(request.socket);
        response.once("close", () => {
          ended();
          // A connection that its client would keep must not outlive the server.
          if (this.#closing) this.#server.closeIdleConnections();
        });
        served.answer(request, response);
      },
      (socket) => connections.end(socket),
    );
    this.#server = make(options, (request, response) => {
      // Its connection was ended for a request before it that came in the same packet: Node parses what there is of it, and would tell
      // each such request of the end with an error of its own, whose stack takes longer than all the rest.
      if (request.socket.destroyed) {
        request.destroy();
        return;
      }
      // A client that has gone is no fault: its connection's "close" says all there is to say.
      request.on("error", () => {});
      response.on("error", () => {});
      queue.take(request, response);
    });
    this.#server.setTimeout(limits.idleMs);
    const look = slowClientLook(this.#server, limits.checkMs);
    // In the place of Node's own listeners, which make a parser or a TLS session for each.
    const serve = this.#server.listeners("connection");
    this.#server.removeAllListeners("connection");
    let isTcp = false;
    this.#server.on("listening", () => {
      // Of a Unix socket this is a path, or null when somebody else has bound it.
      const address = this.#server.address();
      isTcp = typeof address === "object" && address !== null;
    });
    this.#server.on("connection", (socket: Socket) => {
      if (!connections.accept(socket, isTcp)) return;
      if (isTcp) socket.setNoDelay();
      if (connections.size === 1) look.begin();
      socket.once("close", () => {
        if (connections.size === 0) look.pause();
      });
      for (const listener of serve) listener.call(this.#server, socket);
    });
    this.#failed = failed;
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#connections.size;
  }

  /** @throws the system's error; nothing is then left open. */
  async listen(address: ListenAddress): Promise<void> {
    this.#given = formatListenAddress(address);
    if (address.kind === "unix") {
      await listenOnUnixSocket(this.#server, address.path);
      this.#unix = { path: address.path, inode: inodeOf(address.path) };
    } else {
      const { kind, ...where } = address;
      this.#server.listen(where);
      await once(this.#server, "listening");
    }
    // Before, an error was that of listening.
    this.#server.on("error", this.#failed);
  }

  /** As one would write it to connect or listen: "127.0.0.1:10191", "[::]:10191", "unix:/run/x"; "fd:3" for a Unix socket that was handed over. */
  get address(): string {
    const bound = this.#server.address();
    // Of a Unix socket it is a name that the file no longer has, or null when somebody else has bound it.
    if (bound === null || typeof bound === "string") return this.#given;
    return formatHttpAddress({ kind: "tcp", host: bound.address, port: bound.port });
  }

  /** Takes no more connections, lets requests in progress end, and cuts what is left after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    if (this.#unix !== undefined) removeUnixSocket(this.#unix.path, this.#unix.inode);
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeIdleConnections();
    const cut = setTimeout(() => this.#server.closeAllConnections(), graceMs);
    await closed;
    clearTimeout(cut);
  }
}

/**
 * Node looks for slow clients at an interval that begins when a server listens and wakes the process for ever, also while there is no
 * connection. There is no documented way to stop it. Its own listener of that event, found by its name in lib/_http_server.js, ends the
 * interval that there is and begins one of the length that a property of the server says. In a Node that has no such listener nothing
 * is done here, and it looks as often as it was told to when the server was made.
 */
function slowClientLook(server: Server, checkMs: number): { begin(): void; pause(): void } {
  const restart = server.listeners("listening").filter(({ name }) => name === "setupConnectionsTracking");
  const every = (ms: number): void => {
    if (!server.listening) return; // on one that is closed the interval would never end
    Object.assign(server, { connectionsCheckingInterval: ms });
    for (const listener of restart) listener.call(server);
  };
  const look = { begin: () => every(checkMs), pause: () => every(LONGEST_TIMER_MS) };
  server.on("listening", look.pause);
  return look;
}

/** Of setInterval(), 25 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
