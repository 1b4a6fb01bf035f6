/** A short file of procfs as text, one character for each byte (latin1): names of links in it may be no UTF-8. */

import { readFileSync } from "node:fs";

/** Undefined when the file is not there: IPv6 is off, a link has gone, procfs is hidden or a fixture. */
export function readProcText(path: string | Buffer): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
