/** What is asked in each poll of a link, by what the tables of its device said. */

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { hrtime } from "#src/kstat/hrtime.js";
import { parseSnmpEndpoint } from "#src/net-address/snmp-endpoint.js";
import { walkNames } from "#src/sources/snmp/interface-names.js";
import { LagWatch } from "#src/sources/snmp/lag-watch.js";
import { Manager } from "#src/sources/snmp/manager.js";
import { FakeDevice } from "../../support/fake-device.ts";

const LAG = 161;
const STACKED = "1.3.6.1.2.1.31.1.2.1.3";
const ATTACHED = "1.2.840.10006.300.43.1.2.1.1.13";

async function looked(t: TestContext, prepare: (fake: FakeDevice) => void): Promise<LagWatch> {
  const fake = await FakeDevice.start(t);
  for (const n of [1, 2]) fake.add(n, `Gi${n}`);
  fake.add(9, "Po1").type = LAG;
  prepare(fake);
  const device = parseSnmpEndpoint(fake.target);
  assert.ok(device);
  const manager = new Manager({ device, credential: { version: 2, community: "public" }, timeoutMs: 1_000 });
  t.after(() => manager.close());
  const names = await walkNames(manager);
  assert.equal(names.kind, "answered");
  const watch = new LagWatch();
  await watch.look(manager, names.kind === "answered" ? names.value : [], new Map(), hrtime(0n));
  return watch;
}

function oidsOf(watch: LagWatch, ifindex: number): readonly string[] | undefined {
  const role = watch.roleOf(ifindex);
  return role.kind === "port" ? role.oids : undefined;
}

test("a port is asked for by its own row of the LAG-MIB, and one without a row by none, not by row 0", async (t) => {
  const watch = await looked(t, (fake) => {
    fake.more.set(`${ATTACHED}.0`, { syntax: "Integer32", value: 0 });
    fake.more.set(`${ATTACHED}.1`, { syntax: "Integer32", value: 9 });
    fake.more.set(`${STACKED}.9.2`, { syntax: "Integer32", value: 1 });
  });
  assert.deepEqual(oidsOf(watch, 1), [`${ATTACHED}.1`]);
  assert.deepEqual(oidsOf(watch, 2), []);
  assert.deepEqual(watch.roleOf(9), { kind: "lag", hasLacp: true });
});
