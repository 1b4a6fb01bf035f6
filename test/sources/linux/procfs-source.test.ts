import assert from "node:assert/strict";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import type { LinkAttributes } from "#src/link/link-attributes.js";
import { ProcfsSource } from "#src/sources/linux/procfs-source.js";
import { SourceError, type SourceEvent } from "#src/sources/source.js";
import { root } from "../../support/root.ts";
import { comparable, ipCounters, ipLinks, Tree } from "./fixtures.ts";

const number = (name: string) => ipLinks().find(({ ifname }) => ifname === name)?.ifindex ?? -1;

/** Opened over the tree, with the events of the beginning taken. */
function open(t: TestContext, tree: Tree): { source: ProcfsSource; links: Map<string, LinkAttributes> } {
  const source = new ProcfsSource(tree.procfs, tree.sysfs, () => ({}));
  t.after(() => source.close());
  source.open(() => {});
  const [first] = source.drain();
  assert.equal(first?.kind, "resync");
  const states = first?.kind === "resync" ? first.links : [];
  return { source, links: new Map(states.map(({ link }) => [link.name, link])) };
}

function ifindexes(links: Map<string, LinkAttributes>): Record<string, number> {
  return Object.fromEntries([...links].map(([name, { ifindex }]) => [name, ifindex]));
}

const TRUE_NUMBERS = Object.fromEntries(ipLinks().map(({ ifname, ifindex }) => [ifname, ifindex]));
const PROC_ONLY = (path: string) => path.startsWith("proc/");

function kinds(events: readonly SourceEvent[]): string[] {
  return events.map(({ kind }) => kind);
}

/** /proc/self/net/dev with these links, whose counters are all 1. */
function netDev(names: readonly string[]): string {
  return `Inter-|\n face |bytes\n${names.map((name) => `  ${name}: ${"1 ".repeat(16)}\n`).join("")}`;
}

describe("links by /proc and /sys", () => {
  test("begin with all there are, and what sysfs says of them", (t) => {
    const { links } = open(t, new Tree(t));
    assert.deepEqual(ifindexes(links), TRUE_NUMBERS);
    const va = links.get("va");
    assert.equal(va?.alias, "uplink to the north");
    assert.equal(va?.speedBitsPerSecond, 10e9);
    assert.equal(va?.running, true);
    assert.equal(links.get("vd")?.masterIfindex, number("bridge0"));
    assert.equal(links.get("bridge0")?.kind, "bridge");
    assert.equal(links.get("bridge0")?.adminUp, false);
    assert.equal(links.get("lo")?.lladdr, "");
    assert.equal(links.get("lo")?.loopback, true);
  });

  test("without sysfs have their numbers from /proc alone, and are up when /proc says so", (t) => {
    const { links } = open(t, new Tree(t, PROC_ONLY));
    assert.deepEqual(ifindexes(links), TRUE_NUMBERS);
    assert.equal(links.get("va")?.running, true);
    assert.equal(links.get("bridge0")?.running, false);
  });

  test("without sysfs have no flags rather than none set, which is told once", (t) => {
    const tree = new Tree(t, PROC_ONLY);
    tree.write("proc/sys/net/ipv6/conf/va/mtu", "1400\n");
    const source = new ProcfsSource(tree.procfs, tree.sysfs, () => ({}));
    t.after(() => source.close());
    source.open(() => {});
    const events = Array.from({ length: 20 }, () => source.drain()).flat();
    const [first] = events;
    const va = first?.kind === "resync" ? first.links.find(({ link }) => link.name === "va")?.link : undefined;
    assert.deepEqual([va?.multicast, va?.noArp, va?.pointToPoint, va?.mtu], [undefined, undefined, undefined, 1400]);
    const limits = events.flatMap((event) => (event.kind === "limit" ? [event.cause] : []));
    assert.equal(limits.filter((cause) => cause.includes(tree.sysfs)).length, 1);
    assert.equal(limits.filter((cause) => cause.includes("multipath")).length, 1);
    assert.equal(limits.length, 2);
  });

  test("of which one has no folder in sysfs: the others are as sysfs says", (t) => {
    const tree = new Tree(t);
    tree.remove("sys/class/net/vb");
    const { links } = open(t, tree);
    assert.equal(links.get("va")?.alias, "uplink to the north");
    assert.equal(links.get("vb")?.ifindex, number("vb"));
    assert.equal(links.get("vb")?.multicast, undefined);
    assert.equal(links.get("vb")?.running, true);
  });

  test("whose names are no UTF-8 are read like any other, and spoil none", (t) => {
    const tree = new Tree(t);
    const bytes = (file: string, change: (content: string) => string) => {
      const path = join(tree.folder, file);
      writeFileSync(path, Buffer.from(change(readFileSync(path, "latin1")), "latin1"));
    };
    for (const file of ["dev", "igmp", "dev_mcast", "if_inet6", "ipv6_route", "route"]) {
      bytes(`proc/self/net/${file}`, (text) => text.replaceAll(/\bvc\b/g, "b\xfc"));
    }
    const folder = (name: string) =>
      Buffer.concat([Buffer.from(`${tree.sysfs}/class/net/`), Buffer.from(name, "latin1")]);
    renameSync(folder("vc"), folder("b\xfc"));
    const { links, source } = open(t, tree);
    assert.equal(links.get("va")?.alias, "uplink to the north");
    const odd = links.get("b\\xfc");
    assert.deepEqual([odd?.ifindex, odd?.multicast], [number("vc"), true]);
    assert.deepEqual(
      source.defaultRoutes()?.map(({ nextHops }) => nextHops.at(-1)?.ifindex),
      [number("va"), number("va"), number("vc"), number("vc"), undefined],
    );
  });

  test("of another namespace's sysfs, idle, with other numbers, are not believed", (t) => {
    const tree = new Tree(t);
    tree.edit("sys/class/net/va/ifindex", () => "4711\n");
    assert.equal(open(t, tree).links.get("va")?.alias, "");
  });

  test("have an alias of any bytes", (t) => {
    const tree = new Tree(t);
    writeFileSync(join(tree.sysfs, "class/net/va/ifalias"), Uint8Array.of(0x61, 0xff, 0x0a));
    assert.equal(open(t, tree).links.get("va")?.alias, "a\\xff");
  });

  test("are up where nothing says which are", (t) => {
    const { links } = open(t, new Tree(t, (path) => path === "proc/self/net/dev"));
    assert.equal(links.get("va")?.running, true);
  });

  test("of another namespace's sysfs are not believed", (t) => {
    const tree = new Tree(t);
    tree.edit("sys/class/net/va/statistics/rx_bytes", () => "1\n"); // same names, other links
    const { links } = open(t, tree);
    assert.equal(links.get("va")?.alias, "");
    assert.equal(links.get("va")?.ifindex, number("va"));
  });

  test("that no file numbers have a number of their name, the same after a restart", (t) => {
    const tree = new Tree(t, (path) => path === "proc/self/net/dev");
    const first = ifindexes(open(t, tree).links);
    assert.deepEqual(ifindexes(open(t, tree).links), first);
    assert.equal(new Set(Object.values(first)).size, ipLinks().length);
    assert.ok(Object.values(first).every((ifindex) => ifindex >= 2 ** 30 && ifindex < 2 ** 31));
  });

  test("where nothing changes there is nothing to say", (t) => {
    const { source } = open(t, new Tree(t));
    for (let look = 0; look < 30; look++) assert.deepEqual(source.drain(), []);
  });

  test("a link that goes leaves the counters of the last look", (t) => {
    const tree = new Tree(t, PROC_ONLY);
    const { source } = open(t, tree);
    tree.edit("proc/self/net/dev", (text) => text.replace(/^ *mv0:.*\n/m, ""));
    const [gone] = source.drain();
    assert.equal(gone?.kind, "gone");
    const row = ipLinks().find(({ ifname }) => ifname === "mv0");
    assert.ok(row);
    assert.equal(gone?.kind === "gone" && gone.name, "mv0");
    assert.deepEqual(gone?.kind === "gone" && comparable(gone.counters, source.schema), ipCounters(row));
  });

  test("a new name for the same number is the same link", (t) => {
    const tree = new Tree(t, PROC_ONLY);
    const { source } = open(t, tree);
    for (const file of ["dev", "igmp", "dev_mcast", "if_inet6"]) {
      tree.edit(`proc/self/net/${file}`, (text) => text.replaceAll(/\bva\b/g, "north"));
    }
    const events = source.drain();
    assert.deepEqual(kinds(events).slice(0, 1), ["link"]);
    const [renamed] = events;
    assert.deepEqual(renamed?.kind === "link" && [renamed.link.name, renamed.link.ifindex], ["north", number("va")]);
  });

  test("the same name with another number is another link", (t) => {
    const tree = new Tree(t, PROC_ONLY);
    const { source } = open(t, tree);
    for (const file of ["igmp", "dev_mcast"]) {
      tree.edit(`proc/self/net/${file}`, (text) => text.replace(/^\d+(\s+va\b)/gm, "99$1"));
    }
    tree.edit("proc/self/net/if_inet6", (text) => text.replace(/ [0-9a-f]+( .* va$)/gm, " 63$1"));
    assert.deepEqual(kinds(source.drain()).slice(0, 2), ["gone", "link"]);
  });

  test("that lose their carrier say so, and have no speed", (t) => {
    const tree = new Tree(t);
    const { source } = open(t, tree);
    tree.write("sys/class/net/va/operstate", "down\n");
    const [event] = source.drain();
    assert.ok(event?.kind === "link");
    assert.equal(event.link.running, false);
    assert.equal(event.link.adminUp, true);
    assert.equal(event.link.operState, "down");
    assert.equal(event.link.speedBitsPerSecond, undefined);
  });

  test("what changes seldom is noticed within a few looks", (t) => {
    const tree = new Tree(t);
    const { source } = open(t, tree);
    tree.write("sys/class/net/vb/mtu", "9000\n");
    const events = Array.from({ length: 3 }, () => source.drain()).flat();
    assert.deepEqual(
      events.map((event) => event.kind === "link" && event.link.mtu),
      [9000],
    );
  });

  test("what changes seldom is read of a few links at each look, however many looks there have been, and of all in turn", (t) => {
    const tree = new Tree(t, () => false);
    const names = Array.from({ length: 40 }, (_, index) => `eth${index + 1}`);
    const mtu = (name: string, value: number) => tree.write(`sys/class/net/${name}/mtu`, `${value}\n`);
    const list = (...present: readonly string[]) => tree.write("proc/self/net/dev", netDev(present));
    for (const [index, name] of names.entries()) {
      const files = { ifindex: index + 1, flags: "0x1043", operstate: "up" };
      for (const [file, value] of Object.entries(files)) tree.write(`sys/class/net/${name}/${file}`, `${value}\n`);
      for (const file of ["rx_bytes", "tx_bytes"]) tree.write(`sys/class/net/${name}/statistics/${file}`, "1\n");
      mtu(name, 1500);
    }
    list(...names);
    const { source } = open(t, tree);
    for (let look = 0; look < 100; look++) source.drain();
    for (const name of names) mtu(name, 9000);
    assert.deepEqual(
      [1, 2, 3].map(() => source.drain().length),
      [16, 16, 8],
    );
    for (const name of names.slice(20)) tree.remove(`sys/class/net/${name}`);
    list(...names.slice(0, 20)); // fewer than where the next turn would have begun
    source.drain();
    for (const name of names.slice(0, 20)) mtu(name, 1500);
    const told = [1, 2].map(() => source.drain().filter(({ kind }) => kind === "link").length);
    assert.ok((told[0] ?? 0) <= 16, `${told}`);
    assert.equal((told[0] ?? 0) + (told[1] ?? 0), 20);
  });

  test("that no file numbers have numbers of their own where their names make the same one, which each keeps", (t) => {
    const tree = new Tree(t, () => false);
    const list = (...present: readonly string[]) => tree.write("proc/self/net/dev", netDev(present));
    const [first, second] = ["tap29164", "tap68000"]; // FNV-1a is the same, as far as the range goes
    list(first, second);
    const { source, links } = open(t, tree);
    const number = links.get(second)?.ifindex ?? -1;
    assert.equal(new Set(Object.values(ifindexes(links))).size, 2);
    list(second);
    assert.deepEqual(kinds(source.drain()).slice(0, 1), ["gone"]);
    list(first, second);
    const [back] = source.drain();
    assert.ok(back?.kind === "link");
    assert.equal(back.link.name, first);
    assert.notEqual(back.link.ifindex, number);
  });

  test("keep their number when the file that told it tells it no more", (t) => {
    const tree = new Tree(t, (path) => path === "proc/self/net/dev");
    tree.write("proc/self/net/igmp", "4\tva        :     1      V3\n");
    const { source, links } = open(t, tree);
    assert.equal(links.get("va")?.ifindex, 4);
    tree.write("proc/self/net/igmp", ""); // it was taken down
    const [event] = source.drain();
    assert.ok(event?.kind === "link");
    assert.deepEqual([event.link.name, event.link.ifindex, event.link.adminUp], ["va", 4, false]);
  });

  test("counters are read by number", (t) => {
    const { source } = open(t, new Tree(t, PROC_ONLY));
    const seen = new Map<number, Record<string, bigint>>();
    source.readCounters((ifindex, counters) => seen.set(ifindex, comparable(counters, source.schema)));
    assert.deepEqual(seen, new Map(ipLinks().map((row) => [row.ifindex, ipCounters(row)])));
  });
});

describe("bonds by /proc", () => {
  const BOND = "proc/self/net/bonding/bridge0"; // a link of the captured tree, taken for a bond

  /** The active-backup bond of the fixtures, of va and vb. */
  function bonded(t: TestContext, only?: (path: string) => boolean): Tree {
    const text = readFileSync(root("test", "fixtures", "linux", "bonding-active-backup.txt"), "utf8");
    const tree = new Tree(t, only);
    tree.write(BOND, text.replaceAll("eth0", "va").replaceAll("eth1", "vb"));
    return tree;
  }

  for (const [where, only] of [
    ["alone", PROC_ONLY],
    ["and /sys", undefined],
  ] as const) {
    test(`${where}: master and slaves are known`, (t) => {
      const { links } = open(t, bonded(t, only));
      const bond = links.get("bridge0");
      assert.equal(bond?.kind, "bond");
      assert.equal(bond?.aggregate?.mode, "active-backup");
      assert.equal(bond?.aggregate?.activeIfindex, number("va"));
      assert.equal(links.get("vb")?.masterIfindex, number("bridge0"));
      assert.equal(links.get("vb")?.port?.miiStatus, "down");
      assert.equal(links.get("vc")?.port, undefined);
    });
  }

  test("where nothing changes there is nothing to say", (t) => {
    const { source } = open(t, bonded(t));
    for (let look = 0; look < 10; look++) assert.deepEqual(source.drain(), []);
  });

  test("another active slave is news of the bond and of both slaves, at the next look", (t) => {
    const tree = bonded(t);
    const { source } = open(t, tree);
    tree.edit(BOND, (text) => text.replace("Active Slave: va", "Active Slave: vb"));
    const news = source.drain().map((event) => (event.kind === "link" ? [event.link.name, event.link.port?.role] : []));
    assert.deepEqual(
      news.toSorted((a, b) => (a < b ? -1 : 1)),
      [
        ["bridge0", undefined],
        ["va", "backup"],
        ["vb", "active"],
      ],
    );
  });

  test("a slave that is released is a link without a master", (t) => {
    const tree = bonded(t, PROC_ONLY);
    const { source } = open(t, tree);
    tree.edit(BOND, (text) => text.slice(0, text.indexOf("\nSlave Interface: vb")));
    const [event] = source.drain();
    assert.ok(event?.kind === "link");
    assert.deepEqual([event.link.name, event.link.masterIfindex, event.link.port], ["vb", undefined, undefined]);
  });
});

describe("routes and addresses by /proc", () => {
  test("count with their labels, which glibc and musl take for names", (t) => {
    const tree = new Tree(t);
    const info = {
      family: "IPv4",
      address: "10.8.1.77",
      cidr: "10.8.1.77/24",
      netmask: "",
      mac: "",
      internal: false,
    } as const;
    const source = new ProcfsSource(tree.procfs, tree.sysfs, () => ({ "va:vip": [info], "nobody:1": [info] }));
    t.after(() => source.close());
    source.open(() => {});
    const ours = source.addresses()?.filter(({ family }) => family === "ipv4");
    assert.deepEqual(
      ours?.map(({ ifindex, address }) => [ifindex, address]),
      [[number("va"), "10.8.1.77"]],
    );
  });

  test("are the first next hop of IPv4 routes and every one of IPv6", (t) => {
    const { source } = open(t, new Tree(t));
    const [va, vc] = [number("va"), number("vc")];
    const hop = (ifindex: number, gateway: string | undefined) => ({ ifindex, gateway, weight: 1, dead: false });
    assert.deepEqual(source.defaultRoutes(), [
      { family: "ipv4", metric: 5, nextHops: [hop(va, "10.200.1.2")], incomplete: true },
      { family: "ipv4", metric: 6, nextHops: [hop(va, "10.200.1.2")], incomplete: true },
      { family: "ipv4", metric: 7, nextHops: [hop(vc, undefined)], incomplete: true },
      { family: "ipv6", metric: 7, nextHops: [hop(va, "2001:db8:1::2"), hop(vc, "2001:db8:3::2")] },
      { family: "ipv6", metric: 4000, nextHops: [], leadsNowhere: true },
    ]);
    const va6 = source.addresses()?.find(({ address }) => address === "2001:db8:1::1");
    assert.deepEqual(va6, {
      ifindex: va,
      family: "ipv6",
      address: "2001:db8:1::1",
      prefixLength: 64,
      tentative: false,
      duplicate: false,
    });
  });

  test("that change are told within a few looks", (t) => {
    const tree = new Tree(t, PROC_ONLY);
    const { source } = open(t, tree);
    tree.edit("proc/self/net/route", (text) => text.replace(/^va\t00000000.*\n/m, ""));
    const told = Array.from({ length: 10 }, () => kinds(source.drain())).flat();
    assert.deepEqual(told, ["routes", "addresses"]);
  });

  test("where there are no such files: not known", (t) => {
    const { source } = open(t, new Tree(t, (path) => path === "proc/self/net/dev"));
    assert.equal(source.defaultRoutes(), undefined);
  });
});

test("without /proc/self/net/dev the error names the file", (t) => {
  const tree = new Tree(t, () => false);
  const source = new ProcfsSource(tree.procfs, tree.sysfs);
  t.after(() => source.close());
  assert.throws(
    () => source.open(() => {}),
    (error) => error instanceof SourceError && /Cannot read ".*proc\/self\/net\/dev": ENOENT/.test(error.message),
  );
});
