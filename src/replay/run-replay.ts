/** `ipmp-exporter replay`: a trace on standard input, its results on standard output. */

import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Characters of output gathered before they are written: large enough that writing costs little, small enough to stay in cache. */
const BUFFER_CHARACTERS = 1 << 16;

/** What a trace is replayed on. */
export interface Replayer {
  /** The output line for the next line of the trace, without a newline. */
  next(line: string): string;
  /** Later lines are not replayed. */
  readonly ended: boolean;
}

/**
 * Resolves at the end of the trace, after a panic in it, or when nobody reads any more. Waits while the reader is slower than we are; rejects
 * when a stream fails.
 */
export async function runReplay(run: Replayer, stdin: Readable, stdout: Writable): Promise<void> {
  stdin.setEncoding("latin1"); // Traces are ASCII: a byte is a character, and a stray one cannot break the decoding.
  try {
    await pipeline(stdin, (chunks: AsyncIterable<string>) => outputOf(run, chunks), stdout, { end: false });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) throw error;
  }
}

/** The output in pieces worth writing. Input after a panic is read, so that its writer does not fail, and ignored. */
async function* outputOf(run: Replayer, chunks: AsyncIterable<string>): AsyncGenerator<string, void> {
  let output = "";
  for await (const lines of linesOf(chunks)) {
    for (const line of lines) {
      if (run.ended) break;
      output += `${run.next(line)}\n`;
      if (output.length < BUFFER_CHARACTERS) continue;
      yield output;
      output = "";
    }
  }
  if (output !== "") yield output;
}

/** The lines that each chunk completes. A last line without a newline counts. */
async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string[], void> {
  let rest = "";
  for await (const chunk of chunks) {
    const lines = chunk.split("\n");
    lines[0] = rest + (lines[0] ?? "");
    rest = lines.pop() ?? "";
    yield lines;
  }
  if (rest !== "") yield [rest];
}
