/** How a thing that may fail is named, and which one is meant. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { domainNamed, type KnownDomain, listOfDomains, nameOfDomain } from "#src/fate/named-domain.js";

const KNOWN: readonly KnownDomain[] = [
  { kind: "link", domain: "eth1", aliases: ["eth1", "enp59s0f0"] },
  { kind: "link", domain: "sw1:Ethernet1/49", aliases: ["sw1:Ethernet1/49"] },
  { kind: "link", domain: "switch=1", aliases: ["switch=1"] },
  { kind: "card", domain: "0000:3b:00", aliases: [] },
  { kind: "card", domain: "usb:1-2", aliases: [] },
  { kind: "switch", domain: "02:aa:00:00:00:01", aliases: ["core-1"] },
  { kind: "switch", domain: "02:aa:00:00:00:02", aliases: ["switch"] },
  { kind: "switch", domain: "02:aa:00:00:00:03", aliases: ["switch"] },
];

describe("a thing that may fail", () => {
  test("is named alone if it is a link, by any of its names, and else with its kind", () => {
    const found = (name: string) => {
      const domain = domainNamed(name, KNOWN);
      return domain && nameOfDomain(domain);
    };
    assert.equal(found("eth1"), "eth1");
    assert.equal(found("link=eth1"), "eth1");
    assert.equal(found("Card=0000:3b:00"), "card=0000:3b:00");
    assert.equal(found("enp59s0f0"), "eth1");
    assert.equal(found("sw1:Ethernet1/49"), "sw1:Ethernet1/49");
    assert.equal(found("card=0000:3b:00"), "card=0000:3b:00");
    assert.equal(found("card=0000:3B:00.1"), "card=0000:3b:00");
    assert.equal(found("switch=02:AA:00:00:00:01"), "switch=02:aa:00:00:00:01");
    assert.equal(found("switch=Core-1"), "switch=02:aa:00:00:00:01");
    assert.equal(found("switch=1"), "switch=1", "a link may be called like a thing of a kind");
  });

  test("is none when nothing is called so: case of a link, kind and port count", () => {
    for (const name of [
      "ETH1",
      "eth",
      "",
      "card=eth1",
      "card=usb:1-2.1",
      "gateway=02:aa:00:00:00:01",
      "power=1",
      "switch=switch", // two have that name
      "=",
      "link=",
    ])
      assert.equal(domainNamed(name, KNOWN), undefined, name);
  });

  test("is listed once, with so many of a kind as can be read", () => {
    const many = Array.from({ length: 15 }, (_, n) => ({ kind: "link", domain: `eth${n}` }) as const);
    const text = listOfDomains([...many, ...many, ...KNOWN]);
    assert.match(
      text,
      /^eth0, .*eth11, 5 more of kind link, card=0000:3b:00, card=usb:1-2, switch=02:aa:00:00:00:01, /,
    );
  });
});
