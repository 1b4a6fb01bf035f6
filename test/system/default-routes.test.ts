/** The group of uplinks beside what the kernel does with its default routes: nexthop objects, metrics, withdrawn hops, other tables. */

import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { groupBecomes, groupView, hostWithUplinks } from "../support/uplinks.ts";
import { eventually } from "../support/wait.ts";

const BOTH = "ok: u0 active, u1 active";

/** Two uplinks, and a next hop object over each: 1 over u0, 2 over u1. */
function withNexthops(t: TestContext, label: string): Netns {
  const ns = hostWithUplinks(t, label, 2);
  for (const n of [0, 1]) ns.ip("nexthop", "add", "id", `${n + 1}`, "via", `10.9.${n}.254`, "dev", `u${n}`);
  return ns;
}

/** The same, and a default route over both of them: nexthop group 10. */
function withNexthopGroup(t: TestContext, label: string): Netns {
  const ns = withNexthops(t, label);
  ns.ip("nexthop", "add", "id", "10", "group", "1/2");
  ns.ip("route", "add", "default", "nhid", "10");
  return ns;
}

async function reasonOf(program: Program, device: string): Promise<string | null | undefined> {
  const group = await groupView(program, "default");
  return group?.members.find((member) => member.device === device)?.reason;
}

describe("the group of uplinks", { skip: NO_NETNS }, () => {
  for (const compat of [0, 1]) {
    test(`is a nexthop group with weights, and follows it, with nexthop_compat_mode=${compat}`, async (t) => {
      const ns = withNexthops(t, `compat${compat}`);
      ns.run("sysctl", "-qw", `net.ipv4.nexthop_compat_mode=${compat}`);
      ns.ip("nexthop", "add", "id", "10", "group", "1,3/2");
      ns.ip("route", "add", "default", "nhid", "10");
      const program = await Program.start(t, { ns });
      await groupBecomes(program, "default", BOTH);
      await program.until('ipmp_member_route_weight{group="default",device="u0"}', "3");
      await program.until('ipmp_member_route_weight{group="default",device="u1"}', "1");
      ns.ip("nexthop", "replace", "id", "10", "group", "2");
      await groupBecomes(program, "default", "degraded: u0 inactive, u1 active");
      await program.until('ipmp_member_in_route{group="default",device="u0"}', "0");
      assert.equal(await reasonOf(program, "u0"), "no default route uses it");
      ns.ip("nexthop", "replace", "id", "10", "group", "1/2");
      await groupBecomes(program, "default", BOTH);
      await program.until('ipmp_member_in_route{group="default",device="u0"}', "1");
    });
  }

  test("is not well again when the carrier is back: the kernel has dropped the next hop for good", async (t) => {
    const ns = withNexthopGroup(t, "lost");
    const program = await Program.start(t, { ns });
    await groupBecomes(program, "default", BOTH);
    ns.ip("link", "set", "p0", "down");
    await groupBecomes(program, "default", "degraded: u0 failed, u1 active");
    ns.ip("link", "set", "p0", "up");
    await groupBecomes(program, "default", "degraded: u0 inactive, u1 active");
    ns.ip("nexthop", "add", "id", "1", "via", "10.9.0.254", "dev", "u0");
    ns.ip("nexthop", "replace", "id", "10", "group", "1/2");
    await groupBecomes(program, "default", BOTH);
  });

  test("has failed when its nexthop group is deleted, and the routes with it", async (t) => {
    const ns = withNexthopGroup(t, "deleted");
    const program = await Program.start(t, { ns });
    await groupBecomes(program, "default", BOTH);
    ns.ip("nexthop", "del", "id", "10");
    await groupBecomes(program, "default", "failed: u0 inactive, u1 inactive");
  });

  test("loses and regains a hop of a multipath route that somebody replaces", async (t) => {
    const ns = hostWithUplinks(t, "withdrawn", 2);
    const hops = [0, 1].flatMap((n) => ["nexthop", "via", `10.9.${n}.254`, "dev", `u${n}`]);
    ns.ip("route", "add", "default", ...hops);
    const program = await Program.start(t, { ns });
    await groupBecomes(program, "default", BOTH);
    ns.ip("route", "replace", "default", "via", "10.9.1.254", "dev", "u1");
    await groupBecomes(program, "default", "degraded: u0 inactive, u1 active");
    ns.ip("route", "del", "default");
    await groupBecomes(program, "default", "failed: u0 inactive, u1 inactive");
    ns.ip("route", "add", "default", ...hops);
    await groupBecomes(program, "default", BOTH);
  });

  test("does not use a link whose last address is gone, and the kernel's next hop with it, until it is back", async (t) => {
    const ns = hostWithUplinks(t, "lease", 2);
    ns.ip("route", "add", "default", ...[0, 1].flatMap((n) => ["nexthop", "via", `10.9.${n}.254`, "dev", `u${n}`]));
    const program = await Program.start(t, { ns });
    await groupBecomes(program, "default", BOTH);
    ns.ip("address", "flush", "dev", "u0");
    await groupBecomes(program, "default", "degraded: u0 inactive, u1 active");
    await program.until('ipmp_member_in_route{group="default",device="u0"}', "0");
    assert.match((await reasonOf(program, "u0")) ?? "", /^the kernel has given up its next hop/);
    ns.ip("address", "add", "10.9.0.1/24", "dev", "u0");
    await groupBecomes(program, "default", BOTH);
  });

  test("goes on over the worse metric when the better uplink's address, and so its route, is gone", async (t) => {
    const ns = hostWithUplinks(t, "lease-metric", 2);
    for (const n of [0, 1])
      ns.ip("route", "add", "default", "via", `10.9.${n}.254`, "dev", `u${n}`, "metric", `${n + 1}00`);
    const program = await Program.start(t, { ns });
    await groupBecomes(program, "default", "ok: u0 active, u1 inactive");
    ns.ip("address", "flush", "dev", "u0");
    await groupBecomes(program, "default", "degraded: u0 inactive, u1 active");
    await program.until('ipmp_member_in_route{group="default",device="u1"}', "1");
  });

  test("has failed while a better default route leads nowhere", async (t) => {
    const ns = hostWithUplinks(t, "nowhere", 2);
    ns.ip(
      "route",
      "add",
      "default",
      "metric",
      "20",
      ...[0, 1].flatMap((n) => ["nexthop", "via", `10.9.${n}.254`, "dev", `u${n}`]),
    );
    const program = await Program.start(t, { ns });
    await groupBecomes(program, "default", BOTH);
    ns.ip("route", "add", "unreachable", "default", "metric", "5");
    await groupBecomes(program, "default", "failed: u0 inactive, u1 inactive");
    assert.equal(
      await reasonOf(program, "u0"),
      "a default route of metric 5 that leads nowhere comes before its own, of 20",
    );
    ns.ip("route", "del", "unreachable", "default", "metric", "5");
    await groupBecomes(program, "default", BOTH);
  });

  test("follows the setting that has the kernel skip next hops without carrier", async (t) => {
    const ns = hostWithUplinks(t, "skip", 2);
    for (const n of [0, 1])
      ns.ip("route", "add", "default", "via", `10.9.${n}.254`, "dev", `u${n}`, "metric", `${n + 1}00`);
    const program = await Program.start(t, { ns });
    ns.ip("link", "set", "p0", "down");
    await groupBecomes(program, "default", "degraded: u0 failed, u1 active");
    await program.until('ipmp_member_in_route{group="default",device="u0"}', "1");
    ns.run("sysctl", "-qw", "net.ipv4.conf.u0.ignore_routes_with_linkdown=1");
    await program.until('ipmp_member_in_route{group="default",device="u0"}', "0");
  });

  /** Has the kernel ask for a router that is not there: it gives up after three questions. */
  const askFor = (ns: Netns, router: string) => ns.run("sh", "-c", `ping -c 1 -W 1 ${router} >/dev/null || :`);
  /**
   * Neighbour states as if nobody had answered three questions, and as if somebody had. The kernel forgets a failed one at its next
   * round, within 15 seconds, unless it was learned elsewhere.
   */
  const SILENT = ["nud", "failed", "extern_learn"];
  const ANSWERS = ["lladdr", "02:00:00:00:00:99", "nud", "reachable"];
  const DOES_NOT_ANSWER = "its router does not answer, and the kernel sends nothing to it";

  test("does not use a next hop of a group whose router does not answer, until it does", async (t) => {
    const ns = withNexthopGroup(t, "silent");
    const program = await Program.start(t, { ns });
    await groupBecomes(program, "default", BOTH);
    askFor(ns, "10.9.1.254");
    await groupBecomes(program, "default", "degraded: u0 active, u1 inactive");
    assert.equal(await reasonOf(program, "u1"), DOES_NOT_ANSWER);
    await program.until('ipmp_member_in_route{group="default",device="u1"}', "0");
    askFor(ns, "10.9.0.254");
    await groupBecomes(program, "default", "failed: u0 inactive, u1 inactive");
    for (const n of [0, 1]) ns.ip("neighbour", "replace", `10.9.${n}.254`, "dev", `u${n}`, ...ANSWERS);
    await groupBecomes(program, "default", BOTH);
  });

  test("is told at the start of a router that does not answer", async (t) => {
    const ns = withNexthopGroup(t, "mute");
    ns.ip("neighbour", "replace", "10.9.1.254", "dev", "u1", ...SILENT);
    const program = await Program.start(t, { ns });
    await groupBecomes(program, "default", "degraded: u0 active, u1 inactive");
  });

  test("uses a next hop of a multipath route whose router does not answer as the kernel is set to", async (t) => {
    const ns = hostWithUplinks(t, "useneigh", 2);
    const hops = [0, 1].flatMap((n) => ["nexthop", "via", `10.9.${n}.254`, "dev", `u${n}`]);
    ns.ip("route", "add", "default", ...hops);
    ns.ip("neighbour", "replace", "10.9.1.254", "dev", "u1", ...SILENT);
    const program = await Program.start(t, { ns });
    await groupBecomes(program, "default", BOTH);
    ns.run("sysctl", "-qw", "net.ipv4.fib_multipath_use_neigh=1");
    // The kernel does not tell of this setting: it is read with the routes.
    ns.ip("route", "replace", "default", ...hops, "weight", "2");
    await groupBecomes(program, "default", "degraded: u0 active, u1 inactive");
    ns.ip("neighbour", "replace", "10.9.1.254", "dev", "u1", ...ANSWERS);
    await groupBecomes(program, "default", BOTH);
  });

  test("of a host that forwards no IPv6 leaves out the path whose router does not answer", async (t) => {
    const ns = hostWithUplinks(t, "silent6", 2, { ipv6: true });
    for (const n of [0, 1]) ns.ip("address", "add", `2001:db8:${n}::1/64`, "dev", `u${n}`, "nodad");
    ns.ip(
      "-6",
      "route",
      "add",
      "default",
      ...[0, 1].flatMap((n) => ["nexthop", "via", `2001:db8:${n}::fe`, "dev", `u${n}`]),
    );
    ns.ip("neighbour", "replace", "2001:db8:1::fe", "dev", "u1", ...SILENT);
    const program = await Program.start(t, { ns });
    await groupBecomes(program, "default", "degraded: u0 active, u1 inactive");
    ns.run("sysctl", "-qw", "net.ipv6.conf.all.forwarding=1");
    await groupBecomes(program, "default", BOTH);
  });

  test("has IPv4 next hops through IPv6 routers, as hosts without addresses of their own on their uplinks do", async (t) => {
    const ns = hostWithUplinks(t, "unnumbered", 2, { ipv6: true });
    for (const n of [0, 1]) {
      ns.ip("address", "flush", "dev", `u${n}`);
      ns.ip("address", "add", `fe80::${n + 1}/64`, "dev", `u${n}`, "nodad");
    }
    ns.ip("address", "add", "192.0.2.1/32", "dev", "lo");
    for (const n of [0, 1]) ns.ip("nexthop", "add", "id", `${n + 1}`, "via", "fe80::fe", "dev", `u${n}`);
    ns.ip("nexthop", "add", "id", "10", "group", "1/2");
    ns.ip("route", "add", "default", "nhid", "10", "src", "192.0.2.1");
    const program = await Program.start(t, { ns });
    await groupBecomes(program, "default", BOTH);
    for (const state of [ANSWERS, SILENT]) ns.ip("neighbour", "replace", "fe80::fe", "dev", "u1", ...state);
    await groupBecomes(program, "default", "degraded: u0 active, u1 inactive");
    ns.ip("link", "set", "p0", "down");
    // The kernel drops the next hop of a link without carrier. The one that is left it uses, whether its router answers or not.
    await groupBecomes(program, "default", "degraded: u0 failed, u1 active");
  });

  test("counts a tunnel that is bound to another uplink once", async (t) => {
    const ns = hostWithUplinks(t, "tunnel", 1);
    ns.ip(..."link add vx1 type vxlan id 7 dev u0 remote 10.9.0.254 dstport 4789".split(" "));
    ns.ip("link", "set", "vx1", "up");
    ns.ip("route", "add", "default", ..."nexthop via 10.9.0.254 dev u0 nexthop dev vx1".split(" "));
    const program = await Program.start(t, { ns });
    await groupBecomes(program, "default", "ok: u0 active");
    assert.deepEqual(
      (await groupView(program, "default"))?.refused.map(({ device }) => device),
      ["vx1"],
    );
  });

  test("has the worse metric for a standby, which carries on when the better uplink is lost", async (t) => {
    const ns = hostWithUplinks(t, "metric", 2);
    for (const n of [0, 1])
      ns.ip("route", "add", "default", "via", `10.9.${n}.254`, "dev", `u${n}`, "metric", `${n + 1}00`);
    const program = await Program.start(t, { ns });
    await groupBecomes(program, "default", "ok: u0 active, u1 inactive");
    assert.equal(await reasonOf(program, "u1"), "standby: its default route has metric 200, the one in use 100");
    ns.ip("link", "set", "p0", "down");
    await groupBecomes(program, "default", "degraded: u0 failed, u1 active");
    // The kernel itself sends through a link without carrier, unless it was told not to.
    await program.until('ipmp_member_in_route{group="default",device="u1"}', "0");
    ns.run("sysctl", "-qw", "net.ipv4.conf.u0.ignore_routes_with_linkdown=1");
    ns.ip("link", "set", "u1", "mtu", "1400");
    ns.ip("route", "replace", "default", "via", "10.9.1.253", "dev", "u1", "metric", "300");
    await program.until('ipmp_member_in_route{group="default",device="u1"}', "1");
    ns.ip("link", "set", "p0", "up");
    await groupBecomes(program, "default", "ok: u0 active, u1 inactive");
  });

  test("of two routers that advertise themselves is no multipath, and both are members", async (t) => {
    const ns = Netns.create(t, "advertised", { ipv6: true });
    for (const n of [0, 1]) {
      ns.ip("link", "add", `u${n}`, "type", "veth", "peer", "name", `p${n}`);
      for (const device of [`u${n}`, `p${n}`]) {
        ns.run("sysctl", "-qw", `net.ipv6.conf.${device}.accept_dad=0`);
        ns.ip("link", "set", device, "up");
      }
      ns.waitFor(`u${n}`, "UP");
    }
    const routers = () =>
      ns
        .ip("-6", "route", "show", "default")
        .split("\n")
        .filter((line) => line.includes("proto ra"));
    await eventually(
      () => {
        ns.run("python3", "-c", ADVERTISE, "p0", "p1");
        return routers().length === 2;
      },
      () => `routers: ${routers().join("; ")}`,
    );
    const program = await Program.start(t, { ns });
    await groupBecomes(program, "default", BOTH);
    const samples = await program.metrics();
    assert.equal(samples.get('ipmp_group_info{group="default",ifname="default",source="default",mode="set"}'), "1");
    assert.equal(
      samples.get('ipmp_member_in_route{group="default",device="u0"}'),
      undefined,
      "nobody tells which is used",
    );
  });

  test("has a point-to-point link beside an Ethernet one, and carries on over it", async (t) => {
    const ns = hostWithUplinks(t, "ppp", 1);
    ns.run("ip", "tuntap", "add", "ppp0", "mode", "tun");
    const holder = ns.spawn(["python3", "-c", HOLD_TUN, "ppp0"], { stdio: ["pipe", "pipe", "inherit"] });
    await new Promise((resolve) => holder.stdout?.once("data", resolve));
    ns.ip("link", "set", "ppp0", "up");
    ns.ip("address", "add", "192.0.2.1", "peer", "192.0.2.2", "dev", "ppp0");
    ns.ip(
      "route",
      "add",
      "default",
      "nexthop",
      "via",
      "10.9.0.254",
      "dev",
      "u0",
      "weight",
      "3",
      "nexthop",
      "dev",
      "ppp0",
    );
    const program = await Program.start(t, { ns });
    await groupBecomes(program, "default", "ok: ppp0 active, u0 active");
    ns.ip("link", "set", "p0", "down");
    await groupBecomes(program, "default", "degraded: ppp0 active, u0 failed");
  });

  test("is not made of another table's routes, which the log names", async (t) => {
    const ns = hostWithUplinks(t, "table", 2);
    ns.ip("route", "add", "default", "via", "10.9.0.254", "dev", "u0");
    const program = await Program.start(t, { ns });
    await groupBecomes(program, "default", "ok: u0 active");
    ns.ip("route", "add", "default", "via", "10.9.1.254", "dev", "u1", "table", "1234");
    ns.ip("rule", "add", "from", "10.9.1.0/24", "table", "1234", "priority", "900");
    await program.logged("rule 900 leads to table 1234", "over u1");
    await groupBecomes(program, "default", "ok: u0 active");
  });
});

/** Keeps a tun device open, which is its carrier (linux/if_tun.h: TUNSETIFF, IFF_TUN | IFF_NO_PI). */
const HOLD_TUN = `
import fcntl, os, struct, sys
tun = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tun, 0x400454ca, struct.pack("16sH22x", sys.argv[1].encode(), 0x1001))
print("open", flush=True)
sys.stdin.read()
`;

/** Sends a router advertisement through each device named (RFC 4861 4.2): hop limit 64, lifetime 1800 s, no options. */
const ADVERTISE = `
import socket, struct, sys
for device in sys.argv[1:]:
    s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
    try:
        s.sendto(struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0), ("ff02::1", 0, 0, socket.if_nametoindex(device)))
    except OSError:
        pass # it has no address of its own yet; whoever waits for the route asks again
`;
