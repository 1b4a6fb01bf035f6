/**
 * The CPU time that a scrape takes to be written in each format, with 200,000 series, beside text format 0.0.4 in the same run.
 *
 * In one process, without a socket: between two rounds the counters of every link grow, and the snapshot is then written in turn in each
 * format, each from its last page, as the server does it. A series is a line of the text format.
 *
 *   npm run bench -- formats [--series=200000] [--rounds=40]
 */

import { arch, cpus, release } from "node:os";
import { parseArgs } from "node:util";
import { BootTime } from "#src/exposition/prometheus/boot-time.js";
import { FormerPage } from "#src/exposition/prometheus/former-page.js";
import { MetricsPage } from "#src/exposition/prometheus/metrics.js";
import { OpenMetricsWriter } from "#src/exposition/prometheus/openmetrics-writer.js";
import { ProtobufWriter } from "#src/exposition/prometheus/protobuf-writer.js";
import type { PageOptions } from "#src/exposition/prometheus/page-bytes.js";
import type { PageWriter } from "#src/exposition/prometheus/sample-writer.js";
import { TextWriter } from "#src/exposition/prometheus/text-writer.js";
import { NET_COUNT, NET_INDEX } from "#src/kstat/net.js";
import type { Snapshot } from "#src/snapshot/snapshot.js";
import { aSnapshot } from "../test/support/snapshot.ts";

const GROUP_SIZE = 4;
/** Until V8 has compiled what is measured. */
const WARM_UP = 15;

const FORMATS: Readonly<Record<string, (boot: bigint, options: PageOptions) => PageWriter>> = {
  text: (_boot, options) => new TextWriter(options),
  OpenMetrics: (_boot, options) => new OpenMetricsWriter(options),
  protobuf: (boot, options) => new ProtobufWriter(boot, options),
};

/** What grows from one scrape to the next; errors and broadcasts stay as they are, as on most hosts. */
const GROWING = (["rbytes64", "obytes64", "ipackets64", "opackets64", "multircv"] as const).map(
  (name) => NET_INDEX[name],
);

interface World {
  readonly snapshot: Snapshot;
  /** A scrape interval passes: every link carries something. */
  readonly goOn: () => void;
}

/** Groups of four members that have carried something. As the daemon makes it, all rows of counters lie in one block of memory. */
function world(groups: number): World {
  const stateTime = { ok: 3_600_000_000_000n, degraded: 0n, failed: 0n };
  const apart = aSnapshot({
    groups: Array.from({ length: groups }, (_, group) => ({
      name: `group${group}`,
      stateTime,
      members: Array.from({ length: GROUP_SIZE }, (__, member) => {
        const bytes = BigInt(1_234_567 * (group + 1) * (member + 1));
        const packets = bytes / 700n;
        return {
          device: `enp${group}s${member}f0`,
          current: { rbytes64: bytes, obytes64: bytes * 3n, ipackets64: packets, opackets64: packets * 2n },
        };
      }),
    })),
  });
  const block = new BigUint64Array(groups * (GROUP_SIZE + 2) * NET_COUNT);
  let rows = 0;
  const inBlock = (values: BigUint64Array): BigUint64Array => {
    const row = block.subarray(rows * NET_COUNT, ++rows * NET_COUNT);
    row.set(values);
    return row;
  };
  const snapshot = {
    ...apart,
    groups: apart.groups.map((group) => ({
      ...group,
      total: inBlock(group.total),
      kstat: group.kstat && { ...group.kstat, values: inBlock(group.kstat.values) },
      members: group.members.map((member) => ({ ...member, share: inBlock(member.share) })),
    })),
  };
  const goOn = (): void => {
    stateTime.ok += 15_003_141_592n;
    for (let row = 0; row < rows; row++) {
      for (const index of GROWING) {
        const at = row * NET_COUNT + index;
        block[at] = (block[at] ?? 0n) + BigInt(1_000 + row * (index + 1));
      }
    }
  };
  return { snapshot, goOn };
}

function linesIn(text: Uint8Array): number {
  return Buffer.from(text)
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#")).length;
}

export function run(args: readonly string[]): void {
  const { values } = parseArgs({
    args: [...args],
    options: { series: { type: "string", default: "200000" }, rounds: { type: "string", default: "40" } },
  });
  const page = new MetricsPage();
  const write = (writer: PageWriter, snapshot: Snapshot): Uint8Array => {
    page.write(snapshot, writer);
    return writer.finish();
  };
  const sample = 10;
  const perGroup =
    linesIn(write(new TextWriter(), world(2 * sample).snapshot)) -
    linesIn(write(new TextWriter(), world(sample).snapshot));
  const { snapshot, goOn } = world(Math.round(Number(values.series) / (perGroup / sample)));
  const series = linesIn(write(new TextWriter(), snapshot));
  const boot = new BootTime().of(snapshot);
  const names = Object.keys(FORMATS);
  const times = new Map(names.map((name): [string, number[]] => [name, []]));
  const pages = new Map(names.map((name): [string, Uint8Array] => [name, new Uint8Array(16_384)]));
  const formers = new Map(names.map((name): [string, FormerPage] => [name, new FormerPage()]));
  for (let round = 0; round < WARM_UP + Number(values.rounds); round++) {
    goOn();
    for (const [name, make] of Object.entries(FORMATS)) {
      const buffer = new Uint8Array(pages.get(name)?.buffer ?? new ArrayBuffer(0));
      const before = process.cpuUsage();
      const body = write(make(boot, { buffer, former: formers.get(name) }), snapshot);
      const { user, system } = process.cpuUsage(before);
      if (round >= WARM_UP) times.get(name)?.push((user + system) / 1000);
      pages.set(name, body);
    }
  }
  console.log(`# Linux ${release()} ${arch()}, ${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`);
  console.log(`# ${series} series of ${snapshot.groups.length} groups of ${GROUP_SIZE}, ${values.rounds} rounds`);
  console.log("format | least ms | median ms | of text's median | MB");
  const median = (name: string): number => {
    const sorted = (times.get(name) ?? []).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  };
  for (const name of names) {
    const [own, text] = [median(name), median("text")];
    const megabytes = (pages.get(name)?.length ?? 0) / 1e6;
    const least = Math.min(...(times.get(name) ?? []));
    console.log([name, least.toFixed(1), own.toFixed(1), (own / text).toFixed(2), megabytes.toFixed(1)].join(" | "));
  }
}
