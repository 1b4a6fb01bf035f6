/** What must hold of the probe machine after whatever happened. */

import assert from "node:assert/strict";
import type { ProbeEvent } from "#src/probing/events.js";
import type { Group } from "#src/probing/group.js";
import type { Instance } from "#src/probing/instance.js";
import type { Phyint } from "#src/probing/phyint.js";
import type { Network } from "./network.ts";

/** A probe is lost, or answered, once; after a loss it may still be answered. */
interface Counted {
  sent: number;
  lost: number;
  acked: number;
}

const MINUTE_MS = 60_000;

/** Follows a network from its beginning. */
export class Invariants {
  readonly #network: Network;
  readonly #raisedAt = new Map<Group, number>();
  readonly #fdtMs = new Map<Group, number>();
  readonly #counted = new Map<Instance, Counted>();
  /** Events seen of each kind. */
  readonly seen = new Map<ProbeEvent["kind"], number>();

  constructor(network: Network) {
    this.#network = network;
    network.watch = (event) => this.#hear(event);
  }

  #hear(event: ProbeEvent): void {
    this.seen.set(event.kind, (this.seen.get(event.kind) ?? 0) + 1);
    if (event.kind !== "probe") return;
    const counted = this.#counted.get(event.instance) ?? { sent: 0, lost: 0, acked: 0 };
    this.#counted.set(event.instance, counted);
    if (event.probe.status === "pending") counted.sent++;
    if (event.probe.status === "lost") counted.lost++;
    if (event.probe.status !== "acked") return;
    counted.acked++;
    if (event.before === "lost") counted.lost--;
  }

  check(): void {
    const { machine, now } = this.#network;
    for (const group of machine.groups) this.#checkGroup(group);
    for (const phyint of machine.phyints) checkPhyint(phyint);
    for (const instance of machine.instances) {
      this.#checkCounts(instance);
      checkTargets(instance);
    }
    const wait = machine.nextDeadline - now;
    assert.ok(wait <= 20_000e6, "it wants to be called within 20 s");
  }

  #checkGroup(group: Group): void {
    const { members, state } = group;
    const usable = members.filter(({ isUsable }) => isUsable).length;
    assert.equal(state, usable === 0 ? "failed" : usable === members.length ? "ok" : "degraded", "the group's state");
    if (members.some(({ isFunctioning }) => isFunctioning))
      assert.ok(
        members.some(({ isActive }) => isActive),
        "a group that has a functioning member has an active one",
      );
    this.#checkDetectionTime(group);
  }

  #checkDetectionTime(group: Group): void {
    const before = this.#fdtMs.get(group) ?? group.failureDetectionTimeMs;
    const { failureDetectionTimeMs: fdtMs, intervalMs } = group;
    this.#fdtMs.set(group, fdtMs);
    assert.ok(fdtMs >= this.#network.settings.failureDetectionTimeMs, "it is never below the configured one");
    assert.ok(Math.abs(fdtMs - 7 * intervalMs) < 7, "and seven times the interval");
    const { milliseconds } = this.#network;
    if (fdtMs > before) this.#raisedAt.set(group, milliseconds);
    const sinceRaise = milliseconds - (this.#raisedAt.get(group) ?? 0);
    if (fdtMs < before) assert.ok(sinceRaise > MINUTE_MS, `it is lowered ${sinceRaise} ms after a raise`);
  }

  #checkCounts(instance: Instance): void {
    const { sent, acked, lost, pending } = instance.counts;
    assert.equal(sent, acked + lost + pending, "sent are answered, lost or under way");
    assert.ok(pending <= 2, `under way are ${pending}`);
    const counted = this.#counted.get(instance) ?? { sent: 0, lost: 0, acked: 0 };
    assert.deepEqual(
      { sent, acked, lost },
      { sent: counted.sent, acked: counted.acked, lost: counted.lost },
      "the counts are those of the events",
    );
  }
}

function checkPhyint(phyint: Phyint): void {
  assert.ok(!(phyint.has("FAILED") && phyint.has("INACTIVE")), `${phyint.name} is FAILED and INACTIVE`);
  assert.equal(phyint.has("OFFLINE"), phyint.state === "offline", `${phyint.name} is OFFLINE as its state is`);
  if (phyint.state === "running") assert.ok(!phyint.has("FAILED"), `${phyint.name} runs and is FAILED`);
  if (phyint.state === "failed") assert.ok(phyint.has("FAILED"), `${phyint.name} failed and is not FAILED`);
  if (phyint.state === "offline") assert.ok(!phyint.isProbed, `${phyint.name} is offline and probed`);
  if (!phyint.linkUp && phyint.state !== "offline")
    assert.ok(phyint.has("FAILED"), `${phyint.name} has no link and has not failed`);
}

function checkTargets(instance: Instance): void {
  const { targets, ofRouters, active, cursor, rttCursor, isEmpty } = instance.targets;
  const name = `${instance.phyint.name}/${instance.family}`;
  assert.equal(active, targets.filter(({ status }) => status === "active").length, `${name}: active targets`);
  assert.ok(active <= 5, `${name}: at most five are active`);
  assert.ok(isEmpty || active > 0, `${name}: of a list some are active`);
  assert.ok(ofRouters || targets.every(({ status }) => status === "active"), `${name}: hosts are active`);
  for (const one of [cursor, rttCursor])
    assert.ok(one === undefined ? isEmpty : targets.includes(one), `${name}: a cursor is in the list`);
  assert.ok(cursor === undefined || cursor.status === "active", `${name}: the next target is active`);
}
