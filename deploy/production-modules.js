#!/usr/bin/env node
// Copies the modules that the program needs beside its bundle into FOLDER/node_modules, as far as they are installed here. Needs no network. A module that is missing is an error unless it is optional (koffi is built
// for one processor at a time). Left out: type declarations, source maps, what modules carry for their own developers and
// readers (their licences stay), and binaries for musl (the packages made with this are for glibc).
//
//   node deploy/production-modules.js FOLDER

import { cpSync, existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { UNBUNDLED } from "../scripts/build.js";

const UNWANTED_FILES =
  /\.(?:[cm]?ts|map|markdown|tsbuildinfo|flow|html|sh|c|cc|cpp|h|hh|S|asm)$|^(?:\..+|CMakeLists\.txt|Makefile|tsconfig\.json|eslint\.config\.m?js|cnoke\..*|trampolines\.cjs|bin\.m?js)$|^(?!licen[sc]e\b).*\.md$/i;
const UNWANTED_FOLDERS =
  /^(?:test|tests|__tests__|docs|examples?|bench|benchmarks?|bin|coverage|ref|vendor|musl_[a-z0-9]+)$/;

/** @param {string} from folder of a module @returns {(path: string) => boolean} */
const keeps = (from) => (path) => {
  const [first = ""] = relative(from, path).split("/");
  return !UNWANTED_FILES.test(basename(path)) && !UNWANTED_FOLDERS.test(first);
};

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [target] = process.argv.slice(2);
if (target === undefined) {
  console.error("usage: node deploy/production-modules.js FOLDER");
  process.exit(2);
}
const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
const wanted = new Set(UNBUNDLED);
// A set that grows while it is walked: what a module depends on comes after it.
for (const name of wanted) {
  const { dependencies, optionalDependencies } = packages[`node_modules/${name}`];
  for (const needed of Object.keys({ ...dependencies, ...optionalDependencies })) wanted.add(needed);
}
for (const name of wanted) {
  const path = `node_modules/${name}`;
  const { optional } = packages[path];
  const from = join(root, path);
  if (existsSync(from)) cpSync(from, join(target, path), { recursive: true, filter: keeps(from) });
  else if (optional !== true) {
    console.error(`production-modules: ${path} is missing: run npm ci first`);
    process.exit(1);
  }
}
