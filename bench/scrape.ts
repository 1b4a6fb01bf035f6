/**
 * The cost of one scrape with 1,000 links in 250 groups, beside node_exporter's netdev collector.
 *
 * Both run in one network namespace and are scraped in turn over loopback, on a connection that is kept open as Prometheus
 * keeps it. Wall time is from the request to the last byte; CPU is the server process's user and system time, over so
 * many scrapes that a garbage collection more or less does not matter. Needs root and Debian's prometheus-node-exporter.
 *
 * A third server, Node alone, answers with as many octets that it holds ready: less than it costs, no program on Node can. Where
 * there is a compiler, a fourth is the least that any program can do: in C, one dump of the kernel's counters for each scrape. Our own
 * `/-/ready`, asked afterwards as often, is Node and Express with nothing to say: what a scrape costs above it is the page.
 *
 * Scrapes are 105 ms apart, because those of a tenth of a second share a collection: each has its own, and meets caches of the processor
 * that others have used meanwhile, as one of a Prometheus does. With `--apart-ms=0` each follows on the last: code and data stay in the
 * caches and few scrapes collect, so this is what the way of a request costs that is already warm, and not what a host pays.
 *
 * The first figures are those of a program that has been scraped some thirty times; the last those of one whose code V8 has compiled as
 * far as it will. A host that is scraped every 15 seconds is at the first after eight minutes and at the last after hours.
 *
 *   npm run bench -- scrape [--links=1000] [--group-size=4] [--scrapes=200] [--warm-up=30,1000] [--apart-ms=105] [--node-option=--cpu-prof]... [--json=FILE]
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { startDump } from "./scrape/dump.ts";
import { machine } from "./support/machine.ts";
import { isInside, makeVeths, runAgainInside } from "./support/namespace.ts";
import { startFloor } from "./support/floor.ts";
import { PACKAGED_NODE_OPTIONS } from "./support/node-options.ts";
import { FLOOR_PORT, groupsOf, startNodeExporter, startProgram } from "./support/program.ts";
import { quantile } from "./support/quantile.ts";
import type { Answer, Server } from "./support/server.ts";
import { printTable } from "./support/table.ts";

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

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

/** Lines of the text format that are samples. */
function seriesIn({ body }: Answer, gzip: boolean): number {
  const isPacked = gzip && body.subarray(0, 2).equals(GZIP_MAGIC);
  const text = (isPacked ? gunzipSync(body) : body).toString("utf8");
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length;
}

interface Asked {
  readonly path: string;
  readonly scrapes: number;
  /** From one scrape of a server to the next, beside what the others take. */
  readonly apartMs: number;
  readonly warmUp: number;
  readonly gzip: boolean;
}

/** Scrapes each server in turn, so that whatever else the machine does meets all alike. The scrapes of `warmUp` are not counted. */
async function scrape(servers: readonly Server[], { path, scrapes, apartMs, warmUp, gzip }: Asked): Promise<Cost[]> {
  const headers = { accept: "text/plain;version=0.0.4", ...(gzip ? { "accept-encoding": "gzip" } : {}) };
  const once = async (server: Server): Promise<Answer> => {
    const answer = await server.get(path, headers);
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.body.toString("utf8")}`);
    return answer;
  };
  const pause = async (): Promise<void> => {
    if (apartMs > 0) await wait(apartMs);
  };
  for (let round = 0; round < warmUp; round += 1) {
    await pause();
    for (const server of servers) await once(server);
  }
  const before = servers.map((server) => server.cpuMilliseconds());
  const walls = servers.map((): number[] => []);
  for (let round = 0; round < scrapes; round += 1) {
    await pause();
    for (const [index, server] of servers.entries()) walls[index]?.push((await once(server)).milliseconds);
  }
  const cpus = servers.map((server, index) => (server.cpuMilliseconds() - (before[index] ?? 0)) / scrapes);
  const costs: Cost[] = [];
  for (const [index, server] of servers.entries()) {
    const times = walls[index] ?? [];
    const answer = await once(server);
    costs.push({
      wall: quantile(times, 0.5),
      wall95: quantile(times, 0.95),
      cpu: cpus[index] ?? Number.NaN,
      series: seriesIn(answer, gzip),
      bytes: answer.body.length,
    });
  }
  return costs;
}

/** `floors`: less than which no program on Node can cost, or ours, or none at all. */
function printCosts(title: string, ours: Cost, theirs: Cost, floors: Readonly<Record<string, Cost>>): void {
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
    ...Object.entries(floors).map(([name, cost]) => [...row(name, cost).slice(0, 4), "", `${cost.bytes}`, "", ""]),
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
  for (const [name, { wall, cpu }] of Object.entries(floors))
    console.log(`${(ours.wall / wall).toFixed(1)} × ${name}'s wall time, ${(ours.cpu / cpu).toFixed(1)} × its CPU`);
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
  readonly apartMs: number;
  /** File to write the figures to; none writes nothing. */
  readonly json?: string | undefined;
}

async function measure({ links, groupSize, scrapes, apartMs, warmUps, nodeOptions, json }: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-bench-"));
  const servers: Server[] = [];
  const started = (server: Server): Server => {
    servers.push(server);
    return server;
  };
  try {
    const ours = started(startProgram(folder, groupsOf(makeVeths(links), groupSize), { nodeOptions }));
    const theirs = started(startNodeExporter());
    await ours.ready("/-/ready");
    await theirs.ready("/");
    const octets = (await ours.get("/metrics")).body.length;
    const bare = started(startFloor(FLOOR_PORT, octets));
    await bare.ready("/");
    const least = startDump(folder, octets);
    if (least === undefined) console.log("without the least in C: there is no cc");
    else await started(least).ready("/");
    console.log(
      `${links} veth ends in ${Math.ceil(links / groupSize)} groups, ${scrapes} scrapes of each in turn, ${apartMs === 0 ? "without a pause" : `one each ${apartMs} ms`}`,
    );
    console.log(machine());
    const print = async (title: string, asked: Pick<Asked, "warmUp" | "gzip">): Promise<void> => {
      const [our, their, node, floor] = await scrape(servers, { path: "/metrics", ...asked, scrapes, apartMs });
      const [ready] = await scrape([ours], { path: "/-/ready", warmUp: 0, gzip: false, scrapes, apartMs });
      if (our === undefined || their === undefined || node === undefined || ready === undefined) return;
      printCosts(title, our, their, {
        "Node alone": node,
        "its /-/ready": ready,
        ...(floor && { "dump in C": floor }),
      });
      const measured: Measured = { links, ours: our, theirs: their, floor: node };
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
      "apart-ms": { type: "string", default: "105" },
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
  const apartMs = Number(values["apart-ms"]);
  if (!(apartMs >= 0)) throw new RangeError(`--apart-ms must be milliseconds from 0: it is "${values["apart-ms"]}"`);
  const options = {
    apartMs,
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
