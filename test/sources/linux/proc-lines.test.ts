import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { readLines } from "#src/sources/linux/proc-lines.js";
import { DEFAULT_ROUTES } from "#src/sources/linux/proc-routes.js";

const HEADING = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT";
const route = (name: string, destination: number, metric = 0) =>
  [name, destination.toString(16).padStart(8, "0").toUpperCase(), "0109090A", "0003", 0, 0, metric, "00000000"].join(
    "\t",
  );

function file(t: TestContext, lines: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "proc-lines-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "route");
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

const metrics = (lines: readonly string[] | undefined) => lines?.map((line) => line.split("\t")[6]);

describe("lines of a long file", () => {
  const others = Array.from({ length: 10_000 }, (_, n) => route("eth0", n + 1));

  test("are found wherever they stand, also across two pieces", (t) => {
    for (const at of [0, 1, 100, 1_100, 9_999, 10_000]) {
      const lines = [HEADING, ...others.slice(0, at), route("eth1", 0, 7), route("eth2", 0, 8), ...others.slice(at)];
      assert.deepEqual(metrics(readLines(file(t, lines), DEFAULT_ROUTES)), ["7", "8"]);
    }
  });

  test("are none where there are none", (t) =>
    assert.deepEqual(readLines(file(t, [HEADING, ...others]), DEFAULT_ROUTES), []));

  test("without a newline at the end count as well", (t) => {
    const path = file(t, [HEADING]);
    writeFileSync(path, route("eth0", 0, 5));
    assert.deepEqual(metrics(readLines(path, DEFAULT_ROUTES)), ["5"]);
  });

  test("of a file that is not there are not known", () =>
    assert.equal(readLines("/nonexistent/route", DEFAULT_ROUTES), undefined));
});
