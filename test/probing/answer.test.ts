/** Answers: those that count, those that come late, twice, from somebody else or out of nowhere. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Answer } from "#src/probing/answer.js";
import { SERVICE } from "#src/probing/deviations.js";
import { INTERVAL_MS, MUTE, Network, QUICK } from "./network.ts";

const [ROUTER, OTHER] = ["10.0.0.1", "10.0.0.2"] as const;

function probed(...routers: readonly string[]): Network {
  return new Network()
    .plumb("spare", { test: [] })
    .plumb("net0")
    .route("net0", ...routers)
    .run(50_000);
}

/** An answer to the newest probe but so many. */
function answer(network: Network, back = 0, more: Partial<Answer> = {}): Answer {
  const probe = network.instance("net0").ring.newest(1 + back);
  return {
    interface: "net0",
    family: "v4",
    kind: "uni",
    sequence: probe.id,
    from: probe.target?.address ?? "",
    sentAt: probe.sentAt,
    age: 0,
    ...more,
  };
}

describe("an answer", () => {
  test("to a lost probe makes it an answered one, and its change says so", () => {
    const network = probed(ROUTER);
    network.wire = MUTE;
    network.run(2 * INTERVAL_MS);
    const before = network.instance("net0").counts;
    let late = 0;
    network.watch = (event) => {
      if (event.kind === "probe" && event.before === "lost") late++;
    };
    network.machine.received(network.now, answer(network, 1));
    const { counts } = network.instance("net0");
    assert.deepEqual([before.lost - counts.lost, counts.acked - before.acked, late], [1, 1, 1]);
  });

  test("in time but for the order counts, and measures nothing", () => {
    const network = probed(ROUTER);
    network.wire = MUTE;
    network.run(2 * INTERVAL_MS);
    network.machine.received(network.now, answer(network, 0));
    const { roundTrip } = network.instance("net0").targets.targets[0] ?? assert.fail();
    network.machine.received(network.now, answer(network, 1));
    assert.equal(network.instance("net0").targets.targets[0]?.roundTrip, roundTrip);
    assert.equal(network.instance("net0").ring.newest(2).status, "acked");
  });

  const unknown: readonly (readonly [why: string, told: string[], (network: Network) => Answer])[] = [
    ["a second time", ["answer-duplicate net0/v4"], (network) => answer(network, 1)],
    ["from somebody else", ["answer-fake net0/v4"], (network) => answer(network, 1, { from: OTHER })],
    ["to a probe not sent yet", ["answer-out-of-window net0/v4"], (network) => answer(network, 0, { sequence: 999 })],
    [
      "to a probe of long ago",
      ["answer-out-of-window net0/v4"],
      (network) => answer(network, 0, { sequence: answer(network).sequence - 52 + 65_536 }),
    ],
    [
      "to a probe whose target is gone",
      [],
      (network) => {
        const late = answer(network, 1);
        network.route("net0", OTHER);
        return late;
      },
    ],
  ];
  for (const [why, told, make] of unknown) {
    test(`${why} is counted as unknown and changes nothing`, () => {
      const network = probed(ROUTER);
      const given = make(network);
      network.told();
      const { ring } = network.instance("net0");
      const before = Array.from(ring, ({ status }) => status);
      network.machine.received(network.now, given);
      assert.deepEqual(network.told(), told);
      assert.equal(network.instance("net0").counts.unknown, 1);
      assert.deepEqual(
        Array.from(ring, ({ status }) => status),
        before,
      );
    });
  }

  test("over a link that is down, or of an interface that is not there, is nothing", () => {
    const network = probed(ROUTER);
    const given = answer(network, 0, { sequence: 999 });
    network.machine.received(network.now, { ...given, interface: "net9" });
    network.link(false, "net0");
    network.machine.received(network.now, given);
    assert.equal(network.instance("net0").counts.unknown, 0);
  });

  test("sent in the future proves that the link works, and measures nothing", () => {
    const network = probed(ROUTER);
    network.wire = MUTE;
    network.run(INTERVAL_MS);
    network.told();
    const { roundTrip } = network.instance("net0").targets.targets[0] ?? assert.fail();
    network.machine.received(network.now, answer(network, 0, { sentAt: network.now + 1 }));
    assert.deepEqual(network.told(), ["rtt-negative"]);
    assert.equal(network.instance("net0").ring.newest(1).status, "acked");
    assert.equal(network.instance("net0").targets.targets[0]?.roundTrip, roundTrip);
  });
});

describe("hosts that answer to all", () => {
  function discovering(hosts: readonly string[]): Network {
    const network = new Network();
    network.wire = (packet) => (packet.kind === "multi" ? hosts.map((host) => [host, 1] as const) : QUICK(packet));
    return network;
  }

  test("become the targets of all members, five at most", () => {
    const hosts = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"];
    const network = discovering(hosts).plumb("net0").plumb("net1").run(3000);
    for (const name of ["net0", "net1"]) assert.equal(network.instance(name).targets.targets.length, 5, name);
  });

  test("are looked for as long as there is one only", () => {
    const network = discovering([ROUTER]).plumb("net0").run(20_000);
    network.sent.length = 0;
    network.run(5 * INTERVAL_MS);
    assert.deepEqual(new Set(network.sent.map(({ kind }) => kind)), new Set(["uni", "multi"]));
  });

  test("fail a link that has no other target by falling silent, while another member works", () => {
    const network = new Network({ deviations: SERVICE });
    network.reaches = (name, _family, target) => target.startsWith(name === "net0" ? "10.0.0." : "10.0.1.");
    network.plumb("net1").plumb("net0").route("net1", "10.0.1.1");
    let isSilent = false;
    network.wire = ({ interface: name, target }) => {
      if (name === "net1") return [["10.0.1.1", 1]];
      return isSilent ? [] : [[target ?? "10.0.0.66", 1]];
    };
    network.run(60_000);
    assert.deepEqual([network.state("net0"), network.state("net1")], ["running", "running"]);
    isSilent = true;
    network.run(60_000);
    assert.deepEqual([network.state("net0"), network.state("net1")], ["failed FAILED", "running"]);
  });

  test("give way to the first router", () => {
    const network = discovering([ROUTER, OTHER]).plumb("net0").run(3000);
    network.route("net0", "10.0.0.254");
    assert.deepEqual(
      network.instance("net0").targets.targets.map(({ address }) => address),
      ["10.0.0.254"],
    );
  });
});

describe("a routing table", () => {
  test("gives each member of the group the routers of all", () => {
    const network = new Network().plumb("net0").plumb("net1").route("net0", ROUTER);
    assert.equal(network.instance("net1").targets.find(ROUTER)?.status, "active");
  });

  test("takes routers away, but not while the group has failed", () => {
    const network = new Network().plumb("net0").route("net0", ROUTER, OTHER).run(50_000);
    network.wire = MUTE;
    network.run(12_000).route("net0", ROUTER);
    assert.equal(network.instance("net0").targets.targets.length, 2);
    network.wire = QUICK;
    network.run(20_000).route("net0", ROUTER);
    assert.equal(network.instance("net0").targets.targets.length, 1);
  });
});

describe("the first forty seconds", () => {
  test("fail nobody, and then five old losses do, if the router answers others", () => {
    const network = new Network().plumb("net1").plumb("net0");
    network.wire = (packet) => (packet.interface === "net0" ? [] : QUICK(packet));
    network.route("net0", ROUTER).run(39_000);
    assert.equal(network.state("net0"), "running");
    assert.equal(network.run(3000).state("net0"), "failed FAILED");
  });

  test("end with the first answer", () => {
    const network = new Network().plumb("spare", { test: [] }).plumb("net0").route("net0", ROUTER).run(3000);
    network.wire = MUTE;
    assert.equal(network.run(12_000).state("net0"), "failed FAILED");
  });
});
