/** The page of one, five and two hundred groups that have been watched for a day, in a real browser: for everybody who reads it. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { accessibilityViolations, launchBrowser, NO_BROWSER, overflowOf, visit } from "../support/browser.ts";
import { inventedDay } from "../support/invented-day.ts";
import { serve } from "../web/client.ts";

const names = (count: number): string[] => Array.from({ length: count }, (_, n) => `group${n}`);
const PATHS = ["", "groups/group0?span=1h", "groups/group0?span=24h"];

describe("the page after a day, without serious findings of axe", { skip: NO_BROWSER }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  for (const [count, paths] of [
    [1, PATHS],
    [5, PATHS],
    [200, ["", "?q=group1&sort=-traffic"]],
  ] as const)
    test(`of ${count} ${count === 1 ? "group" : "groups"}, light on a desk and dark on a phone`, async (t) => {
      const day = inventedDay({
        groups: names(count).map((name) => ({ name, members: [{ device: `${name}a` }, { device: `${name}b` }] })),
        peaks: Object.fromEntries(names(count).map((name) => [name, 4e9])),
        outages: [
          { group: "group0", device: "group0a", from: 400, until: 200 },
          { group: "group0", device: "group0b", from: 20, until: 0 },
        ],
        wallMs: Date.now(),
      });
      const { port, world } = await serve(t, {
        earlierTraffic: { record: day.traffic.kept, goesOn: true },
        events: day.events,
      });
      world.shared = day.snapshot;
      for (const path of paths)
        for (const [colorScheme, viewport] of [
          ["light", { width: 1280, height: 900 }],
          ["dark", { width: 360, height: 780 }],
        ] as const) {
          const where = `${path} ${colorScheme} ${viewport.width}`;
          const { page, complaints } = await visit(browser, `http://127.0.0.1:${port}/${path}`, {
            colorScheme,
            viewport,
          });
          await page.waitForSelector("#connection.live");
          assert.deepEqual(await accessibilityViolations(page), [], where);
          assert.ok((await overflowOf(page)) <= 0, where);
          assert.deepEqual(complaints, [], where);
          if (path.includes("span")) assert.ok(await page.locator(".plot .mark.failed").count(), where);
          await page.context().close();
        }
    });
});
