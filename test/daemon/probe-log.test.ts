import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ProbeLog } from "#src/daemon/probing/probe-log.js";

const outcome = (probe: number) => ({
  device: `eth${probe % 3}`,
  family: probe % 2 === 0 ? ("ipv4" as const) : ("ipv6" as const),
  probe,
  target: `192.0.2.${probe % 5}`,
  sentMs: 1_700_000_000_000.25 + probe,
  roundTrip: probe % 7 === 0 ? undefined : probe * 1_000.5,
  networkRoundTrip: probe % 7 === 0 ? undefined : probe * 1_000,
  average: probe,
  deviation: 0,
});

describe("the log of probes", () => {
  test("has the last 4,096, each as it was told, the oldest first", () => {
    const log = new ProbeLog();
    for (let probe = 1; probe <= 5_000; probe++) log.append(outcome(probe));
    assert.deepEqual(
      log.since(),
      Array.from({ length: 4_096 }, (_, index) => ({ id: 905 + index, ...outcome(905 + index) })),
    );
    assert.deepEqual(log.since(4_999), [{ id: 5_000, ...outcome(5_000) }]);
    assert.deepEqual(log.since(5_000), []);
  });

  test("is empty before the first", () => assert.deepEqual(new ProbeLog().since(), []));
});
