/** The probe machine in the daemon: whom it probes, what its verdicts do to members, and what people are told. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parseIpAddress } from "#src/net-address/ip-address.js";
import { scratch } from "../support/scratch.ts";
import type { Told } from "./configuration.ts";
import { ProbedHost } from "./probed-host.ts";

const device = (name: string, standby = false) => ({ kind: "device", device: name, standby }) as const;
const TWO: Told = { groups: [{ members: [device("eth0"), device("eth1")] }], probes: {} };

/** Two links on two subnets, each with a router, a minute after the start. */
function ecmp(told: Told = TWO, file?: string): ProbedHost {
  return new ProbedHost(told)
    .plumb("eth0", "10.0.0.9", "10.0.0.1")
    .plumb("eth1", "10.0.1.9", "10.0.1.1")
    .start(file)
    .run(60);
}

describe("a path that is cut behind the carrier", () => {
  test("fails its member within the failure detection time and half an interval, with its cause", () => {
    const host = ecmp();
    host.wires.cut.add("eth0");
    const seconds = host.until(() => host.member("eth0").state === "failed");
    // The loop has a turn for probes in each sixteenth of an interval, and the test looks twenty times a second.
    assert.ok(seconds <= 10 + 1.428 / 2 + 1.428 / 16 + 0.05, `${seconds} s`);
    assert.match(host.members(), /^eth0 failed: \d probes lost to 10\.0\.0\.1, eth1 active$/);
    assert.equal(host.group().state, "degraded");
    assert.deepEqual(host.member("eth0").failures, { link: 0n, probe: 1n });
    assert.match(host.causes("member-state").at(-1) ?? "", /^\d probes lost to 10\.0\.0\.1$/);
  });

  test("and mended, repairs it after ten answers", () => {
    const host = ecmp();
    host.wires.cut.add("eth0");
    host.until(() => host.member("eth0").state === "failed");
    host.wires.cut.delete("eth0");
    const before = host.member("eth0").probes?.families[0]?.counts?.acked ?? 0;
    host.until(() => host.member("eth0").state === "active");
    // The verdict comes when the next probe is due, which is answered at once.
    assert.equal((host.member("eth0").probes?.families[0]?.counts?.acked ?? 0) - before, 11);
    assert.equal(host.causes("member-state").at(-1), "10 probes answered");
    assert.deepEqual(host.member("eth0").repairs, { link: 0n, probe: 1n });
  });

  test("or by which the kernel has no room to send, fails its member with what the kernel says", () => {
    const host = ecmp();
    host.wires.refusals.set("eth0", "ENOBUFS");
    host.until(() => host.member("eth0").state === "failed");
    assert.match(
      host.members(),
      /^eth0 failed: \d probes lost to 10\.0\.0\.1 \(the last could not be sent: ENOBUFS\), eth1 active$/,
    );
    assert.ok((host.member("eth0").probes?.families[0]?.counts?.sendErrors ?? 0) >= 5);
    host.wires.refusals.set("eth1", "ENOBUFS");
    host.until(() => host.causes("targets-mute").length > 0);
    assert.match(
      host.causes("targets-mute")[0] ?? "",
      / to any member \(last probes could not be sent: ENOBUFS\); traffic/,
    );
  });

  test("calls a standby in", () => {
    const told: Told = { groups: [{ members: [device("eth0"), device("eth1", true)] }], probes: {} };
    const host = ecmp(told);
    assert.equal(host.member("eth1").state, "inactive");
    host.wires.cut.add("eth0");
    host.until(() => host.member("eth0").state === "failed");
    assert.equal(host.member("eth1").state, "active");
  });
});

describe("where nothing wakes the loop but probes", () => {
  test("what they find is told though no answer comes either, and it has no turn while they find nothing", (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const host = ecmp();
    assert.ok(host.core);
    const turns = t.mock.method(host.core, "tick").mock;
    host.idle(t.mock.timers, 60);
    assert.equal(turns.callCount(), 0);
    host.wires.cut.add("eth0").add("eth1");
    host.idle(t.mock.timers, 60);
    assert.equal(host.causes("targets-mute").length, 1);
    host.wires.cut.clear();
    host.idle(t.mock.timers, 60);
    assert.equal(host.causes("targets-answer").length, 1);
  });
});

describe("a lost link", () => {
  test("is a failure at once, and needs ten answers when it is back", () => {
    const host = ecmp();
    host.carrier("eth0", false);
    assert.equal(host.members(), "eth0 failed: link down, eth1 active");
    host.run(5);
    host.carrier("eth0", true);
    assert.equal(host.members(), "eth0 failed: the link is back, and 10 probes have yet to be answered, eth1 active");
    const seconds = host.until(() => host.member("eth0").state === "active");
    assert.ok(seconds > 9 * 1.428 - 0.8 && seconds < 12 * 1.428, `${seconds} s`);
    assert.equal(host.member("eth0").failureCount, 1n);
  });
});

describe("a restart", () => {
  test("keeps a failure that probes have found, and its cause, until ten of them are answered", (t) => {
    const file = join(scratch(t), "state.json");
    const host = ecmp(TWO, file);
    host.wires.cut.add("eth0");
    host.until(() => host.member("eth0").state === "failed");
    const told = host.members();
    host.start(file).run(1);
    assert.equal(host.members(), told);
    host.run(120);
    assert.equal(host.members(), told);
    host.wires.cut.delete("eth0");
    host.until(() => host.member("eth0").state === "active");
    assert.equal(host.member("eth0").failureCount, 1n);
  });

  test("forgets what was never against a member: that all targets are mute", (t) => {
    const file = join(scratch(t), "state.json");
    const host = ecmp(TWO, file);
    host.wires.mute.add("10.0.0.1").add("10.0.1.1");
    host.until(() => host.group().targetsMute === true);
    const kept = host.group().counts.active;
    assert.ok(kept >= 1);
    host.start(file).run(300);
    assert.equal(host.group().counts.active, kept);
  });

  test("is a reload with another failure detection time: what has failed stays so", () => {
    const host = ecmp();
    host.wires.cut.add("eth0");
    host.until(() => host.member("eth0").state === "failed");
    host.reload({ ...TWO, failureDetectionTime: 5_000 }).run(120);
    assert.match(host.members(), /^eth0 failed: \d probes lost/);
    assert.equal(host.group().failureDetectionTimeMs, 5_000);
    host.reload({ ...TWO, failureDetectionTime: 5_000, probes: { enabled: false } });
    assert.equal(host.members(), "eth0 active, eth1 active");
  });
});

/** Two members with these targets. */
function configured(targets: Readonly<Record<string, readonly string[]>>): Told {
  const found = Object.entries(targets).map(
    ([device, list]) => [device, list.flatMap((text) => parseIpAddress(text) ?? [])] as const,
  );
  return { ...TWO, probes: { targets: new Map(found) } };
}

describe("targets", () => {
  test("are the next hops of each link, and no other link's", () => {
    const host = ecmp();
    const pairs = new Set(host.wires.sent.map((one) => `${one.device} ${one.target}`));
    assert.deepEqual([...pairs].sort(), ["eth0 10.0.0.1", "eth1 10.0.1.1"]);
  });

  test("of one link are probed by another in the same subnet", () => {
    const host = new ProbedHost(TWO).plumb("eth0", "10.0.0.8", "10.0.0.1").plumb("eth1", "10.0.0.9").start().run(30);
    assert.ok(host.wires.sent.some((one) => one.device === "eth1" && one.target === "10.0.0.1"));
  });

  test("that are configured take the place of next hops, wherever they are", () => {
    const probes = { targets: new Map([["eth0", ["192.0.2.7"]]]) } as unknown as NonNullable<Told["probes"]>;
    const host = ecmp({ ...TWO, probes });
    const pairs = new Set(host.wires.sent.map((one) => `${one.device} ${one.target}`));
    assert.deepEqual([...pairs].sort(), ["eth0 192.0.2.7", "eth1 10.0.1.1"]);
  });

  test("that are taken out of the configuration are not held against a link any more, which decides alone", () => {
    const wrong = configured({ eth0: ["10.0.0.1"], eth1: ["10.0.1.77"] });
    const right = configured({ eth0: ["10.0.0.1"] });
    const host = new ProbedHost(wrong).plumb("eth0", "10.0.0.9").plumb("eth1", "10.0.1.9");
    host.wires.mute.add("10.0.1.77");
    host.start().until(() => host.members().startsWith("eth0 active, eth1 failed: "));
    host.reload(right).until(() => host.members() === "eth0 active, eth1 active");
  });

  test("that another device still has are as little held against a link that has them no more", () => {
    const host = new ProbedHost(configured({ eth0: ["192.0.2.7"], eth1: ["192.0.2.7"] }));
    host.plumb("eth0", "10.0.0.9").plumb("eth1", "10.0.1.9").start().run(60);
    host.wires.cut.add("eth1");
    host.until(() => host.members().startsWith("eth0 active, eth1 failed: "));
    host.reload(configured({ eth0: ["192.0.2.7"] })).until(() => host.members() === "eth0 active, eth1 active");
  });

  test("that are taken out of the configuration are probed by nobody any more, also where none answered", () => {
    const host = new ProbedHost(configured({ eth0: ["10.0.0.77"], eth1: ["10.0.1.77"] }));
    host.plumb("eth0", "10.0.0.9").plumb("eth1", "10.0.1.9").start().run(60);
    for (const target of ["10.0.0.77", "10.0.1.77"]) host.wires.mute.add(target);
    host.until(() => host.group().targetsMute === true);
    host.reload(configured({ eth0: ["10.0.0.1"], eth1: ["10.0.1.1"] }));
    const sent = host.wires.sent.length;
    host.run(200);
    const probed = new Set(host.wires.sent.slice(sent).map(({ target = "everybody" }) => target));
    assert.deepEqual([...probed].sort(), ["10.0.0.1", "10.0.1.1"]);
    assert.equal(host.members(), "eth0 active, eth1 active");
    assert.equal(host.group().targetsMute, false);
  });

  test("one of which is mute change, and the member does not", () => {
    const host = new ProbedHost(TWO)
      .plumb("eth0", "10.0.0.9", "10.0.0.1", "10.0.0.2")
      .plumb("eth1", "10.0.1.9", "10.0.1.1")
      .start()
      .run(60);
    host.wires.mute.add("10.0.0.2");
    const state = (address: string) =>
      host.member("eth0").probes?.families[0]?.targets.find((target) => target.address === address)?.state;
    host.until(() => state("10.0.0.2") !== "active");
    assert.equal(state("10.0.0.1"), "active");
    host.run(60);
    assert.deepEqual(
      host.events.since().filter(({ kind }) => kind === "member-state"),
      [],
    );
  });

  test("that all go mute are the group's targets at fault: the group says so and keeps its traffic", () => {
    const host = ecmp();
    host.wires.mute.add("10.0.0.1").add("10.0.1.1");
    host.until(() => host.group().targetsMute === true);
    const failed = host.group().members.filter(({ state }) => state === "failed");
    assert.ok(failed.length <= 1, host.members());
    assert.ok(host.group().linkUp);
    assert.match(host.causes("targets-mute")[0] ?? "", /10\.0\.0\.1, 10\.0\.1\.1/);
    host.wires.mute.clear();
    host.until(() => host.group().targetsMute === false && host.group().state === "ok");
    assert.deepEqual(host.causes("targets-answer"), ["probes are answered again"]);
  });

  test("that are mute let a link that was lost come back, and nobody says that they answer until they do", () => {
    const host = ecmp();
    host.wires.mute.add("10.0.0.1").add("10.0.1.1");
    host.until(() => host.group().targetsMute === true);
    for (const device of ["eth0", "eth1"]) {
      host.carrier(device, false);
      host.until(() => host.member(device).state === "failed");
      host.run(5);
      host.carrier(device, true);
      host.until(() => host.member(device).state === "active", 60);
    }
    for (const device of ["eth0", "eth1"]) host.carrier(device, false);
    host.until(() => !host.group().linkUp);
    for (const device of ["eth0", "eth1"]) host.carrier(device, true);
    host.until(() => host.members() === "eth0 active, eth1 active", 60);
    assert.deepEqual([host.group().targetsMute, host.causes("targets-answer")], [true, []]);
    host.wires.mute.clear();
    host.until(() => host.group().targetsMute === false);
    assert.deepEqual([host.members(), host.causes("targets-answer").length], ["eth0 active, eth1 active", 1]);
  });

  test("that are mute are so no more when they are taken away, and nobody says that they answer", () => {
    const host = new ProbedHost(configured({ eth0: ["10.0.0.1"], eth1: ["10.0.1.1"] }));
    host.plumb("eth0", "10.0.0.9").plumb("eth1", "10.0.1.9").start().run(60);
    host.wires.mute.add("10.0.0.1").add("10.0.1.1");
    host.until(() => host.group().targetsMute === true);
    host.reload(TWO).until(() => host.group().targetsMute === false);
    assert.deepEqual([host.members(), host.causes("targets-answer")], ["eth0 active, eth1 active", []]);
    host.run(120);
    assert.equal(host.members(), "eth0 active, eth1 active");
  });

  test("that are mute are told of once although a member goes, and are no more when nobody is probed", () => {
    const members = [device("eth0"), device("eth1"), device("eth2")];
    const three = { groups: [{ members }], probes: {} };
    const host = new ProbedHost(three);
    for (const n of [0, 1, 2]) host.plumb(`eth${n}`, `10.0.${n}.9`, `10.0.${n}.1`);
    host.start().run(60);
    for (const n of [0, 1, 2]) host.wires.mute.add(`10.0.${n}.1`);
    host.until(() => host.group().targetsMute === true);
    host.system.delete(3);
    host.run(30);
    assert.deepEqual([host.group().targetsMute, host.causes("targets-mute").length], [true, 1]);
    host.reload({ groups: [{ members, probes: false }], probes: {} }).reload(three);
    assert.equal(host.group().targetsMute, false);
  });

  test("that never answered anybody do not keep a link failed that was lost and is back", () => {
    const host = new ProbedHost(TWO).plumb("eth0", "10.0.0.9", "10.0.0.1").plumb("eth1", "10.0.1.9", "10.0.1.1");
    host.wires.mute.add("10.0.0.1").add("10.0.1.1");
    host.start().run(60);
    host.carrier("eth0", false);
    host.until(() => host.member("eth0").state === "failed");
    host.run(5);
    host.carrier("eth0", true);
    host.until(() => host.members() === "eth0 active, eth1 active", 60);
    for (const target of ["10.0.0.1", "10.0.1.1"]) host.wires.mute.delete(target);
    host.run(30);
    assert.deepEqual([host.members(), host.group().targetsMute], ["eth0 active, eth1 active", false]);
  });

  test("that never answered anybody fail nobody", () => {
    const host = new ProbedHost(TWO).plumb("eth0", "10.0.0.9", "10.0.0.1").plumb("eth1", "10.0.1.9", "10.0.1.1");
    host.wires.mute.add("10.0.0.1").add("10.0.1.1");
    host.start().run(300);
    assert.equal(host.members(), "eth0 active, eth1 active");
    assert.equal(host.group().targetsMute, false);
  });
});

describe("hosts that are looked for, where a link has no target", () => {
  /** eth0 has nobody to probe, and these answer what it sends to everybody. */
  const looking = (address: string, ...hosts: readonly string[]) => {
    const host = new ProbedHost(TWO).plumb("eth0", address).plumb("eth1", "10.0.1.9", "10.0.1.1");
    host.wires.hosts.set("eth0", hosts);
    return host.start();
  };
  const targets = (host: ProbedHost) =>
    host.member("eth0").probes?.families.flatMap((family) => family.targets.map((target) => target.address));

  test("are those of its subnet: nobody else's answer is taken, and nothing is sent there", () => {
    const host = looking("10.0.0.9", "203.0.113.9", "10.0.0.7", "10.0.2.7").run(60);
    assert.deepEqual(targets(host), ["10.0.0.7"]);
    const probed = new Set(host.wires.sent.filter((one) => one.device === "eth0").map(({ target }) => target));
    assert.deepEqual(probed, new Set([undefined, "10.0.0.7"]));
  });

  test("may answer by a link-local address, which no router lets through", () => {
    const host = looking("2001:db8::9", "fe80::7", "2001:db8::7", "2001:db8:1::7").run(60);
    assert.deepEqual(targets(host)?.sort(), ["2001:db8::7", "fe80::7"]);
  });

  test("may take longer than an interval between two probes to answer", () => {
    const host = looking("10.0.0.9").run(60);
    const from = parseIpAddress("10.0.0.7");
    assert.ok(from);
    const asked = host.wires.sent.filter((one) => one.device === "eth0" && one.target === undefined);
    const [third = asked[0]] = asked.slice(-3);
    assert.ok(third);
    host.wires.hears.get("eth0")?.({ kind: "multi", sequence: 0, from, sentAt: third.at * 1e6, age: 0 });
    assert.deepEqual(targets(host.run(1)), ["10.0.0.7"]);
  });

  test("were asked: who says that he answers, and knows not when he was asked, is no target", () => {
    const host = looking("10.0.0.9").run(60);
    const from = parseIpAddress("10.0.0.7");
    assert.ok(from);
    const lastAsked = host.wires.sent.filter((one) => one.device === "eth0").at(-1)?.at ?? 0;
    for (let sequence = 0; sequence < 100; sequence++)
      host.wires.hears.get("eth0")?.({ kind: "multi", sequence, from, sentAt: lastAsked * 1e6 - 1000, age: 0 });
    assert.deepEqual(targets(host.run(5)), []);
  });
});

describe("how probes are sent", () => {
  const methods = (host: ProbedHost) =>
    host.group().members.map(({ probes }) => probes?.families.map(({ method }) => method).join(" ") ?? "no probes");

  test("is ICMP where it is allowed, and said once", () => {
    const host = ecmp();
    assert.deepEqual(methods(host), ["icmp", "icmp"]);
    assert.deepEqual(host.causes("probe-method"), ["eth0, eth1: ICMP echo"]);
  });

  test("is UDP where ping sockets are forbidden, with the sysctl that would help", () => {
    const host = new ProbedHost(TWO).plumb("eth0", "10.0.0.9", "10.0.0.1").plumb("eth1", "10.0.1.9", "10.0.1.1");
    host.wires.refused.set("icmp", "EACCES");
    host.start().run(60);
    assert.deepEqual(methods(host), ["udp", "udp"]);
    assert.match(host.causes("probe-method").join("\n"), /^eth0, eth1: UDP.*ping_group_range=0 2147483647/);
    host.wires.cut.add("eth1");
    host.until(() => host.member("eth1").state === "failed");
  });

  test("is by links alone where neither can be had, or where UDP would be too quick", () => {
    const refuse = (told: Told, ...refused: readonly ("icmp" | "udp")[]) => {
      const host = new ProbedHost(told).plumb("eth0", "10.0.0.9", "10.0.0.1").plumb("eth1", "10.0.1.9", "10.0.1.1");
      for (const method of refused) host.wires.refused.set(method, "EACCES");
      host.start().run(60);
      assert.deepEqual(methods(host), ["none", "none"]);
      assert.equal(host.member("eth0").probes?.state, "disabled");
      assert.deepEqual(host.wires.sent, []);
      host.carrier("eth0", false);
      host.carrier("eth0", true);
      assert.equal(host.members(), "eth0 active, eth1 active");
    };
    refuse(TWO, "icmp", "udp");
    refuse({ ...TWO, failureDetectionTime: 3000 }, "icmp");
  });

  test("is not at all in a group that says no", () => {
    const host = ecmp({ groups: [{ members: [device("eth0"), device("eth1")], probes: false }], probes: {} });
    assert.deepEqual(methods(host), ["no probes", "no probes"]);
    assert.deepEqual(host.wires.sent, []);
    assert.equal(host.group().failureDetectionTimeMs, undefined);
  });

  test("keeps an interval between two probes of a link on average, whatever is restarted and reloaded", () => {
    const host = ecmp();
    const sentIn = (live: () => void) => {
      const before = host.wires.sent.length;
      live();
      return host.wires.sent.length - before;
    };
    const restarts = sentIn(() => {
      for (let start = 0; start < 60; start++) host.start().run(0.5);
    });
    assert.equal(restarts, 0, "none is sent in the half second after a start");
    host.run(10);
    const reloads = sentIn(() => {
      for (let load = 0; load < 60; load++) host.reload(TWO).run(0.5);
    });
    const expected = (2 * 30) / 1.428; // two links, 30 s
    assert.ok(Math.abs(reloads - expected) <= 4, `${reloads} probes during reloads`);
  });
});

describe("nobody fails", () => {
  const failures = (host: ProbedHost) => host.group().members.map((member) => member.failures["probe"] ?? 0n);

  test("because the program was stopped for an hour", () => {
    const host = ecmp();
    for (let times = 0; times < 6; times++) host.stopFor(3600).run(3);
    assert.deepEqual(failures(host), [0n, 0n]);
    const lost = host.group().members.map(({ probes }) => probes?.families[0]?.counts?.lost);
    assert.deepEqual(lost, [0, 0]);
  });

  test("because the wall clock was set, by which the system dates answers; and no round trip is taken from that", () => {
    const host = ecmp();
    host.wires.age = 3_600e9;
    host.run(60);
    assert.deepEqual(failures(host), [0n, 0n]);
    for (const { networkRoundTrip } of host.core?.probes.since() ?? [])
      assert.ok(networkRoundTrip !== undefined && networkRoundTrip > 0, `${networkRoundTrip}`);
  });

  test("because the configuration is loaded over and over: sockets stay open, and answers under way arrive", () => {
    const host = ecmp();
    const { opened } = host.wires;
    for (let times = 0; times < 20; times++) host.reload(TWO).run(1);
    assert.equal(host.wires.opened, opened);
    assert.deepEqual(failures(host), [0n, 0n]);
  });
});

describe("a member that is taken offline", () => {
  test("is not probed, and works at once when it is back", () => {
    const host = ecmp();
    assert.equal(host.core?.setOffline("eth0", true), "done");
    host.run(5);
    const modes = () => host.group().members.map(({ probes }) => probes?.families.map(({ mode }) => mode));
    assert.deepEqual(modes(), [["disabled"], ["routes"]]);
    const sent = host.wires.sent.length;
    host.run(30);
    assert.equal(host.wires.sent.slice(sent).filter((one) => one.device === "eth0").length, 0);
    assert.equal(host.core?.setOffline("eth0", false), "done");
    assert.equal(host.members(), "eth0 active, eth1 active");
    host.run(10);
    assert.deepEqual(modes(), [["routes"], ["routes"]]);
    assert.ok(host.wires.sent.slice(sent).some((one) => one.device === "eth0"));
  });
});

describe("what is counted", () => {
  test("adds up: sent = acked + lost - late + under way, and round trips are those of answers", () => {
    const host = ecmp();
    host.wires.cut.add("eth0");
    host.run(20);
    host.wires.cut.delete("eth0");
    host.run(40);
    for (const { probes } of host.group().members) {
      const counts = probes?.families[0]?.counts;
      assert.ok(counts);
      const pending = counts.sent - counts.acked - counts.lost + counts.late;
      assert.ok(pending === 0 || pending === 1, JSON.stringify(counts));
      assert.equal(counts.roundTrips.count, counts.acked);
    }
  });

  test("is kept one by one for a while", () => {
    const host = ecmp();
    const rows = host.core?.probes.since() ?? [];
    const last = rows.at(-1);
    assert.ok(last && rows.length > 60);
    assert.deepEqual(
      rows.map(({ id }) => id),
      rows.map((_, index) => index + 1),
    );
    assert.deepEqual(host.core?.probes.since(last.id - 1), [last]);
  });
});
