/** What the program says would happen is what happens, in worlds made at random. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { GroupSnapshot, Snapshot } from "#src/snapshot/snapshot.js";
import { Random } from "../simulation/random.ts";
import { World } from "./world.ts";

/** SIMULATION_SEED repeats one; SIMULATION_WORLDS sets how many. */
const first = Number(process.env["SIMULATION_SEED"] ?? 1);
const worlds = Number(process.env["SIMULATION_WORLDS"] ?? (process.env["SIMULATION_SEED"] ? 1 : 1_000));

/** Everything that is answered, as it can be compared. */
function arrangement({ groups, counts }: Snapshot): unknown {
  return { counts, groups: groups.map(arrangementOf) };
}

function arrangementOf({
  name,
  state,
  linkUp,
  members,
  addresses,
  castDevice,
  capacity,
  fate,
  counts,
}: GroupSnapshot): unknown {
  return {
    ...{ name, state, linkUp, counts, castDevice, capacity, fate },
    addresses: addresses?.map(({ address, up, inbound }) => `${address} ${up ? "up" : "down"} on ${inbound}`),
    members: members.map(
      ({ label, state: of, active, linkUp: carrier, standby, boundAddresses, flags, reason, domains }) => ({
        ...{ label, of, active, carrier, standby, boundAddresses, flags, reason, domains },
      }),
    ),
  };
}

describe("what if something failed", () => {
  test("is answered as it then happens, and asking changes nothing", (t) => {
    const tally = { worlds: 0, changed: 0, probed: 0, rebound: 0, bonds: 0 };
    for (let seed = first; seed < first + worlds; seed++) {
      const random = new Random(seed);
      const world = new World(random);
      world.live(() => {
        const things = world.things;
        const without = Array.from(
          { length: random.chance(75) ? 1 : 2 },
          () => things[random.below(things.length)] ?? "",
        );
        if (!world.isForeseeable(without)) return;
        const before = arrangement(world.snapshot());
        const answer = world.suppose(without);
        assert.ok(answer.kind === "supposed", `${seed}: ${without} is known`);
        const supposed = arrangement(answer.snapshot);
        assert.deepEqual(arrangement(world.snapshot()), before, `asking changed world ${seed}`);
        world.takeDown(without);
        const then = world.snapshot();
        assert.deepEqual(supposed, arrangement(then), `world ${seed} without ${without.join(" and ")}`);
        tally.worlds++;
        if (JSON.stringify(before) !== JSON.stringify(supposed)) tally.changed++;
        if (then.groups.some(({ members }) => members.some(({ probes }) => probes))) tally.probed++;
        if (then.groups.some(({ addresses }) => (addresses?.length ?? 0) > 1)) tally.rebound++;
        if (then.groups.some(({ source }) => source === "bond")) tally.bonds++;
      });
    }
    t.diagnostic(JSON.stringify(tally));
    assert.ok(tally.worlds > 0);
  });
});
