/**
 * One client's stream of events. It is written as fast as the client reads: what has not been sent yet waits in the history, not in
 * a queue of the stream. It ends when the client goes, does not read, falls behind the history or has been here too long.
 */

import type { ServerResponse } from "node:http";
import type { EventHistory, LoggedEvent } from "../snapshot/event.ts";

export interface StreamTimes {
  /** Silence after which a heartbeat is sent: shorter than proxies' and our own limits on idle connections. */
  readonly heartbeatMs: number;
  /** A client that reads nothing of what was written for this long is cut off; it may come back with its Last-Event-ID. */
  readonly unreadMs: number;
  /** After this long the client has to come again, so that a changed password or certificate reaches it. */
  readonly lifetimeMs: number;
}

/** Characters that are written at once at most, but for one event that is longer. */
const BATCH = 1 << 14;

interface StreamOptions {
  readonly times: StreamTimes;
  readonly events: EventHistory;
  /** Id of the event after which it begins. */
  readonly from: number;
  /** What is written before all events. */
  readonly head: string;
  readonly format: (event: LoggedEvent) => string;
  /** Told when nothing is written any more; perhaps twice. */
  readonly stopped: () => void;
}

export class EventStream {
  readonly #response: ServerResponse;
  readonly #options: StreamOptions;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #lifetime: NodeJS.Timeout;
  readonly #unsubscribe: () => void;
  /** Id of the last event that was written. */
  #sent: number;
  /** What has been told since this callback of the event loop began is to be written at its end. */
  #isDue = false;
  #isStopped = false;
  /** Set while the connection holds as much as it should: the client has to read before more is written. */
  #unread: NodeJS.Timeout | undefined;

  constructor(response: ServerResponse, options: StreamOptions) {
    const { times, events, from, head } = options;
    this.#response = response;
    this.#options = options;
    this.#sent = from;
    this.#heartbeat = setInterval(() => this.#beat(), times.heartbeatMs).unref();
    this.#lifetime = setTimeout(() => this.end(), times.lifetimeMs).unref();
    this.#write(head);
    this.#sendNews();
    this.#unsubscribe = events.subscribe(() => this.#sendSoon());
    response.on("drain", this.#goOn);
    response.once("close", () => this.#stop());
  }

  /** Nothing is written after the end, which a client that does not read may put off for long. */
  end(): void {
    this.#sendNews();
    this.#stop();
    this.#response.end();
  }

  #write(text: string): void {
    const holdsEnough = !this.#response.write(text);
    this.#heartbeat.refresh();
    if (!holdsEnough) return;
    this.#unread ??= setTimeout(() => this.#response.destroy(), this.#options.times.unreadMs).unref();
  }

  #beat(): void {
    if (this.#unread === undefined) this.#write("event: heartbeat\ndata: {}\n\n");
  }

  /** What is told in one callback of the event loop is written with one call of the system: a change of a link is several events. */
  #sendSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    process.nextTick(() => {
      this.#isDue = false;
      this.#sendNews();
    });
  }

  #sendNews(): void {
    if (this.#unread !== undefined || this.#isStopped) return;
    const { events } = this.#options;
    // The history has lost what comes next: the client finds out when it comes back.
    if (this.#sent < events.forgotten) {
      this.#response.destroy();
      return;
    }
    let text = "";
    for (const event of events.since(this.#sent)) {
      text += this.#options.format(event);
      this.#sent = event.id;
      if (text.length < BATCH) continue;
      this.#write(text);
      if (this.#unread !== undefined) return;
      text = "";
    }
    if (text !== "") this.#write(text);
  }

  readonly #goOn = (): void => {
    clearTimeout(this.#unread);
    this.#unread = undefined;
    this.#sendNews();
  };

  #stop(): void {
    this.#isStopped = true;
    this.#unsubscribe();
    this.#response.off("drain", this.#goOn);
    clearInterval(this.#heartbeat);
    clearTimeout(this.#lifetime);
    clearTimeout(this.#unread);
    this.#options.stopped();
  }
}
