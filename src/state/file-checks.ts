/** What tells a file of ours from another program's, and a whole one from a damaged one. */

import { crc32 } from "node:zlib";

/**
 * Whether a file that cannot be read was of ours once: more than half of the bytes that such a file begins with are right, or all are zero, as a
 * loss of power leaves it. @param start how every such file begins
 */
export function wasOurs(file: Uint8Array, start: string): boolean {
  const expected = Buffer.from(start).subarray(0, file.length);
  const same = expected.filter((byte, n) => byte === file[n]).length;
  return same * 2 > expected.length || file.every((byte) => byte === 0);
}

/** CRC-32 of all parts, one after the other. (zlib takes an empty part for the wish to begin anew.) */
export function sumOf(...parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => (part.length === 0 ? sum : crc32(part, sum)), 0);
}

const NEWLINE = 0x0a;

/** The first line of a file and what follows it; where no line ends, the line is empty and all of the file follows. */
export function splitFirstLine(file: Uint8Array): readonly [line: string, rest: Uint8Array] {
  const end = file.indexOf(NEWLINE);
  return [Buffer.from(file.subarray(0, Math.max(0, end))).toString("utf8"), file.subarray(end + 1)];
}

/** The object that a line of JSON holds; undefined when it holds none. */
export function parseObject(line: string): { readonly [key: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
