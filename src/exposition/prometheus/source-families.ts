/** The source of the links: what it can provide, and what could not be continued. */

import { NET_STATISTICS } from "../../kstat/net.ts";
import { LOCAL } from "../../link/link-id.ts";
import type { SourceSnapshot } from "../../snapshot/program.ts";
import type { Family } from "./family.ts";
import { labelSet, NO_LABELS } from "./label-set.ts";
import { addCounts, type Subject } from "./subject.ts";

const COUNTERS = NET_STATISTICS.filter(({ kind }) => kind === "counter").map(({ name }) => ({
  name,
  labels: labelSet({ statistic: name }),
}));

/** A count for each source. The label says which, except of the source of this host. */
function perSource(count: (source: SourceSnapshot) => bigint): Family["samples"] {
  return ({ snapshot, labels }, writer) => {
    for (const source of snapshot.sources) {
      const own = labels.ofExporter({ source: source.name === LOCAL ? "" : source.name });
      writer.integer(own, NO_LABELS, count(source), snapshot.startedAt);
    }
  };
}

/** Reads are left out: there is one for nearly each page. */
export const SOURCES: Subject = {
  whole({ startedAt, supported, sources, resets }, values) {
    values.add(startedAt);
    for (const { name } of COUNTERS) values.add(supported.has(name));
    for (const { name, kind, up, polls, lastSuccessMs, account, gaps } of sources) {
      values.add(name);
      values.add(kind);
      values.add(up);
      addCounts(values, polls);
      values.add(lastSuccessMs);
      values.add(account?.warnings);
      values.add(account?.anonymousInterfaces);
      values.add(gaps);
    }
    values.add(sources.length);
    for (const { device, reason, count } of resets) {
      values.add(device);
      values.add(reason);
      values.add(count);
    }
    values.add(resets.length);
  },
};

export const SOURCE_FAMILIES: readonly Family[] = [
  {
    name: "ipmp_discontinuities",
    type: "counter",
    help: "Readings of link kstats (link:0:<device>) that could not be continued, and so began anew, by reason.",
    samples({ snapshot, labels }, writer) {
      for (const { device, reason, count } of snapshot.resets) {
        writer.integer(labels.ofExporter({ device, reason }), NO_LABELS, count, snapshot.startedAt);
      }
    },
  },
  {
    name: "ipmp_statistic_supported",
    type: "gauge",
    help: "Whether the source provides a statistic (ipmp_kstats); one that it does not has no sample under its own name.",
    samples({ snapshot }, writer) {
      for (const { name, labels } of COUNTERS) writer.integer(labels, NO_LABELS, snapshot.supported.has(name));
    },
  },
  {
    name: "ipmp_source",
    type: "info",
    help: "Which source answers about links (rtnetlink, /proc/net/dev, kstat(8)).",
    samples({ snapshot, labels }, writer) {
      for (const { name, kind } of snapshot.sources) {
        writer.integer(labels.ofExporter(name === LOCAL ? { source: kind } : { source: name, kind }), NO_LABELS, 1);
      }
    },
  },
  {
    name: "ipmp_source_up",
    type: "gauge",
    help: "Whether the source answered everything that it was last asked.",
    samples({ snapshot, labels }, writer) {
      for (const { name, kind, up } of snapshot.sources)
        writer.integer(labels.ofExporter({ source: name, kind }), NO_LABELS, up);
    },
  },
  {
    name: "ipmp_source_last_success_timestamp_seconds",
    type: "gauge",
    unit: "seconds",
    help: "When a system that is polled last answered.",
    samples({ snapshot, labels }, writer) {
      for (const { name, kind, lastSuccessMs } of snapshot.sources)
        if (lastSuccessMs !== undefined)
          writer.decimal(labels.ofExporter({ source: name, kind }), NO_LABELS, String(lastSuccessMs / 1000));
    },
  },
  {
    name: "ipmp_source_polls",
    type: "counter",
    help: "Polls of a system that is polled at times of its own, by outcome: answered, or the kind of failure.",
    samples({ snapshot, labels }, writer) {
      for (const { name, polls } of snapshot.sources)
        for (const [outcome, count] of Object.entries(polls))
          writer.integer(labels.ofExporter({ source: name, outcome }), NO_LABELS, count, snapshot.startedAt);
    },
  },
  {
    name: "ipmp_source_warnings",
    type: "counter",
    help: "Lines on standard error of commands that answered otherwise (ipmpstat leaves out a row for each); of illumos only.",
    samples({ snapshot, labels }, writer) {
      for (const { name, account } of snapshot.sources)
        if (account)
          writer.integer(labels.ofExporter({ source: name }), NO_LABELS, account.warnings, snapshot.startedAt);
    },
  },
  {
    name: "ipmp_source_anonymous_interfaces",
    type: "gauge",
    help: "Interfaces outside of groups that in.mpathd watches all the same (the anonymous group); of illumos only.",
    samples({ snapshot, labels }, writer) {
      for (const { name, account } of snapshot.sources)
        if (account) writer.integer(labels.ofExporter({ source: name }), NO_LABELS, account.anonymousInterfaces);
    },
  },
  {
    name: "ipmp_source_reads",
    moves: true,
    type: "counter",
    help: "Times the counters of all links were read (RTM_GETSTATS, /proc/net/dev); of a system that is polled, by its polls.",
    samples: perSource(({ reads }) => reads),
  },
  {
    name: "ipmp_source_gaps",
    type: "counter",
    help: "Times link events were lost (ENOBUFS of rtnetlink) and everything had to be read again.",
    samples: perSource(({ gaps }) => gaps),
  },
];
