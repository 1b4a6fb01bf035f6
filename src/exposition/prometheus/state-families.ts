/** How the saving of the state fares, and whether what is kept adds up. */

import { oneCounter, oneGauge } from "./exporter-samples.ts";
import type { Family } from "./family.ts";
import { NO_LABELS } from "./label-set.ts";
import type { Subject } from "./subject.ts";

/** Without the time of the last save: there is one for nearly each page. */
export const STATE: Subject = {
  whole({ startedAt, state, audit }, values) {
    values.add(startedAt);
    values.add(state?.saved);
    values.add(state?.saves);
    values.add(state?.failures);
    values.add(state?.fault);
    values.add(audit?.ok);
    values.add(audit?.violations);
  },
};

export const STATE_FAMILIES: readonly Family[] = [
  {
    name: "ipmp_state_save_success",
    type: "gauge",
    help: "Whether the state was saved when last tried; absent when nothing is kept (state.file none).",
    samples: oneGauge(({ state }) => state?.saved),
  },
  {
    name: "ipmp_state_saves",
    type: "counter",
    help: "Times the state was written through to the disk.",
    samples: oneCounter(({ state }) => state?.saves),
  },
  {
    name: "ipmp_state_save_failures",
    type: "counter",
    help: "Times the state could not be saved.",
    samples: oneCounter(({ state }) => state?.failures),
  },
  {
    name: "ipmp_state_last_save_timestamp_seconds",
    moves: true,
    type: "gauge",
    unit: "seconds",
    help: "When what is saved was last up to date, in seconds since 1970.",
    samples({ snapshot: { state } }, writer) {
      if (state?.lastSavedMs !== undefined) writer.decimal(NO_LABELS, NO_LABELS, String(state.lastSavedMs / 1000));
    },
  },
  {
    name: "ipmp_state_set_aside",
    type: "gauge",
    help: "1 when the state file found at the start could not be used, with the reason.",
    samples({ snapshot: { state }, labels }, writer) {
      if (state?.fault !== undefined) writer.integer(labels.ofExporter({ fault: state.fault }), NO_LABELS, 1);
    },
  },
  {
    name: "ipmp_audit_success",
    type: "gauge",
    help: "Whether every group was departed plus present members when last checked, for every statistic.",
    samples: oneGauge(({ audit }) => audit?.ok),
  },
  {
    name: "ipmp_audit_violations",
    type: "counter",
    help: "Statistics of groups that did not add up when checked.",
    samples: oneCounter(({ audit }) => audit?.violations),
  },
];
