/** The Linux sources against the kernel: real links in network namespaces, real traffic. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import type { DefaultRoute } from "#src/sources/source.js";
import { type Counters, Probe } from "../sources/linux/probe.ts";
import { AS_NOBODY, linkBytes, Netns, NO_NETNS } from "../support/netns.ts";
import { root } from "../support/root.ts";

/** What the kernel's own tool says of every link, under our names. */
function ipCounters(ns: Netns): Record<string, Counters> {
  const links = JSON.parse(ns.ip("-s", "-j", "link", "show")) as {
    ifindex: number;
    stats64: Record<"rx" | "tx", Record<string, number>>;
  }[];
  return Object.fromEntries(
    links.map(({ ifindex, stats64: { rx, tx } }) => [
      ifindex,
      {
        obytes: String(tx["bytes"]),
        obytes64: String(tx["bytes"]),
        rbytes: String(rx["bytes"]),
        rbytes64: String(rx["bytes"]),
        opackets: String(tx["packets"]),
        opackets64: String(tx["packets"]),
        oerrors: String(tx["errors"]),
        ipackets: String(rx["packets"]),
        ipackets64: String(rx["packets"]),
        ierrors: String(rx["errors"]),
        multircv: String(rx["multicast"]),
        noxmtbuf: String(tx["dropped"]),
        collisions: String(tx["collisions"]),
      },
    ]),
  );
}

/** Only the statistics that `ip -s -j` prints under a name of their own. */
function comparable(counters: Readonly<Record<string, Counters>>): Record<string, Counters> {
  return Object.fromEntries(
    Object.entries(counters).map(([ifindex, values]) => {
      const { norcvbuf: _, unknowns: __, ...rest } = values;
      return [ifindex, rest];
    }),
  );
}

/** Whether nobody can read the program at all: not in a checkout under /root. */
const NOT_FOR_NOBODY: string | false = (() => {
  if (NO_NETNS !== false) return NO_NETNS;
  try {
    const [command = "", ...args] = AS_NOBODY;
    execFileSync(command, [...args, "test", "-r", root("package.json")], { stdio: "ignore" });
    execFileSync(command, [...args, process.execPath, "--version"], { stdio: "ignore" });
    return false;
  } catch {
    return `nobody cannot read ${root()} or run ${process.execPath}`;
  }
})();

/** A file that keeps a blocked program blocked, and that nobody may see. */
class Latch {
  readonly #folder = mkdtempSync(join(tmpdir(), "latch-"));
  readonly path = join(this.#folder, "latch");

  constructor(t: TestContext) {
    chmodSync(this.#folder, 0o755);
    writeFileSync(this.path, "");
    t.after(() => rmSync(this.#folder, { recursive: true }));
  }

  release(): void {
    rmSync(this.path);
  }
}

function oneOfEach(t: TestContext): Netns {
  const ns = Netns.create(t, "links");
  ns.addVeth("va", "vb");
  ns.ip("link", "add", "mv", "link", "va", "type", "macvlan", "mode", "bridge");
  ns.ip("link", "set", "mv", "up");
  ns.wire("mv", ns.lladdr("vb"));
  ns.ip("link", "add", "name", "bridge0", "type", "bridge", "mcast_snooping", "0"); // sends no IGMP of its own
  ns.ip("link", "set", "bridge0", "up");
  ns.waitFor("mv", "UP");
  ns.send("va", { packets: 50, bytes: 1000 });
  ns.send("vb", { packets: 30, bytes: 200 });
  ns.send("mv", { packets: 20, bytes: 500 });
  return ns;
}

for (const source of ["netlink", "procfs"]) {
  describe(`counters by ${source}`, { skip: NO_NETNS }, () => {
    test("equal those of ip(8) for every link", async (t) => {
      const ns = oneOfEach(t);
      const probe = await Probe.start(t, ns, source);
      assert.deepEqual(comparable(await probe.counters()), ipCounters(ns));
    });

    test("count exactly what was sent, at both ends", async (t) => {
      const ns = Netns.create(t, "sent");
      ns.addVeth("va", "vb");
      const [va, vb] = [ns.link("va").ifindex, ns.link("vb").ifindex];
      const probe = await Probe.start(t, ns, source);
      const before = await probe.counters();
      const traffic = { packets: 123, bytes: 777 };
      ns.send("va", traffic);
      const after = await probe.counters();
      const moved = (ifindex: number, name: string) =>
        BigInt(after[ifindex]?.[name] ?? 0) - BigInt(before[ifindex]?.[name] ?? 0);
      assert.equal(moved(va, "opackets64"), BigInt(traffic.packets));
      assert.equal(moved(va, "obytes64"), BigInt(linkBytes(traffic)));
      assert.equal(moved(vb, "ipackets64"), BigInt(traffic.packets));
      assert.equal(moved(vb, "rbytes64"), BigInt(linkBytes(traffic)));
    });

    test("and links, routes and addresses are the same for nobody", { skip: NOT_FOR_NOBODY }, async (t) => {
      const ns = oneOfEach(t);
      ns.ip("route", "add", "default", "via", "10.200.1.2");
      const [mine, nobodys] = [await Probe.start(t, ns, source), await Probe.start(t, ns, source, AS_NOBODY)];
      assert.equal(nobodys.hello.name, source);
      assert.deepEqual(await nobodys.counters(), await mine.counters());
      assert.deepEqual(await nobodys.routes(), await mine.routes());
      assert.deepEqual(await nobodys.addresses(), await mine.addresses());
      assert.deepEqual(await nobodys.event("resync", 0), await mine.event("resync", 0));
    });

    test("a link that is renamed stays the same link; one that flaps says so", async (t) => {
      const ns = Netns.create(t, "rename");
      ns.addVeth("va", "vb");
      const { ifindex } = ns.link("va");
      const probe = await Probe.start(t, ns, source);
      let from = probe.events.length;
      ns.ip("link", "set", "va", "name", "renamed"); // since 6.2 also while up
      const renamed = await probe.event("link", from, ({ link }) => link.name === "renamed");
      assert.equal(renamed.link.ifindex, ifindex);
      assert.equal(renamed.link.running, true);

      from = probe.events.length;
      ns.ip("route", "add", "default", "via", "10.200.1.2", "dev", "renamed");
      await probe.event("routes", from);
      assert.equal((await probe.routes()).length, 1);
      from = probe.events.length;
      ns.ip("link", "set", "vb", "down");
      const lost = await probe.event("link", from, ({ link }) => link.ifindex === ifindex && !link.running);
      assert.equal(lost.link.adminUp, true);
      assert.equal(lost.link.speedBitsPerSecond, undefined);
      await probe.event("routes", from);

      from = probe.events.length;
      ns.ip("link", "set", "vb", "up");
      await probe.event("link", from, ({ link }) => link.ifindex === ifindex && link.running);
      assert.equal(
        probe.events.some(({ kind }) => kind === "gone"),
        false,
      );
    });

    test("a link deleted and made again under its name is another link", async (t) => {
      const ns = Netns.create(t, "again");
      ns.addVeth("va", "vb");
      const before = ns.link("va").ifindex;
      const probe = await Probe.start(t, ns, source);
      const from = probe.events.length;
      ns.ip("link", "delete", "va");
      ns.addVeth("va", "vb");
      const gone = await probe.event("gone", from, ({ name }) => name === "va");
      assert.equal(gone.ifindex, before);
      const made = await probe.event("link", from, ({ link }) => link.name === "va" && link.running);
      assert.equal(made.link.ifindex, ns.link("va").ifindex);
    });
  });
}

describe("what procfs says of links", { skip: NO_NETNS }, () => {
  test("is what netlink says, as far as it goes", async (t) => {
    const ns = oneOfEach(t);
    ns.ip("link", "set", "vb", "alias", "uplink to b");
    ns.ip("link", "set", "vb", "master", "bridge0");
    ns.waitFor("bridge0", "UP"); // which it becomes a little after its first port
    const byNetlink = await (await Probe.start(t, ns, "netlink")).event("resync", 0);
    const byProcfs = await (await Probe.start(t, ns, "procfs")).event("resync", 0);
    const facts = (resync: typeof byNetlink) =>
      resync.links
        .map(({ link: { kind: _, driver: __, promiscuous: ___, lowerIfindex: ____, ...link } }) => link)
        .toSorted((a, b) => a.ifindex - b.ifindex);
    assert.deepEqual(facts(byProcfs), facts(byNetlink));
  });
});

test("the driver and speed of a link are asked by ioctl, also as nobody", { skip: NOT_FOR_NOBODY }, async (t) => {
  const ns = Netns.create(t, "ethtool");
  ns.addVeth("va", "vb");
  const { links } = await (await Probe.start(t, ns, "netlink", AS_NOBODY)).event("resync", 0);
  const va = links.find(({ link }) => link.name === "va")?.link;
  assert.deepEqual([va?.driver, va?.speedBitsPerSecond, va?.hasDevice], ["veth", 10e9, false]);
  const lo = links.find(({ link }) => link.name === "lo")?.link;
  assert.deepEqual([lo?.driver, lo?.speedBitsPerSecond, lo?.hasDevice], [undefined, undefined, false]);
});

describe("the last counters of a link", { skip: NO_NETNS }, () => {
  test("come with the end of a macvlan", async (t) => {
    const ns = oneOfEach(t);
    const { ifindex } = ns.link("mv");
    const probe = await Probe.start(t, ns, "netlink");
    const from = probe.events.length;
    ns.send("mv", { packets: 1234, bytes: 321 });
    const last = ipCounters(ns)[ifindex];
    ns.ip("link", "delete", "mv");
    const gone = await probe.event("gone", from, (event) => event.ifindex === ifindex);
    assert.equal(gone.name, "mv");
    assert.deepEqual(comparable({ mv: gone.counters ?? {} })["mv"], last);
    assert.ok(Number(last?.["opackets64"]) >= 1234);
  });

  test("come with a veth that moves to another namespace", async (t) => {
    const ns = oneOfEach(t);
    const other = Netns.create(t, "other");
    const { ifindex } = ns.link("vb");
    const probe = await Probe.start(t, ns, "netlink");
    const from = probe.events.length;
    ns.send("va", { packets: 99, bytes: 99 });
    const last = ipCounters(ns)[ifindex];
    ns.ip("link", "set", "vb", "netns", other.name);
    const gone = await probe.event("gone", from, (event) => event.ifindex === ifindex);
    assert.deepEqual(comparable({ vb: gone.counters ?? {} })["vb"], last);
  });

  test("leaving a bridge is not the end of a link", async (t) => {
    const ns = oneOfEach(t);
    const { ifindex } = ns.link("vb");
    const probe = await Probe.start(t, ns, "netlink");
    const from = probe.events.length;
    ns.ip("link", "set", "vb", "master", "bridge0");
    await probe.event("link", from, ({ link }) => link.ifindex === ifindex && link.masterIfindex !== undefined);
    ns.ip("link", "set", "vb", "nomaster");
    ns.ip("link", "set", "vb", "alias", "still here");
    await probe.event("link", from, ({ link }) => link.ifindex === ifindex && link.alias === "still here");
    assert.equal(
      probe.events.some(({ kind }) => kind === "gone"),
      false,
    );
  });
});

describe("when the kernel drops events", { skip: NO_NETNS }, () => {
  test("all links are listed anew, with the reason, and events go on", async (t) => {
    const ns = Netns.create(t, "overflow");
    ns.addVeth("va", "vb");
    const probe = await Probe.start(t, ns, "netlink", AS_NOBODY_IF_POSSIBLE);
    const latch = new Latch(t);
    await probe.block(latch.path);
    const from = probe.events.length;
    // Far more than the largest receive buffer holds.
    ns.batch(Array.from({ length: 6000 }, (_, n) => `link set va alias ${n}\nlink set vb alias ${n}`));
    ns.batch(["link delete va", "link add vc type veth peer name vd"]);
    latch.release();
    const resync = await probe.event("resync", from);
    assert.match(resync.gap ?? "", /dropped link events/);
    await probe.until("the state of now", () => {
      const names = new Set<string>();
      for (const event of probe.events) {
        if (event.kind === "resync") names.clear();
        if (event.kind === "resync") for (const { link } of event.links) names.add(link.name);
        if (event.kind === "link") names.add(event.link.name);
        if (event.kind === "gone") names.delete(event.name);
      }
      return [...names].toSorted().join(" ") === "lo vc vd" ? true : undefined;
    });
    const later = probe.events.length;
    ns.ip("link", "set", "vc", "up");
    await probe.event("link", later, ({ link }) => link.name === "vc" && link.adminUp);
  });
});

const AS_NOBODY_IF_POSSIBLE = NOT_FOR_NOBODY === false ? AS_NOBODY : [];

describe("default routes", { skip: NO_NETNS }, () => {
  const hop = (ns: Netns, device: string, gateway: string | undefined, weight = 1, dead = false) => ({
    ifindex: ns.link(device).ifindex,
    ...(gateway === undefined ? {} : { gateway }),
    // The neighbour table has the far ends by IPv4 (Netns.wire).
    ...(gateway?.includes(".") === true ? { gatewayLladdr: ns.lladdr(device === "va" ? "vb" : "vd") } : {}),
    weight,
    dead,
    ...(dead ? { usedWithoutCarrier: true } : {}), // ignore_routes_with_linkdown is 0
  });

  async function twoLinks(t: TestContext, options?: { ipv6: boolean }): Promise<[Netns, Probe]> {
    const ns = Netns.create(t, "routes", options);
    ns.addVeth("va", "vb"); // 10.200.1, 10.200.2
    ns.addVeth("vc", "vd"); // 10.200.3, 10.200.4
    return [ns, await Probe.start(t, ns, "netlink")];
  }

  test("over several paths have every next hop, its weight, and whether it is dead", async (t) => {
    const [ns, probe] = await twoLinks(t);
    let from = probe.events.length;
    ns.ip(
      ..."route add default metric 5".split(" "),
      ..."nexthop via 10.200.1.2 dev va weight 1".split(" "),
      ..."nexthop via 10.200.3.2 dev vc weight 3".split(" "),
    );
    await probe.event("routes", from);
    const expected = (dead: boolean): DefaultRoute[] => [
      {
        family: "ipv4",
        metric: 5,
        nextHops: [hop(ns, "va", "10.200.1.2", 1, dead), hop(ns, "vc", "10.200.3.2", 3)] as DefaultRoute["nextHops"],
      },
    ];
    assert.deepEqual(await probe.routes(), expected(false));
    from = probe.events.length;
    ns.ip("link", "set", "vb", "down");
    await probe.event("link", from, ({ link }) => link.name === "va" && !link.running);
    await probe.event("routes", from);
    assert.deepEqual(await probe.routes(), expected(true));
  });

  test("through nexthop objects", async (t) => {
    const [ns, probe] = await twoLinks(t);
    ns.ip(..."nexthop add id 1 via 10.200.1.2 dev va".split(" "));
    ns.ip(..."nexthop add id 2 via 10.200.3.2 dev vc".split(" "));
    ns.ip(..."nexthop add id 10 group 1,2/2,3".split(" "));
    const from = probe.events.length;
    ns.ip(..."route add default nhid 10".split(" "));
    await probe.event("routes", from);
    assert.deepEqual(await probe.routes(), [
      {
        family: "ipv4",
        metric: 0,
        nextHops: [hop(ns, "va", "10.200.1.2", 2), hop(ns, "vc", "10.200.3.2", 3)].map((one) => ({
          ...one,
          needsAnswer: true,
        })),
      },
    ]);
  });

  test("of IPv6, straight to a link, and IPv4 through an IPv6 router; one that is unreachable leads nowhere; other routes and tables are not default routes", async (t) => {
    const [ns, probe] = await twoLinks(t, { ipv6: true });
    ns.ip(..."address add 2001:db8:1::1/64 dev va nodad".split(" "));
    ns.ip(..."address add 2001:db8:3::1/64 dev vc nodad".split(" "));
    ns.ip(..."-6 route add default metric 7 via 2001:db8:1::2 dev va".split(" "));
    ns.ip(..."-6 route append default metric 7 via 2001:db8:3::2 dev vc".split(" "));
    ns.ip(..."route add default dev va".split(" "));
    ns.ip(..."-4 route add default metric 9 via inet6 2001:db8:3::2 dev vc".split(" "));
    ns.ip(..."route add default dev vc table 100".split(" "));
    ns.ip(..."route add unreachable default metric 4000".split(" "));
    ns.ip(..."route add 198.51.100.0/24 dev vc".split(" "));
    const routes = await probe.routes();
    const sorted = routes.map((route) => ({
      ...route,
      nextHops: route.nextHops.toSorted((a, b) => a.ifindex - b.ifindex),
    }));
    const byIfindex = (...hops: { ifindex: number }[]) => hops.toSorted((a, b) => a.ifindex - b.ifindex);
    assert.deepEqual(sorted, [
      { family: "ipv4", metric: 0, nextHops: [hop(ns, "va", undefined)] },
      { family: "ipv4", metric: 9, nextHops: [hop(ns, "vc", "2001:db8:3::2")] },
      { family: "ipv4", metric: 4000, nextHops: [], leadsNowhere: true },
      {
        family: "ipv6",
        metric: 7,
        nextHops: byIfindex(hop(ns, "va", "2001:db8:1::2"), hop(ns, "vc", "2001:db8:3::2")),
      },
    ]);
    const addresses = (await probe.addresses()).filter(({ address }) => address.startsWith("2001:"));
    assert.deepEqual(
      addresses.map(({ address, prefixLength, tentative }) => [address, prefixLength, tentative]),
      [
        ["2001:db8:1::1", 64, false],
        ["2001:db8:3::1", 64, false],
      ],
    );
  });
});

describe("a storm of other routes", { skip: NO_NETNS }, () => {
  test("wakes nobody and pushes out nothing; the default route among them is told", async (t) => {
    const ns = Netns.create(t, "storm");
    ns.addVeth("va", "vb");
    const probe = await Probe.start(t, ns, "netlink", AS_NOBODY_IF_POSSIBLE);
    const latch = new Latch(t);
    await probe.block(latch.path);
    const from = probe.events.length;
    ns.batch(Array.from({ length: 5000 }, (_, n) => `route add 198.18.${n >> 8}.${n & 255}/32 dev va`));
    ns.ip("link", "set", "va", "alias", "after the storm");
    latch.release();
    await probe.event("link", from, ({ link }) => link.alias === "after the storm");
    assert.deepEqual(
      probe.events.slice(from).map(({ kind }) => kind),
      ["link"],
    );
    ns.ip("route", "add", "default", "dev", "va");
    await probe.event("routes", from);
  });
});

describe("choosing a source", { skip: NO_NETNS }, () => {
  test("takes netlink where it can be had", async (t) => {
    const probe = await Probe.start(t, Netns.create(t, "auto"), "auto");
    assert.equal(probe.hello.name, "netlink");
  });
});
