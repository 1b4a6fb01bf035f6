/** What the group of a device's LAG is called: as its link is, `<device>:<LAG>`, within the bounds of a group's name. */

import { GROUP_NAME_MAX } from "../../ipmp/ipmp-group.ts";
import { ifindexOfName } from "../../link/ifindex-of-name.ts";
import { linkLabel } from "../../link/link-id.ts";

const DIGITS = 4;
const HASH_RANGE = { first: 0, count: 16 ** DIGITS };

/** A name that is too long keeps its end, after four digits made of the whole, which tell it from another with that end. */
export function lagGroupName(source: string, lag: string): string {
  const label = linkLabel(source, lag);
  const bytes = Buffer.from(label);
  if (bytes.length <= GROUP_NAME_MAX) return label;
  const digits = ifindexOfName(bytes, HASH_RANGE, () => false)
    .toString(16)
    .padStart(DIGITS, "0");
  let start = bytes.length - (GROUP_NAME_MAX - DIGITS - 1);
  while (isContinuation(bytes[start])) start++;
  return `${digits}~${bytes.toString("utf8", start)}`;
}

/** An octet of UTF-8 that begins no character. */
function isContinuation(octet = 0): boolean {
  return (octet & 0xc0) === 0x80;
}
