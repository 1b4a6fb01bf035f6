/**
 * Builds and runs the tests: `npm test`, or some of them: `npm test -- kstat snmp`.
 *
 * A word selects the test files whose path contains it; --quick leaves out the slow ones, and says so; arguments that begin with
 * --test- go to Node (--test-name-pattern=…).
 * Each file is a process of its own in a process group of its own, so that a file that hangs ends together with the programs
 * that it started. (node --test has no limit per file that works on every Node we support.) The last line is the sum.
 */

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { buildTests, isMain, ROOT, TEST_OUTPUT } from "./build.js";

/**
 * Three files at a time: the smallest machine that we build on has two cores, and files wait for something nearly half of their time.
 * Beside them one with a virtual machine: those take longest.
 */
const CONCURRENCY = 3;

/** A file that takes longer hangs: the longest takes 104 s, and three times that on a busy machine. */
const FILE_LIMIT_SECONDS = 600;
/** Those with a virtual machine, which emulates its processor, take seven minutes, and three times that on a busy machine. */
const VM_FILE_LIMIT_SECONDS = 2700;
const VM_FOLDER = "vm";
const LIMIT_FLAG = "--file-limit=";

const QUICK_FLAG = "--quick";
/** Folders of test/ that --quick leaves out: they wait for real links, browsers, compilers and programs of others. */
const SLOW_FOLDERS = ["deploy", "docs", "scripts", "system", VM_FOLDER];

/** @typedef {import("./test-reporter.js").Result} Result */
/** @typedef {{ results: Result[], notes: string[], output: string, seconds: number }} FileOutcome */

/** @type {Set<number>} process groups that are alive, by their leader's id */
const alive = new Set();

/** Ends a test file and whatever it started. @param {number} group */
function endGroup(group) {
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // Nobody is left in it, which is what was wanted.
  }
}

/** @param {readonly string[]} words @returns {string[]} compiled test files whose path has one of the words, absolute; all without words */
function select(words) {
  const folder = join(ROOT, TEST_OUTPUT, "test");
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : [];
  return files
    .filter((path) => path.endsWith(".test.js"))
    .filter((path) => words.length === 0 || words.some((word) => path.replace(/js$/, "ts").includes(word)))
    .sort()
    .map((path) => join(folder, path));
}

/** @param {string} path of a compiled test @returns {string} what a person calls it: "kstat/registry" */
const title = (path) => relative(join(ROOT, TEST_OUTPUT, "test"), path).replace(/\.test\.js$/, "");

/**
 * @param {string} file
 * @param {readonly string[]} nodeArguments
 * @param {string} reportFile where the reporter writes
 * @param {number} limitSeconds
 * @returns {Promise<FileOutcome>}
 */
function runFile(file, nodeArguments, reportFile, limitSeconds) {
  const began = performance.now();
  return new Promise((resolve) => {
    const reporter = join(ROOT, "scripts", "test-reporter.js");
    const child = spawn(
      process.execPath,
      [`--test-reporter=${reporter}`, `--test-reporter-destination=${reportFile}`, ...nodeArguments, file],
      { cwd: ROOT, detached: true, stdio: ["ignore", "pipe", "pipe"] },
    );
    let output = "";
    let timedOut = false;
    const group = child.pid;
    if (group !== undefined) alive.add(group);
    const limit = setTimeout(() => {
      timedOut = true;
      if (group !== undefined) endGroup(group);
    }, limitSeconds * 1000);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text) => {
        output += text;
      });
    }
    /** @param {string} ending how the process ended, when that itself is a failure */
    const finish = (ending) => {
      clearTimeout(limit);
      if (group !== undefined) alive.delete(group);
      const lines = existsSync(reportFile) ? readFileSync(reportFile, "utf8").split("\n") : [];
      // A process that was killed may have left half a line.
      const said = lines.slice(0, -1).map((line) => /** @type {Result} */ (JSON.parse(line)));
      const notes = said.flatMap(({ outcome, detail }) => (outcome === "note" ? [detail] : []));
      const results = said.filter(({ outcome }) => outcome !== "note");
      const ended = results.filter(({ outcome }) => outcome !== "running");
      if (timedOut) {
        const running = results.slice(results.findLastIndex((result) => result.outcome !== "running") + 1);
        const names =
          running.map((result) => `"${result.name}"`).join(", ") ||
          "a test that never yields, or something left open after the last one";
        ended.push({
          outcome: "failed",
          name: `ended after ${limitSeconds} s`,
          detail: `still going on: ${names}`,
        });
      } else if (ending !== "" && !ended.some((result) => result.outcome === "failed")) {
        ended.push({ outcome: "failed", name: "the file itself", detail: ending });
      } else if (ended.length === 0 && nodeArguments.length === 0) {
        ended.push({ outcome: "failed", name: "the file itself", detail: "it declares no test" });
      }
      resolve({ results: ended, notes, output, seconds: (performance.now() - began) / 1000 });
    };
    child.on("error", (error) => finish(error.message));
    child.on("exit", () => group !== undefined && endGroup(group));
    child.on("close", (code, signal) =>
      finish(code === 0 ? "" : `the process ended with ${signal ?? `exit code ${code}`}`),
    );
  });
}

/** @param {string} text */
const indent = (text) => text.trimEnd().replaceAll(/^(?=.)/gm, "    ");

/** @param {string} file @param {FileOutcome} outcome @param {(kind: Result["outcome"]) => number} count */
function print(file, { results, notes, output, seconds }, count) {
  const failed = results.filter((result) => result.outcome === "failed");
  const skipped = count("skipped") > 0 ? `, ${count("skipped")} skipped` : "";
  const mark = failed.length > 0 ? "✖" : "✔";
  console.log(`${mark} ${title(file)}: ${count("passed")} passed${skipped} (${seconds.toFixed(1)} s)`);
  for (const { name, detail } of failed) console.log(`  ✖ ${name}\n${indent(detail)}`);
  if (failed.length > 0 && output.trim() !== "") console.log(`  What it printed:\n${indent(output)}`);
  for (const note of notes) console.log(indent(note));
  for (const [reason, number] of skipReasons(results)) console.log(`  skipped ${number}: ${reason}`);
}

/** @param {readonly Result[]} results @returns {Map<string, number>} */
function skipReasons(results) {
  const reasons = new Map();
  for (const { outcome, detail } of results) {
    if (outcome === "skipped") reasons.set(detail, (reasons.get(detail) ?? 0) + 1);
  }
  return reasons;
}

/** @param {string} path of a compiled test @returns {string} the folder of test/ that it lies in */
const folderOf = (path) => title(path).split("/", 1)[0] ?? "";

/** @param {readonly string[]} files compiled tests that were left out @returns {string} "9 of deploy, 12 of system" */
const perFolder = (files) =>
  SLOW_FOLDERS.map((folder) => ({ folder, number: files.filter((path) => folderOf(path) === folder).length }))
    .filter(({ number }) => number > 0)
    .map(({ folder, number }) => `${number} of ${folder}`)
    .join(", ");

/** @param {readonly string[]} args @returns {Promise<number>} exit code */
async function main(args) {
  const nodeArguments = args.filter((arg) => arg.startsWith("--test-"));
  const limit = args.findLast((arg) => arg.startsWith(LIMIT_FLAG))?.slice(LIMIT_FLAG.length);
  const limitSeconds = limit === undefined ? undefined : Number(limit);
  const words = args.filter((arg) => !arg.startsWith("--"));
  const known = (/** @type {string} */ arg) =>
    arg === QUICK_FLAG || arg.startsWith("--test-") || arg.startsWith(LIMIT_FLAG) || !arg.startsWith("--");
  const unknown = args.find((arg) => !known(arg));
  if (unknown !== undefined || (limitSeconds !== undefined && !(limitSeconds > 0))) {
    console.error(
      `test: wrong argument ${unknown ?? `${LIMIT_FLAG}${limit}`}; it takes words, ${QUICK_FLAG}, --test-…, ${LIMIT_FLAG}SECONDS`,
    );
    return 2;
  }
  if (!buildTests()) return 1;
  const selected = select(words);
  if (selected.length === 0) {
    const wanted = words.length === 0 ? "" : ` with ${words.map((word) => `"${word}"`).join(" or ")} in its path`;
    console.error(`test: there is no file test/**/*.test.ts${wanted}`);
    return 2;
  }
  const leftOut = args.includes(QUICK_FLAG) ? selected.filter((path) => SLOW_FOLDERS.includes(folderOf(path))) : [];
  const files = selected.filter((path) => !leftOut.includes(path));
  const reports = mkdtempSync(join(tmpdir(), "ipmp-exporter-test-"));
  const total = { running: 0, passed: 0, failed: 0, skipped: 0, note: 0 };
  /** @param {IterableIterator<string>} queue which several workers may share @param {number} usualLimit */
  const work = async (queue, usualLimit) => {
    for (const file of queue) {
      const outcome = await runFile(
        file,
        nodeArguments,
        join(reports, `${files.indexOf(file)}`),
        limitSeconds ?? usualLimit,
      );
      const count = (/** @type {Result["outcome"]} */ kind) => outcome.results.filter((r) => r.outcome === kind).length;
      print(file, outcome, count);
      for (const { outcome: kind } of outcome.results) total[kind] += 1;
    }
  };
  const machines = files.filter((file) => folderOf(file) === VM_FOLDER).values();
  const others = files.filter((file) => folderOf(file) !== VM_FOLDER).values();
  await Promise.all([
    work(machines, VM_FILE_LIMIT_SECONDS),
    ...Array.from({ length: CONCURRENCY }, () => work(others, FILE_LIMIT_SECONDS)),
  ]);
  rmSync(reports, { recursive: true });
  console.log("");
  if (leftOut.length > 0) console.log(`left out by ${QUICK_FLAG}: ${leftOut.length} files, ${perFolder(leftOut)}`);
  console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`);
  return total.failed > 0 || total.passed + total.skipped === 0 ? 1 : 0;
}

if (isMain(import.meta.url)) {
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
    process.on(signal, () => {
      for (const group of alive) endGroup(group);
      process.exit(1);
    });
  }
  process.exitCode = await main(process.argv.slice(2));
}
