/** A bound on requests in progress, as node_exporter's --web.max-requests: those above it get 503 at once. */

import type { RequestHandler } from "express";
import { HttpError } from "./routes.ts";

/** `max` 0 is no bound. A response that its client has not taken after `deadlineMs` is cut off, so that a slot always returns. */
export function limitInFlight(max: number, deadlineMs: number): RequestHandler {
  let inFlight = 0;
  return (_request, response, next) => {
    if (max > 0 && inFlight >= max) {
      response.set("Retry-After", "1");
      throw new HttpError(503, `Limit of concurrent requests reached (${max}), try again later.`);
    }
    inFlight++;
    const deadline = setTimeout(() => response.destroy(), deadlineMs);
    deadline.unref();
    response.once("close", () => {
      inFlight--;
      clearTimeout(deadline);
    });
    next();
  };
}
