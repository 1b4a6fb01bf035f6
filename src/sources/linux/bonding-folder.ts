/** /proc/self/net/bonding: a file for each bond of our network namespace (bond_procfs.c). With subset=pid it is there as well. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type BondingFile, parseBondingFile } from "./bonding-file.ts";
import { linkName } from "./link-name.ts";
import { readProcText } from "./proc-text.ts";

/**
 * What each bond says, by its name; nothing where the kernel has no bonding or a sandbox hides it.
 * @param net /proc/self/net
 * @param ifindexOf a link's number; undefined for a name that is not there
 */
export function readBondingFiles(
  net: string,
  ifindexOf: (name: string) => number | undefined,
): Map<string, BondingFile> {
  const folder = join(net, "bonding");
  const files = new Map<string, BondingFile>();
  for (const bond of namesIn(folder)) {
    const text = readProcText(Buffer.concat([Buffer.from(`${folder}/`), bond]));
    files.set(linkName(bond), parseBondingFile(text ?? "", ifindexOf));
  }
  return files;
}

function namesIn(folder: string): Buffer[] {
  try {
    return readdirSync(folder, "buffer");
  } catch {
    return [];
  }
}
