/** What an event costs: it touches the group that it is about, and asks the system for nothing that it has told already. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Core } from "#src/daemon/core.js";
import { EventLog } from "#src/daemon/snapshots/event-log.js";
import { hrtime } from "#src/kstat/hrtime.js";
import type { LinkAddress } from "#src/link/link-address.js";
import { FakeSystem } from "../support/fake-system.ts";
import { configuration } from "./configuration.ts";

const GROUPS = 200;
const SIZE = 4;

/** Counts what is asked of it. */
class CountingSystem extends FakeSystem {
  readonly asked = { counters: 0, routes: 0, addresses: 0 };

  override readCounters(...args: Parameters<FakeSystem["readCounters"]>): void {
    this.asked.counters++;
    super.readCounters(...args);
  }

  override defaultRoutes() {
    this.asked.routes++;
    return super.defaultRoutes();
  }

  override addresses() {
    this.asked.addresses++;
    return super.addresses();
  }
}

/** 200 groups of four members, or so many, and a clock that goes on by 20 ms a look. */
function world(size = GROUPS) {
  const system = new CountingSystem();
  const links = Array.from({ length: size * SIZE }, (_, n) => system.add(`eth${n}`));
  const groups = Array.from({ length: size }, (_, n) => ({
    name: `group${n}`,
    members: Array.from({ length: SIZE }, (__, m) => ({
      kind: "device" as const,
      device: `eth${n * SIZE + m}`,
      standby: false,
    })),
  }));
  let now = 0n;
  const tick = () => {
    now += 1_000n;
    return hrtime(now);
  };
  const clock = { now: tick, wallMs: () => 0 };
  const events = new EventLog();
  const core = new Core({
    sources: [system],
    clock,
    events,
    configuration: configuration({ groups }),
    stateFile: undefined,
    loaded: { kind: "none" },
    system: { boot: "b", namespace: "n" },
  });
  core.start();
  Object.assign(system.asked, { counters: 0, routes: 0, addresses: 0 });
  const told = () => events.since().filter(({ kind }) => kind === "member-state").length;
  const later = () => {
    now += 20_000_000n;
  };
  const [first = 0] = links;
  return { system, core, events, first, told, later };
}

const ADDRESS: Omit<LinkAddress, "ifindex"> = {
  family: "ipv4",
  address: "192.0.2.1",
  prefixLength: 24,
  tentative: false,
  duplicate: false,
};

describe("a link that changes a hundred times", () => {
  test("is told of a hundred times, and has no counter, route or address read", () => {
    const { system, told, first, later } = world();
    for (let change = 0; change < 100; change++) {
      system.setRunning(first, change % 2 === 1);
      later();
    }
    assert.equal(told(), 100);
    assert.deepEqual(system.asked, { counters: 0, routes: 0, addresses: 0 });
  });

  test("has its routes looked at four times a second at most", () => {
    const { system, core, first, later } = world();
    for (let change = 0; change < 100; change++) {
      system.setRunning(first, change % 2 === 1);
      system.setRoutes([]);
      later();
    }
    core.tick();
    assert.ok(system.asked.routes <= 9, `${system.asked.routes} looks at the routes in two seconds`);
    assert.equal(system.asked.counters, 0);
  });

  test("has no counter read although another member of its group is refused", () => {
    const { system, core, first, later } = world();
    system.change(first + 1, { noArp: true });
    system.change(first + 1, { name: "other" });
    system.change(first + 1, { name: "eth1" });
    assert.equal(core.snapshots.within(1_000_000_000n).groups[0]?.refused.length, 1);
    system.asked.counters = 0;
    for (let change = 0; change < 20; change++) {
      system.setRunning(first, change % 2 === 1);
      system.setRoutes([]);
      later();
      core.tick();
    }
    assert.equal(system.asked.counters, 0);
  });

  test("is told of a hundred times although all changes come at once", () => {
    const { system, core, told, first } = world();
    system.hold();
    for (let change = 0; change < 100; change++) system.setRunning(first, change % 2 === 1);
    core.tick();
    assert.equal(told(), 100);
  });

  test("shows its states, and has its counters read once a second, to whoever looks after each change", () => {
    const { system, core, first, later } = world();
    for (let change = 0; change < 100; change++) {
      system.setRunning(first, change % 2 === 1);
      const up = change % 2 === 1;
      assert.equal(core.snapshots.states().groups[0]?.members[0]?.state, up ? "active" : "failed");
      assert.equal(core.snapshots.within(1_000_000_000n).groups[0]?.members[0]?.state, up ? "active" : "failed");
      later();
    }
    assert.ok(system.asked.counters <= 3, `${system.asked.counters} readings in two seconds`);
  });
});

test("a link that changes, and one that goes, has as much looked up among 200 groups as among 20", (t) => {
  const lookUps = (size: number) => {
    const { system, first } = world(size);
    const counted = (["get", "delete"] as const).map((name) => t.mock.method(Map.prototype, name));
    system.setRunning(first, false);
    system.delete(first);
    const counts = counted.map(({ mock }) => mock.callCount());
    for (const { mock } of counted) mock.restore();
    return counts;
  };
  assert.deepEqual(lookUps(GROUPS), lookUps(20));
});

test("an address that is told is known without asking for all", () => {
  const { system, core, first } = world();
  const addresses = () => core.snapshots.states().links[0]?.addresses.map(({ address }) => address);
  system.tell({ kind: "address", address: { ...ADDRESS, ifindex: first }, present: true });
  assert.deepEqual(addresses(), ["192.0.2.1"]);
  system.tell({ kind: "address", address: { ...ADDRESS, ifindex: 99_999 }, present: true });
  system.tell({ kind: "address", address: { ...ADDRESS, ifindex: first }, present: false });
  core.snapshots.within(-1n);
  assert.deepEqual(addresses(), []);
  assert.equal(system.asked.addresses, 0);
});

test("who listens on the host's addresses is woken when others may be usable, and by no other change of a link", () => {
  const { system, core, first } = world();
  let woken = 0;
  core.addresses.subscribe(() => woken++);
  const tell = (tentative: boolean) => {
    const address = { ...ADDRESS, family: "ipv6", address: "fe80::1", ifindex: first, tentative } as const;
    system.tell({ kind: "address", address, present: true });
  };
  const takeDown = (ifindex: number) => system.change(ifindex, { adminUp: false, running: false });
  const steps: readonly (readonly [change: () => void, wakes: number, addresses: readonly string[]])[] = [
    [() => takeDown(first + 1), 0, []],
    [() => tell(true), 1, []],
    [() => tell(false), 1, ["fe80::1%eth0"]],
    [() => tell(false), 0, ["fe80::1%eth0"]],
    [() => system.setRunning(first, false), 0, ["fe80::1%eth0"]],
    [() => system.change(first, { name: "wan" }), 1, ["fe80::1%wan"]],
    [() => takeDown(first), 1, []],
    [() => system.change(first, { adminUp: true }), 1, ["fe80::1%wan"]],
    [() => system.delete(first), 1, []],
  ];
  for (const [n, [change, wakes, addresses]] of steps.entries()) {
    woken = 0;
    change();
    assert.deepEqual([woken, core.addresses.list()], [wakes, addresses], `step ${n}`);
  }
});

test("who listens on the host's addresses is woken by any news of a link where the system tells no addresses", () => {
  const system = new FakeSystem();
  Object.defineProperty(system, "addresses", { value: undefined });
  const core = new Core({
    sources: [system],
    clock: { now: () => hrtime(0n), wallMs: () => 0 },
    events: new EventLog(),
    configuration: configuration({ groups: [] }),
    stateFile: undefined,
    loaded: { kind: "none" },
    system: { boot: "b", namespace: "n" },
  });
  core.start();
  let woken = 0;
  core.addresses.subscribe(() => woken++);
  const ifindex = system.add("eth0");
  system.setRunning(ifindex, false);
  system.delete(ifindex);
  assert.equal(woken, 3);
});
