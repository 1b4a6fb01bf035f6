/** The page as the server sends it: what a reader without a script has. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { type Hrtime, hrtime, seconds } from "#src/kstat/hrtime.js";
import { aSnapshot, EXAMPLE, BOND, type GroupInput, NOW } from "../support/snapshot.ts";
import { ask, serve } from "./client.ts";

/** The text of a piece of HTML, with single spaces. */
const textOf = (html: string): string =>
  html
    .replaceAll(/<(?:svg|noscript).*?<\/(?:svg|noscript)>/gs, " ")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ");

describe("the page", () => {
  test("tells the state of every group, every member with its role and why", async (context) => {
    const { port } = await serve(context);
    const { status, headers, text } = await ask({ port, path: "/" });
    assert.equal(status, 200);
    assert.match(String(headers["content-type"]), /^text\/html/);
    const words = textOf(text);
    for (const sentence of [
      "default and ipmp0 are degraded.",
      "ipmp0 degraded for 1 h",
      "eth2 does not exist.",
      "wan0 has failed (no carrier), tun0 may not join; one more failure is an outage.",
      "eth1 inactive standby standby up, 1 Gb/s",
      "eth2 missing promised, but there is no such link",
      "tun0 refused it has no link-layer address (ENXIO)",
      "192.0.2.10 on eth0",
      "192.0.2.11 down",
      "Multicast IPv4 eth0 , IPv6 – none",
      "Failovers 3, last 2025-11-22 22:53:20 UTC",
      "MTU 1500 bytes",
    ]) {
      assert.ok(words.includes(sentence), `"${sentence}" is not in: ${words}`);
    }
    assert.match(text, /<title>default and ipmp0 are degraded · host\.example<\/title>/);
  });

  test("asks nothing of anybody else", async (context) => {
    const { port } = await serve(context);
    for (const path of ["/", "/groups/ipmp0"]) {
      const { headers, text } = await ask({ port, path });
      assert.doesNotMatch(text, /(?:src|href)="?(?:https?:|\/\/)|@import| style=| on[a-z]+=/);
      const policy = String(headers["content-security-policy"]);
      assert.match(policy, /default-src 'none'/);
      assert.doesNotMatch(policy, /unsafe|https?:|\*/);
      assert.equal(headers["x-content-type-options"], "nosniff");
      assert.equal(headers["cache-control"], "private, no-cache");
    }
  });

  test("is rendered once for all who look at one snapshot, and not sent again to who has it", async (context) => {
    const { port, world } = await serve(context);
    const first = await ask({ port, path: "/" });
    const tag = String(first.headers["etag"]);
    assert.match(tag, /^W\/"[\w-]{22}"$/);
    const again = await ask({ port, path: "/", headers: { "if-none-match": tag } });
    assert.deepEqual([again.status, again.text], [304, ""]);
    world.shared = aSnapshot({ groups: [{ name: "other" }] });
    const changed = await ask({ port, path: "/", headers: { "if-none-match": tag } });
    assert.equal(changed.status, 200);
    assert.ok(changed.text.includes("other"));
  });

  test("shows a name as text, whatever it holds", async (context) => {
    const { port, world } = await serve(context);
    const name = `<img src=x onerror="alert(1)">&'`;
    world.shared = aSnapshot({ groups: [{ name, members: [{ device: "<b>x" }] }] });
    world.events.append({ kind: "group-added", group: name, cause: "<i>" }, 0);
    for (const path of ["/", `/groups/${encodeURIComponent(name)}`]) {
      const { status, text } = await ask({ port, path });
      assert.equal(status, 200);
      assert.ok(!text.includes("<img") && !text.includes("<b>x") && !text.includes("<i>"));
      assert.ok(text.includes("&#60;img src=x onerror=&#34;alert(1)&#34;&#62;&#38;&#39;"));
    }
  });

  test("tells what happened, the latest first, with its cause", async (context) => {
    const { port, world } = await serve(context);
    world.events.append({ kind: "group-added", group: "ipmp0", cause: "start" }, 0);
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
    world.events.append({ kind: "group-added", group: "default", cause: "start" }, 2);
    const eventsOf = async (path: string): Promise<string[]> =>
      [...(await ask({ port, path })).text.matchAll(/<li data-key="e(\d+)".*?<\/li>/gs)].map(([item]) =>
        textOf(item).trim(),
      );
    const all = await eventsOf("/");
    assert.equal(all.length, 3);
    assert.match(all[1] ?? "", /^1970-01-01 00:00:00 UTC ipmp0 is failed, was ok — eth0 and eth1 have no carrier$/);
    assert.equal((await eventsOf("/groups/ipmp0")).length, 2);
  });

  test("folds how the groups were found at a start into the line of that start", async (context) => {
    const { port, world } = await serve(context);
    const found = (device: string) =>
      ({ kind: "member-joined", group: "wan", device, source: "local", ifindex: 7, cause: "start" }) as const;
    world.events.append({ kind: "program-started", awayMs: 12_000, cause: "counters go on" }, 0);
    world.events.append({ kind: "group-added", group: "wan", cause: "start" }, 0);
    for (const device of ["eth0", "eth1"]) world.events.append(found(device), 0);
    world.events.append({ ...found("eth2"), cause: "link appeared" }, 0);
    const { text } = await ask({ port, path: "/" });
    const [, list = ""] = /<ol class="timeline">(.*)<\/ol>/s.exec(text) ?? [];
    const items = [...list.matchAll(/<li data-key="e\d+".*?<\/time>(.*?)(?=<li data-key|$)/gs)].map(([, item = ""]) =>
      textOf(item).trim(),
    );
    assert.deepEqual(items, [
      "eth2 joined wan — link appeared",
      "The program started again — counters go on 1 group and 2 members found wan added eth0 joined wan eth1 joined wan",
    ]);
  });

  test("shows starts without anything in between as one line, with the others in it", async (context) => {
    const { port, world } = await serve(context);
    for (let n = 0; n < 3; n++) {
      world.events.append({ kind: "program-started", awayMs: 1_000, cause: `counters go on ${n}` }, n * 60_000);
      const still = { kind: "group-state", group: "wan", ifname: "wan", from: "degraded", to: "degraded" } as const;
      world.events.append({ ...still, cause: "b has no carrier" }, n * 60_000);
    }
    const { text } = await ask({ port, path: "/" });
    const items = [...text.matchAll(/<li data-key="e\d+".*?(?=<li data-key|<\/ol>)/gs)].map(([item]) => textOf(item));
    assert.equal(items.length, 2);
    assert.match(
      items[1] ?? "",
      /started again, 3 times since 1970-01-01 00:00:00 UTC — counters go on 2 The 2 starts/,
    );
    assert.match(items[1] ?? "", /counters go on 0 .* is still degraded .* counters go on 1 /);
  });

  test("shows traffic from the second reading on, with the members' parts", async (context) => {
    const { port, world } = await serve(context);
    const reading = (second: number, bytes: bigint) =>
      aSnapshot({
        at: hrtime(NOW + seconds(second)),
        countersAt: hrtime(NOW + seconds(second)),
        groups: [{ name: "ipmp0", members: [{ device: "eth0", current: { rbytes64: bytes, obytes64: bytes / 2n } }] }],
      });
    world.shared = reading(0, 0n);
    assert.ok(textOf((await ask({ port, path: "/" })).text).includes("in – none out – none"));
    world.shared = reading(2, 2_000_000n);
    const { text } = await ask({ port, path: "/" });
    assert.ok(textOf(text).includes("in 8.00 Mb/s out 4.00 Mb/s"));
    assert.match(
      text,
      /aria-label="Traffic of the last 5 minutes: received up to 8\.00 Mb\/s, sent up to 4\.00 Mb\/s"/,
    );
  });

  test("has the clock's round times below each plot", async (context) => {
    const { port, world } = await serve(context);
    world.shared = { ...EXAMPLE, wallMs: Date.UTC(2026, 10, 28, 2, 14, 30) };
    const timesOf = async (query: string) =>
      [
        ...(await ask({ port, path: `/groups/ipmp0${query}` })).text.matchAll(/ data-at="(\d+)"[^>]*>([^<]*)<\/text>/g),
      ].map(([, ms, text]) => {
        assert.equal(new Date(Number(ms)).toISOString().slice(11, 16), text?.slice(0, -1));
        return text;
      });
    assert.deepEqual(await timesOf(""), ["02:11Z", "02:12Z", "02:13Z", "02:14Z"]);
    assert.deepEqual(await timesOf("?span=1h"), ["01:30Z", "01:40Z", "01:50Z", "02:00Z", "02:10Z"]);
    assert.deepEqual(await timesOf("?span=24h"), ["08:00Z", "12:00Z", "16:00Z", "20:00Z", "00:00Z"]);
  });

  test("has a reading from before when nobody has looked yet", async (context) => {
    const { web, port, world } = await serve(context);
    const reading = (at: Hrtime, rbytes64: bigint) =>
      aSnapshot({
        at,
        countersAt: at,
        groups: [{ name: "ipmp0", members: [{ device: "eth0", current: { rbytes64 } }] }],
      });
    world.fresh = () => Promise.resolve(reading(hrtime(NOW - seconds(5)), 0n));
    await web.sample();
    world.shared = reading(NOW, 1_000n);
    assert.ok(textOf((await ask({ port, path: "/" })).text).includes("in 1.60 kb/s"));
  });

  test("tells a newcomer what to write, with the links that were found", async (context) => {
    const { port, world } = await serve(context);
    world.shared = aSnapshot({
      links: [
        { name: "lo", hardwareType: 772 },
        { name: "eno1" },
        { name: "eno2" },
        { name: "br0", kind: "bridge" },
        { name: "eno3", masterIfindex: 5 },
      ],
    });
    const { text } = await ask({ port, path: "/" });
    assert.ok(text.includes("groups:\n  - name: ipmp0\n    interfaces: [eno1, eno2]\n"));
    assert.ok(textOf(text).includes("There are no groups yet"));
  });

  test("says what is wrong with the program itself", async (context) => {
    const { port, world } = await serve(context);
    world.shared = aSnapshot({
      collectors: [{ name: "netlink", success: false, durationSeconds: 0 }],
      state: { saved: false, saves: 0n, failures: 1n, lastSavedMs: undefined, fault: "damaged", recovered: false },
      audit: { ok: false, violations: 1n },
    });
    const { text } = await ask({ port, path: "/" });
    assert.equal(text.match(/class="notice"/g)?.length, 4);
  });

  test("lists many groups with the worst first, and shows only those in trouble in full", async (context) => {
    const { port, world } = await serve(context);
    const groups = Array.from({ length: 40 }, (_, index): GroupInput => {
      const state = index === 30 ? "failed" : "active";
      return { name: `g${index}`, members: [{ device: `eth${index}`, state }] };
    });
    world.shared = aSnapshot({ groups });
    const { text } = await ask({ port, path: "/" });
    assert.match(
      textOf(text),
      /g30 has failed since before .* UTC ?: eth30 has failed \(failed\)\. The other 39 groups are ok\./,
    );
    assert.match(text, /<h1 class="summary"><a href="groups\/g30">g30<\/a>/);
    assert.equal(text.match(/<section class="group /g)?.length, 1);
    assert.ok(text.includes('<details data-key="well"><summary>39 ok</summary>'), "the healthy ones are folded");
    assert.ok(text.indexOf('data-key="gg30"') < text.indexOf('data-key="well"'), "trouble comes first");
    assert.ok(!text.includes('data-key="og30"'), "what is shown in full is not in the table");
  });
});

describe("the page of a bond", () => {
  test("says who is at the other end of it and of each slave, and what the driver counts", async (context) => {
    const { port, world } = await serve(context);
    world.shared = BOND;
    const words = textOf((await ask({ port, path: "/groups/bond0" })).text);
    for (const sentence of [
      "Monitor MII",
      "LACP partner 02:fc:ce:91:32:14 , key 9",
      "eth0 active up 2 02:1d:22:fd:7e:72 1 02:fc:ce:91:32:14 9 none (0), churned (1)",
    ]) {
      assert.ok(words.includes(sentence), `"${sentence}" is not in: ${words}`);
    }
  });

  test("says that it would not fail over when nothing monitors its links", async (context) => {
    const { port, world } = await serve(context);
    world.shared = aSnapshot({ groups: [{ name: "bond0", source: "bond", monitor: "none" }] });
    const words = textOf((await ask({ port, path: "/" })).text);
    assert.ok(words.includes("Monitor none : it does not fail over"), words);
  });
});

describe("/groups/NAME", () => {
  test("adds the links and the arithmetic of the counters", async (context) => {
    const { port } = await serve(context);
    const words = textOf((await ask({ port, path: "/groups/ipmp0" })).text).replaceAll("\u202f", " ");
    assert.ok(words.includes("rbytes64 18 446 744 073 709 551 615 1 001 18 446 744 073 709 550 614 0"), words);
    assert.ok(words.includes("multixmt – none – none"));
    assert.ok(words.includes("RUNNING INACTIVE STANDBY"));
  });

  test("of a group that is not there is a page that says so", async (context) => {
    const { port } = await serve(context);
    const { status, text } = await ask({ port, path: "/groups/nobody" });
    assert.equal(status, 404);
    assert.ok(textOf(text).includes("There is no group nobody"));
  });
});

describe("the page's assets", () => {
  test("are kept for ever under a name that is theirs alone", async (context) => {
    const { port } = await serve(context);
    const { text } = await ask({ port, path: "/groups/ipmp0" });
    const paths = [...text.matchAll(/(?:src|href)="\.\.(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? "");
    assert.deepEqual(
      paths.map((path) => path.split("/").at(-1) ?? "").sort((a, b) => (a < b ? -1 : 1)),
      ["main.js", "page.css"],
    );
    for (const path of paths) {
      const { status, headers, text: plain } = await ask({ port, path });
      assert.equal(status, 200);
      assert.match(String(headers["cache-control"]), /immutable/);
      assert.match(String(headers["content-type"]), path.endsWith("css") ? /^text\/css/ : /^text\/javascript/);
      const gzipped = await ask({ port, path, headers: { "Accept-Encoding": "gzip" } });
      assert.equal(gunzipSync(gzipped.body).toString("utf8"), plain);
    }
  });

  test("of another version, and other files, are not there", async (context) => {
    const { port } = await serve(context);
    const { text } = await ask({ port, path: "/" });
    const [, name] = /data-assets="([^"]+)"/.exec(text) ?? [];
    for (const path of [
      "/assets/0000000000000000/main.js",
      `/assets/${name}/nothing.js`,
      `/assets/${name}/..%2fweb.js`,
    ]) {
      assert.equal((await ask({ port, path })).status, 404, path);
    }
  });

  test("are small: everything that a first visit loads", async (context) => {
    const { port } = await serve(context);
    const gzip = { "Accept-Encoding": "gzip" };
    const page = await ask({ port, path: "/", headers: gzip });
    const html = gunzipSync(page.body).toString("utf8");
    const [, name] = /data-assets="([^"]+)"/.exec(html) ?? [];
    const pending = ["page.css", "main.js"];
    const sizes = new Map([["the document", page.body.length]]);
    for (const file of pending) {
      const { body } = await ask({ port, path: `/assets/${name}/${file}`, headers: gzip });
      sizes.set(file, body.length);
      const imports = [
        ...gunzipSync(body)
          .toString("utf8")
          .matchAll(/from "\.\/([\w-]+\.js)"/g),
      ].map(([, path]) => path ?? "");
      for (const path of imports) if (!pending.includes(path)) pending.push(path);
    }
    const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    assert.ok(sizes.size > 5);
    assert.ok(total < 20_000, `${total} bytes: ${JSON.stringify([...sizes])}`);
    context.diagnostic(`${total} bytes over the wire: ${JSON.stringify([...sizes])}`);
  });
});
