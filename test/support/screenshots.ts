/**
 * Takes the pictures of the page in docs/screenshots/, of the built program with real links and real traffic:
 *
 *   npm run build -- --tests && node .test-build/test/support/screenshots.js [SECONDS [SET]]
 *
 * as root, with Chromium and lldpd; with pngquant they become a third of the size. SECONDS (150) is how long there is traffic in all; SET is
 * one of groups, many, empty, fate, all of which are taken without it.
 */

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { launchBrowser, Proxy, visit } from "./browser.ts";
import { hostBehindSwitches } from "./lldp.ts";
import { Netns } from "./netns.ts";
import { Program } from "./program.ts";
import { root } from "./root.ts";
import { scratch } from "./scratch.ts";
import { Generator, targetThrough } from "./traffic.ts";
import { eventually } from "./wait.ts";

const CONFIG = `groups:
  - name: uplinks
    ifname: ipmp0
    interfaces: [eth0, eth1, { device: eth2, standby: true }]
    addresses: [192.0.2.10, 192.0.2.11, "2001:db8::10"]
  - name: storage
    interfaces: [san0, san1, san2]
`;

const PNGQUANT = "/usr/bin/pngquant";
const NO_SNMP = ["--snmp.listen-address=none"];
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true } as const;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** So long there is traffic before a picture is taken: the plot has to show something. */
const seconds = Number(process.argv[2] ?? 150);

/** Which pictures. */
const wanted = process.argv[3];

const closers: (() => void)[] = [];
const hooks = { after: (hook: () => void) => void closers.unshift(hook) };
const folder = root("docs", "screenshots");
mkdirSync(folder, { recursive: true });
const browser = await launchBrowser();
try {
  const before = new Map(readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mtimeMs]));
  const sets = { groups: withGroups, many: withManyGroups, empty: withoutGroups, fate: withSharedFate };
  for (const [name, take] of Object.entries(sets)) if (wanted === undefined || name === wanted) await take(browser);
  if (existsSync(PNGQUANT)) {
    const taken = readdirSync(folder).filter((name) => statSync(join(folder, name)).mtimeMs !== before.get(name));
    const pictures = taken.map((name) => join(folder, name));
    execFileSync(PNGQUANT, ["--force", "--ext=.png", "--speed=1", "--strip", "48", "--", ...pictures]);
  }
} finally {
  await browser.close();
  for (const close of closers) close();
}
process.exit();

async function withGroups(browser: Browser): Promise<void> {
  const ns = Netns.create(hooks, "pictures");
  const far = Netns.create(hooks, "picturesfar");
  for (const name of ["eth0", "eth1", "eth2", "san0", "san1"]) ns.addVeth(name, `far-${name}`, far);
  const program = await Program.start(hooks, { ns, config: CONFIG, args: NO_SNMP });
  hooks.after(() => void program.stop());
  const proxy = await Proxy.to(join(program.folder, "web.sock"));
  const [sent, received] = [Generator.start(ns), Generator.start(far)];
  for (const device of ["eth0", "eth1", "san0"]) sent.through(targetThrough(ns, device));
  for (const device of ["far-eth0", "far-eth1"]) received.through(targetThrough(far, device));
  const take = async (
    name: string,
    path: string,
    options: BrowserContextOptions = {},
    first: (page: Page) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> => {
    const { page } = await visit(browser, `${proxy.url}${path}`, options);
    await page.waitForSelector("#connection.live");
    await first(page);
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
    await page.context().close();
  };
  await sleep(seconds * 600);
  await take("home-light", "");
  far.ip("link", "set", "far-eth1", "down");
  await sent.hold(targetThrough(ns, "eth1"));
  sent.through(targetThrough(ns, "eth2"));
  received.through(targetThrough(far, "far-eth2"));
  await sleep(seconds * 400);
  await take("degraded-light", "");
  await take("degraded-dark", "", { colorScheme: "dark" });
  await take("group-light", "groups/uplinks");
  await take("crosshair-dark", "groups/uplinks", { colorScheme: "dark" }, pointAtFailure);
  await take("phone", "", PHONE);
  for (const name of ["far-san0", "far-san1"]) far.ip("link", "set", name, "down");
  await sleep(seconds * 100);
  await take("failed-light", "");
  await take("phone-dark", "groups/storage", { ...PHONE, colorScheme: "dark" });
  await program.stop();
  await sleep(seconds * 100);
  const next = await Program.start(hooks, { ns, config: CONFIG, args: NO_SNMP, folder: program.folder });
  hooks.after(() => void next.stop());
  await take("restarted-light", "groups/uplinks");
  await proxy.close();
}

/** The values of the moment in which a member failed. */
async function pointAtFailure(page: Page): Promise<void> {
  const step = Number(await page.getAttribute(".plot .mark.failed", "data-step"));
  const box = await page.locator(".cross").boundingBox();
  if (box) await page.mouse.move(box.x + (box.width * (step + 0.5)) / 100, box.y + box.height / 2);
}

/** Two hundred groups, of which some are not well. Both ends of each veth are members. */
async function withManyGroups(browser: Browser): Promise<void> {
  const ns = Netns.create(hooks, "many");
  const numbers = Array.from({ length: 200 }, (_, n) => n);
  const commands = numbers.flatMap((n) => [
    `link add up${n}a type veth peer name up${n}b`,
    `link set up${n}a up`,
    `link set up${n}b up`,
  ]);
  const batch = join(scratch(hooks), "links");
  writeFileSync(batch, `${commands.join("\n")}\n`);
  ns.ip("-batch", batch);
  const config = numbers.map((n) => {
    const missing = n % 61 === 7 ? `, up${n}c` : "";
    return `  - { name: rack${String(n).padStart(3, "0")}, interfaces: [up${n}a, up${n}b${missing}] }`;
  });
  const args = NO_SNMP;
  const program = await Program.start(hooks, { ns, args, config: `groups:\n${config.join("\n")}\n` });
  hooks.after(() => void program.stop());
  ns.ip("link", "set", "up40a", "down");
  const proxy = await Proxy.to(join(program.folder, "web.sock"));
  for (const [name, path, options] of [
    ["many-light", "", {}],
    ["many-sorted-dark", "?q=rack0&sort=name", { colorScheme: "dark" }],
    ["many-phone", "", PHONE],
  ] as const) {
    const { page } = await visit(browser, `${proxy.url}${path}`, options);
    await page.waitForSelector("#connection.live");
    await page.screenshot({ path: join(folder, `${name}.png`) });
    await page.context().close();
  }
  await proxy.close();
}

async function withoutGroups(browser: Browser): Promise<void> {
  const ns = Netns.create(hooks, "empty");
  const far = Netns.create(hooks, "emptyfar");
  for (const name of ["eth0", "eth1"]) ns.addVeth(name, `far-${name}`, far);
  const args = NO_SNMP;
  const program = await Program.start(hooks, { ns, args, config: "discovery: { default_routes: false }\n" });
  hooks.after(() => void program.stop());
  const proxy = await Proxy.to(join(program.folder, "web.sock"));
  const { page } = await visit(browser, proxy.url);
  await page.waitForSelector("#connection.live");
  await page.screenshot({ path: join(folder, "empty-light.png"), fullPage: true });
  await proxy.close();
}

/** Uplinks that lead to one switch, and what would be without it. */
async function withSharedFate(browser: Browser): Promise<void> {
  const { ns, socket } = await hostBehindSwitches(hooks, "sw1", "sw1", "sw2");
  const config = `groups:
  - { name: wan, interfaces: [u0, u1], addresses: [192.0.2.10, 192.0.2.11] }
  - { name: backup, interfaces: [u2] }
path: { lldpd_socket: ${socket} }
`;
  const program = await Program.start(hooks, { ns, config, args: ["--snmp.listen-address=none"] });
  hooks.after(() => void program.stop());
  let domain = "";
  await eventually(
    async () => {
      domain = /"kind":"switch","domain":"([^"]+)"/.exec((await program.get("/api/v1/groups/wan")).body)?.[1] ?? "";
      return domain !== "";
    },
    () => "no switch is known",
  );
  const proxy = await Proxy.to(join(program.folder, "web.sock"));
  const { page } = await visit(browser, `${proxy.url}?without=switch=${domain}`);
  await page.waitForSelector("#connection.live");
  await page.screenshot({ path: join(folder, "what-if-light.png"), fullPage: true });
  const cli = [join(root(), "dist", "main.js"), "status", `--control.socket=${join(program.folder, "control.sock")}`];
  for (const more of [[], ["--without", "u0"], ["--without", `switch=${domain}`]]) {
    const { stdout } = spawnSync(process.execPath, [...cli, "wan", ...more], { encoding: "utf8" });
    process.stdout.write(`$ ipmp-exporter status wan ${more.join(" ")}\n${stdout}\n`);
  }
  await proxy.close();
}
