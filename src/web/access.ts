/** What the web configuration asks of every request, as it is in force at that moment. */

import { setTimeout as wait } from "node:timers/promises";
import type { RequestHandler } from "express";
import { TokenBucket } from "../rate-limit/token-bucket.ts";
import type { BasicAuth } from "./basic-auth.ts";
import { sourceOf } from "./client-address.ts";
import { HttpError } from "./route.ts";
import type { WebConfigFile } from "./web-config-file.ts";
import type { LoadedWebConfig } from "./web-config-loading.ts";

/** What a wrong password costs besides its comparison. */
const REFUSED_AFTER_MS = 200;

/** Headers, rate limit and users. */
export function requireAccess(file: WebConfigFile, basicAuth: BasicAuth): RequestHandler {
  let bucket: TokenBucket | undefined;
  let limit = "";
  const follow = ({ config }: LoadedWebConfig): void => {
    basicAuth.use(config.users);
    // The same limit goes on, whatever else has changed.
    if (JSON.stringify(config.rateLimit) === limit) return;
    limit = JSON.stringify(config.rateLimit);
    bucket = config.rateLimit && new TokenBucket(config.rateLimit, performance.now());
  };
  follow(file.current);
  file.onChange(follow);

  return async (request, response, next) => {
    for (const [name, value] of file.current.config.headers) {
      if (value === "") response.removeHeader(name);
      else response.set(name, value);
    }
    if (bucket?.take(performance.now()) === false) throw new HttpError(429, "Too many requests, try again later");
    if (basicAuth.isAsked) {
      const verdict = await basicAuth.check(request.get("Authorization"), sourceOf(request.socket.remoteAddress));
      // Who guesses has to wait for each answer, so that answering leaves time for others.
      if (verdict === "wrong" || verdict === "busy") await wait(REFUSED_AFTER_MS);
      if (verdict === "busy") {
        response.set("Retry-After", "1");
        throw new HttpError(503, "Too many passwords to check, try again later");
      }
      if (verdict !== "allowed") {
        response.set("WWW-Authenticate", 'Basic realm="ipmp-exporter", charset="UTF-8"');
        throw new HttpError(401, "A user and password are needed");
      }
    }
    next();
  };
}
