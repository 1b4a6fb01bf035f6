/** Addresses that are one client, and those that are not. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { clientNetwork } from "#src/net-address/client-network.js";

for (const [address, network] of [
  ["192.0.2.1", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["::FFFF:c000:201", "192.0.2.1"],
  ["2001:db8:0:1::1", "2001:db8:0:1::/64"],
  ["2001:db8:0:1:5:6:7:8", "2001:db8:0:1::/64"],
  ["2001:db8::1", "2001:db8::/64"],
  ["2001:db8:0:0:1::", "2001:db8::/64"],
  ["2001:db8::3:4:5:6:7", "2001:db8:0:3::/64"],
  ["fe80::1%eth0", "fe80::/64"],
  ["::1", "::/64"],
  ["somebody", "somebody"],
] as const) {
  test(`${address} is a client of ${network}`, () => {
    assert.equal(clientNetwork(address), network);
  });
}
