/** A route of the HTTP server, and how Express serves it: a path answers 405 with Allow to a method that it does not have. */

import type { Express, Request, RequestHandler, Response } from "express";

export type Handler = (request: Request, response: Response) => void | Promise<void>;

export interface Route {
  /** In Express's notation: `:name` is a parameter. */
  readonly path: string;
  /** GET answers HEAD too. */
  readonly methods: { readonly GET?: Handler; readonly POST?: Handler; readonly PUT?: Handler };
  /** Run before a method's handler, in order. */
  readonly guards: readonly RequestHandler[];
}

export function mount(app: Express, route: Route): void {
  const allow = Object.keys(route.methods).flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  const methods: Readonly<Record<string, Handler | undefined>> = { ...route.methods, HEAD: route.methods.GET };
  // One layer for all methods: app.all() makes one for each of Node's 34, and each compiles the path again.
  app.route(route.path).all(
    (request, response, next) => {
      if (methods[request.method] !== undefined) return next();
      response.set("Allow", allow.join(", "));
      throw new HttpError(405, `${request.method} is not possible here: expected ${allow.join(" or ")}`);
    },
    ...route.guards,
    (request, response) => methods[request.method]?.(request, response),
  );
}

/** An answer other than the one asked for; its message is for the client. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
