import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { detectRouted, type RoutedObservation } from "#src/detection/routed.js";

function verdict(seen: Partial<RoutedObservation>, route: Partial<RoutedObservation["route"]> = {}) {
  const told = { rank: "best", standby: false, usedWithoutCarrier: false, ...route } as const;
  const verdicts = detectRouted([
    { key: "u0", adminUp: true, running: true, standby: false, offlined: false, ...seen, route: told },
  ]);
  const found = verdicts.get("u0");
  assert.ok(found);
  const { failed, offline, inactive, why } = found;
  const state = offline ? "offline" : failed ? "failed" : inactive ? "inactive" : "active";
  return [state, why];
}

describe("an uplink", () => {
  test("of the best route is active", () => assert.deepEqual(verdict({}), ["active", undefined]));

  test("of which a route is not known is not called unused", () =>
    assert.deepEqual(verdict({}, { rank: "unknown" }), ["active", undefined]));

  test("that no route uses is inactive and no failure", () =>
    assert.deepEqual(verdict({}, { rank: "none" }), ["inactive", "no default route uses it"]));

  test("whose next hop the kernel has given up is inactive, and one behind a route that leads nowhere", () => {
    const [dead, whyDead] = verdict({}, { rank: "dead" });
    assert.deepEqual([dead, /has given up its next hop/.test(`${whyDead}`)], ["inactive", true]);
    assert.deepEqual(verdict({}, { rank: "blocked", metric: 20, than: 5 }), [
      "inactive",
      "a default route of metric 5 that leads nowhere comes before its own, of 20",
    ]);
    assert.deepEqual(verdict({ running: false }, { rank: "dead" }), ["failed", undefined]);
  });

  test("behind a better route waits, and says for which", () => {
    const behind = { rank: "reserve", metric: 200, than: 100, standby: true } as const;
    assert.deepEqual(verdict({}, behind), [
      "inactive",
      "standby: its default route has metric 200, the one in use 100",
    ]);
    assert.deepEqual(verdict({}, { ...behind, than: 200 }), [
      "inactive",
      "standby: another default route of the same metric comes first",
    ]);
  });

  test("without a link has failed, whether a route uses it or not", () => {
    assert.deepEqual(verdict({ running: false }, { rank: "none" }), ["failed", undefined]);
    const [state, why] = verdict({ running: false }, { usedWithoutCarrier: true });
    assert.equal(state, "failed");
    assert.match(String(why), /still routes over it/);
  });

  test("that probes speak against has failed, whatever the routes say", () =>
    assert.deepEqual(verdict({ probeFailure: "no answer" }, { rank: "reserve" }), ["failed", "no answer"]));

  test("taken down or out of service is offline", () => {
    assert.equal(verdict({ adminUp: false })[0], "offline");
    assert.equal(verdict({ offlined: true })[0], "offline");
  });
});
