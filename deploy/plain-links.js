#!/usr/bin/env node
// Links of documents to files that a package does not have (sources, tests, pages for who works on the program) become their words alone:
// a link that leads nowhere is worse than none. Every .md below FOLDER is looked at, but for those of modules; links to the web stay.
//
//   node deploy/plain-links.js FOLDER

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error("usage: node deploy/plain-links.js FOLDER");
  process.exit(2);
}
/** [words](target#part); the words may have brackets of their own. A picture that is missing stays, for the tests to find. */
const LINK = /(?<!!)\[((?:[^[\]]|\[[^\]]*\])*)\]\((?!https?:|#)([^)#\s]+)(?:#[^)\s]*)?\)/g;

for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
  if (!path.endsWith(".md") || path.startsWith("node_modules/")) continue;
  const file = join(folder, path);
  const text = readFileSync(file, "utf8");
  const settled = text.replaceAll(LINK, (link, words, target) =>
    existsSync(join(dirname(file), target)) ? link : words,
  );
  if (settled !== text) writeFileSync(file, settled);
}
