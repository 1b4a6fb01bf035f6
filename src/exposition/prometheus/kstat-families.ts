/** The group kstats as the kernel would show them. */

import { NET_STATISTICS } from "../../kstat/net.ts";
import { BITS } from "../../kstat/schema.ts";
import type { Family } from "./family.ts";
import { type LabelSet, labelSet } from "./label-set.ts";
import { words } from "./words.ts";

const statisticLabels = new Map<string, LabelSet>(
  NET_STATISTICS.map(({ name }) => [name, labelSet({ statistic: name })]),
);

export const KSTAT_FAMILIES: readonly Family[] = [
  {
    name: "ipmp_kstat",
    type: "unknown",
    help: "Statistics of each group kstat exactly as kstat(8) shows them (ipmp_kstats): 32-bit ones modulo 2^32, unknown ones 0.",
    samples({ snapshot, labels: sets }, writer) {
      for (const { kstat } of snapshot.groups) {
        if (kstat?.schema === undefined) continue;
        const { id, schema, values } = kstat;
        const labels = sets.kstat(id);
        const shown = words(values);
        schema.statistics.forEach(({ name, type }, index) => {
          const more = statisticLabels.get(name) ?? labelSet({ statistic: name });
          if (BITS[type] === 64) writer.word(labels, more, shown, index);
          else if (BITS[type] === 32) writer.half(labels, more, shown, index);
        });
      }
    },
  },
];
