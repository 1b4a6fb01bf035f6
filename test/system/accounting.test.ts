/** The main job on real links: what a group says is what its members carried while they were members, to the byte. */

import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import type { Counts } from "../../bench/accuracy/counts.ts";
import { hasRtmon, LinkRecorder } from "../../bench/accuracy/link-records.ts";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { PACKET_BYTES, Traffic } from "../support/traffic.ts";
import { eventually } from "../support/wait.ts";

const CONFIG = `
groups:
  - name: ipmp0
    interfaces: [va, vb, { match: "^vc" }]
`;

const group = (metric: string) => `ipmp_group_${metric}_total{group="ipmp0"}`;

/** Scrapes without a pause, and complains when a counter of the group falls or jumps further than the links can carry. */
class Watch {
  #running = true;
  #done: Promise<void>;
  scrapes = 0;
  /** It has seen something that should not be; stop() says what. */
  complains = false;

  constructor(program: Program) {
    this.#done = this.#run(program);
    this.#done.catch(() => {
      this.complains = true;
    });
  }

  async #run(program: Program): Promise<void> {
    let last = new Map<string, bigint>();
    while (this.#running) {
      const samples = await program.metrics();
      const now = new Map(
        ["receive_bytes", "transmit_bytes", "receive_packets", "transmit_packets"].map((metric) => {
          const value = samples.get(group(metric));
          assert.ok(value !== undefined, `a sample of ${metric}`);
          return [metric, BigInt(value)] as const;
        }),
      );
      for (const [metric, value] of now) {
        const before = last.get(metric) ?? value;
        assert.ok(value >= before, `${metric} fell from ${before} to ${value}`);
        assert.ok(value - before < 1n << 32n, `${metric} jumped from ${before} to ${value}`);
      }
      last = now;
      this.scrapes++;
    }
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#done;
  }
}

async function totals(program: Program): Promise<Record<string, bigint>> {
  const samples = await program.metrics();
  const entries = ["receive_bytes", "transmit_bytes", "receive_packets", "transmit_packets"];
  return Object.fromEntries(entries.map((metric) => [metric, BigInt(samples.get(group(metric)) ?? -1)]));
}

/** The counters in the kernel's message that the link is gone. */
async function lastOf(records: LinkRecorder, name: string): Promise<Counts> {
  const last = () => records.records().findLast((record) => record.gone && record.name === name);
  await eventually(
    () => last() !== undefined,
    () => `rtmon(8) has not written that ${name} is gone`,
  );
  const record = last();
  assert.ok(record);
  return record.counts;
}

function sum(...counts: readonly number[]): bigint {
  return BigInt(counts.reduce((a, b) => a + b, 0));
}

async function members(program: Program): Promise<string[]> {
  const { body } = await program.get("/api/v1/groups/ipmp0");
  const { members: list } = JSON.parse(body) as { members: { device: string }[] }; // the shape of docs and contract
  return list.map(({ device }) => device).sort();
}

describe("a group of three links under traffic in both directions", {
  skip: NO_NETNS || (!hasRtmon() && "needs rtmon(8) of iproute2"),
}, () => {
  test("goes down, is deleted, made again, renamed and moved, and every byte is counted once", async (t: TestContext) => {
    const here = Netns.create(t, "here");
    const there = Netns.create(t, "there");
    const away = Netns.create(t, "away");
    for (const name of ["va", "vb", "vc"]) here.addVeth(name, `${name}-peer`, there);
    const program = await Program.start(t, { ns: here, config: CONFIG });
    const watch = new Watch(program);
    const joined = (...names: string[]) =>
      eventually(
        async () => `${await members(program)}` === `${names}`,
        () => `members are not ${names}`,
      );

    // va carries throughout; it goes down and comes up meanwhile.
    const vaOut = await Traffic.through(here, "va");
    const vaIn = await Traffic.through(there, "va-peer");
    here.ip("link", "set", "va", "down");
    await program.until('ipmp_group_state{group="ipmp0",state="degraded"}', "1");
    here.ip("link", "set", "va", "up");
    const lladdr = there.lladdr("va-peer");
    here.ip("neighbour", "replace", "10.200.1.2", "lladdr", lladdr, "dev", "va", "nud", "permanent");
    await program.until('ipmp_group_state{group="ipmp0",state="ok"}', "1");

    // vb is deleted while it carries, and made again under its name.
    const records = await LinkRecorder.start(t, here);
    t.after(() => records.stop());
    const vbBefore = here.link("vb").stats64.tx;
    const vbOut = await Traffic.through(here, "vb");
    here.ip("link", "delete", "vb");
    await joined("va", "vc");
    const vbTaken = await vbOut.stop();
    // What the kernel itself says last of the link: the last few that it took were on a link that was half gone, and it counted them nowhere.
    const vbLast = await lastOf(records, "vb");
    const vbSent = {
      packets: Number(vbLast.transmit_packets) - vbBefore.packets,
      bytes: Number(vbLast.transmit_bytes) - vbBefore.bytes,
    };
    assert.ok(vbSent.packets > 0 && vbSent.packets <= vbTaken);
    here.addVeth("vb", "vb-peer", there);
    await joined("va", "vb", "vc");
    const vbAgainIn = await Traffic.through(there, "vb-peer");
    const vbAgainOut = await Traffic.through(here, "vb");

    // vc gets a name that the group's rule matches too, while it carries.
    const vcOut = await Traffic.through(here, "vc");
    here.ip("link", "set", "vc", "name", "vc-renamed");
    await joined("va", "vb", "vc-renamed");
    const vcSent = await vcOut.stop();

    // It moves to another namespace, and what it carries there is not the group's.
    here.ip("link", "set", "vc-renamed", "netns", away.name);
    await joined("va", "vb");
    away.ip("link", "set", "vc-renamed", "up");
    away.wire("vc-renamed", there.lladdr("vc-peer"));
    away.send("vc-renamed", { packets: 500, bytes: 700 });

    // The links that are still there are asked themselves: a packet that was taken while va was down never reached it.
    for (const traffic of [vaOut, vaIn, vbAgainOut, vbAgainIn]) await traffic.stop();
    await eventually(
      () => watch.scrapes > 20 || watch.complains,
      () => `${watch.scrapes} scrapes are too few to have seen anything`,
    );
    await watch.stop();
    const va = here.link("va").stats64;
    const vb = here.link("vb").stats64;
    const departed = vbSent.packets + vcSent;
    assert.ok(departed > 0 && va.tx.packets > 0 && va.rx.packets > 0 && vb.tx.packets > 0 && vb.rx.packets > 0);

    const said = await totals(program);
    assert.equal(said["transmit_packets"], sum(va.tx.packets, vb.tx.packets, departed));
    assert.equal(said["transmit_bytes"], sum(va.tx.bytes, vb.tx.bytes, vbSent.bytes, vcSent * PACKET_BYTES));
    assert.equal(said["receive_packets"], sum(va.rx.packets, vb.rx.packets));
    assert.equal(said["receive_bytes"], sum(va.rx.bytes, vb.rx.bytes));
    assert.equal(await program.stop(), 0);
  });
});
