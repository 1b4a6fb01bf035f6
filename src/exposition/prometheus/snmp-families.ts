/** What the SNMP agent has done since the start. */

import { countsBy, oneCounter, oneGauge } from "./exporter-samples.ts";
import type { Family } from "./family.ts";
import { NO_LABELS } from "./label-set.ts";
import { addCounts, type Subject } from "./subject.ts";

export const SNMP: Subject = {
  whole({ startedAt, snmp }, values) {
    values.add(startedAt);
    values.add(snmp?.packets);
    values.add(snmp?.responses);
    addCounts(values, snmp?.refused);
    values.add(snmp?.notificationsSent);
    values.add(snmp?.notificationsDropped);
    values.add(snmp?.informsUnacknowledged);
    values.add(snmp?.agentxConnected);
    const { listening = [] } = snmp ?? {};
    for (const { address, open } of listening) {
      values.add(address);
      values.add(open);
    }
    values.add(listening.length);
  },
};

export const SNMP_FAMILIES: readonly Family[] = [
  {
    name: "ipmp_snmp_packets",
    type: "counter",
    help: "SNMP messages that came (snmpInPkts).",
    samples: oneCounter(({ snmp }) => snmp?.packets),
  },
  {
    name: "ipmp_snmp_responses",
    type: "counter",
    help: "SNMP messages that were answered, Reports included.",
    samples: oneCounter(({ snmp }) => snmp?.responses),
  },
  {
    name: "ipmp_snmp_refused",
    type: "counter",
    help: "SNMP messages that were not served, by reason (snmpInASNParseErrs, snmpInBadCommunityNames, usmStats and the like).",
    samples: countsBy("reason", ({ snmp }) => snmp?.refused),
  },
  {
    name: "ipmp_snmp_listening",
    type: "gauge",
    help: "Whether SNMP is served on an address of the configuration (snmp.listen_addresses); 0 while this host does not have it.",
    samples: ({ snapshot, labels }, writer) => {
      for (const { address, open } of snapshot.snmp?.listening ?? []) {
        writer.integer(labels.ofExporter({ address }), NO_LABELS, open);
      }
    },
  },
  {
    name: "ipmp_snmp_notifications_sent",
    type: "counter",
    help: "SNMP traps and informs, once for each receiver; repetitions of an inform are not counted.",
    samples: oneCounter(({ snmp }) => snmp?.notificationsSent),
  },
  {
    name: "ipmp_snmp_notifications_dropped",
    type: "counter",
    help: "SNMP notifications given up because too many wait for a receiver, the AgentX master refused them, or the group that they tell of is gone.",
    samples: oneCounter(({ snmp }) => snmp?.notificationsDropped),
  },
  {
    name: "ipmp_snmp_informs_unacknowledged",
    type: "counter",
    help: "SNMP informs that no receiver acknowledged, after all repetitions.",
    samples: oneCounter(({ snmp }) => snmp?.informsUnacknowledged),
  },
  {
    name: "ipmp_snmp_agentx_connected",
    type: "gauge",
    help: "Whether an AgentX master has registered all of our rows; absent when there is to be none (snmp.agentx).",
    samples: oneGauge(({ snmp }) => snmp?.agentxConnected),
  },
];
