/**
 * OpenMetrics 1.0.0 (prometheus.io/docs/specs/om/open_metrics_spec): families without the suffix of their type, units, an end. No family is
 * a stateset: its label would have to have the family's name, and so its series other labels than in the other formats.
 */

import { Dialect, escapeLabelValue, LineWriter } from "./line-writer.ts";
import type { PageOptions } from "./page-bytes.ts";

const OPENMETRICS = new Dialect(({ name, type, unit, help }) => {
  const said = `# HELP ${name} ${escapeLabelValue(help)}\n`; // escaped as label values are
  return `# TYPE ${name} ${type}\n${unit === undefined ? "" : `# UNIT ${name} ${unit}\n`}${said}`;
}, "# EOF\n");

export class OpenMetricsWriter extends LineWriter {
  /** With `boot` there is a series `_created` of each counter and histogram. */
  constructor(options: PageOptions = {}) {
    super(OPENMETRICS, options);
  }
}
