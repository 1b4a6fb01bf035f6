/** `ipmp-exporter status --without`: what would be, said by a daemon on an invented host. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { lossSentence } from "#src/wording/supposition.js";
import { aSnapshot, type GroupInput } from "../support/snapshot.ts";
import { served } from "./served.ts";

const WAN: GroupInput = {
  name: "wan",
  state: "degraded",
  membersExpected: 2,
  capacity: { bitsPerSecond: 1e9, withoutLargestBitsPerSecond: 0 },
  members: [{ device: "eth0" }, { device: "eth1", state: "failed", active: false, reason: "link down", linkUp: false }],
  addresses: [
    { address: "192.0.2.10", family: "ipv4", up: true, inbound: "eth0" },
    { address: "192.0.2.11", family: "ipv4", up: true, inbound: undefined },
  ],
};
const LAN: GroupInput = { name: "lan", state: "ok", members: [{ device: "eth2" }, { device: "eth3" }] };

describe("status --without", () => {
  const run = served(aSnapshot({ groups: [LAN, WAN] }));

  test("says how things would be, what is left, and exits as status would then", async () => {
    const { status, stdout, stderr } = await run("status", "--without", "eth1");
    assert.equal(stderr, "");
    assert.equal(status, 1);
    const lines = stdout.split("\n");
    assert.equal(
      lines[0],
      "Without eth1, wan would be degraded: eth1 has no carrier; one more failure is an outage. The other group would be ok.",
    );
    assert.equal(lines[1], "eth1 would be lost.");
    assert.ok(lines.includes("  could carry 1.00 Gb/s, and nothing without the largest"), stdout);
    assert.ok(lines.includes("  192.0.2.10 on eth0"), stdout);
    assert.ok(lines.includes("  192.0.2.11 bound nowhere"), stdout);
    assert.doesNotMatch(stdout, /since|counters for/);
  });

  test("may be said several times, and of one group", async () => {
    const { stdout } = await run("status", "--without=eth1", "--without=eth2", "wan");
    assert.match(stdout, /^Without eth1 and eth2, wan would be degraded: /);
    assert.doesNotMatch(stdout, /lan/);
  });

  test("prints what is supposed with the JSON", async () => {
    const { stdout } = await run("status", "-o", "json", "--without=eth1");
    const { without } = JSON.parse(stdout) as { readonly without: unknown };
    assert.deepEqual(without, [{ name: "eth1", kind: "link", domain: "eth1", links: ["eth1"] }]);
  });

  test("tells a link that takes others along once", async () => {
    const domain = { kind: "link", domain: "u0", name: "u0" } as const;
    assert.equal(lossSentence({ ...domain, links: ["u0", "v100", "v200"] }), "u0, v100 and v200 would be lost.");
    assert.equal(lossSentence({ ...domain, links: ["u0"] }), "u0 would be lost.");
    assert.equal(
      lossSentence({ kind: "card", domain: "0000:3b:00", links: ["u0"] }),
      "With card 0000:3b:00, u0 would be lost.",
    );
  });

  for (const nothing of ["", " "]) {
    test(`of ${JSON.stringify(nothing)}, as of a variable that is empty, does not tell how things are`, async () => {
      const { status, stdout } = await run("status", "--without", nothing);
      assert.equal(status, 3);
      assert.match(
        stdout,
        /^The state is not known: --without names nothing: found " ?": expected a link, or KIND=NAME\n$/,
      );
    });
  }

  test("of something that is not there says what is, and exits 3", async () => {
    const { status, stdout } = await run("status", "--without", "eth9");
    assert.equal(status, 3);
    assert.match(stdout, /^The state is not known: Nothing here is called "eth9"; there are .*eth0/);
  });
});
