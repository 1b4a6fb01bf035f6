/** The kernel's tables of neighbours, which all network namespaces share (arp(7), gc_thresh3): a bench of many links may fill them, alone or beside others. */

import { readFileSync } from "node:fs";

const TABLES = ["arp_cache", "ndisc_cache"] as const;

/** How often an entry was refused since the machine was started. */
export function overflows(): number {
  return TABLES.reduce((sum, table) => sum + countOf(readFileSync(`/proc/net/stat/${table}`, "utf8")), 0);
}

/** A heading and a line of hexadecimal numbers for each processor. */
function countOf(text: string): number {
  const [heading = "", ...lines] = text.trimEnd().split("\n");
  const column = heading.trim().split(/\s+/).indexOf("table_fulls");
  return lines.reduce((sum, line) => sum + Number.parseInt(line.trim().split(/\s+/)[column] ?? "0", 16), 0);
}
