/** Which targets are probed, in which order, and how those that were set aside come back. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { TargetList } from "#src/probing/target-list.js";
import { Network } from "./network.ts";

const SECOND = 1_000_000_000;

/** Inserted in this order, so that the last one is the head. */
function listOf(...addresses: readonly string[]): TargetList {
  const list = new TargetList();
  list.ofRouters = true;
  for (const address of addresses) list.insert(address);
  return list;
}

function statuses(list: TargetList): string {
  return list.targets.map(({ address, status }) => `${address} ${status}`).join(", ");
}

/** The targets of so many probes in turn. */
function turns(list: TargetList, count: number, now = 0): string {
  return Array.from({ length: count }, () => {
    const address = list.cursor?.address ?? "-";
    list.advance(now);
    return address;
  }).join("");
}

function target(list: TargetList, address: string) {
  const found = list.find(address);
  assert.ok(found);
  return found;
}

describe("a list of targets", () => {
  test("begins with the first one found and goes on in its order, the newest first", () =>
    assert.equal(turns(listOf("a", "b", "c"), 7), "acbacba"));

  test("has at most five active ones; the sixth waits until one goes, and the cursor passes it", () => {
    const list = listOf("a", "b", "c", "d", "e", "f");
    assert.match(statuses(list), /^f unused, e active/);
    list.remove(target(list, "c"));
    assert.equal(list.active, 4);
    assert.equal(turns(list, 5), "afedb");
    assert.equal(list.active, 5);
  });

  test("sets a cursor to its first active one when the target under it goes", () => {
    const list = listOf("a", "b", "c");
    assert.equal(list.cursor?.address, "a");
    list.remove(target(list, "a"));
    assert.deepEqual([list.cursor?.address, list.rttCursor?.address], ["c", "c"]);
    for (const address of ["b", "c"]) list.remove(target(list, address));
    assert.deepEqual([list.active, list.cursor, list.rttCursor], [0, undefined, undefined]);
  });

  test("takes a slow one back after more than a minute: to the reserve at one pass, into use at the next", () => {
    const list = listOf("a", "b");
    list.setAside(target(list, "b"), "slow", 100 * SECOND, false);
    assert.equal(turns(list, 2, 160 * SECOND), "aa");
    assert.match(statuses(list), /b slow/);
    list.advance(160 * SECOND + 1);
    assert.match(statuses(list), /b unused/);
    assert.equal(turns(list, 2, 161 * SECOND), "ab");
  });

  test("makes a dead one slow at the next pass, whenever that is, and from there it takes a minute", () => {
    const list = listOf("a", "b");
    list.setAside(target(list, "b"), "dead", 100 * SECOND, false);
    list.advance(100 * SECOND);
    assert.match(statuses(list), /b slow/);
    list.advance(160 * SECOND);
    assert.match(statuses(list), /b slow/);
    list.advance(161 * SECOND);
    assert.match(statuses(list), /b unused/);
  });

  test("makes three active when none is: unused ones, then slow and dead ones, those that have waited before the others", () => {
    const list = listOf("dead", "slow", "long dead", "long slow", "last");
    list.setAside(target(list, "long slow"), "slow", 100 * SECOND, false);
    list.setAside(target(list, "long dead"), "dead", 100 * SECOND, false);
    list.setAside(target(list, "slow"), "slow", 200 * SECOND, false);
    const dead = target(list, "dead");
    list.setAside(dead, "dead", 200 * SECOND, false);
    dead.slowSince = 200 * SECOND; // it had been slow before
    list.remove(target(list, "last"));
    list.reactivate(201 * SECOND);
    assert.equal(statuses(list), "long slow active, long dead active, slow active, dead dead");
    assert.equal(list.cursor?.address, "long slow");
  });

  test("leaves the cursor for round trips on one that was set aside, or moves it on", () => {
    for (const moves of [false, true]) {
      const list = listOf("a", "b", "c");
      list.advanceRtt(0);
      list.setAside(target(list, "c"), "slow", 0, moves);
      assert.equal(list.rttCursor?.address, moves ? "b" : "c");
    }
  });
});

describe("a router that one member finds", () => {
  const routersOf = (network: Network, name: string) =>
    network.instance(name).targets.targets.map(({ address }) => address);

  test("is probed by all members of its group", () => {
    const network = new Network().plumb("net1").plumb("net0").route("net0", "10.0.0.1");
    assert.deepEqual(routersOf(network, "net1"), ["10.0.0.1"]);
  });

  test("is not probed by one in whose subnet it is not", () => {
    const network = new Network();
    network.reaches = (name, _family, target) => target.startsWith(name === "net0" ? "10.0.0." : "10.0.1.");
    network.plumb("net1").plumb("net0").route("net0", "10.0.0.1").route("net1", "10.0.1.1");
    assert.deepEqual([routersOf(network, "net0"), routersOf(network, "net1")], [["10.0.0.1"], ["10.0.1.1"]]);
  });
});
