/** What the outside of a version 3 message says of its protection (RFC 3412 section 6): BER, read no further than is needed. */

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const REPORT = 0xa8;

/** msgFlags: authenticated, and encrypted. */
export const AUTH = 1;
export const PRIV = 2;

/** Where the content of an element begins, and where it ends; undefined when there is no whole element with that tag. */
interface Content {
  readonly start: number;
  readonly end: number;
}

function element(bytes: Uint8Array, at: number, tag: number): Content | undefined {
  if (bytes[at] !== tag) return undefined;
  const first = bytes[at + 1] ?? 0xff;
  const octets = first < 0x80 ? 0 : first & 0x7f;
  if (octets > 4) return undefined;
  let length = octets === 0 ? first : 0;
  for (let n = 0; n < octets; n++) length = length * 256 + (bytes[at + 2 + n] ?? 0);
  const start = at + 2 + octets;
  return start + length <= bytes.length ? { start, end: start + length } : undefined;
}

/** The content of the last of elements that follow each other from `at` on. */
function last(bytes: Uint8Array, at: number, ...tags: readonly number[]): Content | undefined {
  let found: Content | undefined = { start: at, end: at };
  for (const tag of tags) found = found && element(bytes, found.end, tag);
  return found;
}

/** msgFlags of a message; undefined for what is no message of version 3. */
export function v3Flags(message: Uint8Array): number | undefined {
  const whole = element(message, 0, SEQUENCE);
  const header = whole && last(message, whole.start, INTEGER, SEQUENCE);
  const flags = header && last(message, header.start, INTEGER, INTEGER, OCTET_STRING);
  return flags && flags.end - flags.start === 1 ? message[flags.start] : undefined;
}

/** Whether a message that is not encrypted is a Report. */
export function isReport(message: Uint8Array): boolean {
  const whole = element(message, 0, SEQUENCE);
  const scoped = whole && last(message, whole.start, INTEGER, SEQUENCE, OCTET_STRING, SEQUENCE);
  const context = scoped && last(message, scoped.start, OCTET_STRING, OCTET_STRING);
  return context !== undefined && message[context.end] === REPORT;
}
