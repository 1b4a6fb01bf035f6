/** What people look back at, over restarts of the real program: what happened, and what the page's plots show. */

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { scratch } from "../support/scratch.ts";
import { Traffic } from "../support/traffic.ts";
import { eventually } from "../support/wait.ts";

const CONFIG = "groups: [{ name: wan, interfaces: [va, vb] }]\n";
/** Traffic in the plot's summary: more than a few octets, up to what the fastest machine sends. */
const MUCH = /[kMGT]b\/s/;
const SENT = 'ipmp_group_transmit_bytes_total{group="wan"}';

interface Events {
  readonly history: string;
  readonly last_id: number;
  readonly complete: boolean;
  readonly events: readonly { readonly id: number; readonly kind: string; readonly [key: string]: unknown }[];
}

test("events and traffic are there after a restart, and are not told again", { skip: NO_NETNS }, async (t) => {
  const [ns, far] = [Netns.create(t, "history"), Netns.create(t, "historyfar")];
  for (const name of ["va", "vb"]) ns.addVeth(name, `far-${name}`, far);
  const folder = scratch(t);
  const run = () => Program.start(t, { ns, folder, config: CONFIG });
  const events = async (program: Program, query = ""): Promise<Events> =>
    JSON.parse((await program.get(`/api/v1/events${query}`)).body);
  const kinds = ({ events: told }: Events) => told.map(({ kind }) => kind).filter((kind) => kind !== "link-state");
  const sentUpTo = async (program: Program): Promise<string | undefined> =>
    /sent up to ([^"]*)"/.exec((await program.get("/groups/wan")).body)?.[1];
  const total = async (program: Program): Promise<bigint> => BigInt((await program.metrics()).get(SENT) ?? -1);

  // The first run sees traffic and a failure, and is stopped in order.
  const first = await run();
  const traffic = await Traffic.through(ns, "va");
  let peak: string | undefined;
  await eventually(
    async () => {
      peak = await sentUpTo(first);
      return MUCH.test(peak ?? "");
    },
    () => `the plot shows ${peak}`,
  );
  await traffic.stop();
  far.ip("link", "set", "far-vb", "down");
  await first.until('ipmp_group_state{group="wan",state="degraded"}', "1");
  const before = await events(first);
  assert.ok(kinds(before).includes("member-state"));
  await first.stop();

  const second = await run();
  const after = await events(second);
  assert.equal(after.history, before.history, "the history goes on");
  assert.deepEqual(
    after.events.filter(({ id }) => id <= before.last_id),
    before.events.filter(({ cause }) => cause !== "start"),
  );
  const told = await events(second, `?since=${before.history}-${before.last_id}`);
  assert.equal(told.complete, true);
  assert.deepEqual(kinds(told), ["program-started", "group-added", "member-joined", "member-joined", "group-state"]);
  assert.deepEqual([told.events.at(-1)?.["from"], told.events.at(-1)?.["to"]], ["degraded", "degraded"]);
  const [start] = told.events;
  assert.equal(typeof start?.["away_seconds"], "number");
  assert.match(String(start?.["cause"]), /counters of 1 group were kept; restored: \d+ events and traffic of /);
  assert.match((await sentUpTo(second)) ?? "", MUCH, "the plot has what was before the restart");

  // The second is killed, once it has saved that it began.
  const carried = await total(second);
  const savedAs = (): string => readFileSync(join(folder, "state.json.events"), "utf8");
  await eventually(() => savedAs().split("program-started").length === 3, savedAs);
  second.signal("SIGKILL");
  await second.exited();
  const third = await run();
  const again = await events(third);
  assert.notEqual(again.history, before.history, "its last events may be missing, and ids come again");
  assert.equal(kinds(again).filter((kind) => kind === "program-started").length, 3);
  assert.equal(kinds(await events(third, `?since=${before.history}-${before.last_id}`))[0], "program-started");
  const causeOf = ({ events: all }: Events) =>
    String(all.findLast(({ kind }) => kind === "program-started")?.["cause"]);
  assert.match(causeOf(again), /^the run before was cut off; nobody had watched for /);
  assert.doesNotMatch(causeOf(after), /cut off/);
  assert.ok((await total(third)) >= carried);
  await third.stop();

  // Damaged history costs itself, and nothing else.
  for (const name of ["events", "traffic"]) {
    const path = join(folder, `state.json.${name}`);
    assert.ok(existsSync(path));
    const bytes = readFileSync(path);
    bytes.fill(0xff, Math.floor(bytes.length / 2));
    writeFileSync(path, bytes);
  }
  const fourth = await run();
  for (const name of ["events", "traffic"]) await fourth.logged("history cannot be used", name, "damaged");
  assert.ok((await total(fourth)) >= carried);
  assert.equal(kinds(await events(fourth))[0], "program-started");
});

test("starts that fail leave the history as it was: a service that is started again and again does not push it out", {
  skip: NO_NETNS,
}, async (t) => {
  const ns = Netns.create(t, "historyfail");
  ns.addVeth("va", "vb");
  const folder = scratch(t);
  const options = { ns, folder, config: CONFIG };
  await (await Program.start(t, options)).stop();
  const starts = () => readFileSync(join(folder, "state.json.events"), "utf8").split("program-started").length - 1;
  assert.equal(starts(), 1);
  for (let n = 0; n < 3; n++) {
    const failing = Program.launch(t, { ...options, args: [`--web.listen-address=unix:${folder}/none/web.sock`] });
    assert.equal(await failing.exited(), 1);
  }
  assert.equal(starts(), 1);
});
