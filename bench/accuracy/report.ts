/** Outcomes for people: on the terminal, and as a table of docs/ACCURACY.md. */

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { arch, cpus, release } from "node:os";
import { root } from "../../test/support/root.ts";
import { bytesOf, COUNT_NAMES, type Counts, minus } from "./counts.ts";
import { difference, type Outcome, verdict } from "./outcome.ts";
import { RIVALS, type Rival } from "./rivals.ts";
import type { Row } from "./row.ts";

export type Result = { readonly row: Row; readonly seconds: number } & (
  | { readonly outcome: Outcome }
  | { readonly error: string }
);

/** 12 345 678, with narrow spaces kept out: it is to be searched and compared. */
export const digits = (value: bigint): string => String(value).replaceAll(/\B(?=(\d{3})+$)/g, ",");
export const signed = (value: bigint): string => (value > 0n ? `+${digits(value)}` : digits(value).replace("-", "−"));

export function printResult(result: Result): void {
  if ("error" in result) {
    console.log(`FAILED\n    ${result.error.replaceAll("\n", "\n    ")}`);
    return;
  }
  const { outcome, seconds } = result;
  console.log(`${verdict(outcome)} (${seconds.toFixed(1)} s, ${outcome.scrapes} scrapes)`);
  const line = (name: string, numbers: Counts, show: (value: bigint) => string): void => {
    const cells = COUNT_NAMES.map((count) => show(numbers[count]).padStart(14));
    console.log(`    ${name.padEnd(30)}${cells.join(" ")}`);
  };
  console.log(`    ${"".padEnd(30)}${COUNT_NAMES.map((count) => count.replace("_", " ").padStart(14)).join(" ")}`);
  line("carried", outcome.carried, digits);
  line("ipmp-exporter", difference(outcome), signed);
  if (outcome.bound) line("  may miss at most", outcome.bound, digits);
  for (const { rival, sumOfIncreases, increaseOfSum } of outcome.rivals) {
    line(`${rival}: sum(increase)`, minus(sumOfIncreases, outcome.carried), signed);
    line(`${rival}: increase(sum)`, minus(increaseOfSum, outcome.carried), signed);
  }
  for (const remark of outcome.remarks) console.log(`    ${remark}`);
  for (const fault of outcome.faults.slice(0, 5)) console.log(`    FAULT: ${fault}`);
}

export function printSummary(results: readonly Result[]): void {
  const count = (wanted: string): number =>
    results.filter((result) => ("error" in result ? "failed" : verdict(result.outcome)) === wanted).length;
  const parts = ["exact", "explained", "wrong", "failed"].map((each) => `${count(each)} ${each}`);
  console.log(`\n${results.length} rows: ${parts.join(", ")}`);
  if (count("wrong") + count("failed") > 0) process.exitCode = 1;
}

const MARKER = "table: written by `npm run bench -- accuracy --markdown`";
const END = "<!-- end of table -->";

/** Puts the tables into docs/ACCURACY.md. @throws Error when a row is not right, or the markers are not there */
export function writeMarkdown(results: readonly Result[]): void {
  writeBetween(MARKER, tables(results));
}

/** Puts text between a marker of docs/ACCURACY.md and the end of its table. @throws Error when the markers are not there */
export function writeBetween(marker: string, content: string): void {
  const path = root("docs", "ACCURACY.md");
  const text = readFileSync(path, "utf8");
  const begin = `<!-- ${marker} -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(END, from);
  if (from < 0 || to < 0) throw new Error(`Cannot write to "${path}": the markers of the table are not in it`);
  writeFileSync(path, `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`);
}

function tables(results: readonly Result[]): string {
  const measured = results.filter((result) => "outcome" in result);
  if (measured.length < results.length || measured.some(({ outcome }) => verdict(outcome) === "wrong")) {
    throw new Error("Cannot write the tables: not every row is right");
  }
  return [environment(), overview(measured), explanations(measured), everyNumber(measured)].join("\n\n");
}

type Measured = Extract<Result, { outcome: Outcome }>;

function environment(): string {
  const version = (program: string, ...args: string[]): string => {
    try {
      const output = execFileSync("sh", ["-c", `${program} ${args.join(" ")} 2>&1`], { encoding: "utf8" });
      return /\d+\.\d+[\d.]*/.exec(output)?.[0] ?? "of an unknown version";
    } catch {
      return "not installed";
    }
  };
  return [
    `Linux ${release()} ${arch()}, ${cpus().length} CPUs, Node ${process.versions.node}, iproute2 ${version("ip", "-V")}`,
    `prometheus-node-exporter ${version("prometheus-node-exporter", "--version")}, snmpd ${version("snmpd", "-v")}.`,
  ].join("; ");
}

function overview(results: readonly Measured[]): string {
  const head = [
    "disturbance",
    "carried, bytes",
    "**ipmp-exporter**",
    ...RIVALS.flatMap((rival) => [`${rival}: sum(increase)`, `${rival}: increase(sum)`]),
  ];
  const rows = results.map(({ row, outcome }) => {
    const ours = signed(bytesOf(difference(outcome)));
    const note = row.explanation === undefined ? "" : ` [why](#${row.name})`;
    return [
      `\`${row.name}\` ${row.title}`,
      digits(bytesOf(outcome.carried)),
      `**${ours}**${note}`,
      ...rivalCells(outcome, (numbers) => signed(bytesOf(minus(numbers, outcome.carried)))),
    ];
  });
  return `## Differences, bytes of both directions\n\n${table(head, rows)}`;
}

function rivalCells({ rivals }: Outcome, show: (numbers: Counts) => string): string[] {
  const cells = (rival: Rival): string[] => {
    const found = rivals.find((each) => each.rival === rival);
    return found ? [show(found.sumOfIncreases), show(found.increaseOfSum)] : ["–", "–"];
  };
  return RIVALS.flatMap(cells);
}

function explanations(results: readonly Measured[]): string {
  const parts = results.flatMap(({ row, outcome }) => {
    const lines = [row.explanation, ...outcome.remarks].filter((line) => line !== undefined);
    if (lines.length === 0) return [];
    const { bound } = outcome;
    const limit = bound ? ` ${atMost(bound)}` : "";
    return [`### ${row.name}\n\n${lines.map((line) => (/[.!]$/.test(line) ? line : `${line}.`)).join(" ")}${limit}`];
  });
  return `## Explanations\n\n${parts.join("\n\n")}`;
}

/** The sentence of an explanation that says how much may be missing. */
export function atMost(bound: Counts): string {
  const packets = digits(bound.receive_packets + bound.transmit_packets);
  return `In this run at most ${digits(bytesOf(bound))} bytes, ${packets} packets.`;
}

function everyNumber(results: readonly Measured[]): string {
  const head = [
    "disturbance",
    "count",
    "carried",
    "ipmp-exporter",
    ...RIVALS.flatMap((r) => [`${r} Σ(incr)`, `${r} incr(Σ)`]),
  ];
  const rows = results.flatMap(({ row, outcome }) =>
    COUNT_NAMES.map((name) => [
      `\`${row.name}\``,
      name.replace("_", " "),
      digits(outcome.carried[name]),
      digits(outcome.said[name]),
      ...rivalCells(outcome, (numbers) => digits(numbers[name])),
    ]),
  );
  return `## Every number\n\n${table(head, rows)}`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, n) => (n === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}
