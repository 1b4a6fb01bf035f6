/** How kstat(8) prints: blocks for people, lines for programs, JSON. Values are decimal text from the daemon to the last digit. */

import { printable } from "../../log/printable.ts";

export interface Kstat {
  readonly module: string;
  readonly instance: number;
  readonly name: string;
  readonly class: string;
  /** Seconds since boot with nine decimals. */
  readonly crtime: string;
  readonly snaptime: string;
  readonly statistics: readonly Statistic[];
}

export interface Statistic {
  readonly name: string;
  /** "string" for text; anything else, or nothing, for a number. */
  readonly type?: string;
  readonly value: string;
}

export type Form = "blocks" | "lines" | "colons" | "names" | "json";

/** Kstats in the order in which they are printed, each with its pseudo-statistics crtime and snaptime, sorted. */
export function sorted(kstats: readonly Kstat[]): Kstat[] {
  return kstats
    .map((kstat) => {
      const pseudo = [
        { name: "crtime", value: kstat.crtime },
        { name: "snaptime", value: kstat.snaptime },
      ];
      const statistics = [...kstat.statistics, ...pseudo].toSorted((a, b) =>
        compare(a.name.toLowerCase(), b.name.toLowerCase()),
      );
      return { ...kstat, statistics };
    })
    .toSorted((a, b) => compareText(a.module, b.module) || a.instance - b.instance || compareText(a.name, b.name));
}

/** As strcasecmp(3C), and then as it is written. */
function compareText(a: string, b: string): number {
  return compare(a.toLowerCase(), b.toLowerCase()) || compare(a, b);
}

const FORMS: Readonly<Record<Exclude<Form, "json">, (kstat: Kstat) => string[]>> = {
  blocks: (kstat) => [
    `module: ${fit(kstat.module)}  instance: ${String(kstat.instance).padEnd(6)}`,
    `name:   ${fit(kstat.name)}  class:    ${kstat.class.slice(0, FIELD)}`,
    ...kstat.statistics.map(({ name, value }) => `\t${name.padEnd(FIELD)}  ${value}`),
    "",
  ],
  lines: (kstat) => kstat.statistics.map(({ name, value }) => `${prefix(kstat)}:${name}\t${value}`),
  colons: (kstat) => kstat.statistics.map(({ name, value }) => `${prefix(kstat)}:${name}:${value}`),
  names: (kstat) => kstat.statistics.map(({ name }) => `${prefix(kstat)}:${name}`),
};

/** Width of a name in the blocks: %-30.30s. */
const FIELD = 30;

/** The lines of one report. */
export function formatReport(form: Form, kstats: readonly Kstat[]): string[] {
  return form === "json" ? [`[${kstats.map(formatJson).join(", ")}]`] : kstats.map(withinLines).flatMap(FORMS[form]);
}

/** Names that would end a line or a column, or that a terminal would obey, are escaped. */
function withinLines(kstat: Kstat): Kstat {
  const statistics = kstat.statistics.map(({ name, value }) => ({ name: printable(name), value: printable(value) }));
  return {
    ...kstat,
    module: printable(kstat.module),
    name: printable(kstat.name),
    class: printable(kstat.class),
    statistics,
  };
}

/** Numbers stand bare, as in the original: a reader that keeps only 53 bits loses some. */
function formatJson(kstat: Kstat): string {
  const data = kstat.statistics.map(
    ({ name, type, value }) => `\t\t${JSON.stringify(name)}: ${type === "string" ? JSON.stringify(value) : value}`,
  );
  return [
    "{",
    `\t"module": ${JSON.stringify(kstat.module)},`,
    `\t"instance": ${kstat.instance},`,
    `\t"name": ${JSON.stringify(kstat.name)},`,
    `\t"class": ${JSON.stringify(kstat.class)},`,
    // KSTAT_TYPE_NAMED
    '\t"type": 1,',
    `\t"snaptime": ${kstat.snaptime},`,
    '\t"data": {',
    ...(data.length > 0 ? [data.join(",\n")] : []),
    "\t}",
    "}",
  ].join("\n");
}

function prefix({ module, instance, name }: Kstat): string {
  return `${module}:${instance}:${name}`;
}

function fit(text: string): string {
  return text.slice(0, FIELD).padEnd(FIELD);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
