/** The first line of a password file, as whatever editor wrote it. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { readPassword } from "#src/daemon/process/password-file.js";
import { scratch } from "../support/scratch.ts";

const folder = scratch({ after });
const MARK = "\u{feff}";

function read(content: string | Buffer): ReturnType<typeof readPassword> {
  const file = join(folder, "password");
  writeFileSync(file, content);
  return readPassword(file);
}

describe("a password", () => {
  for (const [what, content, password] of [
    ["ends with its line", "correct horse\nsecond line\n", "correct horse"],
    ["ends with its line where lines end with CR and LF", "correct horse\r\n", "correct horse"],
    ["may end with the file", "correct horse", "correct horse"],
    ["begins after a byte order mark", `${MARK}correct horse\r\n`, "correct horse"],
    ["may have letters of more than one byte", "größer als sieben\n", "größer als sieben"],
    ["may be followed by what is no text", Buffer.from("correct horse\n\xff\xfe", "latin1"), "correct horse"],
    ["may be followed by more than a line may have", `correct horse\n${"é".repeat(4096)}`, "correct horse"],
  ] as const) {
    test(what, () => assert.deepEqual(read(content), { password }));
  }

  const expected = "expected a readable file whose first line has 8 octets or more";
  for (const [what, content, problem] of [
    ["Latin-1", Buffer.from("größer als sieben\n", "latin1"), "its first line is not UTF-8 text"],
    ["UTF-16", Buffer.from(`${MARK}correct horse\n`, "utf16le"), "its first line is not UTF-8 text"],
    ["a byte order mark and too little", `${MARK}seven77\n`, "its first line has 7 octets"],
    ["an endless line", "x".repeat(5000), "its first line has more than 4096 bytes"],
  ] as const) {
    test(`is not taken from ${what}`, () => assert.deepEqual(read(content), { problem: `${problem}: ${expected}` }));
  }
});
