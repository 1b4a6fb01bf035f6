/**
 * What a scrape costs against the number of links, as a plot.
 *
 * Runs the scrape bench for each number of links and draws its last figures that are not compressed, CPU and median of wall time,
 * beside node_exporter's and those of Node alone. Needs what the scrape bench needs; takes some five minutes.
 *
 *   npm run bench -- links [--links=4,100,1000,5000,10000] [--scrapes=30] [--warm-up=60] [--svg=docs/cost-by-links.svg]
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../test/support/root.ts";
import type { Cost, Measured } from "./scrape.ts";
import { plot } from "./support/log-plot.ts";

/** Costs of a link are compared between numbers of links that differ so much. */
const TENFOLD = 10;

/** Names of the lines, in the order of their colours. */
const LINES: Readonly<Record<string, (measured: Measured) => Cost>> = {
  "ipmp-exporter": ({ ours }) => ours,
  node_exporter: ({ theirs }) => theirs,
  "Node alone, as many octets": ({ floor }) => floor,
};

interface Scrapes {
  readonly scrapes: string;
  readonly "warm-up": string;
}

function measure(links: number, folder: string, { scrapes, "warm-up": warmUp }: Scrapes): Measured {
  const json = join(folder, `${links}.json`);
  const { status } = spawnSync(
    process.execPath,
    [
      ...[root("scripts", "bench.js"), "scrape", `--links=${links}`, `--group-size=${links < 10 ? 2 : 4}`],
      ...[`--scrapes=${scrapes}`, `--warm-up=${warmUp}`, `--json=${json}`],
    ],
    { stdio: "inherit" },
  );
  if (status !== 0) throw new Error(`the scrape bench of ${links} links failed`);
  return JSON.parse(readFileSync(json, "utf8")) as Measured; // the scrape bench wrote it
}

/** How much a link costs more where there are ten times as many. */
function printCostsOfALink(measured: readonly Measured[]): void {
  for (const many of measured) {
    const few = measured.find(({ links }) => links * TENFOLD === many.links);
    if (few === undefined) continue;
    const ratio = (pick: (cost: Cost) => number): string => (pick(many.ours) / pick(few.ours) / TENFOLD).toFixed(2);
    console.log(
      `a link among ${many.links} costs ${ratio(({ cpu }) => cpu)} times the CPU of one among ${few.links}, ${ratio(({ wall }) => wall)} times the wall time`,
    );
  }
}

/** @throws Error when an argument is not a list of numbers, or a measurement fails */
export function run(args: readonly string[]): void {
  const { values } = parseArgs({
    args: [...args],
    options: {
      links: { type: "string", default: "4,100,1000,5000,10000" },
      scrapes: { type: "string", default: "30" },
      "warm-up": { type: "string", default: "60" },
      svg: { type: "string", default: root("docs", "cost-by-links.svg") },
    },
  });
  const counts = values.links.split(",").map(Number);
  if (!counts.every((count) => Number.isInteger(count) && count >= 2))
    throw new RangeError(`--links must be whole numbers from 2: they are "${values.links}"`);
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-bench-"));
  try {
    const measured = counts.map((links) => measure(links, folder, values));
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
    printCostsOfALink(measured);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
