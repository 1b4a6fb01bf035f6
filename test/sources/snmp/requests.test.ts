/** Many instances, asked for in as few requests as it takes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSnmpEndpoint } from "#src/net-address/snmp-endpoint.js";
import { Manager } from "#src/sources/snmp/manager.js";
import { Requests } from "#src/sources/snmp/requests.js";
import { FakeDevice } from "../../support/fake-device.ts";

test("as many sets as go into one request do so beside what is asked for each time", async (t) => {
  const fake = await FakeDevice.start(t);
  const device = parseSnmpEndpoint(fake.target);
  assert.ok(device);
  const manager = new Manager({ device, credential: { version: 2, community: "public" }, timeoutMs: 1_000 });
  t.after(() => manager.close());
  const requests = new Requests(manager);
  const names = (column: number, count: number) =>
    Array.from({ length: count }, (_, n) => `1.3.6.1.4.1.${column}.${n}`);
  for (const [always, width] of [
    [1, 60],
    [3, 20],
    [4, 16],
    [6, 20],
  ] as const) {
    const sets = requests.setsOf(width, always);
    assert.ok(sets >= 1);
    fake.requests.length = 0;
    await requests.get(names(1, always), names(2, sets * width));
    // A set that is too large by itself is asked for in two.
    assert.equal(fake.requests.length, always + width > 60 ? 2 : 1, `${always} and ${sets} of ${width}`);
  }
});
