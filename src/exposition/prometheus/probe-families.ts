/** Probes of members, by address family. A member that is not probed has no sample. */

import type { Hrtime } from "../../kstat/hrtime.ts";
import { type FamilyProbes, type ProbeCounts, TARGET_STATES, UNKNOWN_REASONS } from "../../snapshot/probes.ts";
import type { Family } from "./family.ts";
import { type LabelSet, labelSet } from "./label-set.ts";
import { perGroup, secondsPerGroup } from "./row-samples.ts";
import { inThisProcess, type MemberRow, type Rows } from "./rows.ts";

const METHODS = ["icmp", "udp", "none"] as const;

/** The label sets of one family: its own, and with what else its samples are told apart by. */
function familyLabels(family: FamilyProbes["family"]) {
  const more = <T extends string>(name: string, values: readonly T[]) =>
    new Map(values.map((value) => [value, labelSet({ family, [name]: value })]));
  return {
    own: labelSet({ family }),
    states: more("state", TARGET_STATES),
    reasons: more("reason", UNKNOWN_REASONS),
    methods: more("method", METHODS),
  };
}

const LABELS = { ipv4: familyLabels("ipv4"), ipv6: familyLabels("ipv6") } as const;

interface ProbeRow {
  readonly row: MemberRow;
  readonly probes: FamilyProbes;
  readonly labels: (typeof LABELS)["ipv4"];
  /** When its counters began, which are not saved over a restart. */
  readonly start: Hrtime;
}

function* probeRows({ probed, snapshot }: Rows): Generator<ProbeRow> {
  for (const row of probed) {
    const start = inThisProcess(row.start, snapshot);
    for (const probes of row.member.probes?.families ?? []) yield { row, probes, labels: LABELS[probes.family], start };
  }
}

type Count = { [K in keyof ProbeCounts]: ProbeCounts[K] extends number ? K : never }[keyof ProbeCounts];

function counted(count: Count): Family["samples"] {
  return (rows, writer) => {
    for (const { row, probes, labels, start } of probeRows(rows))
      if (probes.counts) writer.integer(row.labels, labels.own, probes.counts[count], start);
  };
}

/** One sample for each label set of a map. */
function each<K extends string>(
  sets: (labels: ProbeRow["labels"]) => ReadonlyMap<K, LabelSet>,
  value: (probes: FamilyProbes, key: K) => number | undefined,
  isCounter = false,
): Family["samples"] {
  return (rows, writer) => {
    for (const { row, probes, labels, start } of probeRows(rows)) {
      for (const [key, more] of sets(labels)) {
        const count = value(probes, key);
        if (count !== undefined) writer.integer(row.labels, more, count, isCounter ? start : undefined);
      }
    }
  };
}

export const PROBE_FAMILIES: readonly Family[] = [
  {
    name: "ipmp_group_failure_detection_time_seconds",
    type: "gauge",
    unit: "seconds",
    help: "Time in which probes find a failure (ipmpstat -g FDT); it rises while a target answers slowly. Absent where no member is probed.",
    samples: secondsPerGroup((group) => group.failureDetectionTimeMs),
  },
  {
    name: "ipmp_group_targets_mute",
    type: "gauge",
    help: "Whether no target answers any member though links are up (in.mpathd's group failure); the group keeps its traffic then.",
    samples: perGroup((group) => group.targetsMute),
  },
  {
    name: "ipmp_probe_sent",
    type: "counter",
    help: "Probes sent that are judged.",
    samples: counted("sent"),
  },
  {
    name: "ipmp_probe_acked",
    type: "counter",
    help: "Probes answered, those that had counted as lost included.",
    samples: counted("acked"),
  },
  {
    name: "ipmp_probe_lost",
    type: "counter",
    help: "Probes without an answer in time; sent = acked + lost - late + those under way.",
    samples: counted("lost"),
  },
  {
    name: "ipmp_probe_late",
    type: "counter",
    help: "Probes answered after they had counted as lost.",
    samples: counted("late"),
  },
  {
    name: "ipmp_probe_unknown",
    type: "counter",
    help: "Answers that no probe waits for: from another address than was asked, a second one, or of a probe long gone.",
    samples: each(
      ({ reasons }) => reasons,
      ({ counts }, reason) => counts?.unknown[reason],
      true,
    ),
  },
  {
    name: "ipmp_probe_send_errors",
    type: "counter",
    help: "Probes that the system did not send; each counts as lost.",
    samples: counted("sendErrors"),
  },
  {
    name: "ipmp_probe_round_trip_seconds",
    type: "histogram",
    unit: "seconds",
    help: "Time from sending a probe until the kernel received its answer (ipmpstat -p NETRTT).",
    samples(rows, writer) {
      for (const { row, probes, labels, start } of probeRows(rows))
        if (probes.counts) writer.histogram(row.labels, labels.own, probes.counts.roundTrips, start);
    },
  },
  {
    name: "ipmp_probe_targets",
    type: "gauge",
    help: "Targets by state: probed in turn, in reserve, or set aside because they answer slowly or not at all while others do.",
    samples: each(
      ({ states }) => states,
      ({ targets }, state) => targets.filter((target) => target.state === state).length,
    ),
  },
  {
    name: "ipmp_probe_method",
    type: "gauge",
    help: "How the member is probed: ICMP echo, UDP to closed ports, or not at all (none), so that its link alone decides.",
    samples(rows, writer) {
      for (const { row, probes, labels } of probeRows(rows)) {
        const more = labels.methods.get(probes.method);
        if (more) writer.integer(row.labels, more, 1);
      }
    },
  },
];
