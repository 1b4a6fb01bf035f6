/**
 * OpenMetrics 1.0.0 (prometheus.io/docs/specs/om/open_metrics_spec): families without the suffix of their type, units, an end. No family is
 * a stateset: its label would have to have the family's name, and so its series other labels than in the other formats.
 */

import { Dialect, escapeLabelValue, LineWriter } from "./line-writer.ts";

const OPENMETRICS = new Dialect(({ name, type, unit, help }) => {
  const said = `# HELP ${name} ${escapeLabelValue(help)}\n`; // escaped as label values are
  return `# TYPE ${name} ${type}\n${unit === undefined ? "" : `# UNIT ${name} ${unit}\n`}${said}`;
}, "# EOF\n");

export class OpenMetricsWriter extends LineWriter {
  /**
   * `buffer`: where to write, for as long as it is large enough. `boot`: when the clock of the snapshot stood at 0, in nanoseconds
   * since 1970, for a series `_created` of each counter and histogram; undefined for none.
   */
  constructor(buffer?: Uint8Array, boot?: bigint) {
    super(OPENMETRICS, buffer, boot);
  }
}
