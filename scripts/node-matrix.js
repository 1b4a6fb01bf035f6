/**
 * Starts the built program on other versions of Node (the npm package "node") and scrapes it once on each; then once more as
 * installed without optional packages, where it must read /proc/net/dev and say so.
 *
 *   npm run node-matrix [-- VERSION…]        22 24 26 when none is given, and always the Node that runs this
 *
 * Everything is installed in a temporary folder. Not part of `npm test`: each Node is a download of some 40 MB.
 */

import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buildProgram, ROOT } from "./build.js";

/** The program is ready in well under a second; this is for a machine that does much else. */
const READY_WITHIN_MS = 30_000;

/** @param {string} folder @param {readonly string[]} args */
const npm = (folder, ...args) =>
  execFileSync("npm", [...args, "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder, stdio: "inherit" });

/** @param {string} url @returns {Promise<string>} */
const fetchText = (url) =>
  new Promise((resolve, reject) => {
    get(url, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => {
        text += part;
      });
      response.on("end", () =>
        response.statusCode === 200
          ? resolve(text)
          : reject(new Error(`${url} answered ${response.statusCode}: ${text}`)),
      );
    }).on("error", reject);
  });

/**
 * Serves, scrapes once, and ends it, which must succeed.
 * @param {string} node
 * @param {string} program
 * @param {string} folder for its state
 * @returns {Promise<{ metrics: string, log: string }>}
 */
async function scrapeOnce(node, program, folder) {
  const flags = ["--web.listen-address=127.0.0.1:0", "--snmp.listen-address=none", "--log.format=json"];
  const child = spawn(node, [program, ...flags], {
    env: { ...process.env, STATE_DIRECTORY: folder, RUNTIME_DIRECTORY: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise((resolve) => child.once("close", (code, signal) => resolve(code ?? signal)));
  const limit = setTimeout(() => child.kill("SIGKILL"), READY_WITHIN_MS);
  let log = "";
  let address = "";
  const ready = new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on("line", (line) => {
        log += `${line}\n`;
        if (!line.startsWith("{")) return;
        const event = JSON.parse(line);
        if (event.msg === "listening" && !event.address.startsWith("unix:")) address = event.address;
        if (event.msg === "ready") resolve(undefined);
      });
    }
  });
  try {
    await Promise.race([ready, ended]);
    if (address === "") throw new Error("it did not come to listen");
    const metrics = await fetchText(`http://${address}/metrics`);
    child.kill("SIGTERM");
    const end = await ended;
    if (end !== 0) throw new Error(`it ended with ${end} on SIGTERM`);
    return { metrics, log };
  } catch (error) {
    throw new Error(`${node} ${program}: it printed\n${log}`, { cause: error });
  } finally {
    clearTimeout(limit);
    child.kill("SIGKILL");
  }
}

/** @param {string} what @param {string} metrics @param {string} sample */
function expectSample(what, metrics, sample) {
  if (!metrics.includes(sample)) throw new Error(`${what}: /metrics has no ${sample}`);
}

/** @param {string} folder @param {string} version @returns {string} path of that Node */
function installNode(folder, version) {
  const place = join(folder, `node-${version}`);
  mkdirSync(place);
  writeFileSync(join(place, "package.json"), "{}");
  npm(place, "install", `node@${version}`);
  return join(place, "node_modules", "node", "bin", "node");
}

/** @param {string} folder @returns {string} path of the program in a copy that has no optional packages */
function installWithoutOptional(folder) {
  const place = join(folder, "without-optional");
  mkdirSync(place);
  for (const name of ["package.json", "package-lock.json", ".npmrc", "dist"]) {
    cpSync(join(ROOT, name), join(place, name), { recursive: true });
  }
  npm(place, "ci", "--omit=optional", "--omit=dev");
  if (existsSync(join(place, "node_modules", "koffi"))) throw new Error("npm ci --omit=optional installed koffi");
  return join(place, "dist", "main.js");
}

if (!buildProgram()) process.exit(1);
const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-nodes-"));
try {
  const wanted = process.argv.length > 2 ? process.argv.slice(2) : ["22", "24", "26"];
  const nodes = [process.execPath, ...wanted.map((version) => installNode(folder, version))];
  const states = join(folder, "state");
  for (const node of nodes) {
    const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
    rmSync(states, { recursive: true, force: true });
    mkdirSync(states);
    const { metrics } = await scrapeOnce(node, join(ROOT, "dist", "main.js"), states);
    expectSample(version, metrics, `nodeversion="${version}"`);
    expectSample(version, metrics, "\nipmp_source_info{");
    console.log(
      `Node ${version}: served ${metrics.split("\n").filter((line) => line.startsWith("ipmp_")).length} series of ours`,
    );
  }
  rmSync(states, { recursive: true });
  mkdirSync(states);
  const { metrics, log } = await scrapeOnce(process.execPath, installWithoutOptional(folder), states);
  expectSample("without koffi", metrics, 'ipmp_source_info{source="procfs"} 1');
  const said = log.split("\n").find((line) => line.includes("/net/dev"));
  if (said === undefined) throw new Error(`without koffi, the log does not name the fallback:\n${log}`);
  console.log(`npm ci --omit=optional: ${said}`);
} finally {
  rmSync(folder, { recursive: true });
}
