/**
 * Scrapers that others wrote read each format, and find the same: Debian's Prometheus with and without native histograms (protobuf,
 * OpenMetrics), vmagent and VictoriaMetrics (text).
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { renderText } from "#src/exposition/prometheus/metrics.js";
import { hrtime } from "#src/kstat/hrtime.js";
import { createWeb } from "#src/web/web.js";
import { lacks } from "../dashboards/tool.ts";
import { parseScrape, seriesOf } from "../exposition/prometheus/scrape.ts";
import { freePort, LOOPBACK } from "../support/loopback.ts";
import { httpAddresses } from "../support/net-address.ts";
import { scratch } from "../support/scratch.ts";
import { EXAMPLE } from "../support/snapshot.ts";
import { eventually } from "../support/wait.ts";
import { aWorld, optionsOf } from "../web/client.ts";

const skip = lacks("prometheus", "prometheus") || lacks("victoria-metrics", "victoria-metrics");

/** What a scraper adds of its own. */
const OF_THE_SCRAPE = /^(up$|scrape_)/;
const HISTOGRAM = /^ipmp_probe_round_trip_seconds/;

/** VictoriaMetrics keeps about fifteen digits. */
const rounded = (value: number): number => Number(value.toPrecision(12));

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [time: number, value: string];
  readonly histogram?: readonly [time: number, value: { readonly count: string; readonly sum: string }];
}

interface Scraper {
  readonly base: string;
  readonly log: () => string;
}

function body(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve(text)).on("error", reject);
    }).on("error", reject);
  });
}

/** Instant query. */
async function query({ base }: Scraper, expression: string): Promise<readonly Series[]> {
  const answer = await body(`${base}/api/v1/query?query=${encodeURIComponent(expression)}`);
  return JSON.parse(answer).data.result; // of the HTTP API of Prometheus, which VictoriaMetrics has too
}

describe("scrapers", { skip }, () => {
  const world = aWorld();
  let scrapes = 0;
  world.fresh = () => {
    scrapes++;
    return Promise.resolve({ ...EXAMPLE, at: hrtime(EXAMPLE.at + BigInt(scrapes)) });
  };
  const web = createWeb({ ...optionsOf(world), createdSeries: false });
  const hooks = { after };
  let target = "";

  before(async () => {
    const [address = ""] = await web.listen(httpAddresses(`${LOOPBACK}:${freePort()}`));
    target = address;
  });
  after(() => web.close(0));

  async function run(program: string, args: readonly string[], port: number): Promise<Scraper> {
    let log = "";
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        log += text;
      });
    }
    const ended = once(child, "exit");
    after(async () => {
      child.kill("SIGKILL");
      await ended;
    });
    const scraper = { base: `http://${LOOPBACK}:${port}`, log: () => log };
    const isUp = () =>
      body(scraper.base).then(
        () => true,
        () => false,
      );
    await eventually(
      async () => child.exitCode !== null || (await isUp()),
      () => `${program} does not answer:\n${log}`,
    );
    assert.equal(child.exitCode, null, log);
    return scraper;
  }

  function configuration(folder: string): string {
    const file = join(folder, "scrape.yml");
    const job = `{ job_name: ipmp-exporter, static_configs: [{ targets: ["${target}"] }] }`;
    writeFileSync(file, `{ global: { scrape_interval: 500ms, scrape_timeout: 500ms }, scrape_configs: [${job}] }\n`);
    return file;
  }

  function prometheus(...more: readonly string[]): Promise<Scraper> {
    const folder = scratch(hooks);
    const port = freePort();
    const args = [
      `--config.file=${configuration(folder)}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=${LOOPBACK}:${port}`,
      ...more,
    ];
    return run("prometheus", args, port);
  }

  /** Every series that it has of us, with its value. */
  async function seriesIn(scraper: Scraper): Promise<Record<string, number>> {
    let all: readonly Series[] = [];
    await eventually(
      async () => {
        all = await query(scraper, '{job="ipmp-exporter"}').catch(() => []);
        return all.some(({ metric }) => metric["__name__"] === "ipmp_scrape_collector_success");
      },
      () => `nothing was scraped:\n${scraper.log()}`,
    );
    return Object.fromEntries(
      all
        .filter(({ metric }) => !OF_THE_SCRAPE.test(metric["__name__"] ?? ""))
        .map(({ metric, value }) => {
          // What the scraper calls the target stands in the place of a label of ours, which gets another name.
          const { __name__: name = "", instance: _instance, job: _job, exported_instance: own, ...labels } = metric;
          const instance = own === undefined ? {} : { instance: own };
          return [seriesOf(name, { ...labels, ...instance }), rounded(Number(value?.[1]))];
        }),
    );
  }

  const expected = Object.fromEntries(
    parseScrape(Buffer.from(renderText(EXAMPLE)).toString("utf8")).samples.map(({ name, labels, value }) => [
      seriesOf(name, labels),
      rounded(Number(value)),
    ]),
  );
  const withoutHistogram = (series: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(series).filter(([name]) => !HISTOGRAM.test(name)));

  test("Prometheus reads OpenMetrics", async () => {
    assert.deepEqual(await seriesIn(await prometheus()), expected);
  });

  test("Prometheus with native histograms reads protobuf, and answers quantiles of round trips", async () => {
    const scraper = await prometheus("--enable-feature=native-histograms");
    assert.deepEqual(withoutHistogram(await seriesIn(scraper)), withoutHistogram(expected));
    const [quantile] = await query(scraper, "histogram_quantile(0.25, ipmp_probe_round_trip_seconds)");
    const median = Number(quantile?.value?.[1]);
    assert.ok(median > 2 ** (-90 / 8) && median <= 2 ** (-89 / 8), `${median}: the bucket of the first 300`);
    const [count] = await query(scraper, "histogram_count(ipmp_probe_round_trip_seconds)");
    assert.equal(count?.value?.[1], "598");
  });

  test("vmagent passes text on to VictoriaMetrics", async () => {
    const folder = scratch(hooks);
    const [port, own] = [freePort(), freePort()];
    const store = ["-storageDataPath", join(folder, "data"), "-search.latencyOffset=0s", "-search.disableCache"];
    const database = await run("victoria-metrics", [`-httpListenAddr=${LOOPBACK}:${port}`, ...store], port);
    await run(
      "vmagent",
      [
        `-httpListenAddr=${LOOPBACK}:${own}`,
        `-promscrape.config=${configuration(folder)}`,
        `-remoteWrite.url=${database.base}/api/v1/write`,
        `-remoteWrite.tmpDataPath=${join(folder, "queue")}`,
        "-remoteWrite.flushInterval=100ms",
      ],
      own,
    );
    assert.deepEqual(await seriesIn(database), expected);
  });
});
