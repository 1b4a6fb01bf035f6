/** Which members carry data: standbys, failback, taking offline, and members with one hardware address. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Network } from "./network.ts";

/** Link-based members, so that a link is all it takes: two of them, and then a standby. */
function three(failback = true): Network {
  return new Network({ failback })
    .plumb("a", { test: [] })
    .plumb("b", { test: [] })
    .plumb("c", { test: [], flags: ["STANDBY"] });
}

/** Who carries data, in order of name. */
function active(network: Network): string {
  return [...network.machine.phyints]
    .filter(({ isActive }) => isActive)
    .map(({ name }) => name)
    .sort()
    .join("");
}

describe("members that carry data", () => {
  const steps: readonly (readonly [what: string, (network: Network) => unknown, failback: string, without: string])[] =
    [
      ["at first", () => {}, "ab", "ab"],
      ["a fails", (network) => network.link(false, "a"), "bc", "bc"],
      ["b fails: nobody is left to stand in", (network) => network.link(false, "b"), "c", "c"],
      ["b is repaired", (network) => network.run(1000).link(true, "b"), "bc", "c"],
      ["a is repaired", (network) => network.link(true, "a"), "ab", "c"],
      ["c fails", (network) => network.link(false, "c"), "ab", "a"],
      ["a is taken offline", (network) => network.offline("a"), "b", "b"],
      ["a is put back", (network) => network.online("a"), "ab", "ab"],
    ];

  for (const failback of [true, false]) {
    test(failback ? "are as many as there are without STANDBY" : "stay as they are with FAILBACK=no", () => {
      const network = three(failback);
      for (const [what, happens, withFailback, without] of steps) {
        happens(network);
        assert.equal(active(network), failback ? withFailback : without, what);
      }
    });
  }

  test("are never FAILED and INACTIVE at once", () => {
    const network = three();
    network.link(false, "c");
    assert.equal(network.state("c"), "failed STANDBY FAILED");
  });

  test("stand in for one that leaves", () => {
    const network = new Network().plumb("a", { test: [] }).plumb("c", { test: [], flags: ["STANDBY"] });
    network.unplumb("a");
    assert.equal(active(network), "c");
  });
});

describe("taking offline", () => {
  test("is refused when too few are left, and given when one is", () => {
    const network = three();
    assert.equal(network.offline("a"), "ok");
    assert.equal(active(network), "bc");
    assert.equal(network.offline("b"), "ok");
    assert.equal(network.offline("c"), "minimum-redundancy");
    assert.equal(network.online("a"), "ok");
    assert.equal(network.online("a"), "failure");
    assert.equal(network.offline("nobody"), "failure");
  });

  test("is remembered over a restart of the program", () => {
    const network = three();
    network.offline("a");
    network.restart();
    assert.equal(network.state("a"), "offline OFFLINE");
  });
});

describe("two members with one hardware address", () => {
  const twins = () =>
    new Network()
      .plumb("a", { test: [], hardwareAddress: "02:00:00:00:00:01" })
      .plumb("b", { test: [], hardwareAddress: "02:00:00:00:00:01" });

  test("are not in use together: the newer one is offline, and says why", () => {
    const network = twins();
    assert.deepEqual([network.state("a"), network.state("b")], ["running", "offline OFFLINE"]);
    assert.ok(network.told().includes("address-duplicate b"));
    assert.equal(network.online("b"), "duplicate-address");
  });

  test("are still so after a restart, until one is gone", () => {
    const network = twins();
    network.restart();
    assert.equal(network.state("b"), "offline OFFLINE");
    network.unplumb("a");
    assert.equal(network.state("b"), "running");
  });

  const ends: readonly (readonly [what: string, (network: Network) => unknown])[] = [
    ["gets another one", (network) => network.change("b", { hardwareAddress: "02:00:00:00:00:02" })],
    ["sees the other get another one", (network) => network.change("a", { hardwareAddress: "02:00:00:00:00:02" })],
    ["sees the other taken offline", (network) => network.offline("a", 0)],
    ["sees the other leave", (network) => network.unplumb("a")],
  ];
  for (const [what, happens] of ends) {
    test(`the newer one is in use when it ${what}`, () => {
      const network = twins();
      network.told();
      happens(network);
      assert.equal(network.state("b"), "running");
      assert.ok(network.told().includes("address-unique b"));
    });
  }

  test("one of them goes offline when its address becomes that of the other", () => {
    const network = new Network()
      .plumb("a", { test: [], hardwareAddress: "02:00:00:00:00:01" })
      .plumb("b", { test: [], hardwareAddress: "02:00:00:00:00:02" });
    network.change("a", { hardwareAddress: "02:00:00:00:00:02" });
    assert.deepEqual([network.state("a"), network.state("b")], ["offline OFFLINE", "running"]);
  });

  test("are told apart by nobody when none is known, or when an administrator took one offline", () => {
    const network = new Network().plumb("a", { test: [] }).plumb("b", { test: [] });
    assert.equal(network.state("b"), "running");
    const other = twins();
    other.unplumb("b");
    other.plumb("c", { test: [] });
    other.offline("a");
    other.plumb("b", { test: [], hardwareAddress: "02:00:00:00:00:01" });
    assert.equal(other.state("b"), "running");
    assert.equal(other.online("a"), "duplicate-address");
  });
});

describe("interfaces in no group", () => {
  test("are watched alone, if they are to be, and are cleared of old flags if not", () => {
    const watched = new Network({ trackAll: true })
      .plumb("a", { group: "", test: [] })
      .plumb("b", { group: "", test: [] });
    watched.link(false, "a");
    assert.deepEqual([watched.state("a"), watched.state("b")], ["failed FAILED", "running"]);
    const unwatched = new Network().plumb("a", { group: "", flags: ["FAILED"] });
    assert.equal(unwatched.machine.phyint("a"), undefined);
    const [a] = Array.from(unwatched.entries()).filter((entry) => entry.kind === "interface");
    assert.equal(a?.flags, 1);
  });
});
