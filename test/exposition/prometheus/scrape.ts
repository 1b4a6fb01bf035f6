/** Reads text format 0.0.4 as strictly as Prometheus does, for tests: what does not fit its grammar is an error. */

import assert from "node:assert/strict";

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** As written. */
  readonly value: string;
}

export interface Scrape {
  readonly samples: readonly Sample[];
  readonly types: ReadonlyMap<string, string>;
  readonly helps: ReadonlyMap<string, string>;
}

const HEAD = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/s;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([^ ]+)$/s;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,(?=.)|$)/sy;
const UNESCAPED: Readonly<Record<string, string>> = { "\\\\": "\\", '\\"': '"', "\\n": "\n" };

export function parseScrape(text: string): Scrape {
  assert.ok(text.endsWith("\n"), "the last line ends");
  const samples: Sample[] = [];
  const types = new Map<string, string>();
  const helps = new Map<string, string>();
  for (const line of text.slice(0, -1).split("\n")) {
    if (line === "") continue;
    const [, kind, headName, rest] = HEAD.exec(line) ?? [];
    if (kind !== undefined && headName !== undefined && rest !== undefined) {
      const heads = kind === "HELP" ? helps : types;
      assert.ok(!heads.has(headName), `second ${kind} of ${headName}`);
      heads.set(headName, rest);
      continue;
    }
    const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
    assert.ok(name !== undefined && value !== undefined, `not a sample: ${line}`);
    samples.push({ name, labels: parseLabels(labels, line), value });
  }
  return { samples, types, helps };
}

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const [, name, value] = LABEL.exec(text) ?? [];
    assert.ok(name !== undefined && value !== undefined, `not a label set: ${line}`);
    assert.ok(!(name in labels), `label ${name} twice: ${line}`);
    labels[name] = value.replaceAll(/\\["\\n]/g, (escaped) => UNESCAPED[escaped] ?? escaped);
  }
  return labels;
}

/** One text for one series, whatever the order of its labels. */
export function seriesOf(name: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map((pair) => JSON.stringify(pair));
  return `${name} ${pairs.sort().join()}`;
}

/** The value of the one sample of that name and exactly those labels; undefined when there is none. */
export function valueOf(scrape: Scrape, name: string, labels: Readonly<Record<string, string>>): string | undefined {
  const wanted = seriesOf(name, labels);
  const found = scrape.samples.filter((sample) => sample.name === name && seriesOf(name, sample.labels) === wanted);
  assert.ok(found.length <= 1, `${wanted} more than once`);
  return found[0]?.value;
}
