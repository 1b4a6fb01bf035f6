/**
 * The cost of one scrape with 1,000 links in 250 groups, beside node_exporter's netdev collector.
 *
 * Both run in one network namespace and are scraped in turn over loopback, on a connection that is kept open as Prometheus
 * keeps it. Wall time is from the request to the last byte; CPU is the server process's user and system time, over so
 * many scrapes that the kernel's tick of 10 ms does not matter. Needs root and Debian's prometheus-node-exporter.
 *
 * A third server, Node alone, answers with as many octets that it holds ready: less than it costs, no program on Node can.
 *
 * The first figures are those of a program that has been scraped some thirty times; the last those of one whose code V8 has compiled as
 * far as it will. A host that is scraped every 15 seconds is at the first after eight minutes and at the last after hours.
 *
 *   npm run bench -- scrape [--links=1000] [--group-size=4] [--scrapes=200] [--warm-up=30,1000] [--node-option=--cpu-prof]... [--json=FILE]
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { arch, cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { root } from "../test/support/root.ts";
import { isInside, makeVeths, runAgainInside } from "./support/namespace.ts";
import { startFloor } from "./support/floor.ts";
import { PACKAGED_NODE_OPTIONS } from "./support/node-options.ts";
import { type Answer, Server } from "./support/server.ts";

/** Scrapes that come within a tenth of a second share a collection. Each of these gets its own, as those of one Prometheus do. */
const PAUSE_MS = 105;

const OUR_PORT = 10191;
const THEIR_PORT = 9100;
const FLOOR_PORT = 9101;

export interface Cost {
  /** Median and 95th percentile, ms. */
  readonly wall: number;
  readonly wall95: number;
  /** Per scrape, ms. */
  readonly cpu: number;
  readonly series: number;
  /** Of the answer as sent. */
  readonly bytes: number;
}

function configuration(links: readonly string[], groupSize: number): string {
  const groups = Array.from({ length: Math.ceil(links.length / groupSize) }, (_, index) => {
    const members = links.slice(index * groupSize, (index + 1) * groupSize);
    return `  - { name: group${index}, interfaces: [${members.join(", ")}] }\n`;
  });
  return `groups:\n${groups.join("")}`;
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN;

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

/** Lines of the text format that are samples. */
function seriesIn({ body }: Answer, gzip: boolean): number {
  const isPacked = gzip && body.subarray(0, 2).equals(GZIP_MAGIC);
  const text = (isPacked ? gunzipSync(body) : body).toString("utf8");
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length;
}

interface Asked {
  readonly scrapes: number;
  readonly warmUp: number;
  readonly gzip: boolean;
}

/** Scrapes each server in turn, so that whatever else the machine does meets both alike. The scrapes of `warmUp` are not counted. */
async function scrape(servers: readonly Server[], { scrapes, warmUp, gzip }: Asked): Promise<Cost[]> {
  const headers = { accept: "text/plain;version=0.0.4", ...(gzip ? { "accept-encoding": "gzip" } : {}) };
  const once = async (server: Server): Promise<Answer> => {
    const answer = await server.get("/metrics", headers);
    if (answer.status !== 200) throw new Error(`/metrics answered ${answer.status}: ${answer.body.toString("utf8")}`);
    return answer;
  };
  for (let round = 0; round < warmUp; round += 1) {
    await wait(PAUSE_MS);
    for (const server of servers) await once(server);
  }
  const before = servers.map((server) => server.cpuMilliseconds());
  const walls = servers.map((): number[] => []);
  for (let round = 0; round < scrapes; round += 1) {
    await wait(PAUSE_MS);
    for (const [index, server] of servers.entries()) walls[index]?.push((await once(server)).milliseconds);
  }
  const cpus = servers.map((server, index) => (server.cpuMilliseconds() - (before[index] ?? 0)) / scrapes);
  const costs: Cost[] = [];
  for (const [index, server] of servers.entries()) {
    const sorted = walls[index]?.sort((a, b) => a - b) ?? [];
    const answer = await once(server);
    costs.push({
      wall: quantile(sorted, 0.5),
      wall95: quantile(sorted, 0.95),
      cpu: cpus[index] ?? Number.NaN,
      series: seriesIn(answer, gzip),
      bytes: answer.body.length,
    });
  }
  return costs;
}

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    console.log(
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join("  "),
    );
  }
}

function printCosts(title: string, ours: Cost, theirs: Cost, floor: Cost): void {
  const row = (name: string, { wall, wall95, cpu, series, bytes }: Cost): string[] => [
    name,
    wall.toFixed(2),
    wall95.toFixed(2),
    cpu.toFixed(2),
    `${series}`,
    `${bytes}`,
    ((wall * 1000) / series).toFixed(2),
    ((cpu * 1000) / series).toFixed(2),
  ];
  const ratio = (pick: (cost: Cost) => number): string => (pick(ours) / pick(theirs)).toFixed(3);
  console.log(`\n${title}`);
  printTable([
    ["", "wall p50 ms", "wall p95 ms", "CPU ms", "series", "bytes", "wall µs/series", "CPU µs/series"],
    row("ipmp-exporter", ours),
    row("node_exporter", theirs),
    [...row("Node alone", floor).slice(0, 4), "", `${floor.bytes}`, "", ""],
    [
      "ratio",
      ratio(({ wall }) => wall),
      ratio(({ wall95 }) => wall95),
      ratio(({ cpu }) => cpu),
      ratio(({ series }) => series),
      ratio(({ bytes }) => bytes),
      ratio(({ wall, series }) => wall / series),
      ratio(({ cpu, series }) => cpu / series),
    ],
  ]);
}

/** What `--json` writes: of the last measurement that was not compressed. */
export interface Measured {
  readonly links: number;
  readonly ours: Cost;
  readonly theirs: Cost;
  readonly floor: Cost;
}

interface Options {
  readonly links: number;
  readonly groupSize: number;
  readonly scrapes: number;
  /** Scrapes before each measurement, in turn. */
  readonly warmUps: readonly number[];
  /** For the Node that runs our program, to look into it. */
  readonly nodeOptions: readonly string[];
  /** File to write the figures to; none writes nothing. */
  readonly json?: string | undefined;
}

async function measure({ links, groupSize, scrapes, warmUps, nodeOptions, json }: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-bench-"));
  const servers: Server[] = [];
  const start = (command: string, args: readonly string[], port: number): Server => {
    const server = new Server(command, args, port);
    servers.push(server);
    return server;
  };
  try {
    const config = join(folder, "config.yml");
    writeFileSync(config, configuration(makeVeths(links), groupSize));
    const ours = start(
      process.execPath,
      [
        ...nodeOptions,
        root("dist", "main.js"),
        `--config.file=${config}`,
        `--state.file=${join(folder, "state.json")}`,
        `--control.socket=${join(folder, "control.sock")}`,
        `--web.listen-address=127.0.0.1:${OUR_PORT}`,
      ],
      OUR_PORT,
    );
    const theirs = start(
      "prometheus-node-exporter",
      ["--collector.disable-defaults", "--collector.netdev", `--web.listen-address=127.0.0.1:${THEIR_PORT}`],
      THEIR_PORT,
    );
    await ours.ready("/-/ready");
    await theirs.ready("/");
    const octets = (await ours.get("/metrics")).body.length;
    const floor = startFloor(FLOOR_PORT, octets);
    servers.push(floor);
    await floor.ready("/");
    const [cpu] = cpus();
    console.log(
      `${links} veth ends in ${Math.ceil(links / groupSize)} groups, ${scrapes} scrapes of each in turn, one each ${PAUSE_MS} ms`,
    );
    console.log(`Node ${process.version}, Linux ${release()} ${arch()}, ${cpus().length} × ${cpu?.model.trim()}`);
    const print = async (title: string, asked: Omit<Asked, "scrapes">): Promise<void> => {
      const [our, their, least] = await scrape([ours, theirs, floor], { ...asked, scrapes });
      if (our === undefined || their === undefined || least === undefined) return;
      printCosts(title, our, their, least);
      const measured: Measured = { links, ours: our, theirs: their, floor: least };
      if (json !== undefined && !asked.gzip) writeFileSync(json, JSON.stringify(measured));
    };
    let soFar = 0;
    for (const warmUp of warmUps) {
      await print(`after ${soFar + warmUp} scrapes, not compressed`, { warmUp, gzip: false });
      soFar += warmUp + scrapes;
    }
    await print(`after ${soFar} scrapes, gzip`, { warmUp: 0, gzip: true });
    const resident = (server: Server): string[] => {
      const { now, peak } = server.residentMegabytes();
      return [now.toFixed(1), peak.toFixed(1)];
    };
    console.log("\nresident size");
    printTable([
      ["", "now MB", "peak MB"],
      ["ipmp-exporter", ...resident(ours)],
      ["node_exporter", ...resident(theirs)],
    ]);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(folder, { recursive: true });
  }
}

/** @throws Error when an argument is not a number, without root, or when a server does not start */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      links: { type: "string", default: "1000" },
      "group-size": { type: "string", default: "4" },
      scrapes: { type: "string", default: "200" },
      "warm-up": { type: "string", default: "30,1000" },
      json: { type: "string" },
      "node-option": { type: "string", multiple: true, default: [...PACKAGED_NODE_OPTIONS] },
    },
  });
  const count = (name: "links" | "group-size" | "scrapes"): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 2)
      throw new RangeError(`--${name} must be a whole number from 2: it is "${values[name]}"`);
    return value;
  };
  const options = {
    links: count("links"),
    groupSize: count("group-size"),
    scrapes: count("scrapes"),
    warmUps: values["warm-up"].split(",").map(Number),
    nodeOptions: values["node-option"],
    json: values.json,
  };
  if (isInside()) await measure(options);
  else process.exitCode = runAgainInside();
}
