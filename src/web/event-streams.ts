/**
 * `/api/v1/events`: the history of transitions as a JSON list, or, for who asks for text/event-stream, as it grows (server-sent
 * events, https://html.spec.whatwg.org/multipage/server-sent-events.html).
 *
 *   id: mi9vxk2a-17          a place in one history: a program that was killed has another after its restart, so that no event is taken for an older one
 *   event: member-state      the kind of the transition
 *   data: {"kind":"member-state","group":"ipmp0",…}
 *
 * A stream begins with `event: history`, which says where it takes up and whether events in between are lost.
 */

import type { Request, Response } from "express";
import type { EventHistory, LoggedEvent } from "../snapshot/event.ts";
import { sourceOf } from "./client-address.ts";
import { EventStream, type StreamTimes } from "./event-stream.ts";
import { timestamp } from "./json-values.ts";
import { Places } from "./places.ts";
import { HttpError } from "./route.ts";

export interface StreamLimits extends StreamTimes {
  /** Streams at once; a browser holds one per visible page. Each costs a connection and a few kilobytes. */
  readonly streams: number;
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
  readonly #places: Places;
  readonly #open = new Set<EventStream>();
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
      history: this.#events.name,
      last_id: this.#events.lastId,
      complete,
      events: events.map(eventView),
    });
  }

  stream(request: Request, response: Response): void {
    if (this.#closed) throw new HttpError(503, "Stopping");
    // Gone while something before this took its time: nobody would give its place back.
    if (response.closed || request.socket.destroyed) return;
    const place = this.#places.take(sourceOf(request.socket.remoteAddress), () => stream.end());
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
      lastSeen === undefined ? { from: this.#events.lastId, complete: true } : this.#resume(lastSeen);
    const history = { history: this.#events.name, last_id: this.#events.lastId, complete };
    const stream = new EventStream(response, {
      times: this.#limits,
      events: this.#events,
      from,
      head: `retry: ${RETRY_MS}\nid: ${this.#events.name}-${from}\nevent: history\ndata: ${JSON.stringify(history)}\n\n`,
      format: (event) => this.#format(event),
      stopped: () => {
        this.#open.delete(stream);
        place.release();
      },
    });
    this.#open.add(stream);
  }

  /** Ends every stream and begins none any more. */
  close(): void {
    this.#closed = true;
    for (const stream of this.#open) stream.end();
  }

  /**
   * Whoever's place is in another history, or in no possible one, is taken for somebody who has seen what earlier runs of the program told: no
   * event is told twice because the program was restarted.
   */
  #resume(text: string | undefined): { readonly from: number; readonly complete: boolean } {
    const { name, lastId, forgotten, earlier } = this.#events;
    const { history = name, id } = (text === undefined ? undefined : parseEventId(text)) ?? { id: 0 };
    if (history !== name || id > lastId) return { from: Math.max(earlier, forgotten), complete: false };
    return id >= forgotten ? { from: id, complete: true } : { from: forgotten, complete: false };
  }

  #format(event: LoggedEvent): string {
    return `id: ${this.#events.name}-${event.id}\nevent: ${event.kind}\ndata: ${JSON.stringify(eventView(event))}\n\n`;
  }
}

/** The transition as it is, with `time` for people; a `from` or `to` that there is not is null. */
export function eventView({ id, wallMs, ...event }: LoggedEvent) {
  if (event.kind === "program-started") {
    const { awayMs, ...started } = event;
    return { ...started, away_seconds: awayMs === undefined ? null : awayMs / 1000, id, time: timestamp(wallMs) };
  }
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
