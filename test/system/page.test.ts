/** The page in a real browser, of the real program with real links. */

import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import type { Browser, BrowserContextOptions } from "playwright-core";
import {
  accessibilityViolations,
  launchBrowser,
  NO_BROWSER,
  overflowOf,
  overflows,
  Proxy,
  type Visit,
  visit,
} from "../support/browser.ts";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { Program, type ProgramOptions } from "../support/program.ts";
import { remove } from "../support/scratch.ts";

const CONFIG = `groups:
  - name: uplinks
    interfaces: [va, vb, { device: vc, standby: true }]
    addresses: [192.0.2.10, 192.0.2.11]
`;
const LINKS = ["va", "vb", "vc"];
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true } as const;

interface Shown extends Visit {
  readonly program: Program;
  readonly proxy: Proxy;
}

describe("the page", { skip: NO_NETNS || NO_BROWSER }, () => {
  let browser: Browser;
  let ns: Netns;
  let far: Netns;

  before(async () => {
    const untilTheEnd = { after: () => undefined };
    [ns, far] = [Netns.create(untilTheEnd, "page"), Netns.create(untilTheEnd, "pagefar")];
    for (const name of LINKS) ns.addVeth(name, `far-${name}`, far);
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    for (const namespace of [ns, far]) namespace.delete();
  });

  /** Three links that work, into another namespace; the program beside them; the page in a browser. */
  async function show(
    t: TestContext,
    { path = "", ...options }: BrowserContextOptions & { readonly path?: string } = {},
    how: ProgramOptions = {},
  ): Promise<Shown> {
    far.batch(LINKS.map((name) => `link set far-${name} up`));
    for (const name of LINKS) ns.waitFor(name, "UP");
    const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-test-"));
    const args = ["--snmp.listen-address=none"];
    const program = await Program.start(t, { ns, folder, config: CONFIG, args, ...how });
    t.after(async () => {
      await program.stop();
      remove(folder);
    });
    const proxy = await Proxy.to(join(program.folder, "web.sock"));
    t.after(() => proxy.close());
    const shown = await visit(browser, `${proxy.url}${path}`, options);
    t.after(() => shown.page.context().close());
    await shown.page.waitForSelector("#connection.live");
    return { ...shown, program, proxy };
  }

  function reconfigure(program: Program, config: string): void {
    writeFileSync(join(program.folder, "ipmp.yml"), config);
    program.signal("SIGHUP");
  }

  const member = (device: string): string => `.members tr[data-key="m${device}"] .state`;

  test("shows that a link went down, why, and who took over, without being loaded again", async (t) => {
    const { page, complaints } = await show(t);
    await page.waitForSelector(`${member("vb")}.active`);
    await page.waitForSelector(`${member("vc")}.inactive`);
    await page.evaluate("globalThis.sameDocument = true"); // gone with the document
    const row = await page.$(".members tr[data-key=mvb]");
    far.ip("link", "set", "far-vb", "down");
    await page.waitForSelector(`${member("vb")}.failed`);
    await page.waitForSelector(`${member("vc")}.active`);
    await page.waitForSelector(".group.degraded");
    assert.match((await page.textContent(".group .trouble")) ?? "", /vb has no carrier/);
    assert.match((await page.textContent(".events")) ?? "", /vb of uplinks is failed, was active\s+— link down/);
    assert.match((await page.textContent(".addresses")) ?? "", /192\.0\.2\.11 on vc/);
    assert.match((await page.textContent("#announcement")) ?? "", /vb of uplinks is failed/);
    assert.match(await page.title(), /^uplinks is degraded since .*: vb has no carrier.* · /);
    assert.equal(await page.evaluate("globalThis.sameDocument"), true);
    assert.equal(await row?.isVisible(), true, "the row is the same element as before");
    far.ip("link", "set", "far-vb", "up");
    await page.waitForSelector(`${member("vb")}.active`);
    await page.waitForSelector(".group.ok");
    assert.deepEqual(complaints, []);
  });

  test("follows without polling: the event alone makes it look", async (t) => {
    const { proxy } = await show(t);
    const context = await browser.newContext();
    t.after(() => context.close());
    const page = await context.newPage();
    // The only timers that repeat are those that ask for numbers.
    await page.addInitScript("globalThis.setInterval = () => 0");
    await page.goto(proxy.url);
    await page.waitForSelector(`${member("va")}.active`);
    const streaming = page.waitForResponse((response) => response.url().endsWith("/api/v1/events"));
    await page.reload();
    await streaming;
    await page.waitForSelector("#connection.live");
    far.ip("link", "set", "far-va", "down");
    await page.waitForSelector(`${member("va")}.failed`);
  });

  test("shows numbers that go on", async (t) => {
    const { page } = await show(t);
    const plot = await page.getAttribute(".plot .m0", "d");
    far.send("far-va", { packets: 2_000, bytes: 1_000 });
    await page.waitForFunction((before) => document.querySelector(".plot .m0")?.getAttribute("d") !== before, plot);
  });

  test("says when the connection is lost, and recovers by itself", async (t) => {
    const { page, proxy } = await show(t);
    proxy.cut();
    await page.waitForSelector("#lost:not([hidden])");
    assert.match((await page.textContent("#lost")) ?? "", /^Connection lost.*everything below is as it was at/);
    assert.match((await page.textContent("#connection")) ?? "", /^As of/);
    assert.deepEqual(await accessibilityViolations(page), []);
    far.ip("link", "set", "far-va", "down");
    proxy.mend();
    await page.waitForSelector("#lost[hidden]", { state: "attached" });
    await page.waitForSelector("#connection.live");
    await page.waitForSelector(`${member("va")}.failed`);
    assert.match((await page.textContent("#announcement")) ?? "", /The connection is back|va of uplinks is failed/);
    assert.equal(await page.getAttribute("body", "class"), "");
  });

  test("follows a program that was started anew", async (t) => {
    const { page, program } = await show(t);
    assert.equal(await program.stop(), 0);
    await page.waitForSelector("#lost:not([hidden])");
    far.ip("link", "set", "far-vb", "down");
    const args = ["--snmp.listen-address=none"];
    const next = await Program.start(t, { ns, config: CONFIG, args, folder: program.folder });
    await page.waitForSelector("#connection.live");
    await page.waitForSelector(`${member("vb")}.failed`);
    await next.stop();
  });

  test("a program that is asked to stop does not wait for those who watch", async (t) => {
    const { page, program } = await show(t);
    const stopped = program.stop();
    assert.equal(await stopped, 0);
    await page.waitForSelector("#lost:not([hidden])");
    assert.ok(!program.log.some((line) => line.includes("level=error")), program.log.join("\n"));
  });

  test("goes over to a group's page, which follows too, and says so when the group is gone", async (t) => {
    const { page, program, complaints } = await show(t);
    await page.click("h2 a");
    await page.waitForSelector("#connection.live");
    await page.waitForSelector("h1");
    assert.equal(await page.textContent("h1"), "uplinks");
    far.ip("link", "set", "far-vc", "down");
    await page.waitForSelector(`${member("vc")}.failed`);
    assert.deepEqual(complaints, []);
    reconfigure(program, CONFIG.replace("uplinks", "others"));
    await page.waitForSelector('h1:text-is("There is no group uplinks")');
  });

  test("tells a newcomer what to write, and shows the group as soon as it exists", async (t) => {
    const config = "discovery: { default_routes: false }\n";
    const { page, program, complaints } = await show(t, {}, { config });
    assert.match((await page.textContent(".snippet pre")) ?? "", /interfaces: \[va, vb, vc\]/);
    await page.click("button[data-copy]");
    await page.waitForSelector('button[data-copy]:text-matches("Copied|Selected")');
    assert.deepEqual(await accessibilityViolations(page), []);
    reconfigure(program, CONFIG);
    await page.waitForSelector(".group.ok");
    assert.deepEqual(complaints, []);
  });

  test("is whole without a script", async (t) => {
    const { proxy } = await show(t);
    const context = await browser.newContext({ javaScriptEnabled: false });
    t.after(() => context.close());
    const page = await context.newPage();
    await page.goto(proxy.url);
    assert.match((await page.textContent("main")) ?? "", /uplinks\s+ok/);
    assert.match((await page.textContent("footer")) ?? "", /Without JavaScript/);
    assert.deepEqual(await overflows(browser, proxy.url), []);
  });

  describe("is accessible, complains of nothing and asks nobody else", () => {
    const rows: readonly (readonly [string, BrowserContextOptions & { readonly path?: string }])[] = [
      ["in light", { colorScheme: "light" }],
      ["in dark", { colorScheme: "dark" }],
      ["on a phone", PHONE],
      ["on a phone, in dark, for one group", { ...PHONE, colorScheme: "dark", path: "groups/uplinks" }],
      ["for one group", { path: "groups/uplinks" }],
    ];
    for (const [name, options] of rows) {
      test(name, async (t) => {
        const { page, complaints } = await show(t, options);
        assert.deepEqual(await accessibilityViolations(page), []);
        for (const device of ["far-va", "far-vb", "far-vc"]) far.ip("link", "set", device, "down");
        await page.waitForSelector(".group.failed");
        assert.deepEqual(await accessibilityViolations(page), [], "when the group has failed");
        const overflow = await overflowOf(page);
        assert.ok(overflow <= 0, `the page is ${overflow} pixels wider than the window`);
        assert.deepEqual(complaints, []);
      });
    }

    test("the colours are the other way round in dark", async (t) => {
      const { proxy } = await show(t);
      const lightness = async (colorScheme: "light" | "dark"): Promise<number> => {
        const { page } = await visit(browser, proxy.url, { colorScheme });
        t.after(() => page.context().close());
        return page.evaluate(() => Number(/\d+/.exec(getComputedStyle(document.body).backgroundColor)?.[0]));
      };
      assert.ok((await lightness("light")) > 200);
      assert.ok((await lightness("dark")) < 50);
    });
  });
});
