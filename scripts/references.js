/**
 * Writes the parts of the documentation that are made from the program's own tables: npm run references
 *
 *   node scripts/references.js [--check]
 *
 * A page has them between `<!-- references: NAME -->` and `<!-- end of NAME -->`; everything else in it is written by hand. The
 * manual page is made as a whole. With --check nothing is written: exit status 1 says that a page is out of date, and which.
 * The program has to be built.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMain, ROOT } from "./build.js";
import { flagsTable, keysSections } from "./references/configuration.js";
import { manual } from "./references/manual.js";
import { familyTables, processTable, resetReasons, webTable } from "./references/metrics.js";
import { mibNotifications, mibScalars, mibTables } from "./references/mib.js";

/** @typedef {Readonly<Record<string, () => string | Promise<string>>>} Parts by the name of their place */

/** @type {Readonly<Record<string, Parts>>} */
const PAGES = {
  "docs/CONFIGURATION.md": { keys: keysSections, flags: flagsTable },
  "docs/METRICS.md": { families: familyTables, resets: resetReasons, web: webTable, process: processTable },
  "docs/MIB.md": { tables: mibTables, scalars: mibScalars, notifications: mibNotifications },
};

/** Files that are made as a whole. @type {Parts} */
const FILES = { "docs/man/ipmp-exporter.1": manual };

/**
 * Puts what was made between its marks.
 * @param {string} page
 * @param {string} name
 * @param {string} made
 * @param {string} path for the message
 */
function place(page, name, made, path) {
  const [begin, end] = [`<!-- references: ${name} -->\n`, `<!-- end of ${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${path} has no place for "${name}": expected ${begin.trim()} … ${end}`);
  return `${page.slice(0, from)}${begin}\n${made.trim()}\n\n${page.slice(to)}`;
}

/** @returns {Promise<Map<string, string>>} what each file should hold, by its path below the root */
async function references() {
  const files = new Map();
  for (const [path, parts] of Object.entries(PAGES)) {
    let page = readFileSync(join(ROOT, path), "utf8");
    for (const [name, make] of Object.entries(parts)) page = place(page, name, await make(), path);
    files.set(path, page);
  }
  for (const [path, make] of Object.entries(FILES)) files.set(path, await make());
  return files;
}

/** @param {readonly string[]} args @returns {Promise<number>} exit status */
async function main(args) {
  const unknown = args.find((arg) => arg !== "--check");
  if (unknown !== undefined) {
    console.error(`references: unknown argument "${unknown}"; it takes --check`);
    return 2;
  }
  const files = await references();
  const stale = [...files].filter(([path, text]) => text !== present(path));
  if (args.includes("--check")) {
    for (const [path] of stale) console.error(`${path} is out of date: expected what "npm run references" writes`);
    return stale.length > 0 ? 1 : 0;
  }
  for (const [path, text] of stale) {
    writeFileSync(join(ROOT, path), text);
    console.log(`wrote ${path}`);
  }
  return 0;
}

/** @param {string} path @returns {string | undefined} */
function present(path) {
  try {
    return readFileSync(join(ROOT, path), "utf8");
  } catch {
    return undefined; // not there yet
  }
}

if (isMain(import.meta.url)) process.exitCode = await main(process.argv.slice(2));
