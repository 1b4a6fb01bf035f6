/** Groups whose host has links that are odd, or that cannot be seen whole: none of it may touch the members. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, test } from "node:test";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { groupBecomes, groupLine, groupView, hostWithUplinks } from "../support/uplinks.ts";
import { eventually } from "../support/wait.ts";

const config = "groups:\n  - { name: up, interfaces: [u0, u1] }\n";
const BOTH = "ok: u0 active, u1 active";

describe("a group of two uplinks", { skip: NO_NETNS }, () => {
  test("does not notice that another link has 300 alternative names, neither as they come nor at a start", async (t) => {
    const ns = hostWithUplinks(t, "altnames", 2);
    ns.ip("link", "add", "index", "2000000", "name", "last", "type", "veth", "peer", "name", "other"); // listed behind the members
    ns.ip("link", "add", "index", "1000", "name", "third", "type", "veth", "peer", "name", "fourth");
    const program = await Program.start(t, { ns, config });
    await groupBecomes(program, "up", BOTH);
    const names = Array.from({ length: 300 }, (_, n) => `${"a".repeat(100)}${String(n).padStart(4, "0")}`);
    ns.batch(names.map((name) => `link property add dev third altname ${name}`));
    ns.ip("link", "set", "third", "up");
    ns.ip("link", "set", "last", "mtu", "1400");
    await eventually(
      async () => (await mtuIn(program, "last")) === "1400",
      () => "the link behind is not followed",
    );
    assert.equal(await groupLine(program, "up"), BOTH);
    assert.equal(
      program.log.some((line) => line.includes("buffer was full") || line.includes("vanished")),
      false,
      program.log.join("\n"),
    );
    await program.stop();
    const again = await Program.start(t, { ns, config });
    await groupBecomes(again, "up", BOTH);
    assert.notEqual(await mtuIn(again, "last"), undefined);
  });

  test("has the link that the configuration names by another of its names", async (t) => {
    const ns = hostWithUplinks(t, "altname", 2);
    const long = "n".repeat(127);
    ns.ip("link", "property", "add", "dev", "u0", "altname", long);
    const program = await Program.start(t, { ns, config: `groups:\n  - { name: up, interfaces: [${long}, u1] }\n` });
    await groupBecomes(program, "up", BOTH);
    ns.ip("link", "property", "del", "dev", "u0", "altname", long);
    await groupBecomes(program, "up", "degraded: u1 active");
    assert.deepEqual((await groupView(program, "up"))?.missing, [long]);
    ns.ip("link", "property", "add", "dev", "u0", "altname", long);
    await groupBecomes(program, "up", BOTH);
    const info = [...(await program.metrics()).keys()].filter((sample) => sample.startsWith("ipmp_member_info"));
    assert.ok(
      info.some((sample) => sample.includes(`altnames="${long}"`)),
      info.join("\n"),
    );
  });

  test("that lacks one link and refuses another tells the two apart", async (t) => {
    const ns = hostWithUplinks(t, "refused", 2);
    ns.ip("link", "set", "u1", "arp", "off");
    const program = await Program.start(t, { ns, config: "groups:\n  - { name: up, interfaces: [u0, u1, u9] }\n" });
    await groupBecomes(program, "up", "degraded: u0 active");
    const group = await groupView(program, "up");
    assert.deepEqual([group?.missing, group?.refused.map(({ device }) => device)], [["u9"], ["u1"]]);
  });

  test("knows the speed that a link is set to while it is up, with the next event of the link", async (t) => {
    const ns = Netns.create(t, "speed");
    const holder = ns.spawn(["python3", "-c", HOLD_TAP, "tap0"], { stdio: ["pipe", "pipe", "inherit"] });
    const answered = () => new Promise((resolve) => holder.stdout?.once("data", resolve));
    await answered();
    ns.ip("link", "set", "tap0", "up");
    ns.waitFor("tap0", "UNKNOWN"); // its driver sets no operational state
    const program = await Program.start(t, { ns, config: "groups:\n  - { name: up, interfaces: [tap0] }\n" });
    const set = answered();
    holder.stdin?.write("25000\n");
    await set;
    ns.ip("link", "set", "tap0", "mtu", "1400");
    await program.until('ipmp_member_speed_bytes{group="up",device="tap0"}', String(25e9 / 8));
  });

  for (const source of ["netlink", "procfs"]) {
    test(`loses a member beside a link whose name is no UTF-8, by ${source}`, async (t) => {
      const ns = hostWithUplinks(t, "latin1", 2);
      const program = await Program.start(t, { ns, config, args: [`--source=${source}`] });
      await groupBecomes(program, "up", BOTH);
      // Node would write the argument as UTF-8: the shell's printf makes the byte.
      const make = "ip link add \"$(printf 'b\\374ro')\" type veth peer name px";
      execFileSync("ip", ["netns", "exec", ns.name, "sh", "-c", make]);
      ns.ip("link", "set", "p1", "down");
      await groupBecomes(program, "up", "degraded: u0 active, u1 failed");
      const { body } = await program.get("/api/v1/links");
      assert.ok(body.includes(String.raw`"b\\xfcro"`), body);
    });
  }

  test("is known by procfs where there is no sysfs, and the log says once what is not known", async (t) => {
    const ns = hostWithUplinks(t, "nosysfs", 2);
    const program = await Program.start(t, { ns, config, args: ["--source=procfs", "--path.sysfs=/nonexistent"] });
    await groupBecomes(program, "up", BOTH);
    await program.logged("/nonexistent");
    const said = program.log.filter((line) => line.includes("/nonexistent"));
    assert.equal(said.length, 1, said.join("\n"));
  });
});

async function mtuIn(program: Program, name: string): Promise<string | undefined> {
  const { body } = await program.get("/api/v1/links");
  return new RegExp(`"name": ?"${name}"[^}]*?"mtu": ?(\\d+)`).exec(body)?.[1];
}

/**
 * Keeps a tap device open, which is its carrier (linux/if_tun.h: TUNSETIFF, IFF_TAP | IFF_NO_PI), and sets it to each speed that stands on
 * its input, in Mb/s (linux/ethtool.h: ETHTOOL_GLINKSETTINGS, ETHTOOL_SLINKSETTINGS).
 */
const HOLD_TAP = `
import ctypes, fcntl, os, socket, struct, sys
name = sys.argv[1].encode()
tap = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tap, 0x400454ca, struct.pack("16sH22x", name, 0x1002))
data = ctypes.create_string_buffer(48 + 3 * 127 * 4)
sock = socket.socket()
ask = lambda: fcntl.ioctl(sock, 0x8946, struct.pack("16sQ16x", name, ctypes.addressof(data)))
print("open", flush=True)
for line in sys.stdin:
    struct.pack_into("=I", data, 0, 0x4c)
    struct.pack_into("=b", data, 15, 0)
    ask()
    words = -struct.unpack_from("=b", data, 15)[0]
    for command in (0x4c, 0x4d):
        struct.pack_into("=I", data, 0, command)
        struct.pack_into("=b", data, 15, words)
        if command == 0x4d: struct.pack_into("=I", data, 4, int(line))
        ask()
    print("set", flush=True)
`;
