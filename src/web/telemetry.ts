/** The telemetry path: one collection for the scrapes of a tenth of a second, each in the format and of the collectors that it asks for. */

import type { Request, Response } from "express";
import type { Snapshot, Snapshots } from "../snapshot/snapshot.ts";
import { encodingFor } from "./compression.ts";
import { negotiate } from "./exposition-format.ts";
import type { MetricsPages, PageRequest } from "./metrics-pages.ts";
import { scrapeRequest } from "./scrape-request.ts";

/** Nanoseconds. Scrapers of a redundant pair ask at nearly the same time. */
const SHARED_FOR = 100_000_000n;
/** What a scraper gives us of its own time: the answer has to get to it, too. */
const SHARE_OF_TIMEOUT = 0.9;

/** What a scrape asks of them. */
export type ScrapedSnapshots = Pick<Snapshots, "fresh" | "states">;

export function telemetry(snapshots: ScrapedSnapshots, pages: MetricsPages) {
  return async (request: Request, response: Response): Promise<void> => {
    const { name: format, contentType } = negotiate(request.headers.accept);
    const { choice, isWanted, timeoutMs } = scrapeRequest(request);
    const deadline = performance.now() + timeoutMs * SHARE_OF_TIMEOUT;
    const collected = await inTime(snapshots.fresh(SHARED_FOR), deadline);
    if (response.closed || request.socket.destroyed) return;
    // What needs no counters is written then, however late it is: it takes little time.
    const late = collected === undefined;
    const wanted: PageRequest = { format, choice, isWanted, deadline: late ? Infinity : deadline, hasCounters: !late };
    const snapshot = collected ?? snapshots.states();
    let page = pages.of(snapshot, wanted);
    let leave = page.enter();
    response.once("close", () => leave());
    let shared = await page.body;
    // What somebody who had less time has to do without is not left out here.
    while (!page.isWhole && page.deadline < wanted.deadline && !response.closed) {
      leave();
      page = pages.of(snapshot, wanted);
      leave = page.enter();
      shared = await page.body;
    }
    if (response.closed || request.socket.destroyed) return; // it was cut off while its page was written
    response.setHeader("Content-Type", contentType);
    response.setHeader("Vary", "Accept, Accept-Encoding");
    const encoding = encodingFor(request, shared.bytes.length);
    const body = encoding === undefined ? shared.bytes : await shared.in(encoding);
    if (encoding !== undefined) response.setHeader("Content-Encoding", encoding.name);
    response.setHeader("Content-Length", body.length);
    // Ended only when the client has taken it: a server that closes takes an ended response for an idle connection.
    if (request.method === "HEAD") response.end();
    else response.write(body, () => response.end());
  };
}

/** Undefined when it is not there by then. `deadline`: as performance.now() counts, or Infinity. */
async function inTime(snapshot: Promise<Snapshot>, deadline: number): Promise<Snapshot | undefined> {
  if (deadline === Infinity) return snapshot;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), deadline - performance.now());
  });
  return Promise.race([snapshot, late]).finally(() => clearTimeout(timer));
}
