/** Answers as gzip for those who take it (RFC 9110, 12.5.3). */

import { promisify } from "node:util";
import { gzipSync, gzip as gzipWithCallback } from "node:zlib";
import type { Request, Response } from "express";

/** Level 1: label sets and keys repeat so much that higher levels cost several times the CPU for little. */
const GZIP = { level: 1 } as const;
/** Larger bodies are compressed by another thread; smaller ones at once, which takes less than the way to it and back. */
const IN_THREAD_FROM_BYTES = 65_536;
const GZIP_IN_THREAD = { ...GZIP, chunkSize: 128 * 1024 } as const;

const gzipInThread = promisify(gzipWithCallback);

/** Smaller answers fit in a few packets. */
const GZIP_FROM_BYTES = 4096;

/** The body as gzip. */
export function gzip(body: Uint8Array): Buffer | Promise<Buffer> {
  return body.length < IN_THREAD_FROM_BYTES ? gzipSync(body, GZIP) : gzipInThread(body, GZIP_IN_THREAD);
}

/** Sends `body`, whose type is set already. */
export async function sendCompressed(request: Request, response: Response, body: Buffer): Promise<void> {
  response.vary("Accept-Encoding");
  const compress = body.length >= GZIP_FROM_BYTES && request.acceptsEncodings("gzip") !== false;
  if (compress) response.set("Content-Encoding", "gzip");
  response.send(compress ? await gzip(body) : body);
}
