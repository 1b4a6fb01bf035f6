/** The telemetry path: one collection, rendered once for all the requests that share it, gzip for those that take it. */

import { promisify } from "node:util";
import { gzip as gzipWithCallback } from "node:zlib";
import type { Request, Response } from "express";
import { renderText } from "../exposition/prometheus/metrics.ts";
import { TEXT_CONTENT_TYPE } from "../exposition/prometheus/text-format.ts";
import type { Snapshot, Snapshots } from "../snapshot/snapshot.ts";
import type { ProcessMetrics } from "./process-metrics.ts";

const gzip = promisify(gzipWithCallback);

/** Smaller bodies are not worth compressing: they fit in a few packets. */
const GZIP_FROM_BYTES = 8192;
/** Level 1: label sets repeat so much that higher levels cost several times the CPU for little. */
const GZIP = { level: 1, chunkSize: 128 * 1024 } as const;

/** One rendering; `gzipped` is begun by the first request that wants it. */
interface Page {
  readonly snapshot: Snapshot;
  readonly body: Promise<Buffer>;
  gzipped?: Promise<Buffer>;
}

export function telemetry(snapshots: Snapshots, processMetrics: ProcessMetrics | undefined) {
  let page: Page | undefined;
  let readers = 0;
  let sizeHint: number | undefined;

  async function render(snapshot: Snapshot): Promise<Buffer> {
    const bytes = renderText(snapshot, sizeHint);
    // A few digits more the next time must not make the buffer grow to twice its size.
    sizeHint = bytes.length + 4096;
    const ours = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    if (processMetrics === undefined) return ours;
    return Buffer.concat([ours, Buffer.from(await processMetrics.render())]);
  }

  return async (request: Request, response: Response): Promise<void> => {
    readers++;
    response.once("close", () => {
      // Kept only while somebody reads it: it may be some megabytes.
      if (--readers === 0) page = undefined;
    });
    const snapshot = await snapshots.fresh();
    if (page?.snapshot !== snapshot) page = { snapshot, body: render(snapshot) };
    const current = page;
    let body = await current.body;
    response.setHeader("Content-Type", TEXT_CONTENT_TYPE);
    response.setHeader("Vary", "Accept-Encoding");
    if (body.length >= GZIP_FROM_BYTES && request.acceptsEncodings("gzip") !== false) {
      current.gzipped ??= gzip(body, GZIP);
      body = await current.gzipped;
      response.setHeader("Content-Encoding", "gzip");
    }
    response.setHeader("Content-Length", body.length);
    // Ended only when the client has taken it: a server that closes takes an ended response for an idle connection.
    if (request.method === "HEAD") response.end();
    else response.write(body, () => response.end());
  };
}
