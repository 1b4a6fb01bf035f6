/**
 * `/api/v1/events`: the history of transitions as a JSON list, or, for who asks for text/event-stream, as it grows (server-sent
 * events, https://html.spec.whatwg.org/multipage/server-sent-events.html).
 *
 *   id: mi9vxk2a-17          a place in one history: a restarted program has another, so that no event is taken for an older one
 *   event: member-state      the kind of the transition
 *   data: {"kind":"member-state","group":"ipmp0",…}
 *
 * A stream begins with `event: history`, which says where it takes up and whether events in between are lost. It is written as fast as its
 * client reads: what the client has not been sent yet waits in the history, not in a queue of the stream.
 */

import type { Request, Response } from "express";
import type { EventHistory, LoggedEvent } from "../snapshot/event.ts";
import { sourceOf } from "./client-address.ts";
import { timestamp } from "./json-values.ts";
import { Places } from "./places.ts";
import { HttpError } from "./route.ts";

export interface StreamLimits {
  /** Streams at once; a browser holds one per visible page. Each costs a connection and a few kilobytes. */
  readonly streams: number;
  /** Silence after which a heartbeat is sent: shorter than proxies' and our own limits on idle connections. */
  readonly heartbeatMs: number;
  /** A client that reads nothing of what was written for this long is cut off; it may come back with its Last-Event-ID. */
  readonly unreadMs: number;
  /** After this long the client has to come again, so that a changed password or certificate reaches it. */
  readonly lifetimeMs: number;
}

export const STREAM_LIMITS: StreamLimits = {
  streams: 64,
  heartbeatMs: 15_000,
  unreadMs: 30_000,
  lifetimeMs: 3_600_000,
};

/** How long a client waits before it comes again. */
const RETRY_MS = 2_000;

export class EventStreams {
  readonly #events: EventHistory;
  readonly #limits: StreamLimits;
  /** Names this run of the program. */
  readonly #history = `${Date.now().toString(36)}`;
  readonly #places: Places;
  readonly #open = new Set<() => void>();
  #closed = false;

  constructor(events: EventHistory, limits: StreamLimits) {
    this.#events = events;
    this.#limits = limits;
    this.#places = new Places(limits.streams);
  }

  /** Streams that are open now. */
  get open(): number {
    return this.#open.size;
  }

  /** `?since=ID`: only later ones, by number or by the id of a stream. */
  list(request: Request, response: Response): void {
    const { since } = request.query;
    if (since !== undefined && (typeof since !== "string" || parseEventId(since) === undefined)) {
      const form = 'a number, or the id of an event such as "mi9vxk2a-17"';
      throw new HttpError(400, `Cannot list events since ${JSON.stringify(since)}: expected ${form}`);
    }
    const { from, complete } = this.#resume(since);
    const events = this.#events.since(from);
    response.set("Cache-Control", "no-store").json({
      history: this.#history,
      last_id: this.#lastId(),
      complete,
      events: events.map(eventView),
    });
  }

  /** Ends when the client goes, does not read, falls behind the history or has been here too long, and when the server closes. */
  stream(request: Request, response: Response): void {
    if (this.#closed) throw new HttpError(503, "Stopping");
    // Gone while something before this took its time: nobody would give its place back.
    if (response.closed || request.socket.destroyed) return;
    const place = this.#places.take(sourceOf(request.socket.remoteAddress), () => end());
    if (place === undefined) {
      response.set("Retry-After", "10");
      throw new HttpError(503, `Limit of event streams reached (${this.#limits.streams}), try again later`);
    }
    response.status(200).set({
      "Content-Type": "text/event-stream",
      "Cache-Control": "no-store",
      "X-Accel-Buffering": "no", // nginx would keep events until it has enough of them
    });
    if (request.method === "HEAD") {
      place.release();
      response.end();
      return;
    }
    // A client that is new gets what comes from now on; one that was here before, what it has missed.
    const lastSeen = request.get("Last-Event-ID") ?? queried(request);
    const { from, complete } =
      lastSeen === undefined ? { from: this.#lastId(), complete: true } : this.#resume(lastSeen);

    /** Set while the connection holds as much as it should: the client has to read before more is written. */
    let unread: NodeJS.Timeout | undefined;
    const write = (text: string): void => {
      const holdsEnough = !response.write(text);
      heartbeat.refresh();
      if (holdsEnough) unread ??= setTimeout(() => response.destroy(), this.#limits.unreadMs).unref();
    };
    const heartbeat = setInterval(() => {
      if (!unread) write("event: heartbeat\ndata: {}\n\n");
    }, this.#limits.heartbeatMs).unref();
    let sent = from;
    const sendNews = (): void => {
      if (unread) return;
      for (const event of this.#events.since(sent)) {
        // The history has lost what comes next: the client finds out when it comes back.
        if (event.id !== sent + 1) {
          response.destroy();
          return;
        }
        write(this.#format(event));
        sent = event.id;
        if (unread) return;
      }
    };
    const history = { history: this.#history, last_id: this.#lastId(), complete };
    write(`retry: ${RETRY_MS}\nid: ${this.#history}-${from}\nevent: history\ndata: ${JSON.stringify(history)}\n\n`);
    const goOn = (): void => {
      clearTimeout(unread);
      unread = undefined;
      sendNews();
    };
    response.on("drain", goOn);
    sendNews();
    const unsubscribe = this.#events.subscribe(sendNews);
    // Nothing is written after the end, which a client that does not read may put off for long.
    const stop = (): void => {
      unsubscribe();
      response.off("drain", goOn);
      clearInterval(heartbeat);
      clearTimeout(lifetime);
      clearTimeout(unread);
      this.#open.delete(end);
      place.release();
    };
    const end = (): void => {
      stop();
      response.end();
    };
    const lifetime = setTimeout(end, this.#limits.lifetimeMs).unref();
    this.#open.add(end);
    response.once("close", stop);
  }

  /** Ends every stream and begins none any more. */
  close(): void {
    this.#closed = true;
    for (const end of this.#open) end();
  }

  /** Whoever's place is in another history, or in no possible one, starts from the first event that is kept. */
  #resume(text: string | undefined): { readonly from: number; readonly complete: boolean } {
    const oldest = this.#events.since()[0]?.id ?? this.#lastId() + 1;
    const { history = this.#history, id } = (text === undefined ? undefined : parseEventId(text)) ?? { id: 0 };
    const isOurs = history === this.#history && id <= this.#lastId();
    const complete = isOurs && id >= oldest - 1;
    return { from: complete ? id : oldest - 1, complete };
  }

  #lastId(): number {
    return this.#events.since().at(-1)?.id ?? 0;
  }

  #format(event: LoggedEvent): string {
    return `id: ${this.#history}-${event.id}\nevent: ${event.kind}\ndata: ${JSON.stringify(eventView(event))}\n\n`;
  }
}

/** The transition as it is, with `time` for people; a `from` or `to` that there is not is null. */
export function eventView({ id, wallMs, ...event }: LoggedEvent) {
  const nobody =
    event.kind === "address-moved" || event.kind === "cast-changed" || event.kind === "group-state"
      ? { from: event.from ?? null, to: event.to ?? null }
      : {};
  return { ...event, ...nobody, id, time: timestamp(wallMs) };
}

/** "17" or "mi9vxk2a-17"; undefined when it is neither. */
function parseEventId(text: string): { readonly history?: string; readonly id: number } | undefined {
  const [, history, digits] = /^(?:([0-9a-z]{1,16})-)?(\d{1,15})$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  return history === undefined ? { id: Number(digits) } : { history, id: Number(digits) };
}

function queried(request: Request): string | undefined {
  const { since } = request.query;
  return typeof since === "string" ? since : undefined;
}
