/** The way of somebody without a mouse: filter, table, group, plot; and the crosshair that a mouse gets. In a real browser, of the real program. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { accessibilityViolations, launchBrowser, NO_BROWSER, overflowOf, Proxy, visit } from "../support/browser.ts";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { Generator, targetThrough } from "../support/traffic.ts";

/** More than are shown in full. */
const GROUPS = Array.from({ length: 8 }, (_, n) => `uplinks${n}`);
const CONFIG = `groups: [${GROUPS.map((name, n) => `{ name: ${name}, interfaces: [va${n}, vb${n}] }`).join(", ")}]\n`;
const NARROW = { viewport: { width: 320, height: 640 } } as const;

/** Presses Tab until what has the focus fits. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
  }
  throw new Error(`No Tab leads to ${selector}`);
}

describe("without a mouse", { skip: NO_NETNS || NO_BROWSER }, () => {
  let browser: Browser;
  let ns: Netns;
  let far: Netns;

  before(async () => {
    const untilTheEnd = { after: () => undefined };
    [ns, far] = [Netns.create(untilTheEnd, "keys"), Netns.create(untilTheEnd, "keysfar")];
    for (const n of GROUPS.keys()) for (const kind of ["va", "vb"]) ns.addVeth(`${kind}${n}`, `far-${kind}${n}`, far);
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    for (const namespace of [ns, far]) namespace.delete();
  });

  async function show(
    t: TestContext,
    path = "",
    options: BrowserContextOptions = {},
  ): Promise<{ page: Page; complaints: readonly string[] }> {
    const program = await Program.start(t, { ns, config: CONFIG, args: ["--snmp.listen-address=none"] });
    t.after(() => program.stop());
    const generator = Generator.start(ns);
    t.after(() => process.kill(generator.pid));
    generator.through(targetThrough(ns, "va5"));
    const proxy = await Proxy.to(join(program.folder, "web.sock"));
    t.after(() => proxy.close());
    const shown = await visit(browser, `${proxy.url}${path}`, options);
    t.after(() => shown.page.context().close());
    await shown.page.waitForSelector("#connection.live");
    return shown;
  }

  /** Until the plot knows what both members carried. */
  const plotted = (page: Page): Promise<unknown> =>
    page.waitForFunction(() => {
      const known = [...document.querySelectorAll<SVGPathElement>(".plot path[data-in]")];
      return (
        known.length === 2 &&
        known.every(({ dataset }) => /[1-9]/.test(dataset["out"] ?? "") || dataset["name"] === "vb5")
      );
    });

  test("a group is found by the filter, opened from the table, and its plot is read moment by moment", async (t) => {
    const { page, complaints } = await show(t);
    await tabTo(page, "input[type=search]");
    await page.keyboard.type("va5");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\?q=va5/);
    await page.waitForSelector("#connection.live");
    assert.equal(await page.locator("main tbody tr").count(), 1);
    assert.deepEqual(await accessibilityViolations(page), []);
    await tabTo(page, "tbody th a");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/groups\/uplinks5$/);
    await page.waitForSelector("#connection.live");
    await plotted(page);
    await tabTo(page, ".cross");
    const said = () => page.getAttribute(".cross", "aria-valuetext");
    assert.match((await said()) ?? "", /^\d.*: in .*, out .*; va5: in .*, out .*; vb5: in|nothing is known/);
    const [now, text] = [await page.getAttribute(".cross", "aria-valuenow"), await page.textContent(".cross p")];
    assert.equal(now, "99");
    assert.ok(text);
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("PageDown");
    assert.equal(await page.getAttribute(".cross", "aria-valuenow"), "88");
    assert.deepEqual(await accessibilityViolations(page), []);
    await page.keyboard.press("Home");
    assert.match((await said()) ?? "", /nothing is known$/);
    await page.keyboard.press("ArrowLeft");
    assert.equal(await page.getAttribute(".cross", "aria-valuenow"), "0");
    await page.keyboard.press("Escape");
    assert.equal(await page.locator(".cross p").count(), 0);
    await page.keyboard.press("End");
    await page.keyboard.press("Tab");
    assert.equal(await page.locator(".cross p").count(), 0, "the line goes with the focus");
    assert.deepEqual(complaints, []);
  });

  for (const [name, options] of [
    ["in light", { colorScheme: "light" }],
    ["in dark, in a narrow window", { colorScheme: "dark", ...NARROW }],
  ] as const) {
    test(`the pointer shows the values of a moment, and what happened in it, ${name}`, async (t) => {
      const { page, complaints } = await show(t, "groups/uplinks5", options);
      await plotted(page);
      far.ip("link", "set", "far-vb5", "down");
      t.after(() => far.ip("link", "set", "far-vb5", "up"));
      const mark = page.locator(".plot .mark.failed");
      await mark.waitFor({ state: "attached" });
      const box = await page.locator(".cross").boundingBox();
      assert.ok(box);
      const readAt = async (step: number): Promise<string> => {
        await page.mouse.move(box.x + (box.width * (step + 0.5)) / 100, box.y + box.height / 2);
        return (await page.textContent(".cross p")) ?? "";
      };
      // The plot moves on while it is read: the mark's step is read again with it.
      let text = "";
      for (let tries = 0; tries < 20 && !text.includes("vb5 of"); tries++) {
        text = await readAt(Number(await mark.getAttribute("data-step")));
      }
      assert.match(text, /vb5 of uplinks5 is failed, was active — link down/);
      // Of the newest steps it depends on the moment which has a reading.
      let values = "";
      for (let step = 99; step > 90 && !values.includes("out"); step--)
        values = (await readAt(step)).split("\n")[0] ?? "";
      assert.match(values, /: in .*b\/s, out .*b\/s$/);
      assert.deepEqual(await accessibilityViolations(page), []);
      assert.ok((await overflowOf(page)) <= 0);
      await page.mouse.move(1, 1);
      assert.equal(await page.locator(".cross p").count(), 0);
      assert.deepEqual(complaints, []);
    });
  }
});
