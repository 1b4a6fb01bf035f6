import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { endianness } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import type { LinkAttributes } from "#src/link/link-attributes.js";
import { ERRNO } from "#src/os/libc.js";
import { type NetlinkOptions, NetlinkSource } from "#src/sources/linux/netlink-source.js";
import { NLM_F, RTM, RTNLGRP } from "#src/sources/linux/rtnetlink.js";
import { SourceError, type SourceEvent } from "#src/sources/source.js";
import { scratch } from "../../support/scratch.ts";
import { eventually } from "../../support/wait.ts";
import { BOND, bondInfo, kindInfo, LACP, masterIs, newLink, SLAVE, slaveInfo, slaveKindInfo } from "./bonds.ts";
import { type Answer, FakeKernel } from "./fake-kernel.ts";
import { attribute, bytesOf, concat, message, text, words } from "./fixtures.ts";
import { CHANGES_GROUP, CONTROLLER, TEAM_FAMILY_ID, teamFamily, teamOptions } from "./teams.ts";

const ENOMEM = 12;

const NOWHERE = "/nonexistent";

function counters(rxBytes: number): Uint8Array {
  const values = new BigUint64Array(25);
  values[2] = BigInt(rxBytes);
  return new Uint8Array(values.buffer);
}

const NOTHING: Uint8Array = new Uint8Array(0);

function link(
  ifindex: number,
  name: string | Uint8Array,
  { type = RTM.NEWLINK as number, up = true, rxBytes = 0, flags = 0, more = NOTHING } = {},
) {
  const info = concat(words(0, ifindex, up ? 0x1043 : 0x1002, 0));
  const called = attribute(3, typeof name === "string" ? text(name) : name);
  return message(type, concat(info, called, attribute(23, counters(rxBytes)), more), { flags });
}

function stats(ifindex: number, rxBytes: number, flags = 0): Uint8Array {
  return message(RTM.NEWSTATS, concat(words(0, ifindex, 1), attribute(1, counters(rxBytes))), { flags });
}

function gone(ifindex: number, name: string, rxBytes: number): Uint8Array {
  return link(ifindex, name, { type: RTM.DELLINK, rxBytes });
}

/** A kernel with eth0 and eth1, and a source opened over it whose first events are taken. */
function opened(t: TestContext, prepare: (kernel: FakeKernel) => void = () => {}, more: Partial<NetlinkOptions> = {}) {
  const kernel = new FakeKernel();
  kernel.answers.set(RTM.GETLINK, [concat(link(1, "eth0"), link(2, "eth1"))]);
  prepare(kernel);
  const source = new NetlinkSource(kernel, { procfs: NOWHERE, sysfs: NOWHERE, ...more });
  t.after(() => source.close());
  let woken: () => void = () => {};
  const wake = () => woken();
  source.open(wake);
  const first = source.drain();
  kernel.requests.length = 0;
  const nextWake = () =>
    new Promise<void>((resolve) => {
      woken = resolve;
    });
  return { kernel, source, first, nextWake };
}

function brief(event: SourceEvent): string {
  if (event.kind === "resync")
    return `list(${event.gap ?? ""}) ${event.links.map((state) => state.link.name).join(" ")}`;
  if (event.kind === "link") return `${event.link.name} ${event.link.running ? "up" : "down"}`;
  return event.kind === "gone" ? `${event.name} gone` : event.kind;
}

const CUT = "list(a link event could not be read whole)";
const UNRECEIVED = "list(events could not be received)";
const DROPPED = "list(the kernel dropped link events: the receive buffer was full)";

function readings(source: NetlinkSource): Record<number, bigint> {
  const seen: Record<number, bigint> = {};
  const at = source.schema.indexOf("rbytes64") ?? -1;
  source.readCounters((ifindex, values) => {
    seen[ifindex] = values[at] ?? -1n;
  });
  return seen;
}

describe("netlink", { skip: endianness() === "BE" && "the messages here are little-endian" }, () => {
  test("begins with all links, then routes and addresses", (t) =>
    assert.deepEqual(opened(t).first.map(brief), ["list() eth0 eth1", "routes", "addresses"]));

  test("tells of a team with what its driver says, at the start and when that changes", async (t) => {
    const team = newLink("team0", 30, kindInfo("team"));
    const port = (ifindex: number) => newLink(`d${ifindex}`, ifindex, masterIs(30), slaveKindInfo("team"));
    const active = (value: number) => teamOptions(30, { name: "activeport", value });
    const { kernel, source, first, nextWake } = opened(t, (prepared) => {
      prepared.answers.set(RTM.GETLINK, [concat(port(1), port(2), team)]);
      prepared.answers.set(CONTROLLER, [teamFamily()]);
      prepared.answers.set(TEAM_FAMILY_ID, [active(1)]);
    });
    const roles = (events: readonly SourceEvent[]) =>
      events.flatMap((event) =>
        event.kind === "link" && event.link.port ? [`${event.link.name} ${event.link.port.role}`] : [],
      );
    assert.deepEqual(roles(first), ["d1 active", "d2 backup"]);
    const wake = nextWake();
    kernel.multicast(CHANGES_GROUP, active(2));
    await wake;
    assert.deepEqual(roles(source.drain()), ["d1 backup", "d2 active"]);
  });

  test("tells nothing more of a team's port that went while events were lost", (t) => {
    const team = newLink("team0", 30, kindInfo("team"));
    const port = (ifindex: number) => newLink(`d${ifindex}`, ifindex, masterIs(30), slaveKindInfo("team"));
    const { kernel, source } = opened(t, (prepared) => {
      prepared.answers.set(RTM.GETLINK, [concat(port(1), port(2), team)]);
      prepared.answers.set(CONTROLLER, [teamFamily()]);
    });
    kernel.answers.set(RTM.GETLINK, [concat(port(1), team)]);
    kernel.quietEvent(-ERRNO.ENOBUFS);
    source.drain();
    kernel.multicast(CHANGES_GROUP, teamOptions(30, { name: "activeport", value: 1 }));
    assert.deepEqual(source.drain().map(brief).toSorted(), ["d1 up", "team0 up"]);
  });

  test("asks again for a slave while its bond has not followed the carrier, until it has", (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    const slave = (mii: number) => newLink("eth0", 1, masterIs(9), slaveInfo(SLAVE.mii(mii)));
    const { kernel, source } = opened(t, (prepared) =>
      prepared.answers.set(RTM.GETLINK, [concat(slave(2), newLink("bond0", 9, bondInfo(BOND.mode(1))))]),
    );
    const status = () => {
      t.mock.timers.tick(1000);
      return source.drain().flatMap((event) => (event.kind === "link" ? [event.link.port?.miiStatus] : []));
    };
    kernel.answers.set(RTM.GETLINK, [slave(2)]);
    assert.deepEqual(status(), [], "nothing new");
    kernel.answers.set(RTM.GETLINK, [slave(3)]);
    assert.deepEqual(status(), ["going back"]);
    kernel.answers.set(RTM.GETLINK, [slave(0)]);
    assert.deepEqual(status(), ["up"]);
    kernel.requests.length = 0;
    assert.deepEqual([status(), kernel.requests], [[], []], "nobody asks any more");
  });

  test("asks again for an LACP bond also after an error, until it is gone", (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    const bond = (aggregator: number) =>
      newLink("bond0", 9, bondInfo(BOND.mode(4), BOND.lacp(LACP.aggregator(aggregator))));
    const { kernel, source } = opened(t, (prepared) => prepared.answers.set(RTM.GETLINK, [bond(1)]));
    const aggregators = (answer: Answer) => {
      kernel.answers.set(RTM.GETLINK, answer);
      t.mock.timers.tick(1000);
      return source.drain().flatMap((event) => (event.kind === "link" ? [event.link.aggregate?.activeAggregator] : []));
    };
    assert.deepEqual(aggregators([bond(2)]), [2]);
    assert.deepEqual(aggregators(ENOMEM), []);
    assert.deepEqual(aggregators([bond(3)]), [3]);
    assert.deepEqual(aggregators(ERRNO.ENODEV), []);
    kernel.requests.length = 0;
    assert.deepEqual([aggregators([bond(4)]), kernel.requests], [[], []], "nobody asks any more");
  });

  test("wakes for an event, later and not at once", async (t) => {
    const { kernel, source, nextWake } = opened(t);
    const wake = nextWake();
    kernel.event(link(1, "eth0", { up: false }));
    await wake;
    assert.deepEqual(source.drain().map(brief), ["eth0 down"]);
    assert.deepEqual(source.drain(), []);
  });

  test("is asked from time to time where a descriptor cannot be watched", async (t) => {
    const { kernel, source, nextWake } = opened(t, (prepared) => {
      prepared.watchable = false;
    });
    const wake = nextWake();
    kernel.event(link(3, "eth2"));
    await wake;
    assert.deepEqual(source.drain().map(brief), ["eth2 up"]);
  });

  test("what waits on the socket is drained without a wake", (t) => {
    const { kernel, source } = opened(t);
    kernel.quietEvent(concat(link(1, "wan0"), link(1, "wan0")), gone(2, "eth1", 77));
    const events = source.drain();
    assert.deepEqual(events.map(brief), ["wan0 up", "wan0 up", "eth1 gone", "routes"]);
    const last = events[2];
    assert.equal(last?.kind === "gone" && last.counters?.[source.schema.indexOf("rbytes64") ?? -1], 77n);
  });

  for (const errno of [ERRNO.EOPNOTSUPP, ERRNO.EINVAL]) {
    test(`without RTM_GETSTATS (errno ${errno}) reads counters from RTM_GETLINK, and does not ask again`, (t) => {
      const { kernel, source } = opened(t, (prepared) => {
        prepared.answers.set(RTM.GETSTATS, errno);
        prepared.answers.set(RTM.GETLINK, [link(1, "eth0", { rxBytes: 5 }), link(2, "eth1", { rxBytes: 6 })]);
      });
      assert.deepEqual(readings(source), { 1: 5n, 2: 6n });
      assert.deepEqual(readings(source), { 1: 5n, 2: 6n });
      assert.deepEqual(kernel.requests, [RTM.GETSTATS, RTM.GETLINK, RTM.GETLINK]);
    });
  }

  test("another refusal is an error that says what was asked and answered, and passes", (t) => {
    const { kernel, source } = opened(t);
    kernel.answers.set(RTM.GETSTATS, 1);
    assert.throws(
      () => readings(source),
      (error) => error instanceof SourceError && /EPERM to RTM_GETSTATS/.test(error.message),
    );
    kernel.answers.set(RTM.GETSTATS, [stats(1, 9)]);
    assert.deepEqual(readings(source), { 1: 9n });
  });

  test("repeats a list during which something changed", (t) => {
    const { kernel, source } = opened(t);
    let asked = 0;
    kernel.answers.set(RTM.GETSTATS, () =>
      ++asked === 1 ? [stats(1, 1), stats(3, 3, NLM_F.DUMP_INTR)] : [concat(stats(1, 10), stats(2, 20))],
    );
    assert.deepEqual(readings(source), { 1: 10n, 2: 20n });
  });

  test("a list that is interrupted each time makes nobody vanish, and is asked for again", async (t) => {
    const { kernel, source, nextWake } = opened(t);
    kernel.answers.set(RTM.GETLINK, [link(1, "eth0", { flags: NLM_F.DUMP_INTR })]);
    kernel.quietEvent(-ERRNO.ENOBUFS);
    const wake = nextWake();
    assert.deepEqual(source.drain().map(brief), ["eth0 up", "routes", "addresses"]);
    kernel.answers.set(RTM.GETLINK, [concat(link(1, "eth0"), link(2, "eth1"))]);
    await wake;
    assert.deepEqual(source.drain().map(brief), [`${DROPPED} eth0 eth1`, "routes", "addresses"]);
  });

  test("interrupted at the start: the list of all comes when it can be had", async (t) => {
    const { kernel, source, first } = opened(t, (prepared) => {
      prepared.answers.set(RTM.GETLINK, [link(1, "eth0", { flags: NLM_F.DUMP_INTR })]);
    });
    assert.equal(
      first.some(({ kind }) => kind === "resync"),
      false,
    );
    kernel.answers.set(RTM.GETLINK, [concat(link(1, "eth0"), link(2, "eth1"))]);
    assert.deepEqual(source.drain().map(brief), ["list() eth0 eth1", "routes", "addresses"]);
  });

  test("addresses and routes that are interrupted each time are refused rather than cut", (t) => {
    const { kernel, source } = opened(t);
    kernel.answers.set(RTM.GETADDR, [message(RTM.NEWADDR, words(0, 1), { flags: NLM_F.DUMP_INTR })]);
    kernel.answers.set(RTM.GETROUTE, [message(RTM.NEWROUTE, words(2, 0, 0), { flags: NLM_F.DUMP_INTR })]);
    assert.throws(() => source.addresses(), /Cannot list addresses: they change all the while/);
    assert.throws(() => source.defaultRoutes(), /Cannot list routes: they change all the while/);
  });

  test("a link whose message is larger than the buffer is listed, and so are those behind it", (t) => {
    const large = link(2, "large", { more: attribute(52, new Uint8Array(60_000)) });
    const { first } = opened(t, (prepared) => {
      prepared.answers.set(RTM.GETLINK, [link(1, "eth0"), large, link(3, "eth1")]);
    });
    assert.deepEqual(first.map(brief), ["list() eth0 large eth1", "routes", "addresses"]);
  });

  test("an event that is larger than the buffer is made up for by a list, and the next one is read", (t) => {
    const { kernel, source } = opened(t);
    const large = link(2, "eth1", { up: false, more: attribute(52, new Uint8Array(60_000)) });
    kernel.quietEvent(large);
    assert.deepEqual(source.drain().map(brief), [`${CUT} eth0 eth1`, "routes", "addresses"]);
    kernel.quietEvent(large);
    assert.deepEqual(source.drain().map(brief), ["eth1 down"]);
  });

  test("links are asked for with a mask, so that the kernel measures each", (t) => {
    const { kernel } = opened(t);
    const masks = kernel.asked.filter((asked) => new DataView(asked.buffer).getUint16(4, true) === RTM.GETLINK);
    assert.ok(masks.length > 0);
    for (const asked of masks) assert.deepEqual([...asked.subarray(32, 40)], [8, 0, 29, 0, 2, 0, 0, 0]);
  });

  test("two names that differ in bytes that are no UTF-8 are two", (t) => {
    const { first } = opened(t, (prepared) => {
      prepared.answers.set(
        RTM.GETLINK,
        [0xfc, 0xfd].map((byte, n) => link(n + 1, Uint8Array.of(0x62, byte, 0))),
      );
    });
    assert.equal(first.map(brief)[0], "list() b\\xfc b\\xfd");
  });

  test("repeats it a few times only, if it changes all the time", (t) => {
    const { kernel, source } = opened(t);
    kernel.answers.set(RTM.GETSTATS, [stats(1, 1, NLM_F.DUMP_INTR)]);
    assert.deepEqual(readings(source), { 1: 1n });
    assert.ok(kernel.requests.length > 1 && kernel.requests.length < 10);
  });

  test("an answer that is cut is an error; the next request has a new socket and no remains", (t) => {
    const { kernel, source } = opened(t);
    kernel.answers.set(RTM.GETSTATS, [stats(1, 1).subarray(0, 100), stats(2, 2)]);
    assert.throws(() => readings(source), SourceError);
    kernel.answers.set(RTM.GETSTATS, [stats(3, 3)]);
    assert.deepEqual(readings(source), { 3: 3n });
    assert.equal(kernel.sockets.size, 4); // link events, route events, requests, ethtool
  });

  test("an error in the visitor leaves nothing behind", (t) => {
    const { kernel, source } = opened(t);
    kernel.answers.set(RTM.GETSTATS, [stats(1, 1), stats(2, 2)]);
    assert.throws(
      () =>
        source.readCounters(() => {
          throw new RangeError("mine");
        }),
      RangeError,
    );
    assert.deepEqual(readings(source), { 1: 1n, 2: 2n });
  });

  test("lists the links anew after an overflow, behind what came before it", (t) => {
    const { kernel, source } = opened(t);
    kernel.answers.set(RTM.GETLINK, [link(1, "eth0"), link(4, "eth3")]);
    kernel.quietEvent(-ERRNO.ENOBUFS, link(1, "eth0", { up: false }));
    assert.deepEqual(source.drain().map(brief), ["eth0 down", `${DROPPED} eth0 eth3`, "routes", "addresses"]);
  });

  test("the last counters of a link that went while the links were listed come before the list", (t) => {
    const { kernel, source } = opened(t);
    kernel.answers.set(RTM.GETLINK, () => {
      kernel.quietEvent(link(2, "eth1", { up: false }), gone(2, "eth1", 5), link(1, "eth0", { up: false }));
      return [link(1, "eth0")];
    });
    kernel.quietEvent(-ERRNO.ENOBUFS);
    assert.deepEqual(source.drain().map(brief), ["eth1 gone", `${DROPPED} eth0`, "eth0 down", "routes", "addresses"]);
  });

  test("overflows without end: lists a few times, and again at the next drain", (t) => {
    const { kernel, source } = opened(t);
    kernel.answers.set(RTM.GETLINK, () => {
      kernel.quietEvent(-ERRNO.ENOBUFS);
      return [link(1, "eth0")];
    });
    kernel.quietEvent(-ERRNO.ENOBUFS);
    const lists = () => source.drain().filter(({ kind }) => kind === "resync").length;
    assert.ok(lists() > 1);
    kernel.answers.set(RTM.GETLINK, [link(1, "eth0")]);
    assert.equal(lists(), 1);
    assert.equal(lists(), 0);
  });

  for (const [what, datagram, told] of [
    ["cut", link(1, "eth0").subarray(0, 40), CUT],
    ["of no length", new Uint8Array(32), CUT],
    ["NLMSG_OVERRUN", message(4, words(0)), DROPPED],
  ] as const) {
    test(`an event that is ${what} counts as lost`, (t) => {
      const { kernel, source } = opened(t);
      kernel.quietEvent(datagram, link(1, "eth0"));
      assert.deepEqual(source.drain().map(brief), ["eth0 up", `${told} eth0 eth1`, "routes", "addresses"]);
    });
  }

  test("keeps no more events than its limit for a daemon that does not drain", async (t) => {
    const { kernel, source, nextWake } = opened(t);
    for (let turn = 0; turn < 3; turn++) {
      const wake = nextWake();
      kernel.event(...Array.from({ length: 8000 }, () => link(1, "eth0")));
      await wake;
    }
    const events = source.drain();
    assert.match(brief(events[0] ?? { kind: "routes" }), /^list\(more than \d+ events were waiting/);
    assert.ok(events.length < 16_384);
  });

  test("a list that cannot be had is an error at the drain, and is tried again", (t) => {
    const { kernel, source } = opened(t);
    kernel.failures.set("send", 105);
    kernel.quietEvent(-ERRNO.ENOBUFS);
    assert.throws(() => source.drain(), SourceError);
    kernel.failures.clear();
    assert.deepEqual(source.drain().map(brief), [`${DROPPED} eth0 eth1`, "routes", "addresses"]);
  });

  test("what came before an error is told all the same, and then all links, since what comes after it may lack some", (t) => {
    const { kernel, source } = opened(t);
    kernel.quietEvent(gone(2, "eth1", 77), link(3, "eth2"), -ENOMEM);
    assert.throws(() => source.drain(), SourceError);
    kernel.answers.set(RTM.GETLINK, [link(1, "eth0"), link(3, "eth2")]);
    const events = source.drain();
    assert.deepEqual(events.map(brief), ["eth1 gone", "eth2 up", `${UNRECEIVED} eth0 eth2`, "routes", "addresses"]);
    const [last] = events;
    assert.equal(last?.kind === "gone" && last.counters?.[source.schema.indexOf("rbytes64") ?? -1], 77n);
    assert.deepEqual(source.drain(), []);
  });

  test("what came while links were listed is told too, where an error ended that", (t) => {
    const { kernel, source } = opened(t);
    kernel.answers.set(RTM.GETLINK, () => {
      kernel.quietEvent(gone(2, "eth1", 77), -ENOMEM);
      return [link(1, "eth0")];
    });
    kernel.quietEvent(-ERRNO.ENOBUFS);
    assert.throws(() => source.drain(), SourceError);
    kernel.answers.set(RTM.GETLINK, [link(1, "eth0")]);
    assert.deepEqual(source.drain().map(brief), ["eth1 gone", `${DROPPED} eth0`, "routes", "addresses"]);
  });

  test("an error of another socket takes no link event with it", (t) => {
    const { kernel, source } = opened(t);
    kernel.answers.set(RTM.GETROUTE, [bytesOf("getroute-ipv4")]);
    source.defaultRoutes(); // over several links: events of neighbours are heard from now on
    kernel.quietEvent(link(2, "eth1", { up: false }));
    kernel.multicast(RTNLGRP.NEIGH, -ENOMEM);
    assert.throws(() => source.drain(), SourceError);
    assert.equal(brief(source.drain()[0] ?? { kind: "routes" }), "eth1 down");
  });

  test("says nothing more after an error once it is closed", (t) => {
    const { kernel, source } = opened(t);
    kernel.quietEvent(-ENOMEM);
    assert.throws(() => source.drain(), SourceError);
    source.close();
    assert.deepEqual([source.drain(), kernel.sockets.size], [[], 0]);
  });

  test("routes are to be asked for again after the carrier of a link that one leads over, dead or alive, and of no other", (t) => {
    const { kernel, source } = opened(t);
    const dead = 1; // RTNH_F_DEAD
    const over = (ifindex: number, flags = 0) =>
      message(
        RTM.NEWROUTE,
        concat(Uint8Array.of(2, 0, 0, 0, 254, 3, 0, 1), words(flags), attribute(4, words(ifindex))),
      );
    const news = (ifindex: number, up: boolean) => {
      kernel.quietEvent(link(ifindex, `eth${ifindex - 1}`, { up }));
      return source.drain().map(brief);
    };
    const list = (...routes: readonly Uint8Array[]) => {
      let asked = 0;
      kernel.answers.set(RTM.GETROUTE, () => (++asked === 1 ? routes : []));
      source.defaultRoutes();
    };
    list(over(1));
    assert.deepEqual(news(2, false), ["eth1 down"]);
    assert.deepEqual(news(1, false), ["eth0 down", "routes"]);
    list(over(1, dead));
    assert.deepEqual(news(2, true), ["eth1 up"]);
    assert.deepEqual(news(1, true), ["eth0 up", "routes"]);
    list();
    assert.deepEqual(news(1, false), ["eth0 down"]);
  });

  test("routes are to be asked for again when a bond that one leads over is asked for, and told without carrier before the event", (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    const bond = (up: boolean) => link(9, "bond0", { up, more: bondInfo(BOND.mode(4)) });
    const { kernel, source } = opened(t, (prepared) => prepared.answers.set(RTM.GETLINK, [bond(true)]));
    const over = message(
      RTM.NEWROUTE,
      concat(Uint8Array.of(2, 0, 0, 0, 254, 3, 0, 1), words(0), attribute(4, words(9))),
    );
    let asked = 0;
    kernel.answers.set(RTM.GETROUTE, () => (++asked === 1 ? [over] : []));
    source.defaultRoutes();
    kernel.answers.set(RTM.GETLINK, [bond(false)]);
    t.mock.timers.tick(1000);
    assert.deepEqual(source.drain().map(brief), ["bond0 down", "routes"]);
  });

  test("routes are to be asked for again after an IPv4 address that went, whichever link had it", (t) => {
    const { kernel, source } = opened(t);
    const news = (type: number, octets: readonly number[]) => {
      const family = octets.length === 4 ? 2 : 10;
      const address = concat(Uint8Array.of(family, 32, 0, 0), words(2), attribute(1, Uint8Array.from(octets)));
      kernel.multicast(RTNLGRP.IPV4_IFADDR, message(type, address));
      return source.drain().map(brief);
    };
    const ipv6 = [0x20, 0x01, 0x0d, 0xb8, ...Array<number>(11).fill(0), 1];
    assert.deepEqual(news(RTM.NEWADDR, [192, 0, 2, 1]), ["address"]);
    assert.deepEqual(news(RTM.DELADDR, [192, 0, 2, 1]), ["address", "routes"]);
    assert.deepEqual(news(RTM.DELADDR, ipv6), ["address"]);
  });

  test("a kernel without IPv6 has the routes of IPv4", (t) => {
    const { kernel, source } = opened(t);
    let asked = 0;
    kernel.answers.set(RTM.GETROUTE, () => (++asked === 1 ? [bytesOf("getroute-ipv4")] : ERRNO.EOPNOTSUPP));
    assert.deepEqual(
      source.defaultRoutes()?.map(({ family, metric }) => [family, metric]),
      [
        ["ipv4", 5],
        ["ipv4", 6],
        ["ipv4", 7],
      ],
    );
  });

  describe("the speed of a link", () => {
    const speeds = (events: readonly SourceEvent[]) =>
      events.flatMap((event) => {
        if (event.kind === "speed") return [[event.ifindex, event.speedBitsPerSecond]];
        return event.kind === "link" ? [[event.link.ifindex, event.link.speedBitsPerSecond]] : [];
      });

    test("is asked for at every event, also where the link stays up", (t) => {
      const { kernel, source } = opened(t, ({ megabits }) => megabits.set("eth0", 1_000));
      kernel.megabits.set("eth0", 10_000);
      kernel.quietEvent(link(1, "eth0"));
      assert.deepEqual(speeds(source.drain()), [[1, 10e9]]);
      kernel.quietEvent(link(1, "eth0", { up: false }));
      assert.deepEqual(speeds(source.drain()), [[1, undefined]]);
    });

    for (const megabits of [0, 0xffff, 0x8000_0000, 0xffff_ffff])
      test(`is not known where the driver says ${megabits}, as ethtool(8) has it`, (t) => {
        const { kernel, source } = opened(t, (fresh) => fresh.megabits.set("eth0", 1_000));
        kernel.megabits.set("eth0", megabits);
        kernel.quietEvent(link(1, "eth0"));
        assert.deepEqual(speeds(source.drain()), [[1, undefined]]);
      });

    test("is told when it is asked for again and is another one", async (t) => {
      const { kernel, source, nextWake } = opened(t, ({ megabits }) => megabits.set("eth0", 1_000).set("eth1", 1_000));
      kernel.megabits.set("eth1", 2_500);
      const wake = nextWake();
      source.askAgain([1, 2, 77]);
      await wake;
      assert.deepEqual(speeds(source.drain()), [[2, 2.5e9]]);
      source.askAgain([1, 2]);
      assert.deepEqual(source.drain(), []);
    });

    test("that was asked for again is the one with which a team is told anew", (t) => {
      const { kernel, source } = opened(t, (prepared) => {
        prepared.answers.set(RTM.GETLINK, [newLink("team0", 30, kindInfo("team"))]);
        prepared.answers.set(CONTROLLER, [teamFamily()]);
        prepared.megabits.set("team0", 1_000);
      });
      kernel.megabits.set("team0", 2_000);
      source.askAgain([30]);
      assert.deepEqual(speeds(source.drain()), [[30, 2e9]]);
      kernel.multicast(CHANGES_GROUP, teamOptions(30, { name: "activeport", value: 1 }));
      assert.deepEqual(speeds(source.drain()), [[30, 2e9]]);
    });

    test("that was asked for again is the one with which a link is told whose neighbour lldpd knows", async (t) => {
      const chassis = { id: [{ type: "mac", value: "00:00:5e:00:53:01" }], name: [{ value: "sw1" }] };
      const heard = { lldp: [{ interface: [{ name: "eth0", via: "LLDP", chassis: [chassis] }] }] };
      const client = join(scratch(t), "lldpcli");
      writeFileSync(client, `#!/bin/sh\ncat <<'END'\n${JSON.stringify(heard)}\nEND\n`, { mode: 0o755 });
      const lldp = { client, socket: undefined };
      const { kernel, source } = opened(t, ({ megabits }) => megabits.set("eth0", 1_000), { lldp });
      kernel.megabits.set("eth0", 2_500);
      source.askAgain([1]);
      assert.deepEqual(speeds(source.drain()), [[1, 2.5e9]]);
      const told: LinkAttributes[] = [];
      await eventually(
        () => {
          told.push(...source.drain().flatMap((event) => (event.kind === "link" ? [event.link] : [])));
          return told.length > 0;
        },
        () => "no neighbour is told",
      );
      const [eth0] = told;
      assert.deepEqual([eth0?.speedBitsPerSecond, eth0?.neighbour?.systemName], [2.5e9, "sw1"]);
    });

    test("of an LACP bond that has come back to what it was is told when the bond is asked for", (t) => {
      t.mock.timers.enable({ apis: ["setInterval"] });
      const { kernel, source } = opened(t, (prepared) => {
        prepared.answers.set(RTM.GETLINK, [newLink("bond0", 9, bondInfo(BOND.mode(4)))]);
        prepared.megabits.set("bond0", 2_000);
      });
      kernel.megabits.set("bond0", 1_000);
      source.askAgain([9]);
      assert.deepEqual(speeds(source.drain()), [[9, 1e9]]);
      kernel.megabits.set("bond0", 2_000);
      t.mock.timers.tick(1000);
      assert.deepEqual(speeds(source.drain()), [[9, 2e9]]);
    });

    test("of a bond is told behind the event of its slave that it was asked for with", (t) => {
      const { kernel, source } = opened(t, ({ megabits }) => megabits.set("eth1", 1_000));
      kernel.quietEvent(link(2, "eth1"), link(1, "eth0", { more: masterIs(2) }));
      const said = [2_000, 2_000]; // two questions make one answer
      kernel.megabits.get = (name) => (name === "eth1" ? (said.shift() ?? 3_000) : undefined);
      assert.deepEqual(speeds(source.drain()), [
        [2, 2e9],
        [1, undefined],
        [2, 3e9],
      ]);
    });

    test("of a bond is asked for with the events of its slaves", (t) => {
      const { kernel, source } = opened(t, ({ megabits }) => megabits.set("eth1", 1_000));
      kernel.megabits.set("eth1", 2_000);
      kernel.quietEvent(link(1, "eth0", { more: attribute(10, words(2)) }));
      assert.deepEqual(speeds(source.drain()), [
        [1, undefined],
        [2, 2e9],
      ]);
    });
  });

  describe("routes that name a next hop object alone", () => {
    /** A default route of IPv4 whose message has nothing but that number. */
    const routeBy = (id: number, table = 254) =>
      message(
        RTM.NEWROUTE,
        concat(Uint8Array.of(2, 0, 0, 0, table, 3, 0, 1), words(0), attribute(30, words(id)), attribute(6, words(7))),
      );
    const object = (...attributes: readonly Uint8Array[]) =>
      message(RTM.NEWNEXTHOP, concat(Uint8Array.of(2, 0, 0, 0), words(0), ...attributes));
    const single = (id: number, ifindex: number) =>
      object(attribute(1, words(id)), attribute(5, words(ifindex)), attribute(6, Uint8Array.of(192, 0, 2, id)));
    /** Members as number and weight. */
    const group = (id: number, ...members: readonly (readonly [number, number])[]) =>
      object(
        attribute(1, words(id)),
        attribute(2, concat(...members.map(([hop, weight]) => concat(words(hop), words(weight - 1))))),
      );
    const hop = (ifindex: number, last: number, weight: number) => ({
      ifindex,
      gateway: `192.0.2.${last}`,
      weight,
      dead: false,
    });

    function routesOf(t: TestContext, route: Uint8Array, ...objects: readonly Uint8Array[]) {
      const { kernel, source } = opened(t);
      let asked = 0;
      kernel.answers.set(RTM.GETROUTE, () => (++asked === 1 ? [route] : []));
      kernel.answers.set(RTM.GETNEXTHOP, objects);
      return source.defaultRoutes();
    }

    /** The kernel looks whether its gateway answers: it has another one. */
    const checked = (one: ReturnType<typeof hop>) => ({ ...one, needsAnswer: true });

    test("have the next hops of its group, with weights", (t) =>
      assert.deepEqual(routesOf(t, routeBy(10), single(1, 1), single(2, 2), group(10, [1, 3], [2, 300])), [
        { family: "ipv4", metric: 7, nextHops: [checked(hop(1, 1, 3)), checked(hop(2, 2, 300))] },
      ]));

    test("have its weights also where the route tells next hops as well, whose weights end at 256", (t) => {
      const told = concat(Uint8Array.of(8, 0, 0, 299 & 0xff), words(2)); // struct rtnexthop
      const header = concat(Uint8Array.of(2, 0, 0, 0, 254, 3, 0, 1), words(0));
      const more = concat(attribute(30, words(10)), attribute(6, words(7)), attribute(9, told));
      assert.deepEqual(routesOf(t, message(RTM.NEWROUTE, concat(header, more)), single(2, 2), group(10, [2, 300])), [
        { family: "ipv4", metric: 7, nextHops: [hop(2, 2, 300)] },
      ]);
    });

    test("of a resilient group are used whether their gateways answer or not", (t) => {
      const entries = concat(words(1), words(0), words(2), words(0));
      const type = attribute(3, Uint8Array.of(1, 0)); // NHA_GROUP_TYPE: NEXTHOP_GRP_TYPE_RES
      const resilient = object(attribute(1, words(10)), attribute(2, entries), type);
      assert.deepEqual(routesOf(t, routeBy(10), single(1, 1), single(2, 2), resilient), [
        { family: "ipv4", metric: 7, nextHops: [hop(1, 1, 1), hop(2, 2, 1)] },
      ]);
    });

    test("have the one next hop of a single object", (t) =>
      assert.deepEqual(routesOf(t, routeBy(1), single(1, 1)), [
        { family: "ipv4", metric: 7, nextHops: [hop(1, 1, 1)] },
      ]));

    test("are none when the object is a black hole, or gone", (t) => {
      assert.deepEqual(routesOf(t, routeBy(5), object(attribute(1, words(5)), attribute(4, NOTHING))), []);
      assert.deepEqual(routesOf(t, routeBy(6)), []);
    });

    test("are there where the rules cannot be asked for", (t) => {
      const { kernel, source } = opened(t);
      let asked = 0;
      kernel.answers.set(RTM.GETRULE, 1); // EPERM
      kernel.answers.set(RTM.GETROUTE, () => (++asked === 1 ? [routeBy(1)] : []));
      kernel.answers.set(RTM.GETNEXTHOP, [single(1, 1)]);
      assert.equal(source.defaultRoutes()?.length, 1);
    });

    test("of a VRF's table, which one rule for all of them leads to, make no route and are told", (t) => {
      const { kernel, source } = opened(t);
      kernel.answers.set(RTM.GETROUTE, [routeBy(1, 10)]);
      kernel.answers.set(RTM.GETNEXTHOP, [single(1, 2)]);
      const limits = () => source.drain().flatMap((event) => (event.kind === "limit" ? [event.cause] : []));
      source.defaultRoutes();
      assert.deepEqual(limits(), []);
      kernel.quietEvent(newLink("red", 9, kindInfo("vrf", attribute(1, words(10)))));
      assert.ok(source.drain().some(({ kind }) => kind === "routes"));
      assert.deepEqual(source.defaultRoutes(), []);
      assert.match(limits().join(), /^VRF red has table 10, which has an IPv4 default route over eth1:/);
      kernel.quietEvent(message(RTM.DELLINK, newLink("red", 9).subarray(16)));
      source.drain();
      source.defaultRoutes();
      assert.deepEqual(limits(), [], "it is told once");
    });

    test("of a VRF's table are told by the name that the VRF has now", (t) => {
      const { kernel, source } = opened(t);
      kernel.answers.set(RTM.GETROUTE, [routeBy(1, 10)]);
      kernel.answers.set(RTM.GETNEXTHOP, [single(1, 2)]);
      const vrf = (name: string) => newLink(name, 9, kindInfo("vrf", attribute(1, words(10))));
      kernel.quietEvent(vrf("red"), vrf("blue"));
      source.drain();
      source.defaultRoutes();
      const limits = () => source.drain().flatMap((event) => (event.kind === "limit" ? [event.cause] : []));
      assert.match(limits().join(), /^VRF blue has table 10,/);
      kernel.quietEvent(vrf("blue"));
      assert.deepEqual(source.drain().map(brief), ["blue up"], "nothing else is new");
    });

    test("of another table are told also where more events come than are kept", (t) => {
      const { kernel, source } = opened(t);
      const rule = concat(Uint8Array.of(2, 0, 0, 0, 100, 0, 0, 1), words(0), attribute(6, words(1000)));
      kernel.answers.set(RTM.GETRULE, [message(RTM.NEWRULE, rule)]);
      kernel.answers.set(RTM.GETROUTE, [routeBy(1, 100)]);
      kernel.answers.set(RTM.GETNEXTHOP, [single(1, 2)]);
      source.defaultRoutes();
      kernel.quietEvent(...Array.from({ length: 16_384 }, () => link(1, "eth0")));
      const events = source.drain();
      assert.ok(events.length < 16_384);
      assert.equal(events.filter(({ kind }) => kind === "limit").length, 1);
    });

    test("of another table, to which a rule leads, make no route and are told once", (t) => {
      const { kernel, source } = opened(t);
      const rule = concat(Uint8Array.of(2, 0, 0, 0, 100, 0, 0, 1), words(0), attribute(6, words(1000)));
      kernel.answers.set(RTM.GETRULE, [message(RTM.NEWRULE, rule)]);
      kernel.answers.set(RTM.GETROUTE, [routeBy(1, 100)]);
      kernel.answers.set(RTM.GETNEXTHOP, [single(1, 2)]);
      const limits = () => source.drain().flatMap((event) => (event.kind === "limit" ? [event.cause] : []));
      assert.deepEqual(source.defaultRoutes(), []);
      const told = limits();
      assert.equal(told.length, 1);
      assert.match(told[0] ?? "", /^rule 1000 leads to table 100, which has an IPv4 default route over eth1:/);
      kernel.multicast(RTNLGRP.IPV4_RULE, message(RTM.NEWRULE, rule));
      source.drain();
      kernel.requests.length = 0;
      source.defaultRoutes();
      assert.ok(kernel.requests.includes(RTM.GETRULE), "the rules are looked at again");
      assert.deepEqual(limits(), []);
    });
  });

  for (const [call, errno, told] of [
    ["socket", 97, "Cannot open a NETLINK_ROUTE socket: EAFNOSUPPORT"],
    ["bind", 1, "Cannot bind a NETLINK_ROUTE socket: EPERM"],
    ["subscribe", 22, "Cannot subscribe to netlink group 1: EINVAL"],
    ["send", 1, "Cannot ask for RTM_GETLINK: EPERM"],
  ] as const) {
    test(`cannot be opened where ${call} is refused, and leaves no socket`, () => {
      const kernel = new FakeKernel();
      kernel.failures.set(call, errno);
      const source = new NetlinkSource(kernel, { procfs: NOWHERE, sysfs: NOWHERE });
      assert.throws(
        () => source.open(() => {}),
        (error) => error instanceof SourceError && error.message === told,
      );
      assert.equal(kernel.sockets.size, 0);
    });
  }

  test("says nothing after it was closed", async (t) => {
    const { kernel, source } = opened(t);
    kernel.event(link(1, "eth0"));
    source.close();
    source.close();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(source.drain(), []);
    assert.equal(kernel.sockets.size, 0);
  });
});
