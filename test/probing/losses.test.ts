/**
 * Random losses on an otherwise good path: a link fails exactly where five probes in a row were lost, and is repaired exactly after ten answers in
 * a row, as a count that knows the wire and not the machine says. A day each; PROBING_DAYS=7 makes it a week, SIMULATION_SEED another one.
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ProbePacket } from "#src/probing/system.js";
import { Random } from "../simulation/random.ts";
import { INTERVAL_MS, Network } from "./network.ts";

const DAYS = Number(process.env["PROBING_DAYS"] ?? 1);
const SEED = Number(process.env["SIMULATION_SEED"] ?? 1);

const DAY_MS = 86_400_000;
/** The first 40 s, in which lost probes fail nobody. */
const QUIET_MS = 41_000;

/** What in.mpathd(8) says of failures and repairs, applied to what the wire did. */
class Count {
  /** From the oldest to the newest: sent when, and whether the wire delivered it and its answer. */
  readonly #probes: { readonly sentMs: number; readonly answered: boolean }[] = [];
  /** A round trip has been measured since the link last came into use. Without one, an answer has a whole interval. */
  #isMeasured = false;
  failed = false;
  failures = 0;

  /** Judges what was sent until now, and then counts one more. */
  next(nowMs: number, answered: boolean): void {
    const decided = this.#probes.filter(
      (probe, index) =>
        probe.answered || this.#isMeasured || index < this.#probes.length - 1 || nowMs >= probe.sentMs + INTERVAL_MS,
    );
    if (this.failed) {
      if (decided.slice(-10).filter((probe) => probe.answered).length === 10) this.failed = false;
    } else if (decided.slice(-5).filter((probe) => !probe.answered).length === 5) {
      this.failed = true;
      this.failures++;
      this.#isMeasured = false;
    }
    if (answered && !this.failed) this.#isMeasured = true;
    this.#probes.push({ sentMs: nowMs, answered });
    if (this.#probes.length > 20) this.#probes.shift();
  }
}

describe(`${DAYS} day${DAYS === 1 ? "" : "s"} with random losses`, () => {
  for (const percent of [1, 10, 30]) {
    test(`of ${percent} %: as many failures as five losses in a row, and none else`, (t) => {
      const random = new Random(SEED * 100 + percent);
      const network = new Network().plumb("spare", { test: [] }).plumb("net0");
      network.number = () => random.word();
      const count = new Count();
      const judged = ({ target }: ProbePacket, answered: boolean) => {
        count.next(network.milliseconds, answered);
        const isFailed = network.phyint("net0").state === "failed";
        assert.equal(isFailed, count.failed, `${network.milliseconds} ms, probe ${network.sent.length}`);
        return answered ? ([[target ?? "", 0.1 + random.below(30) / 10]] as const) : [];
      };
      network.wire = (packet) => judged(packet, true);
      network.route("net0", "10.0.0.1").run(QUIET_MS);
      network.wire = (packet) => judged(packet, !random.chance(percent));
      network.run(DAYS * DAY_MS);
      const { sent, lost, acked } = network.instance("net0").counts;
      t.diagnostic(`${sent} probes, ${lost} lost, ${acked} answered, ${count.failures} failures`);
      assert.ok(sent >= (DAYS * DAY_MS) / INTERVAL_MS - 1);
    });
  }
});
