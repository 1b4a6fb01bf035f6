/**
 * Takes the pictures in docs/screenshots/, of the built program with real links and real traffic; those of a day, of a day that is invented:
 *
 *   npm run build -- --tests && node .test-build/test/support/screenshots.js [SECONDS [SET]]
 *
 * as root, with Chromium and lldpd; with pngquant they become a third of the size. SECONDS (150) is how long there is traffic in all; SET is
 * one of day, many, groups, empty, fate, all of which are taken without it.
 */

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { createWeb } from "#src/web/web.js";
import { aWorld, optionsOf } from "../web/client.ts";
import { launchBrowser, Proxy, visit } from "./browser.ts";
import { type Day, inventedDay } from "./invented-day.ts";
import { hostBehindSwitches } from "./lldp.ts";
import { httpAddresses } from "./net-address.ts";
import { Netns } from "./netns.ts";
import { Program } from "./program.ts";
import { root } from "./root.ts";
import { remove, scratch } from "./scratch.ts";
import { DARK, LIGHT, photograph } from "./terminal-picture.ts";
import { Tmux } from "./tmux.ts";
import { Generator, targetThrough } from "./traffic.ts";
import { eventually } from "./wait.ts";

const CONFIG = `groups:
  - name: uplinks
    ifname: ipmp0
    interfaces: [eth0, eth1, { device: eth2, standby: true }]
    addresses: [192.0.2.10, 192.0.2.11]
  - name: storage
    interfaces: [san0, san1, san2]
`;

/** Whose clock and words the pages have. */
const READER = { locale: "en-GB", timezoneId: "Europe/London" } as const;

/** What lies in it is named on a terminal. */
const SHOWN_FOLDER = "/tmp/ipmp-exporter";

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
  const sets = {
    day: ofADay,
    many: ofADayOfMany,
    groups: withGroups,
    empty: withoutGroups,
    fate: withSharedFate,
  };
  for (const [name, take] of Object.entries(sets)) if (wanted === undefined || name === wanted) await take(browser);
  if (existsSync(PNGQUANT)) {
    const taken = readdirSync(folder).filter((name) => statSync(join(folder, name)).mtimeMs !== before.get(name));
    const pictures = taken.map((name) => join(folder, name));
    execFileSync(PNGQUANT, ["--force", "--ext=.png", "--speed=1", "--strip", "128", "--", ...pictures]);
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
  ns.ip("address", "add", "192.0.2.10/32", "dev", "eth0");
  ns.ip("address", "add", "192.0.2.11/32", "dev", "eth1");
  mkdirSync(SHOWN_FOLDER, { recursive: true });
  hooks.after(() => remove(SHOWN_FOLDER));
  const program = await Program.start(hooks, { ns, config: CONFIG, args: NO_SNMP, folder: SHOWN_FOLDER });
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
    const { page } = await visit(browser, `${proxy.url}${path}`, { ...READER, ...options });
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
  ns.ip("address", "del", "192.0.2.11/32", "dev", "eth1");
  ns.ip("address", "add", "192.0.2.11/32", "dev", "eth2");
  received.through(targetThrough(far, "far-eth2"));
  await sleep(seconds * 400);
  await take("degraded-light", "");
  await take("degraded-dark", "", { colorScheme: "dark" });
  await take("crosshair-dark", "groups/uplinks", { colorScheme: "dark" }, pointAtFailure);
  await take("phone", "", PHONE);
  for (const name of ["far-san0", "far-san1"]) far.ip("link", "set", name, "down");
  await sleep(seconds * 100);
  await take("failed-light", "");
  await take("phone-dark", "groups/storage", { ...PHONE, colorScheme: "dark" });
  await inATerminal(browser, program);
  await sleep(seconds * 100);
  const next = await Program.start(hooks, { ns, config: CONFIG, args: NO_SNMP, folder: program.folder });
  hooks.after(() => void next.stop());
  await take("restarted-light", "groups/uplinks");
  await proxy.close();
}

/** `status` and `top` as a session goes: a group alone, a larger window, a terminal without colour and UTF-8, a daemon that is killed. */
async function inATerminal(browser: Browser, program: Program): Promise<void> {
  const [terminal, plain] = [
    await terminalOf(program.folder, 80, 24),
    await terminalOf(program.folder, 80, 24, { LANG: "C", NO_COLOR: "1" }),
  ];
  const shot = (name: string, columns: number, of = terminal, sheet = DARK) =>
    photograph(browser, join(folder, `${name}.png`), of.screen("-e"), columns, sheet);
  terminal.run("resize-window", "-x", "96", "-y", "40");
  terminal.keys("clear", "Enter");
  terminal.keys("ipmp-exporter status", "Enter");
  await terminal.shows(/interface ipmp0.*counters for.*^[$#]$/ms);
  await shot("status", 96);
  terminal.run("resize-window", "-x", "80", "-y", "24");
  for (const each of [terminal, plain]) each.keys("clear; ipmp-exporter top", "Enter");
  await sleep(seconds * 400); // the sparklines are of a minute
  await shot("top", 80);
  await shot("top-plain", 80, plain, LIGHT);
  terminal.keys("/", "uplinks", "Enter", "Enter");
  await terminal.shows(/Esc back/);
  await shot("top-group", 80);
  terminal.keys("Escape");
  terminal.run("resize-window", "-x", "120", "-y", "20");
  await terminal.shows(/filter "uplinks"/);
  program.signal("SIGKILL");
  await terminal.shows(/^No answer since/);
  await shot("top-no-answer", 120);
  for (const each of [terminal, plain]) each.keys("q", "q");
}

/** The values of the moment in which a member failed. */
async function pointAtFailure(page: Page): Promise<void> {
  const step = Number(await page.getAttribute(".plot .mark.failed", "data-step"));
  const box = await page.locator(".cross").boundingBox();
  if (box) await page.mouse.move(box.x + (box.width * (step + 0.5)) / 100, box.y + box.height / 2);
  await page.waitForSelector(".cross p");
}

/** One group and five, as they are after a day. */
async function ofADay(browser: Browser): Promise<void> {
  const one = { name: "wan", members: [{ device: "eth0" }, { device: "eth1" }, { device: "eth2", standby: true }] };
  const night = { group: "wan", device: "eth1", standby: "eth2" };
  // Seen at 02:17: what somebody sees who is woken up.
  await ofDay(
    browser,
    {
      groups: [one],
      peaks: { wan: 7.2e9 },
      outages: [{ ...night, from: 3, until: 0 }],
      wallMs: Date.UTC(2026, 10, 28, 2, 17, 20),
    },
    [
      ["one-light", "", {}],
      ["one-dark", "", { colorScheme: "dark" }],
      ["one-phone", "", PHONE],
    ],
  );
  const five = ["lan", "storage", "voice"].map((name, n) => ({
    name,
    members: [0, 1].map((port) => ({
      device: `${name}${port}`,
      reason: n === 1 && port === 1 ? "link down" : undefined,
    })),
  }));
  await ofDay(
    browser,
    {
      groups: [one, { name: "backup", members: [{ device: "bak0" }] }, ...five],
      peaks: { wan: 7.2e9, lan: 3.1e9, storage: 5.4e9, voice: 4e7, backup: 9e8 },
      outages: [
        { ...night, from: 390, until: 193 },
        { group: "storage", device: "storage1", from: 11, until: 0 },
      ],
      wallMs: Date.UTC(2026, 10, 28, 8, 44, 20),
    },
    [
      ["five-light", "", {}],
      ["five-dark", "", { colorScheme: "dark" }],
      ["five-phone", "", PHONE],
      ["hour-light", "groups/storage?span=1h", {}],
      ["hour-phone", "groups/storage?span=1h", PHONE],
      ["day-light", "groups/wan?span=24h", {}],
      ["day-dark", "groups/wan?span=24h", { colorScheme: "dark" }],
      ["day-phone", "groups/wan?span=24h", { ...PHONE, colorScheme: "dark" }],
    ],
  );
}

/** Two hundred groups, of which some are not well, and others were not in the last hour. */
async function ofADayOfMany(browser: Browser): Promise<void> {
  const names = Array.from({ length: 200 }, (_, n) => `rack${String(n).padStart(3, "0")}`);
  const out = (n: number, from: number, until: number) => ({
    group: names[n] ?? "",
    device: `up${n}b`,
    from,
    until,
  });
  const day: Day = {
    groups: names.map((name, n) => ({
      name,
      members: [{ device: `up${n}a` }, { device: `up${n}b` }],
      ...(n % 61 === 9 ? { missing: [`up${n}c`] } : {}),
    })),
    peaks: Object.fromEntries(names.map((name, n) => [name, ((n * 7919) % 97) * 9e7])),
    outages: [out(7, 34, 0), out(40, 6, 0), out(2, 51, 44), out(5, 25, 24), out(12, 40, 13), out(19, 58, 57)],
    wallMs: Date.UTC(2026, 10, 28, 8, 44, 20),
  };
  const shots: readonly Shot[] = [
    ["many-light", "", {}],
    ["many-dark", "", { colorScheme: "dark" }],
    ["many-phone", "", PHONE],
    ["many-sorted-dark", "?q=rack0&sort=name", { colorScheme: "dark" }],
  ];
  await ofDay(browser, day, shots, false);
  await inATerminalOfMany(browser, { ...day, wallMs: Date.now() });
}

async function inATerminalOfMany(browser: Browser, day: Day): Promise<void> {
  const { events, later } = inventedDay(day);
  const begin = Date.now();
  const world = { ...aWorld(), events, fresh: () => Promise.resolve(later((Date.now() - begin) / 1000)) };
  const web = createWeb(optionsOf(world));
  const home = scratch(hooks);
  await web.listen([], join(home, "control.sock"));
  const terminal = await terminalOf(home, 100, 30);
  terminal.keys("ipmp-exporter top", "Enter");
  await sleep(seconds * 400); // the sparklines are of a minute
  await photograph(browser, join(folder, "top-many.png"), terminal.screen("-e"), 100);
  await web.close(0);
}

type Shot = readonly [name: string, path: string, options: BrowserContextOptions];

async function ofDay(browser: Browser, day: Day, shots: readonly Shot[], isWhole = true): Promise<void> {
  const { snapshot, events, traffic } = inventedDay(day);
  const world = { ...aWorld(), shared: snapshot, events };
  const web = createWeb({
    ...optionsOf(world),
    host: "gw1.example",
    earlierTraffic: { record: traffic.kept, goesOn: true },
  });
  const [address = ""] = await web.listen(httpAddresses("127.0.0.1:0"));
  for (const [name, path, options] of shots) {
    const context = await browser.newContext({ ...READER, viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    await page.clock.setFixedTime(day.wallMs);
    await page.goto(`http://${address}/${path}`);
    await page.waitForSelector("#connection.live");
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: isWhole && !("hasTouch" in options) });
    await context.close();
  }
  await web.close(0);
}

/** A terminal in which the program is called by its name, and finds the daemon whose socket is in that folder. */
async function terminalOf(home: string, columns: number, rows: number, environment = {}): Promise<Tmux> {
  const bin = scratch(hooks);
  const script = `#!/bin/sh\nexec "${process.execPath}" "${root("dist", "main.js")}" "$@"\n`;
  writeFileSync(join(bin, "ipmp-exporter"), script, { mode: 0o755 });
  const PATH = `${bin}:${process.env["PATH"]}`;
  const terminal = await Tmux.start(hooks, { PATH, RUNTIME_DIRECTORY: home, ...environment });
  terminal.run("resize-window", "-x", String(columns), "-y", String(rows));
  return terminal;
}

async function withoutGroups(browser: Browser): Promise<void> {
  const ns = Netns.create(hooks, "empty");
  const far = Netns.create(hooks, "emptyfar");
  for (const name of ["eth0", "eth1"]) ns.addVeth(name, `far-${name}`, far);
  const args = NO_SNMP;
  const program = await Program.start(hooks, { ns, args, config: "discovery: { default_routes: false }\n" });
  hooks.after(() => void program.stop());
  const proxy = await Proxy.to(join(program.folder, "web.sock"));
  const { page } = await visit(browser, proxy.url, READER);
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
  const { page } = await visit(browser, `${proxy.url}?without=switch=${domain}`, READER);
  await page.waitForSelector("#connection.live");
  await page.screenshot({ path: join(folder, "what-if-light.png"), fullPage: true });
  await proxy.close();
  const terminal = await terminalOf(program.folder, 96, 32);
  terminal.keys("clear", "Enter");
  for (const [without, shown] of [
    ["", /lead to one switch.*^[$#]$/ms],
    [" --without u0", /Without u0.*^[$#]$/ms],
    [" --without switch=sw1", /bound nowhere.*^[$#]$/ms],
  ] as const) {
    terminal.keys(`ipmp-exporter status wan${without}`, "Enter");
    await terminal.shows(shown);
  }
  process.stdout.write(terminal.screen());
  await photograph(browser, join(folder, "what-if-terminal.png"), terminal.screen("-e"), 96);
}
