/**
 * What a viewer of the page costs: 200 groups, one viewer and a hundred.
 *
 * A viewer fetches the page every two seconds over a connection of its own, compressed, as the page's own script does. CPU is the program's, per
 * refresh; what one viewer costs is mostly the reading and rendering, which all that look at the same time share. Needs root.
 *
 *   npm run bench -- page [--groups=200] [--viewers=100] [--seconds=20]
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { machine } from "./support/machine.ts";
import { isInside, makeVeths, runAgainInside } from "./support/namespace.ts";
import { numbers } from "./support/options.ts";
import { groupsOf, OUR_PORT, startProgram } from "./support/program.ts";
import { quantile } from "./support/quantile.ts";
import { Client, type Server } from "./support/server.ts";

const DEFAULTS = { groups: 200, viewers: 100, seconds: 20 };
type Options = typeof DEFAULTS;

/** As in src/web/client/main.ts. */
const REFRESH_MS = 2_000;
/** Until the first pages were rendered and V8 knows the code. */
const WARM_UP = 10;

async function view(server: Server, viewers: number, refreshes: number): Promise<string> {
  const clients = Array.from({ length: viewers }, () => new Client(OUR_PORT));
  const walls: number[] = [];
  let octets = 0;
  const before = server.cpuMilliseconds();
  await Promise.all(
    clients.map(async (client, index) => {
      await wait((index / viewers) * REFRESH_MS); // they did not come at the same time
      for (let refresh = 0; refresh < refreshes; refresh++) {
        const { milliseconds, body } = await client.get("/", { "accept-encoding": "gzip" });
        walls.push(milliseconds);
        octets = body.length;
        await wait(Math.max(0, REFRESH_MS - milliseconds));
      }
      client.close();
    }),
  );
  const cpu = server.cpuMilliseconds() - before;
  const each = `${(cpu / walls.length).toFixed(2)} ms of CPU a refresh, ${octets} octets in ${quantile(walls, 0.5).toFixed(1)} ms`;
  return `${(cpu / refreshes).toFixed(1)} ms of CPU every ${REFRESH_MS / 1000} s, ${each}`;
}

async function measure({ groups, viewers, seconds }: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-bench-"));
  const server = startProgram(folder, groupsOf(makeVeths(groups * 2), 2));
  try {
    await server.ready("/-/ready");
    for (let n = 0; n < WARM_UP; n++) {
      await server.get("/", { "accept-encoding": "gzip" });
      await wait(REFRESH_MS / 2);
    }
    console.log(machine());
    console.log(`the page of ${groups} groups`);
    for (const count of [1, viewers]) {
      console.log(`  ${count} at a time: ${await view(server, count, Math.ceil((seconds * 1000) / REFRESH_MS))}`);
    }
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}

/** @throws Error when an argument is not a number, without root, or when the program does not start */
export async function run(args: readonly string[]): Promise<void> {
  const options = numbers(args, DEFAULTS);
  if (isInside()) await measure(options);
  else process.exitCode = runAgainInside();
}
