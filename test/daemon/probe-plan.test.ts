import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { planProbes } from "#src/daemon/probing/probe-plan.js";
import { aLink } from "../support/fake-system.ts";

describe("whom a member probes", () => {
  const link = { ifindex: 2, attributes: { ...aLink("eth0", 2), altNames: ["enp3s0"] }, addresses: [] };
  const hop = { ifindex: 2, gateway: "192.0.2.1", weight: 1, dead: false };
  const routes = [{ family: "ipv4", metric: 0, nextHops: [hop] }] as const;
  const plan = (...configured: [string, string[]][]) =>
    planProbes(link, [], { configured: new Map(configured), routes });

  test("is what the configuration lists, by any name of the link", () => {
    for (const name of ["eth0", "enp3s0"]) {
      const { targets, isFixed } = plan([name, ["198.51.100.1"]]);
      assert.deepEqual([targets, isFixed], [["198.51.100.1"], true]);
    }
  });

  test("is the next hops of its routes, where nothing is listed for it", () => {
    const { targets, isFixed } = plan(["eth1", ["198.51.100.1"]]);
    assert.deepEqual([targets, isFixed], [["192.0.2.1"], false]);
  });
});
