/** What the rest of the system may ask of IP, and what it is answered. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { addAddress, addressDown, addressesOf, addressUp, deleteAddress, setAddresses } from "#src/ip/addresses.js";
import { deleteArp, setArp } from "#src/ip/arp.js";
import { setGroupName } from "#src/ip/group-name.js";
import { setIllFlags, setIpifFlags, setPhyintFlags } from "#src/ip/interface-flags.js";
import { Ip, illsOf } from "#src/ip/ip.js";
import { receiveNote, setPhysAddr } from "#src/ip/link-notes.js";
import { plumbGroup, unplumbGroup, unplumbLink } from "#src/ip/plumbing.js";
import { ILLF, IPIF, PHYI } from "#src/ipmp/flags.js";
import { grpDestroy } from "#src/ipmp/ipmp-group.js";
import { EnginePanic } from "#src/ipmp/panic.js";
import { Registry } from "#src/kstat/registry.js";
import { aGroup, aLink, aMember, anIp, NOW } from "./fixture.ts";

test("the addresses of an ill become those that are wanted: each once, those that were there as they were", () => {
  const ip = anIp();
  const { v4 } = aMember(ip, aGroup(ip), "net0");
  assert.ok(v4);
  const set = (...wanted: readonly string[]) => ip.operation(NOW, () => setAddresses(v4, wanted, IPIF.NOFAILOVER));
  set("192.0.2.1", "192.0.2.2", "192.0.2.1");
  assert.deepEqual(
    addressesOf(v4).map(({ addr, isUp, flags }) => [addr, isUp, (flags & IPIF.NOFAILOVER) !== 0]),
    [
      ["192.0.2.1", true, true],
      ["192.0.2.2", true, true],
    ],
  );
  const [, second] = addressesOf(v4);
  set("192.0.2.3", "192.0.2.2");
  assert.deepEqual(
    addressesOf(v4).map(({ addr }) => addr),
    ["192.0.2.2", "192.0.2.3"],
  );
  assert.equal(addressesOf(v4)[0], second);
  set();
  assert.deepEqual([addressesOf(v4).length, v4.ipifs.length], [0, 1], "the placeholder stays");
});

describe("SIOCSLIFGROUPNAME", () => {
  test("joins, is content with the present group, and leaves", () => {
    const ip = anIp();
    const group = aGroup(ip);
    const link = aLink(ip, "net0");
    const ask = (name: string) => ip.operation(NOW, () => setGroupName(ip, link, name));
    assert.equal(ask("ipmp0"), 0);
    assert.deepEqual([group.nif, group.nv4, group.nv6, group.pendv4, group.pendv6], [1, 1, 1, 0, 0]);
    assert.equal(ask("ipmp0"), 0);
    assert.equal(group.nif, 1);
    assert.equal(ask(""), 0);
    assert.deepEqual([group.nif, group.nv4, group.nv6], [0, 0, 0]);
    assert.equal(ask(""), 0);
  });

  test("counts the ills as pending until the operation exits", () => {
    const ip = anIp();
    const group = aGroup(ip);
    const link = aLink(ip, "net0");
    const during = ip.operation(NOW, () => {
      setGroupName(ip, link, "ipmp0");
      return [group.nif, group.nv4, group.pendv4];
    });
    assert.deepEqual(during, [1, 0, 1]);
    assert.deepEqual([group.nif, group.nv4, group.pendv4], [1, 1, 0]);
  });

  test("refuses: another group is EALREADY, no such group is ENOENT, a loopback is EINVAL", () => {
    const ip = anIp();
    aGroup(ip, "a");
    const a = aGroup(ip, "b");
    const member = aMember(ip, a, "net0");
    const ask = (name: string, link = member) => ip.operation(NOW, () => setGroupName(ip, link, name));
    assert.equal(ask("a"), "EALREADY");
    assert.equal(ask("c", aLink(ip, "net1")), "ENOENT");
    assert.equal(ask("a", aLink(ip, "lo", { loopback: true })), "EINVAL");
  });

  test("vets: point-to-point EINVAL, no multicast and no ARP ENOTSUP, another medium EINVAL once there is one", () => {
    const ip = anIp();
    const group = aGroup(ip);
    const ask = (name: string, more: Parameters<typeof aLink>[2]) =>
      ip.operation(NOW, () => setGroupName(ip, aLink(ip, name, more), group.name));
    assert.equal(ask("ppp0", { pointToPoint: true }), "EINVAL");
    assert.equal(ask("net0", { multicast: false }), "ENOTSUP");
    assert.equal(ask("net1", { noArp: true }), "ENOTSUP");
    assert.equal(ask("ib0", { hardwareType: 32 }), 0);
    assert.equal(ask("net2", {}), "EINVAL");
  });

  test("renames a group by its meta-interface, and not to a name that is taken", () => {
    const ip = anIp();
    const group = aGroup(ip, "a");
    aGroup(ip, "b");
    const ask = (name: string) => ip.operation(NOW, () => setGroupName(ip, group.phyint, name));
    assert.equal(ask("b"), "EEXIST");
    assert.equal(ask(""), "EINVAL");
    assert.equal(ask("web"), 0);
    assert.deepEqual([group.name, group.ifname, group.ksp?.id.name], ["web", "a", "a"]);
  });
});

describe("plumbing", () => {
  test("a meta-interface begins failed, with both halves at their least MTU", () => {
    const { phyint, v4, v6 } = aGroup(anIp());
    assert.equal(phyint.flags, PHYI.IPMP | PHYI.FAILED);
    assert.deepEqual([v4?.ipmpIll.mtu, v6?.ipmpIll.mtu], [68, 1280]);
  });

  test("a name that an interface or a group has is refused", () => {
    const ip = anIp();
    aGroup(ip, "web", "ipmp0");
    for (const [name, ifname] of [
      ["web", "ipmp1"],
      ["other", "ipmp0"],
      ["other", "web"],
    ] as const) {
      assert.equal(plumbGroup(ip, { name, ifname, ifindex: 9 }), "EEXIST");
    }
  });

  test("a group with a member or with an address that is up is busy; then it goes, and its kstat with it", () => {
    const ip = anIp();
    const group = aGroup(ip);
    const member = aMember(ip, group, "net0");
    assert.equal(unplumbGroup(group), "EBUSY");
    ip.operation(NOW, () => unplumbLink(member));
    const ill = group.phyint.v4;
    assert.ok(ill);
    const address = addAddress(ill, "data", "192.0.2.1", 0);
    ip.operation(NOW, () => addressUp(address));
    assert.equal(unplumbGroup(group), "EBUSY");
    ip.operation(NOW, () => deleteAddress(address));
    assert.equal(unplumbGroup(group), 0);
    assert.equal(ip.stack.kstats.lookup("ipmp", 0, "ipmp0"), undefined);
  });

  test("IPv6 is left out where the MTU is too small for it", () => {
    const ip = anIp();
    assert.deepEqual(
      illsOf(aLink(ip, "net0", { mtu: 1279 })).map(({ family }) => family),
      ["v4"],
    );
  });
});

describe("SIOCSLIFFLAGS", () => {
  const rows: [string, number, { set?: number; clear?: number }, number | "EINVAL"][] = [
    ["STANDBY makes INACTIVE", 0, { set: PHYI.STANDBY }, PHYI.STANDBY | PHYI.INACTIVE],
    ["STANDBY on a failed one does not", PHYI.FAILED, { set: PHYI.STANDBY }, PHYI.FAILED | PHYI.STANDBY],
    ["STANDBY on an INACTIVE one", PHYI.INACTIVE, { set: PHYI.STANDBY }, "EINVAL"],
    ["STANDBY off clears INACTIVE", PHYI.STANDBY | PHYI.INACTIVE, { clear: PHYI.STANDBY }, 0],
    ["FAILED with INACTIVE", PHYI.INACTIVE, { set: PHYI.FAILED }, "EINVAL"],
    ["FAILED for INACTIVE", PHYI.INACTIVE, { set: PHYI.FAILED, clear: PHYI.INACTIVE }, PHYI.FAILED],
    ["RUNNING is the kernel's", PHYI.RUNNING, { clear: PHYI.RUNNING }, PHYI.RUNNING],
    ["clear wins over set", 0, { set: PHYI.OFFLINE, clear: PHYI.OFFLINE }, 0],
  ];
  for (const [name, before, change, expected] of rows) {
    test(`of a member: ${name}`, () => {
      const ip = anIp();
      const member = aMember(ip, aGroup(ip), "net0");
      member.flags = before;
      const errno = ip.operation(NOW, () => setPhyintFlags(member, change));
      assert.deepEqual(errno === 0 ? member.flags : errno, expected);
      if (errno !== 0) assert.equal(member.flags, before);
    });
  }

  test("of a meta-interface: STANDBY, INACTIVE, OFFLINE and NOFAILOVER are EINVAL, FAILED is ignored", () => {
    const { phyint } = aGroup(anIp());
    for (const flag of [PHYI.STANDBY, PHYI.INACTIVE, PHYI.OFFLINE]) {
      assert.equal(setPhyintFlags(phyint, { set: flag }), "EINVAL");
    }
    assert.equal(setPhyintFlags(phyint, { clear: PHYI.FAILED }), 0);
    assert.equal(phyint.flags & PHYI.FAILED, PHYI.FAILED);
    const stub = phyint.v4?.ipifs[0];
    assert.ok(stub);
    assert.equal(setIpifFlags(stub, { set: IPIF.NOFAILOVER }), "EINVAL");
    assert.ok(phyint.v4);
    assert.equal(setIllFlags(phyint.v4, { set: ILLF.NOARP }), "EINVAL");
  });

  test("of an address: NOFAILOVER brings DEPRECATED, which stays with it", () => {
    const ip = anIp();
    const member = aMember(ip, aGroup(ip), "net0");
    assert.ok(member.v4);
    const ipif = addAddress(member.v4, "test", "192.0.2.31", 0);
    assert.equal(setIpifFlags(ipif, { set: IPIF.NOFAILOVER }), 0);
    assert.equal(ipif.flags, IPIF.NOFAILOVER | IPIF.DEPRECATED);
    assert.equal(setIpifFlags(ipif, { clear: IPIF.DEPRECATED }), "EINVAL");
    ip.operation(NOW, () => addressUp(ipif));
    assert.equal(setIpifFlags(ipif, { clear: IPIF.NOFAILOVER }), "EINVAL");
    const other = addAddress(member.v4, "dhcp", "192.0.2.32", 0);
    assert.equal(setIpifFlags(other, { set: IPIF.DHCPRUNNING }), "EINVAL");
  });

  test("forwarding on one member is forwarding on all of its family", () => {
    const ip = anIp();
    const group = aGroup(ip);
    const [a, b] = [aMember(ip, group, "net0"), aMember(ip, group, "net1")];
    assert.ok(a.v4);
    setIllFlags(a.v4, { set: ILLF.ROUTER });
    assert.deepEqual(
      [b.v4, group.phyint.v4, b.v6].map((ill) => (ill?.flags ?? 0) & ILLF.ROUTER),
      [ILLF.ROUTER, ILLF.ROUTER, 0],
    );
  });
});

describe("link notes", () => {
  test("the first active member brings the meta-interface up, the last takes it down, after the operation", () => {
    const ip = anIp();
    const group = aGroup(ip);
    const member = aMember(ip, group, "net0");
    assert.equal(group.phyint.flags, PHYI.IPMP | PHYI.RUNNING);
    const during = ip.operation(NOW, () => {
      setPhyintFlags(member, { set: PHYI.FAILED });
      return group.phyint.flags & PHYI.RUNNING;
    });
    assert.equal(during, PHYI.RUNNING, "the note is still in the queue");
    assert.equal(group.phyint.flags, PHYI.IPMP | PHYI.FAILED);
    assert.equal(ip.effects.linkNotes.DL_NOTE_LINK_DOWN, 1n);
  });

  test("a member's MTU becomes the group's when it is the least, and is never less than the family needs", () => {
    const ip = anIp();
    const group = aGroup(ip);
    const member = aMember(ip, group, "net0", { mtu: 9000 });
    aMember(ip, group, "net1", { mtu: 4000 });
    const note = (data: number) =>
      ip.operation(NOW, () => {
        for (const ill of illsOf(member)) receiveNote(ill, { note: "DL_NOTE_SDU_SIZE", data });
      });
    assert.equal(group.phyint.v4?.mtu, 4000);
    note(1400);
    assert.equal(group.phyint.v4?.mtu, 1400);
    note(60);
    assert.deepEqual([group.phyint.v4?.mtu, group.phyint.v6?.mtu], [68, 1280]);
    if (member.v4) member.v4.flags |= ILLF.FIXEDMTU;
    note(9000);
    assert.deepEqual([group.phyint.v4?.mtu, group.phyint.v6?.mtu], [68, 4000]);
  });

  test("a new MAC takes the member's addresses down and up around it", () => {
    const ip = anIp();
    const group = aGroup(ip);
    const [a, b] = [aMember(ip, group, "net0"), aMember(ip, group, "net1")];
    assert.ok(a.v4 && group.v4);
    assert.deepEqual(group.v4.actif, [a.v4, b.v4]);
    const ill = a.v4;
    ip.operation(NOW, () => setPhysAddr(ill, "02:00:00:00:99:99"));
    assert.deepEqual(group.v4.actif, [b.v4, a.v4]);
    assert.equal(ill.physAddr, "02:00:00:00:99:99");
  });
});

describe("the retry timer", () => {
  test("is armed for 120 s when activation has no memory, and activates when it fires", () => {
    const ip = anIp();
    const group = aGroup(ip);
    const { effects } = ip;
    effects.succeeds = (point) => point !== "ip_dlnotify_alloc";
    const member = aMember(ip, group, "net0");
    assert.deepEqual(group.v4?.actif, []);
    assert.equal(ip.nextDeadline(), NOW + 120_000_000_000n);
    effects.succeeds = () => true;
    ip.expire(NOW);
    assert.deepEqual(group.v4?.actif, []);
    const due = ip.nextDeadline();
    assert.ok(due);
    ip.expire(due);
    assert.deepEqual(group.v4?.actif, [member.v4]);
    assert.equal(ip.nextDeadline(), undefined);
  });
});

describe("ARP requests", () => {
  test("a member's MAC makes a proxy entry with an active member's; another MAC stays as it is", () => {
    const ip = anIp();
    const group = aGroup(ip);
    const [a, b] = [aMember(ip, group, "net0"), aMember(ip, group, "net1")];
    const ill = group.phyint.v4;
    assert.ok(ill && a.v4 && b.v4 && group.v4);
    ip.operation(NOW, () => setPhyintFlags(a, { set: PHYI.FAILED }));
    assert.equal(setArp(ill, "192.0.2.50", a.v4.physAddr ?? "", 0), 0);
    assert.equal(setArp(ill, "192.0.2.51", "02:aa:00:00:00:00", 0), 0);
    const entries = group.v4.arpents.map(({ ipaddr, proxyarp, lladdr }) => [ipaddr, proxyarp, lladdr]);
    assert.deepEqual(entries, [
      ["192.0.2.51", false, "02:aa:00:00:00:00"],
      ["192.0.2.50", true, b.v4.physAddr],
    ]);
    assert.equal(deleteArp(ill, "192.0.2.51"), 0);
    assert.equal(deleteArp(ill, "192.0.2.51"), "ENOENT");
  });

  test("EPERM on a member, ENOTSUP for an address of our own", () => {
    const ip = anIp();
    const group = aGroup(ip);
    const member = aMember(ip, group, "net0");
    const ill = group.phyint.v4;
    assert.ok(member.v4 && ill);
    assert.equal(setArp(member.v4, "192.0.2.50", "02:aa:00:00:00:00", 0), "EPERM");
    assert.equal(deleteArp(member.v4, "192.0.2.50"), "EPERM");
    addAddress(ill, "data", "192.0.2.1", 0);
    assert.equal(setArp(ill, "192.0.2.1", "02:aa:00:00:00:00", 0), "ENOTSUP");
  });
});

describe("addresses", () => {
  test("the first up makes a member active and the last down inactive", () => {
    const ip = anIp();
    const group = aGroup(ip);
    const member = aMember(ip, group, "net0");
    const placeholder = member.v4?.ipifs[0];
    assert.ok(placeholder && member.v4 && group.v4);
    assert.deepEqual(group.v4.actif, [member.v4]);
    ip.operation(NOW, () => addressDown(placeholder));
    assert.deepEqual(group.v4.actif, []);
    assert.equal(group.phyint.flags & PHYI.RUNNING, PHYI.RUNNING, "IPv6 still works");
  });

  test("what cannot be is a panic, told before anybody can go on", () => {
    const told: string[] = [];
    const ip = new Ip(new Registry(), NOW, (error) => void told.push(error.message));
    const group = aGroup(ip);
    aMember(ip, group, "net0");
    assert.throws(() => ip.operation(NOW, () => grpDestroy(group)), EnginePanic);
    assert.match(told.join(), /interfaces in it: 1/);
  });

  test("an operation inside an operation is a fault of the program", () => {
    const ip = anIp();
    assert.throws(() => ip.operation(NOW, () => ip.operation(NOW, () => {})), /inside another/);
  });
});
