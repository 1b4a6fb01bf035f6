/** How each part of the collection went, as node_exporter says it of its collectors. */

import type { Family } from "./family.ts";
import { NO_LABELS } from "./label-set.ts";

export const COLLECTOR_FAMILIES: readonly Family[] = [
  {
    name: "ipmp_scrape_collector_success",
    type: "gauge",
    help: "Whether this part of the collection succeeded; 0 also for a collector that was left out because the scraper has no time for it.",
    samples({ snapshot: { collectors }, labels, late }, writer) {
      for (const { name, success } of collectors) {
        writer.integer(labels.ofExporter({ collector: name }), NO_LABELS, success);
      }
      for (const name of late) writer.integer(labels.ofExporter({ collector: name }), NO_LABELS, false);
    },
  },
  {
    name: "ipmp_scrape_collector_duration_seconds",
    type: "gauge",
    unit: "seconds",
    help: "How long this part of the collection took.",
    samples({ snapshot: { collectors }, labels }, writer) {
      for (const { name, durationSeconds } of collectors) {
        writer.decimal(labels.ofExporter({ collector: name }), NO_LABELS, String(durationSeconds));
      }
    },
  },
];
