/** Links of documents that lie as a package has them. */

import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { links } from "../docs/pages.ts";
import { succeed } from "./support.ts";

/**
 * Follows every relative link of every document below the folder, by whatever name a symbolic link gives it: as browsers do, by the names of
 * folders, and as the system does, from where the file really is.
 * @returns those that lead nowhere, as "document: target"; and how many were followed
 */
export function deadLinks(folder: string): { readonly dead: readonly string[]; readonly followed: number } {
  const documents = succeed("find", ["-L", folder, "-name", "node_modules", "-prune", "-o", "-name", "*.md", "-print"]);
  const all = documents
    .trim()
    .split("\n")
    .flatMap((file) => links(readFileSync(file, "utf8")).map((target) => ({ file, target })));
  const leads = ({ file, target }: { file: string; target: string }): boolean =>
    [file, realpathSync(file)].every((from) => existsSync(join(dirname(from), target)));
  const dead = all.filter((link) => !leads(link)).map(({ file, target }) => `${relative(folder, file)}: ${target}`);
  return { dead, followed: all.length };
}
