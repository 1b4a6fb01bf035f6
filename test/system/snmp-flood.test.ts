/** A small flood through the running program; `npm run bench -- snmp-flood` is the large one, with times. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { scratch } from "../support/scratch.ts";
import type { FloodOptions, FloodOutcome } from "../support/snmp-flood.ts";

const COUNT = 20_000;
/** MB that the heap may still grow by between the first and the second half: far less than a leak of 10,000 requests. */
const GROWTH_MB = 48;
const FLOOD = pathToFileURL(join(import.meta.dirname, "../support/snmp-flood.js")).href;
const USER = {
  name: "nms",
  auth: { protocol: "SHA-256", password: "a long enough word" },
  priv: { protocol: "AES-128", password: "another long word" },
} as const;

/** Runs the flood inside the namespace. */
async function flood(ns: Netns, options: FloodOptions): Promise<FloodOutcome> {
  const program = `import { flood } from ${JSON.stringify(FLOOD)}; console.log(JSON.stringify(await flood(${JSON.stringify(options)})))`;
  const child = ns.spawn([process.execPath, "--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  await once(child, "close");
  return JSON.parse(text) as FloodOutcome; // the flood's own format
}

function residentMegabytes(pid: number): number {
  return (Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024) / 1e6;
}

describe("a flood of mutated requests", { skip: NO_NETNS }, () => {
  test(`${COUNT} of them: all taken, none does harm, proper ones are answered, memory stays`, async (t) => {
    const ns = Netns.create(t, "flood");
    ns.addVeth("va", "pa");
    ns.addVeth("vb", "pb");
    const folder = scratch(t);
    for (const kind of ["auth", "priv"] as const)
      writeFileSync(join(folder, kind), `${USER[kind].password}\n`, { mode: 0o600 });
    const config = `groups: [{ name: ipmp0, interfaces: [va, vb] }]
snmp:
  users:
    - { name: nms, auth: { protocol: SHA-256, password_file: auth }, priv: { protocol: AES-128, password_file: priv } }
`;
    const program = await Program.start(t, { ns, folder, config });
    const half = { port: 1161, count: COUNT / 2, user: USER };
    const first = await flood(ns, { ...half, seed: 20_262 });
    const before = residentMegabytes(program.pid);
    const second = await flood(ns, { ...half, seed: 262_026 });
    const grown = residentMegabytes(program.pid) - before;
    for (const { taken, replies, answered, lost } of [first, second]) {
      assert.equal(taken, COUNT / 2);
      assert.ok(replies > COUNT / 100, "some mutations are still requests");
      assert.ok(answered.length > 0);
      assert.equal(lost, 0);
    }
    assert.ok(grown < GROWTH_MB, `${grown.toFixed(1)} MB`);
    const metrics = await program.metrics();
    assert.equal(metrics.get('ipmp_snmp_refused_total{reason="internal_error"}'), "0");
    assert.ok(Number(metrics.get('ipmp_snmp_refused_total{reason="malformed"}')) > COUNT / 10);
    assert.ok(Number(metrics.get('ipmp_snmp_refused_total{reason="wrong_digest"}')) > 0);
    assert.deepEqual(
      program.log.filter((line) => /level=(warn|error)/.test(line)),
      [],
    );
  });
});
