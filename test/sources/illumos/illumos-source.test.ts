/** illumos by its commands: what the daemon makes of their answers, and of what they answer instead. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { NET_INDEX } from "#src/kstat/net.js";
import { Disk } from "../../simulation/disk.ts";
import { groupKstat, LINK_NAMES, linkKstat, TABLES } from "../../support/illumos-samples.ts";
import { DLADM, type IllumosTree, IPMPSTAT, KSTAT, kstatLines, type Tool } from "../../support/illumos-tree.ts";
import { type Watch, watch } from "./watched-tree.ts";

/** What ipmpstat -g says of every group, from a snapshot. */
function groupLines({ core }: Watch): string[] {
  return core.snapshots.within(-1n).groups.map(({ ifname, name, state, failureDetectionTimeMs: fdt, members }) => {
    const states = members.map((member) => `${member.device}=${member.state}`).join(" ");
    return `${ifname} ${name} ${state} ${fdt ?? "-"} ${states}`;
  });
}

const SAMPLE_GROUPS = [
  "acct0 acct0 failed - net5=offline net6=failed",
  "db0 dbnet ok - net7=active net8=inactive",
  "web0 frontend degraded 20000 net2=active net3=failed net4=active",
  "ipmp0 ipmp0 ok 10000 net0=active net1=active",
];

describe("the groups of the samples", () => {
  test("are as the system has them: names, states, detection times, members", async (t) => {
    assert.deepEqual(groupLines(await watch(t)), SAMPLE_GROUPS);
  });

  test("have the system's flags, nominees, addresses, probes and targets", async (t) => {
    const { group } = await watch(t);
    const [net0, net1] = group("ipmp0")?.members ?? [];
    assert.deepEqual(group("ipmp0")?.castDevice, { ipv4: "net0", ipv6: "net0" });
    assert.deepEqual(group("frontend")?.castDevice, { ipv4: "net2", ipv6: undefined });
    assert.deepEqual(
      group("ipmp0")?.addresses?.map(({ address, up, inbound }) => `${address} ${up} ${inbound}`),
      ["192.0.2.10 true net0", "192.0.2.11 true net1", "192.0.2.12 false undefined"],
    );
    assert.equal(net0?.boundAddresses, 1);
    assert.deepEqual(
      net0?.probes?.families[0]?.targets.map(({ address }) => address),
      ["192.0.2.1", "192.0.2.2"],
    );
    assert.equal(net1?.probes?.families[0]?.mode, "multicast");
    const [net2, net3, net4] = group("frontend")?.members ?? [];
    assert.deepEqual([net2?.linkUp, net3?.linkUp, net4?.standby], [true, false, true]);
    assert.equal(group("dbnet")?.members[1]?.reason, "standby, not needed");
    assert.equal(group("acct0")?.linkUp, false);
    assert.deepEqual(
      [group("ipmp0")?.mtu, group("acct0")?.mtu, group("ipmp0")?.crossCheck?.disagreements],
      [1500, 9000, 0n],
    );
  });

  test("begin with what the system has counted, and their kstat is the system's", async (t) => {
    const { group, core } = await watch(t);
    const ipmp0 = group("ipmp0");
    assert.equal(ipmp0?.total[NET_INDEX.obytes64], 1_234_567_890_123n);
    assert.equal(ipmp0?.kstat?.values[NET_INDEX.rbytes], 2_413_397_483n);
    assert.equal(ipmp0?.kstat?.values[NET_INDEX.link_up], 1n);
    assert.deepEqual(core.audit(), []);
  });
});

/** Links of the tree, each with as many bytes received. */
function sayLinks(
  tree: IllumosTree,
  bytes: (name: string) => bigint,
  changed: Parameters<typeof linkKstat>[2] = {},
): void {
  tree.say(KSTAT.links, kstatLines(LINK_NAMES.map((name) => linkKstat(name, { rbytes64: bytes(name) }, changed))));
}

/** The group ipmp0 alone, with as many bytes received. */
function sayIpmp0(tree: IllumosTree, bytes: bigint, more: Partial<ReturnType<typeof groupKstat>> = {}): void {
  tree.say(KSTAT.groups, kstatLines([{ ...groupKstat("ipmp0", { rbytes64: bytes }), ...more }]));
  tree.say(IPMPSTAT.groups, "ipmp0:ipmp0:ok:10.00s:net0 net1\n");
}

const bytesOf = ({ group }: Watch) => group("ipmp0")?.total[NET_INDEX.rbytes64];

describe("counters", () => {
  test("follow the links, and the system's own sum shows that they do", async (t) => {
    const world = await watch(t, (tree) => {
      sayLinks(tree, () => 100n);
      sayIpmp0(tree, 5_000n);
    });
    assert.equal(bytesOf(world), 5_000n);
    sayLinks(world.tree, () => 110n);
    sayIpmp0(world.tree, 5_020n);
    await world.poll();
    assert.equal(bytesOf(world), 5_020n);
    const check = world.group("ipmp0")?.crossCheck;
    assert.deepEqual([check?.disagreements, check?.agreesSinceMs !== undefined], [0n, true]);
  });

  test("that the system counted more of are the system's, which is told once", async (t) => {
    const world = await watch(t, (tree) => {
      sayLinks(tree, () => 100n);
      sayIpmp0(tree, 5_000n);
    });
    sayIpmp0(world.tree, 5_000n);
    await world.poll();
    sayIpmp0(world.tree, 6_000n); // a third member came and went
    await world.poll();
    await world.poll();
    assert.equal(bytesOf(world), 6_000n);
    assert.equal(world.group("ipmp0")?.crossCheck?.disagreements, 1n);
    assert.deepEqual(
      world.told().filter((line) => line.startsWith("cross-check")),
      ["cross-check-failed: the system's own kstat ipmp:0:ipmp0 does not fit its links: rbytes, rbytes64"],
    );
    assert.deepEqual(world.core.audit(), []);
  });

  test("of a member that left are those of before it left, until the system says more", async (t) => {
    const world = await watch(t, (tree) => {
      sayLinks(tree, () => 100n);
      sayIpmp0(tree, 5_000n);
    });
    sayLinks(world.tree, (name) => (name === "net1" ? 900n : 100n)); // 800 of which it carried after it left
    world.tree.say(KSTAT.groups, kstatLines([groupKstat("ipmp0", { rbytes64: 5_000n })]));
    world.tree.say(IPMPSTAT.groups, "ipmp0:ipmp0:ok:10.00s:net0\n");
    world.tree.say(IPMPSTAT.interfaces, "net0:yes:ipmp0:--mbM--:up:ok:ok\n");
    await world.poll();
    assert.equal(bytesOf(world), 5_000n);
    assert.deepEqual(
      world.group("ipmp0")?.members.map(({ device }) => device),
      ["net0"],
    );
    assert.equal(world.group("ipmp0")?.crossCheck?.disagreements, 0n);
  });

  test("of 32 bits pass their top without a word", async (t) => {
    const world = await watch(t, (tree) => sayLinks(tree, () => 2n ** 32n - 50n));
    sayLinks(world.tree, () => 2n ** 32n + 50n);
    await world.poll();
    assert.deepEqual(world.core.snapshots.within(-1n).resets, []);
    const share = world.group("ipmp0")?.members[0]?.share;
    assert.deepEqual([share?.[NET_INDEX.rbytes], share?.[NET_INDEX.rbytes64]], [100n, 100n]);
  });

  test("of a link that cannot be read for one round are absent and not zero, and it stays a member", async (t) => {
    const world = await watch(t, (tree) => sayLinks(tree, () => 100n));
    const vanished = LINK_NAMES.map((name) => linkKstat(name, {}, name === "net1" ? { snaptime: undefined } : {}));
    world.tree.say(
      KSTAT.links,
      kstatLines(vanished.map((kstat) => ({ ...kstat, statistics: { ...kstat.statistics, rbytes64: 100n } }))),
    );
    await world.poll();
    const member = () => world.group("ipmp0")?.members.find(({ device }) => device === "net1");
    assert.equal(member()?.current[NET_INDEX.rbytes64], 100n);
    await world.poll();
    assert.equal(member(), undefined, "gone when it is not there for the second time");
    assert.deepEqual(world.group("ipmp0")?.missing, ["net1"]);
  });

  test("begin anew with a group that was made anew", async (t) => {
    const world = await watch(t, (tree) => sayIpmp0(tree, 5_000n));
    sayIpmp0(world.tree, 3n, { crtime: "900000.000000001", snaptime: "900010.000000001" });
    await world.poll();
    assert.equal(bytesOf(world), 3n);
    assert.ok(world.told().some((line) => line.startsWith("group-removed")));
  });

  test("go on after a restart of the program, by the boot of the system", async (t) => {
    const disk = new Disk();
    const before = await watch(
      t,
      (tree) => {
        sayLinks(tree, () => 100n);
        sayIpmp0(tree, 5_000n);
      },
      { disk },
    );
    sayLinks(before.tree, () => 110n);
    sayIpmp0(before.tree, 5_020n);
    await before.poll();
    assert.equal(bytesOf(before), 5_020n);
    before.core.checkpoint();
    sayLinks(before.tree, () => 111n);
    sayIpmp0(before.tree, 5_022n);
    const after = await watch(t, () => {}, { disk, tree: before.tree });
    assert.equal(bytesOf(after), 5_022n);
    assert.deepEqual(after.core.audit(), []);
  });
});

describe("a restart beside the system, with a group of the configuration over its links", () => {
  const memberOf = (device: string) => ({ kind: "device", device, source: "gz", standby: false }) as const;
  const groups = [{ name: "pair", members: [memberOf("net0"), memberOf("net1")] }];
  const carried = ({ group }: Watch) => group("pair")?.members.map(({ share }) => share[NET_INDEX.rbytes64]);

  for (const { boot, members, total, what } of [
    { boot: "boot_time 1", members: [11n, 11n], total: 22n, what: "goes on from where its links were" },
    { boot: "boot_time 2", members: [10n, 10n], total: 20n, what: "after another boot keeps what it had, and no more" },
  ]) {
    test(what, async (t) => {
      const disk = new Disk();
      const standard = { disk, name: "gz", groups };
      const before = await watch(t, (tree) => sayLinks(tree, () => 100n), { ...standard, boot: "boot_time 1" });
      sayLinks(before.tree, () => 110n);
      await before.poll();
      assert.deepEqual(carried(before), [10n, 10n]);
      before.core.checkpoint();
      sayLinks(before.tree, () => 111n);
      const after = await watch(t, () => {}, { ...standard, tree: before.tree, boot });
      assert.deepEqual(carried(after), members);
      assert.equal(after.group("pair")?.total[NET_INDEX.rbytes64], total);
      assert.deepEqual(after.core.audit(), []);
    });
  }
});

describe("a restart on the system itself, whose clock is ours", () => {
  test("keeps the members' own counters, and begins a group anew that was made anew meanwhile", async (t) => {
    const disk = new Disk();
    const times = { crtime: "1.000000001", snaptime: "2.000000002" };
    const before = await watch(
      t,
      (tree) => {
        sayLinks(tree, () => 100n);
        sayIpmp0(tree, 5_000n, times);
      },
      { disk },
    );
    sayLinks(before.tree, () => 110n);
    sayIpmp0(before.tree, 5_020n, times);
    await before.poll();
    before.core.checkpoint();
    const [then] = before.group("ipmp0")?.members ?? [];
    assert.equal(before.group("ipmp0")?.crtime, 1_000_000_001n);
    const after = await watch(t, () => {}, { disk, tree: before.tree });
    const [now] = after.group("ipmp0")?.members ?? [];
    assert.equal(now?.joinedAt, then?.joinedAt);
    assert.equal(now?.share[NET_INDEX.rbytes64], 10n);
    assert.equal(bytesOf(after), 5_020n);
    after.core.checkpoint();
    sayIpmp0(before.tree, 4n, { ...times, crtime: "1.500000001" });
    const anew = await watch(t, () => {}, { disk, tree: before.tree });
    assert.equal(bytesOf(anew), 4n);
    assert.deepEqual(anew.core.audit(), []);
  });
});

describe("what ipmpstat leaves out", () => {
  test("is not known for one round, and gone after it", async (t) => {
    const world = await watch(t);
    world.tree.say(IPMPSTAT.groups, "ipmp0:ipmp0:ok:10.00s:net0 net1\n");
    world.tree.behave("ipmpstat", 'case "$1" in -gP) echo "ipmpstat: warning: cannot get group web0" >&2;; esac');
    await world.poll();
    assert.deepEqual(groupLines(world), SAMPLE_GROUPS);
    assert.equal(world.core.snapshots.within(-1n).sources[0]?.account?.warnings, 1n);
    await world.poll();
    assert.deepEqual(groupLines(world), [SAMPLE_GROUPS[3]]);
  });

  test("without a warning is gone at once", async (t) => {
    const world = await watch(t);
    world.tree.say(IPMPSTAT.groups, "ipmp0:ipmp0:ok:10.00s:net0 net1\n");
    await world.poll();
    assert.deepEqual(groupLines(world), [SAMPLE_GROUPS[3]]);
  });

  test("and could not find out is not known: a state is then ours", async (t) => {
    const world = await watch(t, (tree) => {
      tree.say(IPMPSTAT.groups, "ipmp0:ipmp0:?:?:net0 net1\n");
      tree.say(IPMPSTAT.interfaces, "net0:yes:ipmp0:?:?:?:?\nnet1:yes:ipmp0:-------:up:ok:ok\n");
    });
    assert.deepEqual(groupLines(world), ["ipmp0 ipmp0 ok - net0=active net1=active"]);
  });

  test("the anonymous group makes no group, and is counted", async (t) => {
    const world = await watch(t, (tree) => {
      tree.say(IPMPSTAT.groups, `${TABLES[IPMPSTAT.groups]}::ok:10.00s:net9\n`);
      tree.say(IPMPSTAT.interfaces, "net0:yes:ipmp0:--mbM--:up:ok:ok\nnet9:yes::-------:up:ok:ok\n");
    });
    assert.equal(world.core.snapshots.within(-1n).groups.length, 4);
    assert.equal(world.core.snapshots.within(-1n).sources[0]?.account?.anonymousInterfaces, 1);
  });

  test("values that were cut lose no member that has a row of its own", async (t) => {
    const devices = Array.from({ length: 120 }, (_, n) => `interface${n}`);
    const world = await watch(t, (tree) => {
      tree.say(IPMPSTAT.groups, `ipmp0:ipmp0:failed::${`[${devices.join(" ")}]`.slice(0, 1023)}\n`);
      tree.say(
        IPMPSTAT.interfaces,
        devices.map((device) => `${device}:no:ipmp0:-------:down:disabled:failed\n`).join(""),
      );
      tree.say(KSTAT.links, kstatLines(devices.map((device) => linkKstat(device))));
    });
    assert.equal(world.group("ipmp0")?.members.length, 120);
    assert.equal(world.group("ipmp0")?.counts.failed, 120);
  });
});

describe("changes of the system", () => {
  test("are transitions with their causes", async (t) => {
    const world = await watch(t);
    world.tree.say(IPMPSTAT.groups, "ipmp0:ipmp0:degraded:10.00s:net0 [net1]\n");
    world.tree.say(IPMPSTAT.interfaces, "net0:yes:ipmp0:--mbM--:up:ok:ok\nnet1:no:ipmp0:-------:up:failed:failed\n");
    world.tree.say(IPMPSTAT.addresses, "192.0.2.10:up:ipmp0:net0:net0\n192.0.2.11:up:ipmp0:net0:net0\n");
    await world.poll();
    const told = world.told();
    assert.ok(told.includes("member-state: in.mpathd gets no answer to its probes"), told.join("\n"));
    assert.equal(world.group("ipmp0")?.state, "degraded");
    assert.deepEqual(world.group("ipmp0")?.members[1]?.failures, { link: 0n, probe: 1n });
    assert.equal(world.group("ipmp0")?.rebinds, 1n);
    assert.equal(world.group("ipmp0")?.failovers, 1n);
  });

  test("a renamed group keeps its counters, under its new name", async (t) => {
    const world = await watch(t);
    world.tree.say(IPMPSTAT.groups, "ipmp0:outside:ok:10.00s:net0 net1\n");
    await world.poll();
    assert.equal(world.group("outside")?.total[NET_INDEX.rbytes64], 9_876_543_210_987n);
  });

  test("without IPMP in use, in.mpathd is not asked", async (t) => {
    const world = await watch(t, (tree) => tree.say(KSTAT.groups, ""));
    assert.deepEqual(world.core.snapshots.within(-1n).groups, []);
    assert.ok(!world.tree.calls().some((line) => line.includes("ipmpstat")));
    assert.equal(world.core.snapshots.within(-1n).sources[0]?.up, true);
  });
});

describe("the commands", () => {
  test("run in the C locale, one after another", async (t) => {
    const { tree } = await watch(t);
    const calls = tree.calls();
    assert.equal(calls.length, 14);
    for (const [n, line] of calls.entries()) assert.match(line, n % 2 === 0 ? /^begin C / : /^end /);
  });

  const failures: readonly (readonly [what: string, spoil: (tree: IllumosTree, tool: Tool) => void, cause: RegExp])[] =
    [
      ["missing", (tree, tool) => tree.remove(tool), /is not there/],
      ["hanging", (tree, tool) => tree.behave(tool, "sleep 600"), /did not answer within 1\.5 s/],
      ["killed", (tree, tool) => tree.behave(tool, "kill -9 $$"), /was ended by SIGKILL/],
      [
        "failing",
        (tree, tool) =>
          tree.behave(tool, `echo "${tool}: cannot contact in.mpathd(1M) -- is IPMP in use?" >&2; exit 1`),
        /ended with 1: \w+: cannot contact in\.mpathd\(1M\) -- is IPMP in use\?/,
      ],
      [
        "speaking German",
        (tree, tool) => tree.behave(tool, 'echo "Gerät:nicht gefunden: 10,00s"; exit 0'),
        /printed "Gerät:nicht gefunden: 10,00s", which is not the form of illumos in the C locale/,
      ],
      [
        "endless",
        (tree, tool) => tree.behave(tool, "yes 0123456789012345678901234567890123456789"),
        /prints without end|did not answer/,
      ],
    ];
  for (const tool of ["kstat", "ipmpstat", "dladm"] as const) {
    for (const [what, spoil, cause] of failures) {
      test(`${tool} ${what} is one message, and leaves the rest alone`, async (t) => {
        const world = await watch(t);
        spoil(world.tree, tool);
        await world.poll();
        await world.poll();
        const told = world.told().filter((line) => line.startsWith("source-unanswered"));
        assert.equal(told.length, 1, told.join("\n"));
        assert.match(told[0] ?? "", cause);
        assert.match(told[0] ?? "", new RegExp(tool));
        assert.deepEqual(groupLines(world), SAMPLE_GROUPS, "as last seen");
        assert.equal(world.core.snapshots.within(-1n).sources[0]?.up, false);
        if (tool !== "kstat") assert.equal(world.group("ipmp0")?.members[0]?.link.attributes.speedBitsPerSecond, 1e9);
        world.tree.behave(tool, "");
        world.tree.install(tool);
        await world.poll();
        assert.equal(world.core.snapshots.within(-1n).sources[0]?.up, true);
      });
    }
  }

  test("that all are missing leave a program that says so and waits", async (t) => {
    const world = await watch(t, (tree) => {
      for (const tool of ["kstat", "ipmpstat", "dladm"] as const) tree.remove(tool);
    });
    assert.deepEqual(world.core.snapshots.within(-1n).links, []);
    for (const tool of ["kstat", "ipmpstat", "dladm"] as const) world.tree.install(tool);
    await world.poll();
    assert.deepEqual(groupLines(world), SAMPLE_GROUPS);
  });

  test("that print what nobody expects of one field spoil that answer alone", async (t) => {
    const world = await watch(t, (tree) => tree.say(DLADM, "net0:phys:viel:up:\n"));
    assert.equal(world.group("ipmp0")?.mtu, undefined, "not known is not zero");
  });
});
