/** Pages of metrics that several scrapers share. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Encoding } from "#src/web/compression.js";
import { MetricsPages } from "#src/web/metrics-pages.js";
import { EXAMPLE } from "../support/snapshot.ts";

test("two scrapers that ask at once for one coding share it", async () => {
  let times = 0;
  const counted: Encoding = {
    name: "counted",
    compress: (body) => {
      times++;
      return Buffer.from(body.subarray(0, 1));
    },
  };
  const pages = new MetricsPages({ processMetrics: undefined, createdSeries: false, keepsPages: true });
  const scrape = async (): Promise<Uint8Array> => {
    const page = pages.of(EXAMPLE, {
      format: "text",
      choice: "all",
      isWanted: () => true,
      deadline: Infinity,
      hasCounters: true,
    });
    const leave = page.enter();
    const coded = await (await page.body).in(counted);
    leave();
    return coded;
  };
  const [one, other] = await Promise.all([scrape(), scrape()]);
  assert.equal(times, 1);
  assert.equal(one, other);
});
