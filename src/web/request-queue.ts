/**
 * One request in progress per connection. A client may send requests without waiting for answers (RFC 9112, 9.3.2), and Node
 * begins all of them at once; but it tells a response that waits behind another one nothing when their connection ends. So each
 * request begins only when the response before it has ended, and whatever a request holds comes back with its response's "close".
 */

import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { answerMalformed } from "./malformed.ts";

/** Requests that may wait on one connection. Clients that send ahead send a handful. */
const WAITING = 32;

type Exchange = readonly [request: IncomingMessage, response: ServerResponse];

export class RequestQueue {
  readonly #handle: RequestListener;
  readonly #end: (socket: Socket) => void;
  /** What waits on each connection that has a request in progress. */
  readonly #waiting = new WeakMap<Socket, Exchange[]>();

  /** `end` ends a connection on which too much is sent ahead. */
  constructor(handle: RequestListener, end: (socket: Socket) => void) {
    this.#handle = handle;
    this.#end = end;
  }

  take(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const waiting = this.#waiting.get(socket);
    if (waiting === undefined) {
      this.#waiting.set(socket, []);
      this.#begin(request, response);
    } else if (waiting.length < WAITING) waiting.push([request, response]);
    // Node keeps each request until it is answered: ending the connection is the only way to be rid of them.
    else this.#end(socket);
  }

  /**
   * After the next look at the sockets: of a client that has sent a request and reset its connection the end is known by then, and
   * nothing has been computed for it. Node accepts one connection each time round its loop, so that what is computed in
   * between keeps every new client waiting. What is malformed is answered at once: the parser may object to it too, with less to say.
   */
  #begin(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    response.once("close", () => this.#next(socket));
    if (answerMalformed(request, response)) return;
    setImmediate(() => setImmediate(() => socket.destroyed || this.#handle(request, response)));
  }

  #next(socket: Socket): void {
    const following = socket.destroyed ? undefined : this.#waiting.get(socket)?.shift();
    if (following === undefined) this.#waiting.delete(socket);
    else this.#begin(...following);
  }
}
