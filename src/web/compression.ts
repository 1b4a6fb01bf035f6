/** Answers as gzip for those who take it (RFC 9110, 12.5.3). */

import { promisify } from "node:util";
import { gzip as gzipWithCallback } from "node:zlib";
import type { Request, Response } from "express";

/** Level 1: what we send repeats itself so much that higher levels cost several times the CPU for little. */
export const GZIP = { level: 1, chunkSize: 128 * 1024 } as const;

export const gzip = promisify(gzipWithCallback);

/** Smaller answers fit in a few packets. */
const GZIP_FROM_BYTES = 4096;

/** Sends `body`, whose type is set already. */
export async function sendCompressed(request: Request, response: Response, body: Buffer): Promise<void> {
  response.vary("Accept-Encoding");
  const compress = body.length >= GZIP_FROM_BYTES && request.acceptsEncodings("gzip") !== false;
  if (compress) response.set("Content-Encoding", "gzip");
  response.send(compress ? await gzip(body, GZIP) : body);
}
