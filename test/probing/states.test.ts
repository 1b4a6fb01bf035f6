/** What becomes of an interface, for each state that it may be in and everything that may happen: in.mpathd's table, and what the service changes. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Deviations, ORIGINAL, SERVICE } from "#src/probing/deviations.js";
import { MUTE, Network, QUICK } from "./network.ts";

const ROUTER = "10.0.0.1";

/** `net0` has a test address. `spare` is a standby without one: its link is all that speaks for it, and it stands in for net0. */
function pair(deviations: Deviations): Network {
  return new Network({ deviations }).plumb("spare", { flags: ["STANDBY"], test: [] }).plumb("net0");
}

function running(deviations: Deviations): Network {
  return pair(deviations).route("net0", ROUTER).run(50_000);
}

function mute(network: Network): Network {
  network.wire = MUTE;
  return network.run(12_000);
}

type State = "notargets" | "running" | "failed" | "offline";

/** Ways into each state. The first 40 s, in which lost probes fail nobody, are over. */
const STATES: Readonly<Record<State, (deviations: Deviations) => Network>> = {
  notargets: (deviations) => pair(deviations).run(50_000),
  running,
  failed: (deviations) => mute(running(deviations)),
  offline: (deviations) => {
    const network = running(deviations);
    network.offline("net0");
    return network;
  },
};

function withTest(testAddress: boolean) {
  return { v4: { up: true, testAddress } };
}

interface Row {
  readonly event: string;
  readonly happens: (network: Network) => void;
  /** net0 and spare after it, from each state; of the service where it differs. "-": as before. */
  readonly after: Readonly<Record<State, string>>;
  readonly service?: Partial<Record<State, string>>;
}

/** The states themselves, as the first row shows them. */
const BEFORE: Readonly<Record<State, string>> = {
  notargets: "notargets, running STANDBY INACTIVE",
  running: "running, running STANDBY INACTIVE",
  failed: "failed FAILED, running STANDBY",
  offline: "offline OFFLINE, running STANDBY",
};

const TABLE: readonly Row[] = [
  { event: "nothing", happens: () => {}, after: { notargets: "-", running: "-", failed: "-", offline: "-" } },
  {
    event: "targets are found",
    happens: (network) => network.route("net0", ROUTER, "10.0.0.2"),
    after: { notargets: BEFORE.running, running: "-", failed: "-", offline: "-" },
  },
  {
    event: "its last target goes",
    happens: (network) => network.route("net0"),
    after: { notargets: "-", running: BEFORE.notargets, failed: "notargets FAILED, running STANDBY", offline: "-" },
  },
  {
    event: "its test address goes",
    happens: (network) => network.change("net0", withTest(false)),
    after: { notargets: BEFORE.running, running: "-", failed: BEFORE.running, offline: "-" },
  },
  {
    event: "its test address goes and comes back",
    happens: (network) => {
      network.change("net0", withTest(false));
      network.change("net0", withTest(true));
    },
    after: { notargets: "-", running: "-", failed: BEFORE.running, offline: "-" },
  },
  {
    event: "its link is lost",
    happens: (network) => network.link(false, "net0"),
    after: {
      notargets: BEFORE.failed,
      running: BEFORE.failed,
      failed: "-",
      offline: "offline FAILED OFFLINE, running STANDBY",
    },
  },
  {
    event: "its link is lost and comes back",
    happens: (network) => {
      network.link(false, "net0");
      network.link(true, "net0");
    },
    after: { notargets: BEFORE.failed, running: BEFORE.failed, failed: "-", offline: "-" },
    service: { notargets: "-" },
  },
  {
    event: "its link is lost and comes back, and ten probes are answered",
    happens: (network) => {
      network.link(false, "net0");
      network.link(true, "net0");
      network.wire = QUICK;
      network.run(20_000);
    },
    after: { notargets: BEFORE.failed, running: "-", failed: BEFORE.running, offline: "-" },
    service: { notargets: "-" },
  },
  {
    event: "five probes are lost",
    happens: mute,
    after: { notargets: "-", running: BEFORE.failed, failed: "-", offline: "-" },
  },
  {
    event: "ten probes are answered",
    happens: (network) => {
      network.wire = QUICK;
      network.run(20_000);
    },
    after: { notargets: "-", running: "-", failed: BEFORE.running, offline: "-" },
  },
  {
    event: "all links are lost",
    happens: (network) => network.link(false, "net0", "spare"),
    after: {
      notargets: "notargets FAILED, failed STANDBY FAILED",
      running: "failed FAILED, failed STANDBY FAILED",
      failed: "failed FAILED, failed STANDBY FAILED",
      offline: "offline FAILED OFFLINE, failed STANDBY FAILED",
    },
  },
  {
    event: "all links are lost and come back",
    happens: (network) => {
      network.link(false, "net0", "spare");
      network.link(true, "net0", "spare");
    },
    after: {
      notargets: "notargets FAILED, running STANDBY",
      running: BEFORE.failed,
      failed: "-",
      offline: "-",
    },
    service: { notargets: "notargets, running STANDBY INACTIVE" },
  },
  {
    event: "an administrator takes it offline",
    happens: (network) => network.offline("net0"),
    after: {
      notargets: BEFORE.offline,
      running: BEFORE.offline,
      failed: "offline FAILED OFFLINE, running STANDBY",
      offline: "-",
    },
  },
  {
    event: "an administrator wants it offline if two are left",
    happens: (network) => network.offline("net0", 2),
    after: { notargets: "-", running: "-", failed: "-", offline: "-" },
  },
  {
    event: "an administrator puts it back",
    happens: (network) => network.online("net0"),
    after: { notargets: "-", running: "-", failed: "-", offline: BEFORE.running },
  },
  {
    event: "its link is lost, and an administrator puts it back",
    happens: (network) => {
      network.link(false, "net0");
      network.online("net0");
    },
    after: { notargets: BEFORE.failed, running: BEFORE.failed, failed: "-", offline: BEFORE.failed },
  },
  {
    event: "another program sets FAILED",
    happens: (network) => network.flags("net0", ["FAILED"], []),
    after: {
      notargets: "notargets FAILED, running STANDBY INACTIVE",
      running: "-",
      failed: "-",
      offline: "offline FAILED OFFLINE, running STANDBY",
    },
    service: { notargets: "-" },
  },
  {
    event: "another program clears FAILED",
    happens: (network) => network.flags("net0", [], ["FAILED"]),
    after: { notargets: "-", running: "-", failed: "-", offline: "-" },
  },
  {
    event: "another program takes it offline",
    happens: (network) => network.flags("net0", ["OFFLINE"], []),
    after: {
      notargets: "offline OFFLINE, running STANDBY INACTIVE",
      running: "offline OFFLINE, running STANDBY INACTIVE",
      failed: "offline FAILED OFFLINE, running STANDBY",
      offline: "-",
    },
  },
  {
    event: "it becomes a standby as well",
    happens: (network) => network.flags("net0", ["STANDBY"], []),
    after: {
      notargets: "notargets STANDBY INACTIVE, running STANDBY INACTIVE",
      running: "running STANDBY INACTIVE, running STANDBY INACTIVE",
      failed: "failed STANDBY FAILED, running STANDBY",
      offline: "offline STANDBY OFFLINE, running STANDBY",
    },
    service: {
      notargets: "notargets STANDBY, running STANDBY INACTIVE",
      running: "running STANDBY, running STANDBY INACTIVE",
    },
  },
  {
    event: "the program starts anew",
    happens: (network) => network.restart(),
    after: { notargets: "-", running: "-", failed: BEFORE.running, offline: "-" },
    service: { failed: "-" },
  },
];

function states(network: Network): string {
  return `${network.state("net0")}, ${network.state("spare")}`;
}

for (const [who, deviations] of [
  ["the original", ORIGINAL],
  ["the service", SERVICE],
] as const) {
  describe(`${who}, when`, () => {
    for (const { event, happens, after, service } of TABLE) {
      for (const state of Object.keys(BEFORE) as State[]) {
        const end = (deviations === SERVICE ? service?.[state] : undefined) ?? after[state];
        test(`${event}: ${state}`, () => {
          const network = STATES[state](deviations);
          assert.equal(states(network), BEFORE[state]);
          happens(network);
          assert.equal(states(network), end === "-" ? BEFORE[state] : end);
        });
      }
    }
  });
}

describe("a group of one", () => {
  const alone = () => new Network().plumb("net0").route("net0", ROUTER).run(50_000);

  test("fails as a group, and nobody says that its interface did", () => {
    const network = alone();
    network.told();
    mute(network);
    assert.deepEqual(network.told(), ["net0 failed", "group g failed", "group-unusable g"]);
  });

  test("is repaired by ten answers, and by the link alone when it has no test address", () => {
    const network = mute(alone());
    network.wire = QUICK;
    network.run(20_000);
    assert.equal(network.state("net0"), "running");
    const unprobed = new Network().plumb("net0", { test: [] });
    unprobed.link(false, "net0");
    assert.equal(unprobed.groupState(), "failed");
    unprobed.link(true, "net0");
    assert.equal(unprobed.groupState(), "ok");
  });
});

describe("a group all of whose targets are mute", () => {
  const two = () => new Network().plumb("net0").plumb("net1").route("net0", ROUTER).run(50_000);

  test("fails as a group: one interface at most is said to have failed itself", () => {
    const network = two();
    network.told();
    mute(network);
    const told = network.told();
    assert.equal(network.groupState(), "failed");
    assert.ok(told.includes("group-unusable g"));
    assert.ok(told.filter((line) => line.startsWith("failure")).length <= 1, told.join("\n"));
  });

  test("looks for other hosts when hosts were its targets", () => {
    const network = new Network();
    network.wire = ({ kind, target }) => (kind === "multi" ? [["10.0.0.7", 1]] : [[target ?? "", 1]]);
    network.plumb("net0").plumb("net1").run(50_000);
    assert.equal(network.instance("net0").targets.active, 1);
    network.wire = MUTE;
    network.until(() => network.groupState() === "failed");
    assert.deepEqual([network.state("net0"), network.state("net1")], ["notargets FAILED", "notargets FAILED"]);
    network.sent.length = 0;
    network.run(3000);
    assert.ok(network.sent.length > 0 && network.sent.every(({ kind }) => kind === "multi"));
    network.wire = ({ kind, target }) => (kind === "multi" ? [["10.0.0.8", 1]] : [[target ?? "", 1]]);
    network.run(3000);
    assert.equal(network.state("net0"), "failed FAILED");
    network.run(20_000);
    assert.deepEqual([network.state("net0"), network.state("net1")], ["running", "running"]);
  });
});

describe("a link that comes and goes", () => {
  test("is not repaired at its third coming within a minute, and says so once", () => {
    const network = new Network().plumb("net0", { test: [] }).plumb("net1", { test: [] });
    for (const up of [false, true, false, true, false, true]) {
      network.run(1000);
      network.link(up, "net0");
    }
    assert.equal(network.state("net0"), "failed FAILED");
    network.run(57_000);
    assert.equal(network.state("net0"), "failed FAILED");
    assert.equal(network.told().filter((line) => line === "flapping net0").length, 1);
    network.run(2_000);
    assert.equal(network.state("net0"), "running");
  });
});

describe("two families", () => {
  const both = () =>
    new Network()
      .plumb("spare", { test: [] })
      .plumb("net0", { families: ["v4", "v6"] })
      .route("net0", ROUTER)
      .route6("net0", "fe80:0:0:0:0:0:0:1")
      .run(50_000);

  test("fail together only", () => {
    const network = both();
    network.wire = ({ family, target }) => (family === "v4" ? [] : [[target ?? "", 1]]);
    assert.equal(network.run(60_000).state("net0"), "running");
    assert.equal(mute(network).state("net0"), "failed FAILED");
  });

  test("are repaired by either", () => {
    const network = mute(both());
    network.wire = ({ family, target }) => (family === "v4" ? [] : [[target ?? "", 1]]);
    assert.equal(network.run(20_000).state("net0"), "running");
  });

  test("one alone decides where the other has nobody to ask", () => {
    const network = both();
    network.change("net0", { v4: { up: true, testAddress: false } });
    assert.equal(mute(network).state("net0"), "failed FAILED");
  });
});
