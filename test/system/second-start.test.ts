/** The program started a second time by mistake, beside the one that runs. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { scratch } from "../support/scratch.ts";
import { Generator, targetThrough } from "../support/traffic.ts";

const BYTES = 'ipmp_group_transmit_bytes_total{group="ipmp0"}';

test("a second start with the same state is refused and changes nothing; the counters of the first go on after a kill", {
  skip: NO_NETNS,
}, async (t) => {
  const [ns, peer] = [Netns.create(t, "second"), Netns.create(t, "secondp")];
  for (const link of ["va", "vb"]) ns.addVeth(link, `${link}p`, peer);
  const generator = Generator.start(ns);
  generator.through(targetThrough(ns, "va"));
  const folder = scratch(t);
  const options = { ns, folder, config: "groups: [{ name: ipmp0, interfaces: [va, vb] }]\n" };
  const first = await Program.start(t, options);
  await first.metrics();
  const before = readFileSync(join(folder, "state.json"));

  const second = Program.launch(t, { ...options, run: scratch(t) });
  assert.equal(await second.exited(), 1);
  const file = join(folder, "state.json");
  const refused = (holder: string): string => `ipmp-exporter: Cannot use the state file "${file}": ${holder} keeps`;
  assert.ok(
    // Without its number where the first is slow to answer.
    [`process ${first.pid}`, "another process"].some((holder) => second.log.at(-1)?.startsWith(refused(holder))),
    second.log.join("\n"),
  );
  assert.deepEqual(readFileSync(file), before);

  const published = Number((await first.metrics()).get(BYTES));
  first.signal("SIGKILL");
  await first.exited();
  ns.ip("link", "delete", "va");
  const third = await Program.start(t, options);
  assert.ok(Number((await third.metrics()).get(BYTES)) >= published);
  await third.stop();
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.includes("lock")),
    [],
  );
});
