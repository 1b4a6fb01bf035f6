/** A bound on requests in progress, as node_exporter's --web.max-requests: those above it get 503 at once. */

import type { RequestHandler } from "express";
import { sourceOf } from "./client-address.ts";
import { Places } from "./places.ts";
import { HttpError } from "./route.ts";

/** `max` 0 is no bound. A response that its client has not taken after `deadlineMs` is cut off, so that a slot always returns. */
export function limitInFlight(max: number, deadlineMs: number): RequestHandler {
  const slots = new Places(max);
  return (request, response, next) => {
    // Gone while something before this took its time: nobody would give the slot back.
    if (response.closed || request.socket.destroyed) return;
    const cut = (): void => void response.destroy();
    const slot = slots.take(sourceOf(request.socket.remoteAddress), cut);
    if (slot === undefined) {
      response.set("Retry-After", "1");
      throw new HttpError(503, `Limit of concurrent requests reached (${max}), try again later.`);
    }
    const deadline = setTimeout(cut, deadlineMs);
    deadline.unref();
    response.once("close", () => {
      slot.release();
      clearTimeout(deadline);
    });
    next();
  };
}
