/** docs/ENGINE.md says by what each function of the engine is seen. Every name there is one that the program really shows. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { ADDRESS_COLUMNS, INTERFACE_FLAGS } from "#src/cli/ipmpstat/modes.js";
import { renderText } from "#src/exposition/prometheus/metrics.js";
import { IF_MIB } from "#src/exposition/snmp/mibs/if-mib.js";
import { OPS } from "#src/replay/replay.js";
import { parseScrape, type Sample } from "../exposition/prometheus/scrape.ts";
import { DaemonStage } from "../scenarios/daemon/stage.ts";
import { DAEMON_VERBS } from "../scenarios/daemon/verbs.ts";
import { perform } from "../scenarios/story.ts";
import { root } from "../support/root.ts";

/** A history in which everything happens that the table speaks of. */
const HISTORY = [
  "link net0 mtu=9000",
  "link net1",
  "link net2",
  "link tun0 tunnel",
  "own net0 192.0.2.31",
  "group ipmp0 net0 net1 tun0 addresses=192.0.2.10,192.0.2.11",
  "group other net2",
  "start",
  "carry net0 100",
  "link net1 mtu 1400",
  "link net0 down",
  "link net0 up",
  "link net1 down",
  "link net0 down",
  "link net0 up",
  "ungroup other",
  "reload",
];

const source = (...path: readonly string[]) => readFileSync(root(...path), "utf8");

const stage = new DaemonStage();
perform(stage, DAEMON_VERBS, { line: 1, commands: HISTORY, expected: [] });
const snapshot = stage.snapshot();
const { samples } = parseScrape(Buffer.from(renderText(snapshot)).toString("utf8"));
const kinds = new Set<string>(stage.events.since().map(({ kind }) => kind));
const paths = Array.from(source("src", "web", "app.ts").matchAll(/path: "([^"]+)"/g), ([, path]) => path);
/** The replay's events and the fields of its dumps are not lists anywhere: what prints them is. */
const printed = ["replay-effects.ts", "dump.ts", "ops/arpents.ts"]
  .map((file) => source("src", "replay", file))
  .join("\n");

/** What a name in backticks can be, and whether there is such a thing. The first row that applies decides. */
const NAMES: readonly { readonly is: RegExp; readonly exists: (name: string) => boolean }[] = [
  { is: /^ipmp_[\w*]+(\{.*\})?$/, exists: (name) => OPS.has(name) || samples.some((sample) => fits(name, sample)) },
  { is: /^[a-z]+-[a-z]+$/, exists: (name) => kinds.has(name) },
  { is: /^\/api\//, exists: (name) => paths.includes(name.replace("NAME", ":name")) },
  { is: /^ipmpstat -[ai]$/, exists: () => true },
  {
    is: /^ipmp-exporter kstat /,
    exists: (name) =>
      [...snapshot.groups, ...snapshot.links].some(
        ({ kstat }) => kstat && `${kstat.id.module}:${kstat.id.instance}:` === name.split(" ")[2],
      ),
  },
  { is: /^(group|ifname|family)$/, exists: (label) => samples.some(({ labels }) => label in labels) },
  {
    is: /^inbound$/,
    exists: () => snapshot.groups[0]?.addresses?.some(({ inbound }) => inbound !== undefined) === true,
  },
  { is: /^\{"groups":\[\]\}$/, exists: () => true },
  { is: /^\w+\*?$/, exists: (name) => OPS.has(name) || printed.includes(`"${name.replace("*", "")}`) },
];

/** `ipmp_group_*_total`, `ipmp_group_info{group,ifname}`, `ipmp_kstat{module="ipmp"}`. */
function fits(pattern: string, { name, labels }: Sample): boolean {
  const [family = "", wanted = ""] = pattern.replace("}", "").split("{");
  if (!new RegExp(`^${family.replaceAll("*", "\\w+")}$`).test(name)) return false;
  return wanted.split(",").every((label) => {
    const [key = "", value] = label.split("=");
    return key === "" || (key in labels && (value === undefined || value === `"${labels[key]}"`));
  });
}

const rows = source("docs", "ENGINE.md")
  .split("\n")
  .flatMap((line) => {
    const [, number, kernel = "", , , seen = ""] = line.split(/ ?\| ?/);
    return /^\d+$/.test(number ?? "") ? [{ kernel: kernel.replaceAll("`", ""), seen }] : [];
  });

describe('what docs/ENGINE.md says of "seen by"', () => {
  test("is there for all 65 functions", () => {
    assert.equal(rows.length, 65);
    for (const { kernel, seen } of rows) assert.notEqual(seen, "", kernel);
  });

  for (const { kernel, seen } of rows) {
    test(`is true of ${kernel}`, () => {
      for (const [, name = ""] of seen.matchAll(/`([^`]+)`/g)) {
        const row = NAMES.find(({ is }) => is.test(name));
        assert.ok(row, `"${name}" is a name of some kind`);
        assert.ok(row.exists(name), `the program shows "${name}"`);
      }
      for (const [, command = "", what = ""] of seen.matchAll(/`ipmpstat (-\w)` ([A-Z]+)/g)) {
        assert.equal(command, "-a");
        assert.ok(
          ADDRESS_COLUMNS.some(({ name }) => name === what),
          what,
        );
      }
      for (const [, flags = ""] of seen.matchAll(/`ipmpstat -i` flags ([\w, ]+)/g)) {
        for (const flag of flags.split(", "))
          assert.ok(
            INTERFACE_FLAGS.some((known) => known === flag),
            flag,
          );
      }
      for (const [name] of seen.matchAll(/\bif[A-Z]\w+/g))
        assert.ok(
          IF_MIB.some((known) => known.name === name),
          name,
        );
    });
  }

  test("does not fit what is not there", () => {
    const info: Sample = { name: "ipmp_group_info", labels: { group: "ipmp0" }, value: "1" };
    assert.ok(fits("ipmp_group_info{group}", info));
    assert.ok(!fits("ipmp_group_info{device}", info));
    assert.ok(!fits('ipmp_group_info{group="other"}', info));
    assert.ok(!fits("ipmp_group_inf", info));
  });
});
