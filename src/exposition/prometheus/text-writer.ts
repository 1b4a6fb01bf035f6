/** Prometheus text formats 0.0.4 and 1.0.0 (prometheus.io/docs/instrumenting/exposition_formats): the same for names without quotes. */

import { Dialect, LineWriter } from "./line-writer.ts";
import type { PageOptions } from "./page-bytes.ts";
import { type FamilyHead, type MetricType, seriesName } from "./sample-writer.ts";

/** The format does not know infos. */
const TYPES: Readonly<Record<MetricType, string>> = {
  counter: "counter",
  gauge: "gauge",
  histogram: "histogram",
  info: "gauge",
  unknown: "untyped",
};

/** TYPE of a family. */
export function textType({ type }: FamilyHead): string {
  return TYPES[type];
}

/** A quote stands for itself. */
function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

const TEXT = new Dialect((family) => {
  const name = seriesName(family);
  return `# HELP ${name} ${escapeHelp(family.help)}\n# TYPE ${name} ${textType(family)}\n`;
}, "");

export class TextWriter extends LineWriter {
  constructor({ buffer, former }: Omit<PageOptions, "boot"> = {}) {
    super(TEXT, { buffer, former });
  }
}
