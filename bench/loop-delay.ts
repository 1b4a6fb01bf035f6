/**
 * How long a request waits for its turn while 10,000 links are scraped once a second and walked by SNMP without a pause.
 *
 * A second client asks for /-/healthy, which costs next to nothing, every few milliseconds; how long each answer takes is the delay of
 * the event loop as a client feels it. Node alone is asked beside it: what it takes is the machine's part, and the bench's own. Needs
 * root and Debian's snmp.
 *
 *   npm run bench -- loop-delay [--links=10000] [--seconds=30] [--apart-ms=5]
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { startFloor } from "./support/floor.ts";
import { machine } from "./support/machine.ts";
import { isInside, makeVeths, runAgainInside } from "./support/namespace.ts";
import { numbers } from "./support/options.ts";
import { FLOOR_PORT, groupsOf, OUR_PORT, startProgram } from "./support/program.ts";
import { quantile } from "./support/quantile.ts";
import { Client } from "./support/server.ts";
import { walk } from "./support/walk.ts";

const SNMP_PORT = 1161;
const DEFAULTS = { links: 10_000, seconds: 30, "apart-ms": 5 };
type Options = typeof DEFAULTS;

/** Does it again and again until told to stop. */
async function repeat(until: AbortSignal, apartMs: number, action: () => Promise<unknown>): Promise<void> {
  while (!until.aborted) {
    const began = performance.now();
    await action();
    await wait(Math.max(0, began + apartMs - performance.now()));
  }
}

async function measure({ links, seconds, "apart-ms": apartMs }: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-bench-"));
  const snmp = [`--snmp.listen-address=udp:127.0.0.1:${SNMP_PORT}`];
  const ours = startProgram(folder, groupsOf(makeVeths(links), 4), { args: snmp });
  const bare = startFloor(FLOOR_PORT, 1);
  try {
    await ours.ready("/-/ready");
    await bare.ready("/");
    await ours.get("/metrics");
    const [stop, scrapes, walks] = [new AbortController(), [] as number[], { count: 0 }];
    const askers = [
      { name: "ipmp-exporter", client: new Client(OUR_PORT), path: "/-/healthy", delays: [] as number[] },
      { name: "Node alone", client: new Client(FLOOR_PORT), path: "/", delays: [] as number[] },
    ];
    const busy = [
      repeat(stop.signal, 1000, async () => scrapes.push((await ours.get("/metrics")).milliseconds)),
      repeat(stop.signal, 0, async () => {
        await walk(SNMP_PORT, stop.signal);
        if (!stop.signal.aborted) walks.count++;
      }),
      ...askers.map(({ client, path, delays }) =>
        repeat(stop.signal, apartMs, async () => delays.push((await client.get(path)).milliseconds)),
      ),
    ];
    await wait(seconds * 1000);
    stop.abort();
    await Promise.all(busy);
    console.log(machine());
    console.log(
      `${links} links, ${scrapes.length} scrapes (${quantile(scrapes, 0.5).toFixed(0)} ms), ${walks.count} walks`,
    );
    for (const { name, client, path, delays } of askers) {
      client.close();
      const [median, p99, worst] = [0.5, 0.99, 1].map((share) => quantile(delays, share).toFixed(1));
      console.log(`  ${name} answers ${path}: ${median} ms median, ${p99} p99, ${worst} worst of ${delays.length}`);
    }
  } finally {
    await Promise.all([ours.stop(), bare.stop()]);
    rmSync(folder, { recursive: true });
  }
}

/** @throws Error when an argument is not a number, without root, or when the program does not start */
export async function run(args: readonly string[]): Promise<void> {
  const options = numbers(args, DEFAULTS);
  if (isInside()) await measure(options);
  else process.exitCode = runAgainInside();
}
