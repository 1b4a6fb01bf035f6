/**
 * Memory after minutes of scrapes, SNMP walks and links that come and go, with 4, 1,000 and 5,000 links, beside node_exporter and snmpd.
 *
 * Each number of links has its turn in a fresh start of all three. Memory is the resident size: after the first minutes, in which buffers
 * and compiled code are made, and what it has grown by after as many more as one likes. Needs root and Debian's
 * prometheus-node-exporter, snmp and snmpd.
 *
 *   npm run bench -- resident [--links=4,1000,5000] [--minutes=10] [--more-minutes=60] [--scrape-ms=1000]
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { machine } from "./support/machine.ts";
import { ipBatch, isInside, makeVeths, runAgainInside } from "./support/namespace.ts";
import { numbers } from "./support/options.ts";
import { groupsOf, startNodeExporter, startProgram } from "./support/program.ts";
import { Server } from "./support/server.ts";
import { printTable } from "./support/table.ts";
import { walk } from "./support/walk.ts";

const OUR_SNMP_PORT = 1161;
const THEIR_SNMP_PORT = 2161;
const DEFAULTS = { minutes: 10, "more-minutes": 60, "scrape-ms": 1000 };
type Options = typeof DEFAULTS;
const SIZES = "4,1000,5000";

function startSnmpd(folder: string): Server {
  const config = join(folder, "snmpd.conf");
  writeFileSync(config, `agentAddress udp:127.0.0.1:${THEIR_SNMP_PORT}\nrocommunity public 127.0.0.1\n`);
  return new Server("snmpd", ["-f", "-Ln", "-C", "-c", config, "-p", join(folder, "pid")], THEIR_SNMP_PORT);
}

/** One round: a scrape of both, a walk of both, a link that goes and comes back as another. */
async function disturb(ours: Server, exporter: Server, round: number, scrapeMs: number): Promise<void> {
  const began = performance.now();
  for (const server of [ours, exporter]) await server.get("/metrics", { "accept-encoding": "gzip" });
  if (round % 10 === 0) for (const port of [OUR_SNMP_PORT, THEIR_SNMP_PORT]) await walk(port);
  const churn = [["link set v0 down"], ["link set v0 up"], ["link del v2"], ["link add v2 type veth peer name v3"]];
  ipBatch(churn[round % churn.length] ?? []);
  if (round % churn.length === churn.length - 1) ipBatch(["link set v2 up", "link set v3 up"]);
  await wait(Math.max(0, began + scrapeMs - performance.now()));
}

async function measure(count: number, options: Options): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-bench-"));
  const links = makeVeths(count);
  const snmp = [`--snmp.listen-address=udp:127.0.0.1:${OUR_SNMP_PORT}`];
  const ours = startProgram(folder, groupsOf(links, count < 10 ? 2 : 4), { args: snmp });
  const [exporter, snmpd] = [startNodeExporter(), startSnmpd(folder)];
  try {
    await ours.ready("/-/ready");
    await exporter.ready("/");
    let round = 0;
    const pass = async (minutes: number): Promise<{ ours: number; theirs: number }> => {
      const end = performance.now() + minutes * 60_000;
      while (performance.now() < end) await disturb(ours, exporter, round++, options["scrape-ms"]);
      const theirs = exporter.residentMegabytes().now + snmpd.residentMegabytes().now;
      return { ours: ours.residentMegabytes().now, theirs };
    };
    const first = await pass(options.minutes);
    const second = await pass(options["more-minutes"]);
    const growth = (each: "ours" | "theirs"): string => (second[each] - first[each]).toFixed(1);
    const values = [first.ours.toFixed(1), first.theirs.toFixed(1), (first.ours / first.theirs).toFixed(2)];
    return [`${count}`, `${round}`, ...values, growth("ours"), growth("theirs")];
  } finally {
    await Promise.all([ours, exporter, snmpd].map((server) => server.stop()));
    ipBatch(links.filter((_, index) => index % 2 === 0).map((name) => `link del ${name}`));
    rmSync(folder, { recursive: true });
  }
}

/** @throws Error when an argument is not a number, without root, or when a server does not start */
export async function run(args: readonly string[]): Promise<void> {
  const isSizes = (text: string): boolean => text.startsWith("--links=");
  const sizes = (args.find(isSizes)?.slice("--links=".length) ?? SIZES).split(",").map(Number);
  if (!sizes.every((size) => Number.isInteger(size) && size >= 4 && size % 2 === 0))
    throw new RangeError(`--links must be even numbers from 4: they are "${sizes.join(",")}"`);
  const options = numbers(
    args.filter((text) => !isSizes(text)),
    DEFAULTS,
  );
  if (!isInside()) {
    process.exitCode = runAgainInside();
    return;
  }
  console.log(machine());
  console.log(
    `resident size after ${options.minutes} minutes, MB, and how much it grew in ${options["more-minutes"]} more`,
  );
  const rows = [["links", "rounds", "ipmp-exporter", "node_exporter + snmpd", "ratio", "grew", "they grew"]];
  for (const size of sizes) rows.push(await measure(size, options));
  printTable(rows);
}
