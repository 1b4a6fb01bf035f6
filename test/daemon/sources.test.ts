/** Several sources side by side: each has links of its own, and a group may have members of all. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Core } from "#src/daemon/core.js";
import { EventLog } from "#src/daemon/snapshots/event-log.js";
import { renderText } from "#src/exposition/prometheus/metrics.js";
import { hrtime } from "#src/kstat/hrtime.js";
import { NET_INDEX } from "#src/kstat/net.js";
import { parseIpAddress } from "#src/net-address/ip-address.js";
import { StateFile } from "#src/state/state-file.js";
import { Disk } from "../simulation/disk.ts";
import { NO_AGGREGATE } from "../support/fake-bond.ts";
import { aLink, FakeSystem } from "../support/fake-system.ts";
import { configuration } from "./configuration.ts";
import { PolledSystem } from "./polled-system.ts";

const MEMBER = { kind: "device", device: "eth0", standby: false } as const;

/** A host and a switch whose links have the same names and ifIndexes, and a group with one of each; `disk` has the state. */
function world({ disk, began = 0n }: { readonly disk?: Disk; readonly began?: bigint } = {}) {
  const local = new FakeSystem();
  const polled = new PolledSystem("sw1");
  const here = local.add("eth0");
  const there = polled.behind.add("eth0");
  assert.equal(here, there);
  let now = began;
  const tick = () => {
    now += 1_000n;
    return hrtime(now);
  };
  const events = new EventLog();
  const stateFile = disk && new StateFile("/state.json", disk);
  const core = new Core({
    sources: [local, polled],
    clock: { now: tick, wallMs: () => 0 },
    events,
    configuration: configuration({ groups: [{ name: "core", members: [MEMBER, { ...MEMBER, source: "sw1" }] }] }),
    stateFile,
    loaded: stateFile?.load(new Date(0)) ?? { kind: "none" },
    system: { boot: "b", namespace: "n" },
  });
  core.start();
  const group = () => {
    const [found] = core.snapshots.within(-1n).groups;
    assert.ok(found);
    return found;
  };
  const bytes = () => group().total[NET_INDEX.rbytes64];
  return { local, polled, here, core, events, group, bytes };
}

test("links of one name and one ifIndex are two members, each with a kstat of its own", () => {
  const { core, group } = world();
  assert.deepEqual(
    group().members.map(({ device, state, link }) => [device, state, link.id.source]),
    [
      ["eth0", "active", "local"],
      ["eth0", "active", "sw1"],
    ],
  );
  assert.deepEqual(
    core.snapshots.states().links.map(({ kstat: { id } }) => `${id.module}:${id.instance}:${id.name}`),
    ["link:0:eth0", "link:1:eth0"],
  );
  assert.deepEqual(core.audit(), []);
});

test("a group's total is what its members carried, wherever they are, and each poll counts once", () => {
  const { local, polled, here, bytes } = world();
  local.carry(here, 100n);
  assert.equal(bytes(), 100n);
  polled.behind.carry(here, 7n);
  assert.equal(bytes(), 100n);
  polled.poll();
  assert.equal(bytes(), 107n);
  polled.poll();
  assert.equal(bytes(), 107n);
});

test("a member of another system that fails or goes leaves the host's link of that name alone", () => {
  const { polled, here, events, group, bytes, local } = world();
  polled.behind.carry(here, 7n);
  polled.behind.setRunning(here, false);
  polled.poll();
  assert.deepEqual(
    group().members.map(({ state }) => state),
    ["active", "failed"],
  );
  polled.behind.delete(here);
  polled.poll();
  assert.deepEqual(group().missing, ["sw1:eth0"]);
  assert.equal(group().members.length, 1);
  local.carry(here, 1n);
  assert.equal(bytes(), 8n);
  const told = events.since().flatMap((event) => (event.kind === "member-state" ? [event.device] : []));
  assert.deepEqual(told, ["sw1:eth0"]);
});

test("a system that does not answer is said so until it does, and the others are read on", () => {
  const { local, polled, here, core, bytes, events } = world();
  polled.poll({ kind: "unreachable", cause: "no answer from sw1 within 2 s" });
  local.carry(here, 5n);
  assert.equal(bytes(), 5n);
  const outcomes = () => core.snapshots.within(-1n).collectors.map(({ name, success }) => `${name} ${success}`);
  assert.deepEqual(outcomes(), ["netlink true", "sw1 false"]);
  polled.poll();
  assert.deepEqual(outcomes(), ["netlink true", "sw1 true"]);
  polled.poll();
  core.snapshots.within(-1n);
  const told = events.since().filter(({ kind }) => kind.startsWith("source-"));
  assert.deepEqual(
    told.map(({ kind, cause }) => `${kind}: ${cause}`),
    ["source-unanswered: no answer from sw1 within 2 s", "source-answers: after: no answer from sw1 within 2 s"],
  );
});

/** A host that lists its links and answers no other question while it has no memory left. */
class ForgetfulSystem extends FakeSystem {
  hasMemory = true;

  override readCounters(visit: (ifindex: number, counters: BigUint64Array) => void): void {
    this.#remember("counters");
    super.readCounters(visit);
  }

  override addresses(): ReturnType<FakeSystem["addresses"]> {
    this.#remember("addresses");
    return super.addresses();
  }

  override defaultRoutes(): ReturnType<FakeSystem["defaultRoutes"]> {
    this.#remember("routes");
    return super.defaultRoutes();
  }

  #remember(what: string): void {
    if (!this.hasMemory) throw new Error(`cannot read ${what}: ENOBUFS`);
  }
}

/** What a host without memory is said not to answer, while it is scraped every so many milliseconds; then it has memory again. */
function refusals(milliseconds: number, questions: (system: ForgetfulSystem) => void) {
  const system = new ForgetfulSystem();
  system.add("eth0");
  let now = 0n;
  const tick = () => {
    now += 1_000n;
    return hrtime(now);
  };
  const events = new EventLog();
  const core = new Core({
    sources: [system],
    clock: { now: tick, wallMs: () => 0 },
    events,
    configuration: configuration({ groups: [{ name: "core", members: [MEMBER] }] }),
    stateFile: undefined,
    loaded: { kind: "none" },
    system: { boot: "b", namespace: "n" },
  });
  core.start();
  questions(system);
  const scrape = (times: number) => {
    for (let n = 0; n < times; n++) {
      now += BigInt(milliseconds) * 1_000_000n;
      core.snapshots.within(0n);
    }
    return events.since().flatMap(({ kind, cause }) => (kind.startsWith("source-") ? [`${kind}: ${cause}`] : []));
  };
  return { system, scrape };
}

test("what a system does not answer is told once for each cause until it answers everything", () => {
  const { system, scrape } = refusals(1_000, (asked) => {
    asked.hasMemory = false;
    asked.tell({ kind: "addresses" });
    asked.tell({ kind: "routes" });
  });
  const causes = ["addresses", "routes", "counters"].map((what) => `cannot read ${what}: ENOBUFS`);
  assert.deepEqual(
    scrape(20),
    causes.map((cause) => `source-unanswered: ${cause}`),
  );
  system.hasMemory = true;
  assert.deepEqual(scrape(20).slice(3), [`source-answers: after: ${causes[2]}`]);
  system.hasMemory = false;
  assert.deepEqual(scrape(20).slice(4), [`source-unanswered: ${causes[2]}`]);
});

test("a system is not said to answer while it is yet to be asked again for its routes", () => {
  const { system, scrape } = refusals(50, (asked) => {
    asked.defaultRoutes = () => {
      throw new Error("cannot read routes: ENOBUFS");
    };
    asked.tell({ kind: "routes" });
  });
  assert.deepEqual(scrape(100), ["source-unanswered: cannot read routes: ENOBUFS"]);
  system.defaultRoutes = () => [];
  assert.deepEqual(scrape(100).slice(1), ["source-answers: after: cannot read routes: ENOBUFS"]);
});

test("a group keeps its ifIndex although a link of another system has that", () => {
  const { polled, group, events } = world();
  const { ifindex } = group();
  polled.poll({ kind: "link", link: aLink("port", ifindex), counters: new BigUint64Array(11) });
  assert.equal(group().ifindex, ifindex);
  assert.ok(!events.since().some(({ kind }) => kind === "group-renumbered"));
});

test("polls are counted by how they went, and a link says when it was last read", () => {
  const { polled, core } = world();
  polled.poll();
  polled.poll({ kind: "unreachable", cause: "no answer from sw1 within 2 s", outcome: "timeout" });
  polled.poll({ kind: "unreachable", cause: "no answer from sw1 within 2 s", outcome: "timeout" });
  const { sources, links, at } = core.snapshots.within(-1n);
  const [local, sw1] = sources;
  assert.deepEqual([local?.up, local?.polls], [true, {}]);
  assert.deepEqual([sw1?.up, sw1?.polls], [false, { answered: 1n, timeout: 2n }]);
  const [here, there] = links;
  assert.ok(here && there && here.readAt > there.readAt && here.readAt <= at);
});

test("the counters of a system that polls are read by its polls, and by no scrape", () => {
  const { polled, core } = world();
  const reads = () => core.snapshots.within(-1n).sources.map((source) => source.reads);
  const [local = 0n, ofPolled] = reads();
  assert.equal(ofPolled, 0n);
  polled.poll();
  assert.deepEqual(reads(), [local + 1n, 1n]);
  polled.poll({ kind: "unreachable", cause: "no answer from sw1 within 2 s", outcome: "timeout" });
  assert.deepEqual(reads(), [local + 2n, 1n]);
});

test("a scrape tells members of two systems apart by a label that only the other system's have", () => {
  const { core } = world();
  const text = Buffer.from(renderText(core.snapshots.within(-1n))).toString("utf8");
  assert.deepEqual(
    text.split("\n").filter((line) => line.startsWith("ipmp_member_active{")),
    [
      'ipmp_member_active{group="core",device="eth0"} 1',
      'ipmp_member_active{group="core",device="eth0",source="sw1"} 1',
    ],
  );
});

test("after a restart the host's member goes on, and that of another system, which may have been started anew, begins again", () => {
  const disk = new Disk();
  const before = world({ disk });
  before.local.carry(before.here, 100n);
  before.polled.behind.carry(before.here, 7n);
  before.polled.poll();
  const first = before.group();
  assert.equal(before.bytes(), 107n);
  const after = world({ disk, began: 1_000_000_000n });
  const second = after.group();
  assert.equal(second.crtime, first.crtime);
  assert.equal(second.total[NET_INDEX.rbytes64], 107n, "what was published has not fallen");
  assert.equal(second.departed[NET_INDEX.rbytes64], 7n);
  assert.equal(second.members[0]?.joinedAt, first.members[0]?.joinedAt);
  after.polled.behind.carry(after.here, 5n);
  after.polled.poll();
  assert.equal(after.bytes(), 112n);
});

test("what concerns one system is its groups whole, and its links: those of no other", () => {
  const { core, local, polled, here } = world();
  const beside = local.add("eth1");
  const more = polled.behind.add("eth7");
  core.reconfigure(
    configuration({
      groups: [
        { name: "core", members: [MEMBER, { ...MEMBER, source: "sw1" }] },
        { name: "home", members: [{ ...MEMBER, device: "eth1" }] },
        { name: "gone", members: [{ ...MEMBER, source: "sw1", device: "eth9" }] },
      ],
    }),
  );
  local.carry(here, 100n);
  local.carry(beside, 1_000n);
  polled.behind.carry(here, 7n);
  core.snapshots.within(-1n);
  polled.poll();
  const part = core.snapshots.of("sw1");
  assert.deepEqual(
    part.groups.map(({ name, members, total }) => [name, members.length, total[NET_INDEX.rbytes64]]),
    [
      ["core", 2, 107n],
      ["gone", 0, 0n],
    ],
  );
  assert.deepEqual(
    part.links.map(({ id }) => `${id.source} ${id.ifindex}`).sort(),
    [`local ${here}`, `sw1 ${here}`, `sw1 ${more}`].sort(),
  );
  assert.deepEqual(core.snapshots.states().groups.length, 3);
});

test("a data address is held by a link of this host, whatever systems the group's members are of", () => {
  const { core, local, here } = world();
  const held = { family: "ipv4", address: "192.0.2.10", prefixLength: 24, tentative: false, duplicate: false } as const;
  local.addressList = [{ ...held, ifindex: here }];
  local.tell({ kind: "addresses" });
  core.reconfigure(
    configuration({
      groups: [
        {
          name: "away",
          members: [{ ...MEMBER, source: "sw1" }],
          addresses: [parseIpAddress(held.address)].flatMap((address) => address ?? []),
        },
      ],
    }),
  );
  for (const { groups } of [core.snapshots.within(-1n), core.snapshots.of("sw1")])
    assert.deepEqual(
      groups[0]?.addresses?.map(({ address, heldBy }) => [address, heldBy]),
      [[held.address, ["eth0"]]],
    );
});

test("a LAG of a device that does not answer has no domain of its ports any more: none of them is known to work", () => {
  const { polled, core, group } = world();
  const lag = polled.behind.add("po1", { aggregate: NO_AGGREGATE, hasDevice: false });
  const neighbour = { chassis: "s1", systemName: undefined, port: undefined };
  for (const name of ["p1", "p2"]) polled.behind.add(name, { masterIfindex: lag, neighbour });
  core.reconfigure(
    configuration({ groups: [{ name: "core", members: [{ ...MEMBER, source: "sw1", device: "po1" }] }] }),
  );
  const kinds = () => group().members[0]?.domains?.map(({ kind }) => kind);
  assert.deepEqual(kinds(), ["link", "chassis", "switch"]);
  polled.poll({ kind: "unreachable", cause: "no answer", failed: true });
  assert.deepEqual(kinds(), ["link", "chassis"]);
});

test("a group without members is shown however those of others came, also where they are of two systems", () => {
  const { core, local, here } = world();
  const across = { name: "across", members: [MEMBER, { ...MEMBER, source: "sw1" }] };
  core.reconfigure(configuration({ groups: [across, { name: "empty", members: [{ ...MEMBER, device: "eth9" }] }] }));
  const names = () => core.snapshots.within(-1n).groups.map(({ name }) => name);
  assert.deepEqual(names(), ["across", "empty"]);
  local.delete(here);
  assert.deepEqual(names(), ["across", "empty"]);
  local.add("eth0");
  assert.deepEqual(names(), ["across", "empty"], "the switch's link is the first member now");
});
