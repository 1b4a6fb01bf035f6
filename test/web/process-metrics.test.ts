import assert from "node:assert/strict";
import fs, { closeSync, openSync, readFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { seriesName } from "#src/exposition/prometheus/sample-writer.js";
import { hrtime } from "#src/kstat/hrtime.js";
import { createProcessMetrics } from "#src/web/process-metrics.js";
import { type CollectedSample, CollectingWriter } from "../exposition/prometheus/collecting-writer.ts";
import { until } from "./client.ts";

const START = hrtime(5n);
const metrics = createProcessMetrics({ version: "1.2.3", revision: "abcdef" });

async function samples(): Promise<readonly CollectedSample[]> {
  const writer = new CollectingWriter();
  await metrics.write(writer, START);
  return writer.samples;
}

async function valueOf(wanted: string): Promise<CollectedSample["value"] | undefined> {
  return (await samples()).find(({ name }) => name === wanted)?.value;
}

test("the process's metrics are of the moment at which they are asked for", async (context) => {
  const before = await valueOf("process_open_fds");
  const descriptor = openSync("/dev/null", "r");
  context.after(() => closeSync(descriptor));
  assert.equal(Number(await valueOf("process_open_fds")), Number(before) + 1);
  const spent = Number(await valueOf("process_cpu_seconds_total"));
  const base = process.cpuUsage();
  while (process.cpuUsage(base).user < 50_000);
  assert.ok(Number(await valueOf("process_cpu_seconds_total")) >= spent + 0.05);
});

test("where open files have to be listed and none can be opened for that, their number alone is not said", async (context) => {
  context.mock.method(fs, "fstatSync", () => ({ size: 0 })); // as Linux says it before 6.2
  context.mock.method(fs, "readdirSync", () => {
    throw new Error("EMFILE: too many open files");
  });
  syncBuiltinESMExports();
  context.after(() => {
    context.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const names = (await samples()).map(({ name }) => name);
  assert.ok(!names.includes("process_open_fds"));
  assert.ok(names.includes("process_max_fds"));
});

test("what is said of memory is what the system says", async () => {
  const status = readFileSync("/proc/self/status", "utf8");
  const kilobytes = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]);
  // Memory grows between the two readings, but not by pages as large as a wrong unit would say.
  const isNear = (bytes: unknown, wanted: number) => Math.abs(Number(bytes) / 1024 / wanted - 1) < 0.5;
  assert.ok(isNear(await valueOf("process_resident_memory_bytes"), kilobytes("VmRSS")));
  assert.ok(isNear(await valueOf("process_virtual_memory_bytes"), kilobytes("VmSize")));
  assert.ok(isNear(await valueOf("process_heap_bytes"), kilobytes("VmData") + kilobytes("VmStk")));
});

test("the event loop's lag is there from the second time on, and is no distribution", async () => {
  await samples();
  await new Promise((resolve) => setImmediate(resolve));
  const names = (await samples()).map(({ name }) => name);
  assert.deepEqual(
    names.filter((name) => name.startsWith("nodejs_eventloop_lag")),
    ["nodejs_eventloop_lag_seconds"],
  );
});

test("collections of garbage are a histogram by kind", async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void; // V8 has it under this name
  collectGarbage();
  const major = async () =>
    (await samples()).find(({ name, labels }) => name === "nodejs_gc_duration_seconds" && labels["kind"] === "major");
  await until(async () => (await major()) !== undefined, "the collection is counted");
  const { family, labels, value } = (await major()) ?? assert.fail();
  assert.equal(family.type, "histogram");
  assert.deepEqual(labels, { kind: "major" });
  assert.ok(typeof value === "object");
  const counts = value.buckets.map(({ count }) => count);
  assert.deepEqual(
    value.buckets.map(({ bound }) => bound),
    [0.001, 0.01, 0.1, 1, 2, 5],
  );
  assert.deepEqual(
    counts.toSorted((a, b) => a - b),
    counts,
  );
  assert.ok(value.count >= 1 && value.sum > 0);
});

test("every family has a name, a unit and a type that formats can write", async () => {
  for (const { family, start, value } of await samples()) {
    assert.doesNotMatch(family.name, /_(total|info)$/);
    assert.equal(family.unit, /_(bytes|seconds)$/.exec(family.name)?.[1], family.name);
    assert.equal(start, family.type === "counter" || family.type === "histogram" ? START : undefined, family.name);
    if (family.type === "info") assert.equal(value, 1n, seriesName(family));
  }
});
