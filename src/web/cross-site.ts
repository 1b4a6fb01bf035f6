/**
 * Keeps pages of other sites from reading or changing anything through the browser of somebody who can reach us. A browser says
 * where a request comes from, in Origin (Fetch standard, 3.1) for everything that is no GET, in Sec-Fetch-Site only on trustworthy
 * origins. A name of another site may lead here (DNS rebinding), and to the browser its page is then of our origin; so whatever
 * shows or changes something has to be asked of a name that is this host's own.
 */

import { isIP } from "node:net";
import type { RequestHandler } from "express";
import { HttpError } from "./route.ts";

/** Refuses what a page of another origin asks for. */
export const sameSite: RequestHandler = (request, _response, next) => {
  const { host = "", origin, "sec-fetch-site": site } = request.headers;
  const foreignSite = site !== undefined && site !== "same-origin" && site !== "none";
  if (foreignSite || (origin !== undefined && !isOriginOf(origin, host))) {
    throw new HttpError(403, "Not from a page of another site");
  }
  next();
};

/**
 * Refuses what is asked of a name that is not one of `names`. An address is one of ours: no other site's name is an address. Who
 * sends no Host (HTTP/1.0) is no browser.
 */
export function askedOf(names: readonly string[]): RequestHandler {
  const own = new Set(["localhost", ...names.map((name) => name.toLowerCase())]);
  return (request, _response, next) => {
    const { host = "" } = request.headers;
    if (host === "" || isOwn(host, own)) return next();
    throw new HttpError(
      403,
      "Not under this name: expected an address or a name of this host, or one of web.host_names",
    );
  };
}

/** Ports that a scheme implies are the same written or not. */
function isOriginOf(origin: string, host: string): boolean {
  try {
    const from = new URL(origin);
    return from.host !== "" && from.host === new URL(`${from.protocol}//${host}`).host;
  } catch {
    return false; // also "null", the origin of a page that hides it
  }
}

function isOwn(host: string, own: ReadonlySet<string>): boolean {
  const name = host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1");
  return isIP(name) !== 0 || own.has(name.toLowerCase().replace(/\.$/, ""));
}
