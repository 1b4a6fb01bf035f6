/**
 * What a scrape costs against the number of links, as a plot.
 *
 * Runs the scrape bench for each number of links and draws its last figures that are not compressed, CPU and median of wall time,
 * beside node_exporter's and those of Node alone. Needs what the scrape bench needs; takes some ten minutes.
 *
 *   npm run bench -- links [--links=4,100,1000,5000] [--svg=docs/cost-by-links.svg]
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../test/support/root.ts";
import type { Cost, Measured } from "./scrape.ts";
import { plot } from "./support/log-plot.ts";

/** Enough scrapes for the kernel's tick of 10 ms, and not an hour of them. */
const SCRAPES = 100;
const WARM_UP = 200;

/** Names of the lines, in the order of their colours. */
const LINES: Readonly<Record<string, (measured: Measured) => Cost>> = {
  "ipmp-exporter": ({ ours }) => ours,
  node_exporter: ({ theirs }) => theirs,
  "Node alone, as many octets": ({ floor }) => floor,
};

function measure(links: number, folder: string): Measured {
  const json = join(folder, `${links}.json`);
  const { status } = spawnSync(
    process.execPath,
    [
      ...[root("scripts", "bench.js"), "scrape", `--links=${links}`, `--group-size=${links < 10 ? 2 : 4}`],
      ...[`--scrapes=${SCRAPES}`, `--warm-up=${WARM_UP}`, `--json=${json}`],
    ],
    { stdio: "inherit" },
  );
  if (status !== 0) throw new Error(`the scrape bench of ${links} links failed`);
  return JSON.parse(readFileSync(json, "utf8")) as Measured; // the scrape bench wrote it
}

/** @throws Error when an argument is not a list of numbers, or a measurement fails */
export function run(args: readonly string[]): void {
  const { values } = parseArgs({
    args: [...args],
    options: {
      links: { type: "string", default: "4,100,1000,5000" },
      svg: { type: "string", default: root("docs", "cost-by-links.svg") },
    },
  });
  const counts = values.links.split(",").map(Number);
  if (!counts.every((count) => Number.isInteger(count) && count >= 2))
    throw new RangeError(`--links must be whole numbers from 2: they are "${values.links}"`);
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-bench-"));
  try {
    const measured = counts.map((links) => measure(links, folder));
    const lines = (pick: (cost: Cost) => number) =>
      Object.entries(LINES).map(([name, of]) => ({
        name,
        points: measured.map((each) => ({ x: each.links, y: pick(of(each)) })),
      }));
    const panels = [
      { title: "CPU of a scrape, ms", lines: lines(({ cpu }) => cpu) },
      { title: "Wall time of a scrape, median, ms", lines: lines(({ wall }) => wall) },
    ];
    writeFileSync(values.svg, plot("links", panels));
    console.log(`\nwrote ${values.svg}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
