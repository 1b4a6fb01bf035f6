/** Whatever the next run is to know is saved soon after it changed, also where nothing is announced and nobody asks for counters. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { Core } from "#src/daemon/core.js";
import { EventLog } from "#src/daemon/snapshots/event-log.js";
import { hrtime } from "#src/kstat/hrtime.js";
import type { SavedState } from "#src/state/saved-state.js";
import { StateFile } from "#src/state/state-file.js";
import { FakeSystem } from "../support/fake-system.ts";
import { scratch } from "../support/scratch.ts";
import { eventually } from "../support/wait.ts";
import { configuration, type Told } from "./configuration.ts";

const device = (name: string) => ({ kind: "device", device: name, standby: false }) as const;
const pair: Told = { groups: [{ members: [device("eth0"), device("eth1")] }] };

/** A program of which everything has been saved, and a wait for what is saved next. */
async function running(t: TestContext, system: FakeSystem, told: Told) {
  const path = join(scratch(t), "state.json");
  let now = 0n;
  const tick = () => {
    now += 1_000n;
    return hrtime(now);
  };
  const core = new Core({
    sources: [system],
    clock: { now: tick, wallMs: () => 1_700_000_000_000 },
    events: new EventLog(),
    configuration: configuration(told),
    stateFile: new StateFile(path),
    loaded: { kind: "none" },
    system: { boot: "b", namespace: "n" },
  });
  t.after(() => core.close());
  core.start();
  core.checkpoint();
  const advance = (seconds: number) => {
    now += BigInt(seconds) * 1_000_000_000n;
  };
  const saved = (): SavedState => {
    const loaded = new StateFile(path).load(new Date(0));
    assert.ok(loaded.kind === "state");
    return loaded.state;
  };
  const untilSaved = async (holds: (state: SavedState) => boolean) => {
    assert.ok(!holds(saved()), "it is saved already");
    await eventually(
      () => holds(saved()),
      () => "it is not saved",
    );
  };
  return { core, advance, untilSaved };
}

const member = ({ groups }: SavedState, name: string) =>
  groups.flatMap(({ members }) => members).find((saved) => saved.device === name);

describe("saved soon is", () => {
  test("what a reload has changed", async (t) => {
    const system = new FakeSystem();
    system.add("eth0");
    system.add("eth1");
    const { core, untilSaved } = await running(t, system, pair);
    core.reconfigure(
      configuration({ groups: [{ members: [device("eth0")] }, { name: "b", members: [device("eth1")] }] }),
    );
    await untilSaved(({ groups }) => groups.length === 2);
  });

  test("that a member is out of service which is administratively down", async (t) => {
    const system = new FakeSystem();
    system.add("eth0");
    system.add("eth1", { adminUp: false, running: false, operState: "down" });
    const { core, untilSaved } = await running(t, system, pair);
    assert.equal(core.setOffline("eth1", true), "done");
    await untilSaved((state) => member(state, "eth1")?.offlined === true);
  });

  test("the MAC of a member, by which it is known under another name", async (t) => {
    const system = new FakeSystem();
    system.add("eth0");
    const eth1 = system.add("eth1");
    const { untilSaved } = await running(t, system, pair);
    system.change(eth1, { lladdr: "02:00:00:00:00:77" });
    await untilSaved((state) => member(state, "eth1")?.lladdr === "02:00:00:00:00:77");
  });

  test("how the uplinks were found, where they are the same as before", async (t) => {
    const system = new FakeSystem();
    const ifindex = system.add("eth0");
    const { core, advance, untilSaved } = await running(t, system, {});
    const nextHops = [{ ifindex, gateway: "192.0.2.1", weight: 1, dead: false }];
    system.setRoutes([{ family: "ipv4", metric: 0, nextHops }]);
    advance(60);
    core.tick();
    await untilSaved(({ uplinks }) => uplinks?.rank === 2);
  });
});
