/** A short bad day; `npm run bench -- bad-day` has a long one. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { badDay } from "../support/bad-day/day.ts";
import { NO_NETNS } from "../support/netns.ts";
import { withoutTools } from "../support/snmp-tools.ts";

const SECONDS = 20;
const SEED = 7;

describe("a bad day", { skip: NO_NETNS || withoutTools("prlimit") }, () => {
  for (const log of ["disk", "pipe"] as const) {
    test(`with the log on a ${log}: who behaves is served, and everything is as before`, async (t) => {
      const report = await badDay(SECONDS, SEED, log);
      t.diagnostic(JSON.stringify(report));
      for (const [client, { asked, failures }] of Object.entries(report.clients)) {
        assert.deepEqual(failures, [], client);
        assert.ok(asked > 0, client);
      }
      assert.deepEqual(report.fallen, []);
      assert.equal(report.received[0], report.received[1], "what the group received is what its links did");
      const [before = 0, after = 0] = report.descriptors;
      assert.ok(after <= before, `${after} descriptors, ${before} before`);
    });
  }
});
