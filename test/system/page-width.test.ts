/** How wide the page is in a browser: no window that people have needs to be scrolled sideways. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import type { Snapshot } from "#src/snapshot/snapshot.js";
import { launchBrowser, NO_BROWSER, overflows } from "../support/browser.ts";
import { aSnapshot, EXAMPLE, type GroupInput } from "../support/snapshot.ts";
import { serve } from "../web/client.ts";

const members = [{ device: "enp129s0f0np0" }, { device: "enp129s0f1np1", state: "failed" }] as const;
/** As long as the kernel and the configuration allow them. */
const LONG: GroupInput = { name: "a-group-with-a-name-of-31-bytes", members };

/** What the page is asked for, and the path; each world stands still, so that the page is as it is right after the start: without rates. */
const PAGES: readonly (readonly [name: string, path: string, world: Snapshot])[] = [
  ["of two groups in trouble", "", EXAMPLE],
  ["of one group", "groups/ipmp0", EXAMPLE],
  ["of a group that is not there", "groups/nobody", EXAMPLE],
  ["of long names", "", aSnapshot({ groups: [LONG] })],
  ["of one group with long names", `groups/${LONG.name}`, aSnapshot({ groups: [LONG] })],
  ["of many groups", "", aSnapshot({ groups: Array.from({ length: 40 }, (_, n) => ({ ...LONG, name: `ipmp${n}` })) })],
  [
    "of many groups with the widest names",
    "",
    aSnapshot({
      groups: Array.from({ length: 12 }, (_, n) => ({
        name: `${"W".repeat(29)}${String(n).padStart(2, "0")}`,
        members: [
          {
            device: "W".repeat(15),
            state: "failed",
            reason: "5 probes lost to 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
          },
        ],
      })),
    }),
  ],
  [
    "of a choice of many groups",
    "?q=ipmp&sort=-traffic",
    aSnapshot({ groups: Array.from({ length: 40 }, (_, n) => ({ ...LONG, name: `ipmp${n}` })) }),
  ],
  ["of a host without groups", "", aSnapshot({ links: [{ name: "eno1" }, { name: "enp129s0f0np0" }] })],
];

describe("the page as it is served right after the start, without JavaScript", { skip: NO_BROWSER }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  for (const [name, path, snapshot] of PAGES) {
    test(`${name} is not wider than the window`, async (context) => {
      const { port, world } = await serve(context);
      world.shared = snapshot;
      world.events.append(
        {
          kind: "group-state",
          group: "ipmp0",
          ifname: "ipmp0",
          from: "ok",
          to: "failed",
          cause: "eth0 and eth1 have no carrier",
        },
        1,
      );
      assert.deepEqual(await overflows(browser, `http://127.0.0.1:${port}/${path}`), []);
    });
  }
});
