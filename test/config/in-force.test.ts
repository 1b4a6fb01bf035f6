/** What a reload applies, and what waits for a restart. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { inForce, waitingForRestart } from "#src/config/in-force.js";
import { configuration } from "./support.ts";

const DEVICE = "sources: [{ name: sw1, kind: snmp, target: 192.0.2.1, community: public, discover: lags }]\n";

test("groups, discovery, detection and shared fates are those of the file as it was loaded last", () => {
  const loaded = configuration(`
groups: [{ name: a, interfaces: [eth0] }]
discovery: { bonds: false }
detection: { failback: false }
shared_fate: [{ kind: card, reason: one card each }]
`);
  const held = inForce(configuration(""), loaded);
  assert.deepEqual(held, loaded);
  assert.deepEqual(waitingForRestart(configuration(""), loaded), []);
});

test("all others are those of the start, and are named", () => {
  const started = configuration("");
  const loaded = configuration(`${DEVICE}web: { max_requests: 7 }
snmp: { system: { contact: noc } }
state: { file: other.json }
control: { socket: other.sock }
log: { level: debug }
path: { procfs: /host/proc }
source: procfs
`);
  assert.deepEqual(inForce(started, loaded), started);
  assert.deepEqual(waitingForRestart(started, loaded).toSorted(), [
    "control",
    "log",
    "path",
    "snmp",
    "source",
    "sources",
    "state",
    "web",
  ]);
  assert.deepEqual(waitingForRestart(started, configuration("")), []);
});
