/** Files of which the first line is a password, or the community of a device. Whatever is wrong with one is told by its key alone: the password may stand in the file name's place. */

import { closeSync, constants, fstatSync, openSync, readSync, statSync } from "node:fs";
import { SHORTEST_PASSWORD } from "../../snmp/usm.ts";

/** Bytes of a first line. */
const LONGEST_LINE = 4096;

/** S_IROTH of stat(2). */
const OTHERS_READ = 0o004;

/** `least`: octets, in which RFC 3414 measures. */
const right = (least: number) => `a readable file whose first line has ${least} octets or more`;

const WHY: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  ENOTDIR: "no such file",
  EACCES: "permission denied",
  EPERM: "permission denied",
};

/** Either the password, or what is wrong and what would be right. A pipe without a writer does not keep it waiting. */
export function readPassword(
  file: string,
  least = SHORTEST_PASSWORD,
): { readonly password: string } | { readonly problem: string } {
  let line: string;
  try {
    line = firstLine(file);
  } catch (error) {
    return { problem: `${reasonOf(error)}: expected ${right(least)}` };
  }
  const octets = Buffer.byteLength(line);
  return octets < least
    ? { problem: `its first line has ${octets} octets: expected ${right(least)}` }
    : { password: line };
}

/** Whether users who are neither its owner nor of its group may read the file; no, when that cannot be found out. */
export function othersMayRead(file: string): boolean {
  try {
    return (statSync(file).mode & OTHERS_READ) !== 0;
  } catch {
    return false;
  }
}

class NotAPasswordFile extends Error {}

function firstLine(file: string): string {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(descriptor).isFile()) throw new NotAPasswordFile("not a regular file");
    const bytes = Buffer.alloc(LONGEST_LINE + 1);
    const read = bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, 0));
    const end = read.indexOf("\n");
    if (end < 0 && read.length > LONGEST_LINE) {
      throw new NotAPasswordFile(`its first line has more than ${LONGEST_LINE} bytes`);
    }
    return textOf(end < 0 ? read : read.subarray(0, end)).replace(/\r$/, "");
  } finally {
    closeSync(descriptor);
  }
}

/** Without the byte order mark that some editors put first. Other bytes than those of UTF-8 would become another password. */
function textOf(line: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(line);
  } catch {
    throw new NotAPasswordFile("its first line is not UTF-8 text");
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof NotAPasswordFile) return error.message;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return WHY[code] ?? `cannot be read${code === "" ? "" : ` (${code})`}`;
}
