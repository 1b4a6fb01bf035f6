/** What scrapes and page views of the real program ask of the file system while its members carry traffic, as strace(1) sees it. */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { without } from "../deploy/support.ts";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { scratch } from "../support/scratch.ts";
import { Generator, targetThrough } from "../support/traffic.ts";
import { eventually } from "../support/wait.ts";

const COLLECTIONS = 200;
/** One part is written by the one, several by the other. */
const WRITES = /pwrite(64|v)/;
const CALLS = "open,openat,creat,rename,renameat,renameat2,fsync,fdatasync,pwrite64,pwritev";

test(`${COLLECTIONS} scrapes and page views open, rename and sync nothing of the state, and write a slot each at most`, {
  skip: NO_NETNS || without("strace"),
}, async (t) => {
  const [ns, peer] = [Netns.create(t, "calls"), Netns.create(t, "calls-peer")];
  ns.addVeth("va", "va-peer", peer);
  const generator = Generator.start(ns);
  generator.through(targetThrough(ns, "va"));
  const trace = join(scratch(t), "trace");
  // -D: strace hides behind the program, so that signals reach the program.
  const program = await Program.start(t, {
    ns,
    config: "groups: [{ name: ipmp0, interfaces: [va] }]\n",
    through: ["strace", "-D", "-f", "-qq", "-o", trace, "-e", `trace=${CALLS}`, "-e", "signal=none"],
  });
  const ofState = (from: number): string[] => {
    const lines = existsSync(trace) ? readFileSync(trace, "utf8").slice(from).split("\n") : [];
    const ofHistory = /state\.json\.(events|traffic)/; // saved at times of its own
    return lines.filter((line) => !ofHistory.test(line) && (!line.includes("open") || line.includes("state.json")));
  };
  const count = (lines: readonly string[], call: RegExp): number => lines.filter((line) => call.test(line)).length;
  await program.metrics();
  await eventually(
    () => count(ofState(0), /rename.*state\.json\.readings/) > 0,
    () => "no slots have been made",
  );
  const from = readFileSync(trace, "utf8").length;
  for (let n = 0; n < COLLECTIONS; n++) await (n % 2 === 0 ? program.metrics() : program.get("/"));
  await eventually(
    () => count(ofState(from), WRITES) > 0,
    () => "no slot has been written",
  );
  const calls = ofState(from);
  assert.deepEqual(
    calls.filter((line) => /open|creat|rename|sync/.test(line)),
    [],
  );
  // The page's plots and the checkpoint look at the links too, at times of their own.
  assert.ok(count(calls, WRITES) <= COLLECTIONS * 2, `${count(calls, WRITES)} writes`);
});
