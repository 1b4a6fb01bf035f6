import assert from "node:assert/strict";
import { test } from "node:test";
import { DiscontinuityCounts } from "#src/daemon/links/discontinuity-counts.js";

test("a link that goes on being counted is not dropped for thousands that are counted once", () => {
  const counts = new DiscontinuityCounts();
  for (let n = 1; n <= 5_000; n++) {
    counts.count(`veth${n}`, "vanished");
    if (n % 500 === 0) counts.count("eth0", "fell");
  }
  const kept = counts.list();
  assert.equal(kept.length, 1_000);
  assert.equal(kept.find(({ device }) => device === "eth0")?.count, 10n);
});
