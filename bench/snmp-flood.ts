/**
 * A million mutated SNMP requests (v1, v2c, v3; a quarter of them proven and wrong inside) through the running program, and
 * what proper requests and memory do meanwhile. The same seed makes the same flood. Needs root.
 *
 *   npm run bench -- snmp-flood [--count=1000000] [--seed=1] [--links=20]
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../test/support/root.ts";
import { flood } from "../test/support/snmp-flood.ts";
import { machine } from "./support/machine.ts";
import { isInside, makeVeths, runAgainInside } from "./support/namespace.ts";
import { Server } from "./support/server.ts";

const SNMP_PORT = 1161;
const WEB_PORT = 10191;
const USER = {
  name: "nms",
  auth: { protocol: "SHA-256", password: "authentic" },
  priv: { protocol: "AES-128", password: "in private" },
} as const;
/** What the program should keep to. */
const WITHIN_MS = 50;
/** A tenth of the flood goes before memory is read first: code is compiled and buffers have their size by then. */
const WARM_UP = 0.1;

/** @throws Error when an argument is not a number, without root, or when the program does not answer any more */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      count: { type: "string", default: "1000000" },
      seed: { type: "string", default: "1" },
      links: { type: "string", default: "20" },
    },
  });
  const [count, seed, links] = [values.count, values.seed, values.links].map((text) => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < 1) throw new RangeError(`"${text}" must be a whole number from 1`);
    return number;
  }) as [number, number, number];
  if (!isInside()) {
    process.exitCode = runAgainInside();
    return;
  }
  console.log(machine());
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-bench-"));
  for (const kind of ["auth", "priv"] as const)
    writeFileSync(join(folder, kind), `${USER[kind].password}\n`, { mode: 0o600 });
  writeFileSync(
    join(folder, "config.yml"),
    `groups: [{ name: bench, interfaces: [${makeVeths(links).join(", ")}] }]
snmp:
  users:
    - { name: nms, auth: { protocol: SHA-256, password_file: auth }, priv: { protocol: AES-128, password_file: priv } }
`,
  );
  const server = new Server(
    process.execPath,
    [
      root("dist", "main.js"),
      `--config.file=${join(folder, "config.yml")}`,
      "--state.file=none",
      `--control.socket=${join(folder, "control.sock")}`,
      `--web.listen-address=127.0.0.1:${WEB_PORT}`,
      `--snmp.listen-address=udp:127.0.0.1:${SNMP_PORT}`,
    ],
    WEB_PORT,
  );
  try {
    await server.ready("/-/ready");
    const first = Math.ceil(count * WARM_UP);
    await flood({ port: SNMP_PORT, count: first, seed, user: USER });
    const before = server.residentMegabytes().now;
    const cpuBefore = server.cpuMilliseconds();
    const outcome = await flood({ port: SNMP_PORT, count: count - first, seed: seed + 1, user: USER });
    const cpuUsed = server.cpuMilliseconds() - cpuBefore;
    const after = server.residentMegabytes();
    const { sent, taken, replies, seconds, answered, lost } = outcome;
    const at = (share: number) => (answered[Math.floor(share * (answered.length - 1))] ?? Number.NaN).toFixed(1);
    const late = answered.filter((ms) => ms > WITHIN_MS).length;
    console.log(`
${first + sent} mutated requests (seed ${seed}), ${links} links; figures are of the last ${sent}
  taken by the agent  ${taken} (${(sent / seconds).toFixed(0)} a second, ${((cpuUsed * 1000) / sent).toFixed(1)} µs CPU each), answered ${replies}
  proper requests     ${answered.length} answered, ${lost} lost, ${late} later than ${WITHIN_MS} ms
  answered within     median ${at(0.5)} ms, 99 % ${at(0.99)} ms, the slowest ${at(1)} ms
  resident memory     ${before.toFixed(1)} MB after the first ${first}, ${after.now.toFixed(1)} MB at the end, ${after.peak.toFixed(1)} MB at most`);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}
