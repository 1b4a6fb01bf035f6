/** The failure detection time follows slow targets, against numbers worked out by hand. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ORIGINAL, SERVICE } from "#src/probing/deviations.js";
import type { Target } from "#src/probing/target.js";
import { MUTE, Network, type Wire } from "./network.ts";

const ROUTERS = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"];
const [ROUTER = ""] = ROUTERS;

function slow(...delaysMs: readonly number[]): Wire {
  const left = [...delaysMs];
  return ({ target }) => [[target ?? "", left.shift() ?? 1]];
}

/** A group of one, whose one router's first round trips are these. */
function measured(...delaysMs: readonly number[]): Network {
  const network = new Network({ deviations: ORIGINAL }).plumb("net0");
  network.wire = slow(...delaysMs);
  network.route("net0", ROUTER);
  return network.until(() => network.instance("net0").counts.acked === delaysMs.length);
}

function target(network: Network, address = ROUTER): Target {
  const found = network.instance("net0").targets.find(address);
  assert.ok(found);
  return found;
}

function fdtOf(network: Network, name = "net0"): number[] {
  const { failureDetectionTimeMs, intervalMs } = network.phyint(name).group;
  return [failureDetectionTimeMs, intervalMs];
}

test("a round trip begins when its probe is sent, also where the machine is slow to send those before it", () => {
  const network = new Network({ deviations: SERVICE });
  network.sends = () => {
    network.now += 100e6;
    return "sent";
  };
  for (let link = 0; link < 12; link++) network.plumb(`net${link}`).route(`net${link}`, ROUTER);
  network.run(120_000);
  assert.deepEqual(fdtOf(network), [10_000, 1428]);
  for (const { targets } of network.machine.instances)
    assert.equal(targets.find(ROUTER)?.roundTrip.average8, 8 * 400_000);
});

test("a router that is slow from the first probe on raises the failure detection time, two probes later", () => {
  const network = new Network({ deviations: SERVICE }).plumb("net0");
  network.wire = ({ target: address }) => [[address ?? "", 1000]];
  network.route("net0", ROUTER).run(10_000);
  assert.ok((fdtOf(network)[0] ?? 0) > 10_000);
});

describe("a round trip longer than the interval", () => {
  test("waits for a second one: the first alone changes nothing", () => {
    const { roundTrip, deferred } = target(measured(400, 400, 900, 900));
    assert.deepEqual([roundTrip.conservativeMs, deferred], [1412, 900_000_000]);
  });

  test("is forgotten when a shorter one follows", () => {
    const { roundTrip, deferred } = target(measured(400, 400, 900, 900, 460));
    assert.deepEqual([roundTrip.conservativeMs, deferred], [1177, undefined]);
  });

  test("counts together with a second one, though that be a quick one", () => {
    const { roundTrip, deferred } = target(measured(400, 400, 900, 900, 100));
    assert.deepEqual([roundTrip.average8, roundTrip.deviation4], [3_720_312_500, 1_279_687_500]);
    assert.deepEqual([roundTrip.conservativeMs, deferred], [1744, undefined]);
  });

  test("raises the failure detection time to fourteen times itself", () => {
    const network = measured(400, 400, 900, 900, 900);
    assert.equal(target(network).roundTrip.conservativeMs, 1810);
    assert.deepEqual(fdtOf(network), [25_340, 3620]);
    assert.ok(network.told().includes("fdt-raised net0/v4"));
  });
});

describe("while the failure detection time is raised", () => {
  const raised = () => measured(400, 400, 900, 900, 900).run(1);

  test("judged probes go at the longer interval, and probes that only measure at the configured one", () => {
    const network = raised().run(10_000);
    network.sent.length = 0;
    network.run(7 * 3620);
    const count = (kind: string) => network.sent.filter((packet) => packet.kind === kind).length;
    assert.ok(Math.abs(count("uni") - 7) <= 1, `${count("uni")}`);
    assert.ok(Math.abs(count("uni") + count("rtt") - (7 * 3620) / 1428) <= 1, `${count("rtt")}`);
  });

  test("it is halved when all answer within a quarter of the interval, but not within a minute of the raise", () => {
    const network = raised();
    const from = network.milliseconds;
    const steps: number[][] = [];
    const times: number[] = [];
    network.watch = ({ kind }) => {
      if (kind !== "fdt-lowered") return;
      steps.push(fdtOf(network));
      times.push(network.milliseconds - from);
    };
    network.run(120_000);
    assert.deepEqual(steps, [
      [12_670, 1810],
      [10_000, 1428],
    ]);
    assert.ok((times[0] ?? 0) >= 59_990, `${times[0]}`);
  });

  test("a failure is found within it", () => {
    const network = raised().run(50_000 - 1);
    const [fdtMs = 0] = fdtOf(network);
    network.wire = MUTE;
    const from = network.milliseconds;
    network.until(() => network.phyint("net0").state === "failed");
    assert.ok(network.milliseconds - from <= 1.08 * fdtMs, `${network.milliseconds - from} of ${fdtMs}`);
  });
});

describe("one target that is slower than all others", () => {
  test("is set aside, if there are four to compare, and tried again after a minute", () => {
    const network = new Network().plumb("net0").route("net0", ...ROUTERS);
    network.wire = ({ target: to }) => [[to ?? "", to === ROUTER ? 900 : 1]];
    network.until(() => target(network).status === "slow", 60_000);
    assert.deepEqual(fdtOf(network), [10_000, 1428]);
    network.wire = slow();
    network.until(() => target(network).status === "active", 80_000);
  });

  test("raises the failure detection time, if there are three", () => {
    const network = new Network().plumb("net0").route("net0", ...ROUTERS.slice(0, 3));
    network.wire = ({ target: to }) => [[to ?? "", to === ROUTER ? 900 : 1]];
    network.until(() => (fdtOf(network)[0] ?? 0) > 10_000, 60_000);
  });

  test("is dropped if it is a host, and another one is looked for", () => {
    const network = new Network().plumb("net0");
    network.wire = ({ kind, target: to }) =>
      kind === "multi" ? ROUTERS.map((address) => [address, 1] as const) : [[to ?? "", to === ROUTER ? 900 : 1]];
    network.until(() => network.instance("net0").targets.active === 4);
    network.sent.length = 0;
    network.until(() => network.instance("net0").targets.find(ROUTER) === undefined, 60_000);
    assert.equal(network.sent.at(-1)?.kind, "multi");
  });
});

test("round trips of a link that has failed are not kept, and it begins without any", () => {
  const network = new Network({ deviations: SERVICE }).plumb("net0").route("net0", ROUTER).run(50_000);
  network.wire = MUTE;
  network.run(12_000);
  network.wire = slow();
  network.run(5000);
  assert.equal(network.instance("net0").ring.newest(2).status, "acked");
  assert.equal(target(network).roundTrip.conservativeMs, 0);
});
