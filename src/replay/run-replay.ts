/** `ipmp-exporter replay [-e]`: a trace on standard input, its results on standard output. */

import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { Replay } from "./replay.ts";

/** Characters of output gathered before they are written: large enough that writing costs little, small enough to stay in cache. */
const BUFFER_CHARACTERS = 1 << 16;

/** The exit code: 0 at the end of the trace or after a panic in it, 2 for arguments that there are not. */
export async function runReplay(
  args: readonly string[],
  stdin: Readable,
  stdout: Writable,
  stderr: Writable = process.stderr,
): Promise<number> {
  const unknown = args.find((arg) => arg !== "-e");
  if (unknown !== undefined) {
    stderr.write(`Cannot replay with "${unknown}": the only option is -e (effects only, without queries)\n`);
    return 2;
  }
  const run = new Replay(args.includes("-e"));
  let output = "";
  for await (const lines of linesOf(stdin)) {
    for (const line of lines) {
      if (run.ended) break;
      output += `${run.next(line)}\n`;
      if (output.length < BUFFER_CHARACTERS) continue;
      await write(stdout, output);
      output = "";
    }
    if (run.ended) break;
  }
  await write(stdout, output);
  return 0;
}

/** Waits while the reader is slower than we are. */
async function write(stdout: Writable, output: string): Promise<void> {
  if (output !== "" && !stdout.write(output)) await once(stdout, "drain");
}

/** The lines of each chunk. A last line without a newline counts. */
async function* linesOf(stdin: Readable): AsyncGenerator<string[], void> {
  stdin.setEncoding("latin1"); // Traces are ASCII: a byte is a character, and a stray one cannot break the decoding.
  let rest = "";
  for await (const chunk of stdin as AsyncIterable<string>) {
    const lines = chunk.split("\n");
    lines[0] = rest + (lines[0] ?? "");
    rest = lines.pop() ?? "";
    yield lines;
  }
  if (rest !== "") yield [rest];
}
