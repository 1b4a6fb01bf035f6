/** What check-config says of probes whose answers could not arrive on this host. */

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { type OwnAddress, probeWarnings } from "#src/daemon/probing/probe-warnings.js";
import { parseIpAddress } from "#src/net-address/ip-address.js";
import { scratch } from "../support/scratch.ts";
import { configuration, type Told } from "./configuration.ts";

const PROBED: Told = { probes: {} };

function own(device: string, address: string, prefixLength = 24): OwnAddress {
  const family = address.includes(":") ? "ipv6" : "ipv4";
  return { device, ifindex: 2, family, address, prefixLength, tentative: false, duplicate: false };
}

/** A tree of /proc in which links have these settings. */
function host(t: TestContext, settings: Readonly<Record<string, Readonly<Record<string, number>>>>): string {
  const folder = scratch(t);
  for (const [scope, values] of Object.entries(settings)) {
    const conf = join(folder, "sys", "net", "ipv4", "conf", scope);
    mkdirSync(conf, { recursive: true });
    for (const [name, value] of Object.entries(values)) writeFileSync(join(conf, name), `${value}\n`);
  }
  return folder;
}

function warnings(told: Told, procfs: string, ...addresses: readonly OwnAddress[]): string[] {
  const configured = configuration(told);
  return probeWarnings({ ...configured, path: { ...configured.path, procfs } }, addresses);
}

describe("links in one subnet", () => {
  const both = [own("eth0", "192.0.2.9"), own("eth1", "192.0.2.10")];
  const text = (settings: string) => [
    `eth0 (192.0.2.9/24) and eth1 (192.0.2.10/24) are in one subnet: answers to probes of one may come by the other, or be dropped; set ${settings}`,
  ];
  const rp = "net.ipv4.conf.all.rp_filter=2";
  const arp = "net.ipv4.conf.all.arp_ignore=1";

  test("lose answers by strict reverse path filtering, and where each answers ARP for the other", (t) => {
    const conf = { all: { rp_filter: 0, arp_ignore: 0 }, eth0: { rp_filter: 0, arp_ignore: 0 } };
    const eth1 = { rp_filter: 1, arp_ignore: 0 };
    assert.deepEqual(warnings(PROBED, host(t, { ...conf, eth1 }), ...both), text(`${rp} and ${arp}`));
  });

  test("need what is in force to suit: the larger one of the link's own setting and that of all", (t) => {
    const link = { rp_filter: 1, arp_ignore: 0 };
    const of = (all: Readonly<Record<string, number>>) =>
      warnings(PROBED, host(t, { all, eth0: link, eth1: link }), ...both);
    assert.deepEqual(of({ rp_filter: 0, arp_ignore: 1 }), text(rp));
    assert.deepEqual(of({ rp_filter: 2, arp_ignore: 0 }), text(arp));
    assert.deepEqual(of({ rp_filter: 2, arp_ignore: 2 }), []);
  });

  test("are named once a subnet, and those of other subnets, of IPv6 or of one link are not", (t) => {
    const strict = host(t, { all: { rp_filter: 1, arp_ignore: 1 } });
    const found = warnings(PROBED, strict, ...both, own("eth2", "192.0.2.11"));
    assert.match(
      found.join(),
      /^eth0 \S+ and eth1 \S+ and eth2 \S+ are in one subnet: [^,]+, or be dropped; set net\.ipv4\.conf\.all\.rp_filter=2$/,
    );
    const others = [own("eth1", "198.51.100.9"), own("eth1", "192.0.2.130", 25), own("eth0", "192.0.2.8")];
    assert.deepEqual(warnings(PROBED, strict, own("eth0", "192.0.2.9"), ...others), []);
    assert.deepEqual(warnings(PROBED, strict, own("eth0", "2001:db8::9", 64), own("eth1", "2001:db8::10", 64)), []);
  });

  test("are no matter where nobody is probed, or the settings cannot be read", (t) => {
    assert.deepEqual(warnings({}, host(t, { all: { rp_filter: 1, arp_ignore: 0 } }), ...both), []);
    assert.deepEqual(warnings(PROBED, scratch(t), ...both), []);
  });
});

test("a target that is an address of this host is no target", (t) => {
  const told = {
    probes: { targets: new Map([["eth1", ["192.0.2.1", "192.0.2.9"].flatMap((text) => parseIpAddress(text) ?? [])]]) },
  };
  assert.deepEqual(warnings(told, scratch(t), own("eth0", "192.0.2.9")), [
    "detection.probes.targets: 192.0.2.9 of eth1 is an address of this host (eth0): no probe to it leaves",
  ]);
});
