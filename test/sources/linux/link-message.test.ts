import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { flagAttributes, parseLink } from "#src/sources/linux/link-message.js";
import { RTM } from "#src/sources/linux/rtnetlink.js";
import { kindInfo, newLink } from "./bonds.ts";
import {
  attribute,
  bytesOf,
  comparable,
  concat,
  type IpLinkRow,
  ipCounters,
  ipLinks,
  jsonOf,
  message,
  parseAll,
  text,
  words,
} from "./fixtures.ts";

const LINK_TYPES: Readonly<Record<string, number>> = { ether: 1, loopback: 772 };

describe("a list of links", () => {
  const links = parseAll(bytesOf("getlink"), parseLink);
  const rows = ipLinks();

  test("has the links that ip(8) lists, in its order", () => {
    assert.deepEqual(
      links.map(({ ifindex, name }) => [ifindex, name]),
      rows.map(({ ifindex, ifname }) => [ifindex, ifname]),
    );
  });

  for (const row of rows) {
    const link = links.find(({ ifindex }) => ifindex === row.ifindex);
    test(`has what ip(8) says of ${row.ifname}`, () => {
      assert.ok(link);
      assert.equal(link.alias, row.ifalias ?? "");
      assert.equal(link.mtu, row.mtu);
      assert.equal(link.kind, row.linkinfo?.info_kind);
      assert.equal(link.hardwareType, LINK_TYPES[row.link_type]);
      assert.equal(link.operState.toUpperCase(), row.operstate);
      assert.equal(link.lladdr, row.link_type === "loopback" ? "" : row.address);
      assert.equal(link.masterIfindex, rows.find(({ ifname }) => ifname === row.master)?.ifindex);
      assert.equal(link.parentDevice, undefined);
      const flags = flagAttributes(link.flags);
      assert.equal(flags.adminUp, row.flags.includes("UP"));
      assert.equal(flags.loopback, row.flags.includes("LOOPBACK"));
      assert.equal(flags.multicast, row.flags.includes("MULTICAST"));
      assert.equal(flags.running, row.flags.includes("LOWER_UP")); // ip(8) prints NO-CARRIER for UP without RUNNING
    });

    test(`has the counters of ${row.ifname}`, () => assert.deepEqual(comparable(link?.counters), ipCounters(row)));
  }
});

describe("link events", () => {
  const events = parseAll(bytesOf("events"), (frame, found) => {
    const link = parseLink(frame, found);
    return link && { type: found.type, ...link };
  });

  test("tell of a flap, a new name and an end", () => {
    const vb = events.filter(({ name }) => name === "vb").map(({ flags }) => flagAttributes(flags));
    assert.ok(vb.some(({ adminUp }) => !adminUp));
    assert.equal(vb.at(-1)?.running, true);
    assert.ok(events.some(({ name }) => name === "renamed"));
    assert.deepEqual(
      events.filter(({ type }) => type === RTM.DELLINK).map(({ name }) => name),
      ["mv0"], // the DELLINK of vd, which left its bridge, is of family AF_BRIDGE
    );
  });

  test("the end carries the last counters", () => {
    const [row] = jsonOf<readonly IpLinkRow[]>("ip-link-mv0");
    assert.ok(row);
    assert.deepEqual(comparable(events.find(({ type }) => type === RTM.DELLINK)?.counters), ipCounters(row));
  });

  test("leaving a bridge is told as the end of a port, without counters", () => {
    const ofPorts = parseAll(bytesOf("events"), (frame, { type, start }) =>
      type === RTM.DELLINK && frame.bytes[start] === 7 ? true : undefined,
    );
    assert.deepEqual(ofPorts, [true]);
  });
});

describe("a message that is not about a link", () => {
  const header = (family: number, ifindex: number) => concat(words(family), words(ifindex, 0x1043, 0));
  const parse = (body: Uint8Array) => parseAll(message(RTM.NEWLINK, body), parseLink);

  test("without a name (a wireless event), of a bridge's port, without an ifindex, or cut, is none", () => {
    assert.equal(parse(concat(header(0, 5), attribute(3, text("wlan0")))).length, 1);
    assert.deepEqual(parse(concat(header(0, 5), attribute(11, words(1)))), []);
    assert.deepEqual(parse(concat(header(7, 5), attribute(3, text("wlan0")))), []);
    assert.deepEqual(parse(concat(header(0, 0), attribute(3, text("wlan0")))), []);
    assert.deepEqual(parse(header(0, 5).subarray(0, 12)), []);
  });

  test("what an older kernel does not say is not there", () => {
    const [link] = parse(concat(header(0, 5), attribute(3, text("eth0"))));
    assert.deepEqual(link, {
      ifindex: 5,
      name: "eth0",
      alias: "",
      hardwareType: 0,
      kind: undefined,
      lladdr: "",
      mtu: 0,
      flags: 0x1043,
      operState: "unknown",
      masterIfindex: undefined,
      altNames: undefined,
      lowerIfindex: undefined,
      vrfTable: undefined,
      parentDevice: undefined,
      aggregate: undefined,
      port: undefined,
      switchPort: undefined,
      counters: undefined,
    });
  });

  test("has an alias of any bytes, and two that differ are told apart", () => {
    const alias = (bytes: Uint8Array) =>
      parse(concat(header(0, 5), attribute(3, text("eth0")), attribute(20, bytes)))[0]?.alias;
    assert.equal(alias(text("Nürnberg, rack 7")), "Nürnberg, rack 7");
    assert.equal(alias(Uint8Array.of(0x61, 0xff)), "a\\xff");
    assert.equal(alias(Uint8Array.of(0x61, 0xfe)), "a\\xfe");
  });

  test("has its other names, of up to 127 bytes, and the link below it where that is here", () => {
    const long = "n".repeat(127);
    const names = attribute(0x8000 | 52, concat(attribute(53, text("enp3s0")), attribute(53, text(long))));
    const [link] = parse(concat(header(0, 5), attribute(3, text("eth0")), attribute(5, words(2)), names));
    assert.deepEqual(link?.altNames, ["enp3s0", long]);
    assert.equal(link?.lowerIfindex, 2);
    const elsewhere = concat(header(0, 5), attribute(3, text("eth0")), attribute(5, words(2)), attribute(37, words(0)));
    assert.equal(parse(elsewhere)[0]?.lowerIfindex, undefined);
    const itself = concat(header(0, 5), attribute(3, text("eth0")), attribute(5, words(5)));
    assert.equal(parse(itself)[0]?.lowerIfindex, undefined);
  });

  test("has the link that a VXLAN sends through as the one below it", () => {
    const [link] = parseAll(newLink("vx1", 5, kindInfo("vxlan", attribute(3, words(2)))), parseLink);
    assert.deepEqual([link?.kind, link?.lowerIfindex], ["vxlan", 2]);
    const [loose] = parseAll(newLink("vx1", 5, kindInfo("vxlan", attribute(1, words(7)))), parseLink);
    assert.equal(loose?.lowerIfindex, undefined);
  });

  test("a port of a switch chip says of which, and a NIC may say its port alone", () => {
    const port = attribute(38, text("p1"));
    const [link] = parse(concat(header(0, 5), attribute(3, text("swp1")), attribute(36, Uint8Array.of(0xe4, 1)), port));
    assert.deepEqual(link?.switchPort, { switchId: "e401", portName: "p1" });
    const [nic] = parse(concat(header(0, 5), attribute(3, text("eth0")), port));
    assert.deepEqual(nic?.switchPort, { switchId: undefined, portName: "p1" });
  });

  test("a device behind the link is named by newer kernels", () => {
    const [link] = parse(concat(header(0, 5), attribute(3, text("eth0")), attribute(56, text("0000:00:1f.6"))));
    assert.equal(link?.parentDevice, "0000:00:1f.6");
  });
});
