/**
 * How soon a link that goes down at its far end is told of: the event stream, the trap on the wire and a metric, behind `ip monitor`.
 *
 * Each flip takes down the far end of one member of another group, so that nothing is damped. One process hears everything, by one
 * clock: what `ip monitor` prints, the stream, the datagram of the trap. At every other flip it scrapes instead, as soon as `ip monitor` has
 * told, to see whether the answer knows and when it is there. Needs root.
 *
 *   npm run bench -- far-end [--flips=200] [--apart-ms=100]
 */

import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { FAR, makeFarVeths } from "./support/far-links.ts";
import { machine } from "./support/machine.ts";
import { ipBatch, isInside, runAgainInside } from "./support/namespace.ts";
import { numbers } from "./support/options.ts";
import { groupsOf, OUR_PORT, startProgram } from "./support/program.ts";
import { quantile } from "./support/quantile.ts";
import type { Server } from "./support/server.ts";
import { printTable } from "./support/table.ts";

const DEFAULTS = { flips: 200, "apart-ms": 100 };
type Options = typeof DEFAULTS;

const TRAP_PORT = 10162;
const GROUP_SIZE = 2;
/** For what is told of a flip at all. */
const HEARD_WITHIN_MS = 5_000;

/** When what was heard of each link, in milliseconds of one clock. */
class Heard {
  readonly monitor = new Map<string, number>();
  readonly stream = new Map<string, number>();
  readonly trap = new Map<string, number>();
  readonly metric = new Map<string, number>();
  /** Answers that did not know yet. */
  late = 0;

  /** Whether everything of a flip has been heard, in whose course a scrape was made or none. */
  isComplete(link: string, scraped: boolean): boolean {
    return [this.monitor, ...(scraped ? [this.metric] : [this.stream, this.trap])].every((times) => times.has(link));
  }
}

/** Names in the text that the pattern finds are heard of now, unless they were before. */
function hear(times: Map<string, number>, text: string, pattern: RegExp, then?: (link: string) => void): void {
  const now = performance.now();
  for (const [, link = ""] of text.matchAll(pattern)) {
    if (times.has(link)) continue;
    times.set(link, now);
    then?.(link);
  }
}

/** Scrapes now. The answer is late when the link has not failed in it. */
async function scrape(server: Server, link: string, heard: Heard): Promise<void> {
  const { body } = await server.get("/metrics");
  const failure = new RegExp(`^ipmp_member_failures_total\\{[^}]*device="${link}",reason="link"\\} 1$`, "m");
  if (!failure.test(body.toString("latin1"))) heard.late++;
  heard.metric.set(link, performance.now());
}

async function measure(options: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-bench-"));
  const links = makeFarVeths(options.flips * GROUP_SIZE);
  const told = `snmp:\n  notifications: [{ target: "udp:127.0.0.1:${TRAP_PORT}" }]\n`;
  const server = startProgram(folder, `${groupsOf(links, GROUP_SIZE)}${told}`);
  const monitor = spawn("ip", ["monitor", "link"]);
  const receiver = createSocket("udp4");
  const heard = new Heard();
  try {
    await server.ready("/-/ready");
    await server.get("/metrics");
    const flipped = links.filter((_, index) => index % GROUP_SIZE === 0);
    const scraped = flipped.filter((_, index) => index % 2 === 1);
    const unscraped = flipped.filter((_, index) => index % 2 === 0);
    monitor.stdout.on("data", (text: Buffer) =>
      hear(heard.monitor, text.toString(), /\b(v\d+)@\S*: <NO-CARRIER/g, (link) => {
        if (scraped.includes(link)) void scrape(server, link, heard);
      }),
    );
    receiver.on("message", (datagram) => hear(heard.trap, datagram.toString("latin1"), /\b(v\d+)(?![\w])/g));
    receiver.bind(TRAP_PORT, "127.0.0.1");
    const streaming = get({ port: OUR_PORT, path: "/api/v1/events", headers: { accept: "text/event-stream" } });
    const [stream] = await once(streaming, "response");
    stream.on("data", (text: Buffer) =>
      hear(heard.stream, text.toString(), /"kind":"member-state"[^\n]*?"device":"(v\d+)"/g),
    );
    for (const link of flipped) {
      ipBatch([`link set ${link.replace("v", "w")} down`], FAR);
      await wait(options["apart-ms"]);
      const deadline = performance.now() + HEARD_WITHIN_MS;
      while (!heard.isComplete(link, scraped.includes(link)) && performance.now() < deadline) await wait(10);
    }
    streaming.destroy();
    console.log(machine());
    console.log(
      `${flipped.length} links down at the far end, ${options["apart-ms"]} ms apart; ms behind \`ip monitor\``,
    );
    const row = (name: string, times: ReadonlyMap<string, number>, of: readonly string[]): string[] => {
      const behind = of.flatMap((link) => {
        const [base, time] = [heard.monitor.get(link), times.get(link)];
        return base === undefined || time === undefined ? [] : [time - base];
      });
      return [name, ...[0.5, 0.99, 1].map((share) => quantile(behind, share).toFixed(2)), `${behind.length}`];
    };
    printTable([
      ["", "median", "p99", "worst", "heard"],
      row("event stream", heard.stream, unscraped),
      row("trap", heard.trap, unscraped),
      row("scrape that began then", heard.metric, scraped),
    ]);
    console.log(`${heard.late} of these scrapes did not know yet`);
  } finally {
    monitor.kill();
    receiver.close();
    await server.stop();
    ipBatch([`netns delete ${FAR}`]);
    rmSync(folder, { recursive: true });
  }
}

/** @throws Error when an argument is not a number, without root, or when the program does not start */
export async function run(args: readonly string[]): Promise<void> {
  const options = numbers(args, DEFAULTS);
  if (isInside()) await measure(options);
  else process.exitCode = runAgainInside();
}
