#!/usr/bin/env node
// Prints the package's copyright file (DEP-5): the program's licence, those of the packages in its bundle, and that of each
// module in FOLDER/node_modules, each with the text that the package itself brings.
//
//   node deploy/debian/copyright.js FOLDER

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error("usage: node deploy/debian/copyright.js FOLDER");
  process.exit(2);
}

/** DEP-5 wants one space before each line, and a dot on an empty one. @param {string} text */
const indent = (text) =>
  text
    .trim()
    .split(/\r?\n/)
    .map((line) => ` ${line.trim() === "" ? "." : line.trimEnd()}`)
    .join("\n");

/** @param {string} path of a folder @returns {string | undefined} */
function licenceText(path) {
  const name = readdirSync(path).find((entry) => /^licen[sc]e/i.test(entry));
  return name === undefined ? undefined : readFileSync(join(path, name), "utf8");
}

/** @param {string} text @returns {string} */
const holders = (text) =>
  /^.*copyright .*$/im
    .exec(text)?.[0]
    .replace(/^.*?copyright\s*(\(c\)|©)?\s*/i, "")
    .trim() || "its authors";

/** Debian has these texts already. @type {Readonly<Record<string, string>>} */
const COMMON = {
  "Apache-2.0": "On Debian systems the full text is in /usr/share/common-licenses/Apache-2.0.",
};

/** "NAME VERSION (LICENCE)", a blank line and the text, of each package in the bundle. */
const bundled = readFileSync(join(folder, "dist", "program", "LICENSES.txt"), "utf8")
  .split(/^-{80}\n+/m)
  .map((part) => {
    const [, license = ""] = /^.* \((.*)\)$/m.exec(part) ?? [];
    const common = COMMON[license];
    return common === undefined ? part.trim() : `${part.split("\n", 1)[0]}\n\n${common}`;
  })
  .join("\n\n");
const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
const own = readFileSync(join(root, "LICENSE"), "utf8");
const paragraphs = [
  "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: ipmp-exporter",
  `Files: *\nCopyright: ${holders(own)}\nLicense: MIT\n${indent(own)}`,
  `Files: usr/lib/ipmp-exporter/dist/program/*\nCopyright: ${holders(own)}, and the authors of the packages below\nLicense: MIT-and-those-of-bundled-packages\n${indent(bundled)}`,
];
for (const path of Object.keys(packages)) {
  const module = join(folder, path);
  if (path === "" || !existsSync(module)) continue;
  const { author, license = "unknown" } = JSON.parse(readFileSync(join(module, "package.json"), "utf8"));
  const written = licenceText(module);
  const text = COMMON[license] ?? written ?? `This module brings no text of its own; its package.json says: ${license}`;
  const whose =
    written === undefined ? ((typeof author === "string" ? author : author?.name) ?? "its authors") : holders(text);
  const name = path.replaceAll("/", "-").replace(/^node_modules-/, "");
  paragraphs.push(
    `Files: usr/lib/ipmp-exporter/${path}/*\nCopyright: ${whose}\nLicense: ${license}-as-of-${name}\n${indent(text)}`,
  );
}
console.log(paragraphs.join("\n\n"));
