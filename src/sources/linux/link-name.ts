/**
 * Names of links as text. To the kernel a name is bytes (dev_valid_name of net/core/dev.c): at most 15, any but "/" and white
 * space, so also such as are no UTF-8. These are written as escapes, one for each byte ("b\xfcro"), and two names stay two:
 * in a name that has an escape, or that looks as if it had one, the backslash is escaped as well.
 */

import { isUtf8 } from "node:buffer";

const encoder = new TextEncoder();

const ESCAPE = /\\x([0-9a-f]{2})/g;
const LOOKS_ESCAPED = /\\x[0-9a-f]{2}/;
const BACKSLASH = 0x5c;

export function linkName(bytes: Uint8Array): string {
  const text = decode(bytes);
  if (text !== undefined && !LOOKS_ESCAPED.test(text)) return text;
  let name = "";
  for (let at = 0; at < bytes.length; ) {
    const character = characterAt(bytes, at);
    if (character === undefined || bytes[at] === BACKSLASH) {
      name += `\\x${(bytes[at] ?? 0).toString(16).padStart(2, "0")}`;
      at++;
    } else {
      name += character;
      at += encoder.encode(character).length;
    }
  }
  return name;
}

/** The bytes that the kernel knows the link by. */
export function linkNameBytes(name: string): Uint8Array {
  const parts = name.split(ESCAPE); // text and two hex digits in turn
  return Buffer.concat(parts.map((part, n) => (n % 2 === 0 ? encoder.encode(part) : Buffer.from(part, "hex"))));
}

/** The name in a text file that was read as latin1: one character for each byte. */
export function linkNameOfLatin1(text: string): string {
  return linkName(Buffer.from(text, "latin1"));
}

/** The one character that begins there; undefined where the bytes are no UTF-8. */
function characterAt(bytes: Uint8Array, at: number): string | undefined {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    const character = decode(bytes.subarray(at, at + length));
    if (character !== undefined) return character;
  }
  return undefined;
}

/** Asked first: a decoder that throws costs a thousand times as much, and whoever names a link decides how often it does. */
function decode(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8") : undefined;
}
