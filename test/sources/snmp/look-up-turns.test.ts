/** Many devices that want to be looked up at once. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { LookUpTurns } from "#src/sources/snmp/look-up-turns.js";
import { eventually } from "../../support/wait.ts";
import { polled, rowsOf } from "./polled-device.ts";

const DEVICES = 20;
const FEW = 8;
/** A loop that is late whenever somebody looks. */
const late = async () => {
  await setImmediate();
  return 1_000;
};

/** So many that want in; the function for the end of each that was let in. */
function crowd(turns: LookUpTurns): (() => void)[] {
  const ends: (() => void)[] = [];
  for (let n = 0; n < DEVICES; n++) void turns.enter().then((end) => ends.push(end));
  return ends;
}

async function someTurns(): Promise<void> {
  for (let n = 0; n < 50; n++) await setImmediate();
}

test("few are looked up while the loop is late, and one more when one of them has ended", async () => {
  const ends = crowd(new LookUpTurns(late));
  await someTurns();
  assert.equal(ends.length, FEW);
  ends[0]?.();
  await someTurns();
  assert.equal(ends.length, FEW + 1);
  for (let n = 1; n < DEVICES; n++) {
    ends[n]?.();
    await someTurns();
  }
  assert.equal(ends.length, DEVICES);
});

test("all are looked up while the loop keeps up", async () => {
  const ends = crowd(new LookUpTurns());
  await eventually(
    () => ends.length === DEVICES,
    () => `${ends.length} of ${DEVICES}`,
  );
});

test("devices that do not answer take no turn from one that does", async (t) => {
  const turns = new LookUpTurns(late);
  const silent = await Promise.all(Array.from({ length: DEVICES }, () => polled(t, { turns, timeoutMs: 60_000 })));
  for (const { fake, device } of silent) {
    fake.misbehave = () => undefined;
    void device.poll();
  }
  const { fake, poll } = await polled(t, { turns });
  fake.add(1, "eth0");
  await poll();
  assert.equal(rowsOf(await poll()).length, 1);
});
