/** Answers as gzip, or as zstd where the runtime has it, for those who take it (RFC 9110, 12.5.3). */

import { promisify } from "node:util";
import zlib from "node:zlib";
import type { Request, Response } from "express";

/** A content coding. */
export interface Encoding {
  readonly name: string;
  readonly compress: (body: Uint8Array) => Buffer | Promise<Buffer>;
}

/** Level 1: label sets and keys repeat so much that higher levels cost several times the CPU for little. */
const GZIP = { level: 1 } as const;
/** Larger bodies are compressed by another thread; smaller ones at once, which takes less than the way to it and back. */
const IN_THREAD_FROM_BYTES = 65_536;
const GZIP_IN_THREAD = { ...GZIP, chunkSize: 128 * 1024 } as const;

/** Since Node 22.15; the types are those of the oldest Node that we support. */
const { zstdCompressSync, zstdCompress } = zlib as typeof zlib & {
  readonly zstdCompressSync?: (body: Uint8Array) => Buffer;
  readonly zstdCompress?: (body: Uint8Array, done: (error: Error | null, result: Buffer) => void) => void;
};

const gzipInThread = promisify(zlib.gzip);

const GZIP_ENCODING: Encoding = {
  name: "gzip",
  compress: (body) =>
    body.length < IN_THREAD_FROM_BYTES ? zlib.gzipSync(body, GZIP) : gzipInThread(body, GZIP_IN_THREAD),
};
const ENCODINGS = [GZIP_ENCODING];
if (zstdCompressSync !== undefined && zstdCompress !== undefined) {
  const inThread = promisify(zstdCompress);
  ENCODINGS.push({
    name: "zstd",
    compress: (body) => (body.length < IN_THREAD_FROM_BYTES ? zstdCompressSync(body) : inThread(body)),
  });
}
/** Last what is not compressed, which a client may like better. */
const NAMES = [...ENCODINGS.map(({ name }) => name), "identity"];

/** Smaller answers fit in a few packets. */
const COMPRESSED_FROM_BYTES = 4096;

/** For a body of so many bytes, the coding that the client likes best; undefined when the body is small, or the client takes none or likes none better. */
export function encodingFor(request: Request, bytes: number): Encoding | undefined {
  if (bytes < COMPRESSED_FROM_BYTES) return undefined;
  const chosen = request.acceptsEncodings(NAMES);
  return ENCODINGS.find(({ name }) => name === chosen);
}

/** A body that many may ask for. Each coding of it is begun by the first who wants it, and is the same for all. */
export class SharedBody {
  readonly bytes: Uint8Array;
  readonly #coded = new Map<Encoding, Buffer | Promise<Buffer>>();

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  in(encoding: Encoding): Buffer | Promise<Buffer> {
    const coded = this.#coded.get(encoding) ?? encoding.compress(this.bytes);
    this.#coded.set(encoding, coded);
    return coded;
  }
}

/** Sends `body`, whose type is set already. */
export async function sendCompressed(request: Request, response: Response, body: Buffer): Promise<void> {
  response.vary("Accept-Encoding");
  const encoding = encodingFor(request, body.length);
  if (encoding !== undefined) response.set("Content-Encoding", encoding.name);
  response.send(encoding === undefined ? body : await encoding.compress(body));
}
