import assert from "node:assert/strict";
import { test } from "node:test";
import { HealthRecord } from "#src/daemon/groups/health-record.js";

test("failures of devices that left are remembered, of a thousand and no more; those of members always", () => {
  const record = new HealthRecord(() => ["eth0"]);
  record.count("eth0", "failures", "link");
  for (let n = 0; n < 1_500; n++) record.count(`veth${n}`, "failures", "link");
  const saved = record.save();
  assert.equal(saved.length, 1_000);
  const devices = new Set(saved.map(({ device }) => device));
  assert.deepEqual([devices.has("eth0"), devices.has("veth500"), devices.has("veth501")], [true, false, true]);
  assert.deepEqual(record.of("eth0").failures, { link: 1n });
});
