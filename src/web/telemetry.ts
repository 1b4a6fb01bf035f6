/** The telemetry path: one collection, rendered once for all the requests that share it, gzip for those that take it. */

import type { Request, Response } from "express";
import { MetricsPage } from "../exposition/prometheus/metrics.ts";
import { TEXT_CONTENT_TYPE, TextWriter } from "../exposition/prometheus/text-writer.ts";
import type { Snapshot, Snapshots } from "../snapshot/snapshot.ts";
import { gzip } from "./compression.ts";
import type { ProcessMetrics } from "./process-metrics.ts";

/** Smaller bodies are not worth compressing: they fit in a few packets. */
const GZIP_FROM_BYTES = 8192;

/** One rendering; `gzipped` is begun by the first request that wants it. */
interface Page {
  readonly snapshot: Snapshot;
  readonly body: Promise<Uint8Array>;
  gzipped?: Buffer | Promise<Buffer>;
  readers: number;
}

export function telemetry(snapshots: Snapshots, processMetrics: ProcessMetrics | undefined) {
  const metrics = new MetricsPage();
  let page: Page | undefined;
  /** The last page's memory, some megabytes on a large host, once nobody reads it any more. */
  let spare: Uint8Array | undefined;

  async function render(snapshot: Snapshot): Promise<Uint8Array> {
    const writer = new TextWriter(spare);
    spare = undefined;
    metrics.write(snapshot, writer);
    await processMetrics?.write(writer, snapshot.startedAt);
    return writer.finish();
  }

  function leave(read: Page): void {
    read.readers--;
    if (read.readers > 0) return;
    if (page === read) page = undefined;
    const keep = (body: Uint8Array): void => {
      spare = new Uint8Array(body.buffer); // all of its memory: the page ended before its end
    };
    read.body.then(keep, () => {}); // whoever asked has been told what was wrong
  }

  return async (request: Request, response: Response): Promise<void> => {
    const snapshot = await snapshots.fresh();
    if (page?.snapshot !== snapshot) page = { snapshot, body: render(snapshot), readers: 0 };
    const current = page;
    if (response.closed || request.socket.destroyed) return;
    current.readers++;
    response.once("close", () => leave(current));
    let body = await current.body;
    response.setHeader("Content-Type", TEXT_CONTENT_TYPE);
    response.setHeader("Vary", "Accept-Encoding");
    if (body.length >= GZIP_FROM_BYTES && request.acceptsEncodings("gzip") !== false) {
      current.gzipped ??= gzip(body);
      body = await current.gzipped;
      response.setHeader("Content-Encoding", "gzip");
    }
    response.setHeader("Content-Length", body.length);
    // Ended only when the client has taken it: a server that closes takes an ended response for an idle connection.
    if (request.method === "HEAD") response.end();
    else response.write(body, () => response.end());
  };
}
