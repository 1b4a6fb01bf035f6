/** Lines of a long file of procfs that have a certain form, read in pieces: a routing table can have a million lines. */

import { closeSync, openSync, readSync } from "node:fs";

const PIECE_BYTES = 64 * 1024;

export interface LineFilter {
  /** Global and multiline, of a whole line: /^…$/gm. */
  readonly line: RegExp;
  /** Whether the file has all such lines in a row, so that what comes behind them need not be read. */
  readonly inARow: boolean;
}

/**
 * The lines that fit, one character for each byte (latin1).
 * @returns undefined when the file is not there or refuses
 */
export function readLines(path: string, { line, inARow }: LineFilter): string[] | undefined {
  const piece = Buffer.alloc(PIECE_BYTES);
  const found: string[] = [];
  let fd: number | undefined;
  try {
    fd = openSync(path, "r");
    for (let rest = ""; ; ) {
      const size = readSync(fd, piece, 0, PIECE_BYTES, null);
      const text = rest + piece.toString("latin1", 0, size);
      const end = size === 0 ? text.length : text.lastIndexOf("\n") + 1;
      const lines = text.slice(0, end).match(line) ?? [];
      found.push(...lines);
      if (size === 0 || (inARow && found.length > 0 && !text.slice(0, end).endsWith(`${found.at(-1)}\n`))) return found;
      rest = text.slice(end);
    }
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
