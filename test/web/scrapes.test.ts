import assert from "node:assert/strict";
import { describe, test } from "node:test";
import zlib from "node:zlib";
import { COLLECTORS, renderText } from "#src/exposition/prometheus/metrics.js";
import { seriesName } from "#src/exposition/prometheus/sample-writer.js";
import { hrtime } from "#src/kstat/hrtime.js";
import type { Snapshot } from "#src/snapshot/snapshot.js";
import { parseScrape } from "../exposition/prometheus/scrape.ts";
import { EXAMPLE } from "../support/snapshot.ts";
import { ask, gate, serve } from "./client.ts";

const OPENMETRICS = { Accept: "application/openmetrics-text;version=1.0.0" };
const PROTOBUF = {
  Accept: "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
};
const EXPECTED = Buffer.from(renderText(EXAMPLE)).toString("utf8");

/** Names of families in a scrape, those of how the collection went left out. */
function families(text: string): string[] {
  return [...parseScrape(text).types.keys()].filter((name) => !name.startsWith("ipmp_scrape_"));
}

const all = families(EXPECTED);
const ofCollector = (wanted: string): readonly string[] => {
  const own = COLLECTORS.find(({ name }) => name === wanted)?.families.map(seriesName) ?? [];
  return all.filter((name) => own.includes(name));
};

describe("a scrape", () => {
  test("comes in the format that is asked for, and says that it depends on that", async (context) => {
    const { port } = await serve(context);
    const openmetrics = await ask({ port, path: "/metrics", headers: OPENMETRICS });
    assert.match(String(openmetrics.headers["content-type"]), /^application\/openmetrics-text; version=1\.0\.0/);
    assert.match(openmetrics.text, /^# TYPE ipmp_group info\n[\s\S]*\n# EOF\n$/);
    assert.doesNotMatch(openmetrics.text, /_created/);
    const binary = await ask({ port, path: "/metrics", headers: PROTOBUF });
    assert.match(String(binary.headers["content-type"]), /^application\/vnd\.google\.protobuf; .*encoding=delimited$/);
    assert.ok(binary.body.includes("ipmp_group_receive_bytes_total"));
    const plain = await ask({ port, path: "/metrics" });
    assert.equal(plain.text, EXPECTED);
    for (const { headers } of [openmetrics, binary, plain]) assert.equal(headers.vary, "Accept, Accept-Encoding");
  });

  test("has the starts of counters in OpenMetrics where they are wanted", async (context) => {
    const { port } = await serve(context, { createdSeries: true });
    const { text } = await ask({ port, path: "/metrics", headers: OPENMETRICS });
    assert.match(text, /^ipmp_group_receive_bytes_created\{group="ipmp0"\} \d+(\.\d+)?$/m);
    assert.doesNotMatch((await ask({ port, path: "/metrics" })).text, /_created/);
  });

  test("has the same series of the process in OpenMetrics as in text, whichever comes first", async (context) => {
    const { port } = await serve(context, { exporterMetrics: true });
    const series = (text: string): string[] =>
      text
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("#"))
        .map((line) => line.slice(0, line.lastIndexOf(" ")))
        .filter((name) => !/gc_duration|active_(resources|handles|requests)/.test(name));
    const first = await ask({ port, path: "/metrics", headers: OPENMETRICS });
    const second = await ask({ port, path: "/metrics" });
    const third = await ask({ port, path: "/metrics", headers: OPENMETRICS });
    assert.match(first.text, /^process_cpu_seconds_total \d/m);
    assert.match(first.text, /^# TYPE process_cpu_seconds counter$/m);
    assert.deepEqual(series(second.text), series(first.text));
    assert.deepEqual(series(third.text), series(first.text));
  });

  test("is compressed in the way that the client likes best", async (context) => {
    const { port } = await serve(context);
    const get = (accept: string) => ask({ port, path: "/metrics", headers: { "Accept-Encoding": accept } });
    const hasZstd = "zstdDecompressSync" in zlib;
    const { headers, body } = await get("zstd, gzip;q=0.5");
    assert.equal(headers["content-encoding"], hasZstd ? "zstd" : "gzip");
    const unpack = hasZstd
      ? (zlib as unknown as { zstdDecompressSync: typeof zlib.gunzipSync }).zstdDecompressSync
      : zlib.gunzipSync;
    assert.equal(unpack(body).toString("utf8"), EXPECTED);
    assert.equal((await get("gzip, zstd;q=0.5")).headers["content-encoding"], "gzip");
    assert.equal((await get("gzip;q=0.5")).headers["content-encoding"], "gzip");
    assert.equal((await get("gzip;q=0.5, identity")).headers["content-encoding"], undefined);
  });
});

describe("collect[] and exclude[]", () => {
  for (const name of ["group", "member_traffic", "kstat"]) {
    test(`have what is asked for, or all the rest: ${name}`, async (context) => {
      const { port } = await serve(context);
      const own = ofCollector(name);
      assert.ok(own.length > 0);
      const only = await ask({ port, path: `/metrics?collect[]=${name}` });
      assert.deepEqual(families(only.text), own);
      const without = await ask({ port, path: `/metrics?exclude[]=${name}` });
      assert.deepEqual(
        families(without.text),
        all.filter((family) => !own.includes(family)),
      );
      assert.match(only.text, /^ipmp_scrape_collector_success\{collector="links"\} 1$/m);
    });
  }

  test("take several names, and the same page serves all who ask for the same", async (context) => {
    const { port } = await serve(context);
    const { text } = await ask({ port, path: "/metrics?collect%5B%5D=member&collect%5B%5D=group" });
    assert.deepEqual(families(text), [...ofCollector("group"), ...ofCollector("member")]);
    const other = await ask({ port, path: "/metrics?collect[]=group&collect[]=member&collect[]=group" });
    assert.equal(other.text, text);
    assert.equal((await ask({ port, path: "/metrics" })).text, EXPECTED);
  });

  test("have the process's own metrics too", async (context) => {
    const { port } = await serve(context, { exporterMetrics: true });
    const own = await ask({ port, path: "/metrics?collect[]=process" });
    assert.match(own.text, /^process_cpu_seconds_total /m);
    assert.doesNotMatch(own.text, /^ipmp_group/m);
    const rest = await ask({ port, path: "/metrics?exclude[]=process" });
    assert.equal(rest.text, EXPECTED);
  });

  for (const [query, why] of [
    ["collect[]=nothing", /No collector "nothing": expected group, /],
    ["exclude[]=group,member", /No collector "group,member"/],
    ["collect[]=", /No collector ""/],
    ["collect[]=__proto__", /No collector/],
    ["collect[]=group&exclude[]=member", /not both/],
    ["collect[]=group&collect[]=x%0Ay", /No collector "x\\ny"/],
  ] as const) {
    test(`answer 400 to ${query}`, async (context) => {
      const { port, world } = await serve(context);
      world.fresh = () => Promise.reject(new Error("must not be asked"));
      const { status, text } = await ask({ port, path: `/metrics?${query}` });
      assert.equal(status, 400);
      assert.match(text, why);
    });
  }

  test("leave other parameters alone", async (context) => {
    const { port } = await serve(context);
    assert.equal((await ask({ port, path: "/metrics?module=x&name[]=ipmp_group_state" })).text, EXPECTED);
  });
});

describe("a scraper that does not wait for ever", () => {
  const within = (seconds: string) => ({ "X-Prometheus-Scrape-Timeout-Seconds": seconds });

  test("gets what can be had in time, and what is missing is marked", async (context) => {
    const { port, world } = await serve(context);
    world.fresh = () => new Promise(() => {});
    const { status, text } = await ask({ port, path: "/metrics", headers: within("0.05") });
    assert.equal(status, 200);
    const missing = COLLECTORS.filter(({ showsCounters }) => showsCounters).map(({ name }) => name);
    assert.deepEqual(missing, ["group_traffic", "member_traffic", "kstat"]);
    assert.deepEqual(
      families(text),
      all.filter((family) => !missing.some((name) => ofCollector(name).includes(family))),
    );
    for (const { name, showsCounters } of COLLECTORS) {
      const mark = `ipmp_scrape_collector_success{collector="${name}"} 0`;
      assert.equal(text.split("\n").includes(mark), showsCounters === true, name);
    }
  });

  test("gets marks alone when there is no time at all, and the next gets everything", async (context) => {
    const { port } = await serve(context);
    const { status, text } = await ask({ port, path: "/metrics", headers: within("0.000001") });
    assert.equal(status, 200);
    assert.deepEqual(families(text), []);
    for (const { name } of COLLECTORS)
      assert.ok(text.includes(`ipmp_scrape_collector_success{collector="${name}"} 0\n`));
    assert.equal((await ask({ port, path: "/metrics" })).text, EXPECTED);
  });

  test("gets everything when there is time, or when it says nothing that makes sense", async (context) => {
    const { port } = await serve(context);
    for (const seconds of ["10", "1e300", "0", "-1", "soon", "", "Infinity"]) {
      const { text } = await ask({ port, path: "/metrics", headers: within(seconds) });
      assert.equal(text, EXPECTED, seconds);
    }
  });

  test("does not keep an impatient one's page for a patient one", async (context) => {
    const { port, world } = await serve(context);
    const { opened, open } = gate();
    world.fresh = () => opened.then(() => EXAMPLE);
    const patient = ask({ port, path: "/metrics" });
    await ask({ port, path: "/metrics", headers: within("0.02") });
    open();
    assert.equal((await patient).text, EXPECTED);
  });
});

test("a scraper with time gets everything, though it shares the page of one whose time ends while it is written", async (context) => {
  let clock = 0;
  context.mock.method(performance, "now", () => clock);
  const { port, world } = await serve(context);
  const both = gate();
  /** Reading the groups takes so long that others get their turn; then the time of the first scraper is over. */
  const slow: Snapshot = {
    ...EXAMPLE,
    get groups() {
      clock += 10;
      setImmediate(() => (clock += 100_000));
      return EXAMPLE.groups;
    },
  };
  let waiting = 0;
  world.fresh = () => {
    if (++waiting === 2) both.open();
    return both.opened.then(() => slow);
  };
  const hasty = ask({ port, path: "/metrics", headers: { "X-Prometheus-Scrape-Timeout-Seconds": "100" } });
  const patient = ask({ port, path: "/metrics", headers: { "X-Prometheus-Scrape-Timeout-Seconds": "3600" } });
  assert.deepEqual(families((await hasty).text), []);
  assert.equal((await patient).text, EXPECTED);
});

test("asks for counters that are a tenth of a second old at most", async (context) => {
  const { port, world } = await serve(context);
  const ages: (bigint | undefined)[] = [];
  world.fresh = (maxAge?: bigint) => {
    ages.push(maxAge);
    return Promise.resolve({ ...EXAMPLE, at: hrtime(EXAMPLE.at + 1n) });
  };
  await ask({ port, path: "/metrics" });
  await ask({ port, path: "/api/v1/links" });
  assert.deepEqual(ages, [100_000_000n, undefined]);
});
