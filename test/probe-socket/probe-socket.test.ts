/** Probes against the kernel: real links in network namespaces, as nobody and without a capability. */

import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { linkLocal, Netns, NO_NETNS } from "../support/netns.ts";
import { eventually } from "../support/wait.ts";
import { Speaker } from "./speaker.ts";

/** A host with two links to the same neighbour, each with a subnet of its own. Without IPv6 a link is silent by itself. */
function host(t: TestContext, { ipv6 = true } = {}): { readonly here: Netns; readonly there: Netns } {
  const here = Netns.create(t, "host", { ipv6 });
  const there = Netns.create(t, "target", { ipv6 });
  for (const [n, [near, far]] of [["va", "vb"] as const, ["wa", "wb"] as const].entries()) {
    here.ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", there.name);
    here.ip("link", "set", near, "up");
    there.ip("link", "set", far, "up");
    here.ip("address", "add", `10.9.${n}.1/24`, "dev", near);
    there.ip("address", "add", `10.9.${n}.2/24`, "dev", far);
    if (ipv6) here.ip("address", "add", `2001:db8:${n}::1/64`, "dev", near, "nodad");
    if (ipv6) there.ip("address", "add", `2001:db8:${n}::2/64`, "dev", far, "nodad");
    here.waitFor(near, "UP");
    there.waitFor(far, "UP");
  }
  return { here, there };
}

/** Lets every group open ping sockets, or none. */
function pingSockets(ns: Netns, range: "0 2147483647" | "1 0"): void {
  ns.run("sh", "-c", `echo '${range}' > /proc/sys/net/ipv4/ping_group_range`);
}

/** Two probes, of which the second goes to nobody. */
const ANSWERED_AND_NOT = [
  { kind: "uni", sequence: 101, target: "10.9.0.2" },
  { kind: "uni", sequence: 102, target: "10.9.0.77" },
] as const;

/** Milliseconds for which nobody listens: far more than an answer takes. */
const BUSY_MS = 400;

const FAMILIES = [
  { family: "ipv4", source: "10.9.0.1", target: "10.9.0.2", elsewhere: "10.9.1.2" },
  { family: "ipv6", source: "2001:db8::1", target: "2001:db8::2", elsewhere: "2001:db8:1::2" },
] as const;

describe("where ping sockets are allowed, ICMP", { skip: NO_NETNS }, () => {
  for (const { family, source, target } of FAMILIES) {
    test(`over ${family} is answered by who was asked, with what was sent and when it arrived`, async (t) => {
      const { here } = host(t);
      pingSockets(here, "0 2147483647");
      const speaker = await Speaker.start(t, here, "icmp", { family, device: "va", source });
      assert.equal(speaker.opening?.opened, "icmp");
      await speaker.reach(target);
      assert.equal(await speaker.send(65_535, target, "rtt"), "sent");
      const { from, kind, age, afterMs } = await speaker.answer(65_535);
      assert.deepEqual({ from, kind }, { from: target, kind: "rtt" });
      assert.ok(age > 0 && age / 1e6 <= afterMs, `received ${age} ns ago, ${afterMs} ms after it was sent`);
    });
  }

  test("over IPv6 to all hosts finds the neighbour by its link-local address", async (t) => {
    const { here, there } = host(t);
    pingSockets(here, "0 2147483647");
    const source = await linkLocal(here, "va");
    const neighbour = await linkLocal(there, "vb");
    const speaker = await Speaker.start(t, here, "icmp", { family: "ipv6", device: "va", source });
    await speaker.send(3, undefined, "multi");
    await eventually(
      () => speaker.answers.some(({ from }) => from === neighbour),
      () => `${neighbour} does not answer: ${JSON.stringify(speaker.answers)}`,
    );
  });

  test("leaves by its own link and no other, whatever the routes say", async (t) => {
    const { here } = host(t, { ipv6: false });
    pingSockets(here, "0 2147483647");
    const before = here.link("wa").stats64.tx.packets;
    const speaker = await Speaker.start(t, here, "icmp", { family: "ipv4", device: "va", source: "10.9.0.1" });
    await speaker.send(1, "10.9.1.2"); // a target of the other link
    await speaker.send(2, "10.9.0.2");
    await speaker.answer(2);
    assert.equal(here.link("wa").stats64.tx.packets, before);
  });

  test("is not answered by a mute target, and goes on to be sent", async (t) => {
    const { here, there } = host(t);
    pingSockets(here, "0 2147483647");
    there.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all");
    const speaker = await Speaker.start(t, here, "icmp", { family: "ipv4", device: "va", source: "10.9.0.1" });
    for (const sequence of [1, 2, 3]) assert.equal(await speaker.send(sequence, "10.9.0.2"), "sent");
    there.run("sh", "-c", "echo 0 > /proc/sys/net/ipv4/icmp_echo_ignore_all");
    await speaker.send(4, "10.9.0.2");
    await speaker.answer(4);
    assert.deepEqual(
      speaker.answers.map(({ sequence }) => sequence),
      [4],
    );
  });

  test("cannot be sent by a link that is down", async (t) => {
    const { here } = host(t);
    pingSockets(here, "0 2147483647");
    const speaker = await Speaker.start(t, here, "icmp", { family: "ipv4", device: "va", source: "10.9.0.1" });
    here.ip("link", "set", "va", "down");
    assert.equal(await speaker.send(1, "10.9.0.2"), "failed: ENETUNREACH");
  });
});

describe("where ping sockets are forbidden", { skip: NO_NETNS }, () => {
  test("the kernel says so at once", async (t) => {
    const { here } = host(t);
    pingSockets(here, "1 0");
    const speaker = await Speaker.start(t, here, "icmp", { family: "ipv4", device: "va", source: "10.9.0.1" });
    assert.deepEqual(speaker.opening?.refused, { kind: "refused", step: "socket", errno: "EACCES" });
  });

  for (const { family, source, target } of FAMILIES) {
    test(`UDP over ${family} to a closed port is answered, probe by probe`, async (t) => {
      const { here } = host(t);
      pingSockets(here, "1 0");
      const speaker = await Speaker.start(t, here, "udp", { family, device: "va", source });
      assert.equal(speaker.opening?.opened, "udp");
      for (const sequence of [7, 8, 9]) {
        assert.equal(await speaker.send(sequence, target), "sent");
        assert.equal((await speaker.answer(sequence)).from, target);
      }
    });
  }

  test("UDP tells of an answer that comes while the next probe is sent, though nobody answers that one", async (t) => {
    const { here } = host(t);
    const speaker = await Speaker.start(t, here, "udp", { family: "ipv4", device: "va", source: "10.9.0.1" });
    await speaker.reach("10.9.0.2");
    speaker.sendTogether(ANSWERED_AND_NOT);
    assert.equal((await speaker.answer(101)).from, "10.9.0.2");
  });

  test("UDP tells since when such an answer has been there, also when it is told late", async (t) => {
    const { here } = host(t);
    const speaker = await Speaker.start(t, here, "udp", { family: "ipv4", device: "va", source: "10.9.0.1" });
    await speaker.reach("10.9.0.2");
    speaker.sendTogether(ANSWERED_AND_NOT, BUSY_MS);
    const { age } = await speaker.answer(101);
    assert.ok(age > (BUSY_MS / 2) * 1e6, `${age} ns`); // it came when that had just begun, at the latest
  });

  test("UDP goes on after a neighbour that does not resolve", async (t) => {
    const { here } = host(t);
    const speaker = await Speaker.start(t, here, "udp", { family: "ipv4", device: "va", source: "10.9.0.1" });
    assert.equal(await speaker.send(1, "10.9.0.77"), "sent");
    await eventually(
      () => here.ip("neighbour", "show", "10.9.0.77").includes("FAILED"),
      () => "the neighbour still may be there",
    );
    assert.equal(await speaker.send(2, "10.9.0.2"), "sent");
    await speaker.answer(2);
    assert.deepEqual(
      speaker.answers.map(({ sequence }) => sequence),
      [2],
    );
  });
});
