/** The kstats as the kernel would show them, and what the exporter says about its own collection. */

import { NET_STATISTICS } from "../../kstat/net.ts";
import { BITS } from "../../kstat/schema.ts";
import { LOCAL } from "../../link/link-id.ts";
import type { Family } from "./family.ts";
import { closeLabels, NOTHING, type TextWriter, wholeLabels, words } from "./text-format.ts";

const COUNTERS = NET_STATISTICS.filter(({ kind }) => kind === "counter");
const statisticLabels = new Map<string, Uint8Array>(
  NET_STATISTICS.map(({ name }) => [name, closeLabels({ statistic: name })]),
);

export const EXPORTER_FAMILIES: readonly Family[] = [
  {
    name: "ipmp_kstat",
    type: "untyped",
    help: "Statistics of each group kstat exactly as kstat(8) shows them (ipmp_kstats): 32-bit ones modulo 2^32, unknown ones 0.",
    samples({ snapshot, labels }, writer) {
      for (const { kstat } of snapshot.groups) {
        if (kstat?.schema === undefined) continue;
        const { id, schema, values } = kstat;
        const open = labels.kstat(id);
        const shown = words(values);
        schema.statistics.forEach(({ name, type }, index) => {
          const close = statisticLabels.get(name) ?? closeLabels({ statistic: name });
          if (BITS[type] === 64) writer.word(open, close, shown, index);
          else if (BITS[type] === 32) writer.half(open, close, shown, index);
        });
      }
    },
  },
  {
    name: "ipmp_join_refused_total",
    type: "counter",
    help: "Links that were refused by a group, by the errno that the kernel would give (ipmp_grp_vet_phyint).",
    samples({ snapshot }, writer) {
      counts("errno", snapshot.engine?.joinsRefused, writer);
    },
  },
  {
    name: "ipmp_link_notes_total",
    type: "counter",
    help: "Link notes that the engine sent to meta-interfaces (DL_NOTIFY_IND, ip_dlnotify_alloc).",
    samples({ snapshot }, writer) {
      counts("note", snapshot.engine?.linkNotes, writer);
    },
  },
  {
    name: "ipmp_routing_messages_total",
    type: "counter",
    help: "Routing-socket messages about members' addresses (ipmp_ill_rtsaddrmsg).",
    samples({ snapshot }, writer) {
      counts("message", snapshot.engine?.routingMessages, writer);
    },
  },
  {
    name: "ipmp_discontinuities_total",
    type: "counter",
    help: "Readings of link kstats (link:0:<device>) that could not be continued, and so began anew, by reason.",
    samples({ snapshot }, writer) {
      for (const { device, reason, count } of snapshot.resets) {
        writer.text(NOTHING, wholeLabels({ device, reason }), String(count));
      }
    },
  },
  {
    name: "ipmp_statistic_supported",
    type: "gauge",
    help: "Whether the source provides a statistic (ipmp_kstats); one that it does not has no sample under its own name.",
    samples({ snapshot }, writer) {
      for (const { name } of COUNTERS) {
        writer.integer(NOTHING, wholeLabels({ statistic: name }), snapshot.supported.has(name));
      }
    },
  },
  {
    name: "ipmp_source_info",
    type: "gauge",
    help: "Which source answers about links (rtnetlink, /proc/net/dev, kstat(8)).",
    samples({ snapshot }, writer) {
      for (const { kind } of snapshot.sources) writer.integer(NOTHING, wholeLabels({ source: kind }), 1);
    },
  },
  {
    name: "ipmp_source_reads_total",
    type: "counter",
    help: "Times the counters of all links were read (RTM_GETSTATS, /proc/net/dev).",
    samples({ snapshot }, writer) {
      for (const { name, reads } of snapshot.sources) {
        writer.text(NOTHING, wholeLabels({ source: sourceLabel(name) }), String(reads));
      }
    },
  },
  {
    name: "ipmp_source_gaps_total",
    type: "counter",
    help: "Times link events were lost (ENOBUFS of rtnetlink) and everything had to be read again.",
    samples({ snapshot }, writer) {
      for (const { name, gaps } of snapshot.sources) {
        writer.text(NOTHING, wholeLabels({ source: sourceLabel(name) }), String(gaps));
      }
    },
  },
  {
    name: "ipmp_state_save_success",
    type: "gauge",
    help: "Whether the state was saved when last tried; absent when nothing is kept (state.file none).",
    samples({ snapshot }, writer) {
      if (snapshot.state) writer.integer(NOTHING, wholeLabels({}), snapshot.state.saved);
    },
  },
  {
    name: "ipmp_state_saves_total",
    type: "counter",
    help: "Times the state was written through to the disk.",
    samples({ snapshot }, writer) {
      if (snapshot.state) writer.text(NOTHING, wholeLabels({}), String(snapshot.state.saves));
    },
  },
  {
    name: "ipmp_state_save_failures_total",
    type: "counter",
    help: "Times the state could not be saved.",
    samples({ snapshot }, writer) {
      if (snapshot.state) writer.text(NOTHING, wholeLabels({}), String(snapshot.state.failures));
    },
  },
  {
    name: "ipmp_state_last_save_timestamp_seconds",
    type: "gauge",
    help: "When the state was last saved, in seconds since 1970.",
    samples({ snapshot }, writer) {
      const saved = snapshot.state?.lastSavedMs;
      if (saved !== undefined) writer.text(NOTHING, wholeLabels({}), String(saved / 1000));
    },
  },
  {
    name: "ipmp_state_set_aside",
    type: "gauge",
    help: "1 when the state file found at the start could not be used, with the reason; counters began anew then.",
    samples({ snapshot }, writer) {
      const fault = snapshot.state?.fault;
      if (fault !== undefined) writer.integer(NOTHING, wholeLabels({ fault }), 1);
    },
  },
  {
    name: "ipmp_audit_success",
    type: "gauge",
    help: "Whether every group was departed plus present members when last checked, for every statistic.",
    samples({ snapshot }, writer) {
      if (snapshot.audit) writer.integer(NOTHING, wholeLabels({}), snapshot.audit.ok);
    },
  },
  {
    name: "ipmp_audit_violations_total",
    type: "counter",
    help: "Statistics of groups that did not add up when checked.",
    samples({ snapshot }, writer) {
      if (snapshot.audit) writer.text(NOTHING, wholeLabels({}), String(snapshot.audit.violations));
    },
  },
  {
    name: "ipmp_snmp_packets_total",
    type: "counter",
    help: "SNMP messages that came (snmpInPkts).",
    samples({ snapshot }, writer) {
      if (snapshot.snmp) writer.text(NOTHING, wholeLabels({}), String(snapshot.snmp.packets));
    },
  },
  {
    name: "ipmp_snmp_responses_total",
    type: "counter",
    help: "SNMP messages that were answered, Reports included.",
    samples({ snapshot }, writer) {
      if (snapshot.snmp) writer.text(NOTHING, wholeLabels({}), String(snapshot.snmp.responses));
    },
  },
  {
    name: "ipmp_snmp_refused_total",
    type: "counter",
    help: "SNMP messages that were not served, by reason (snmpInASNParseErrs, snmpInBadCommunityNames, usmStats and the like).",
    samples({ snapshot }, writer) {
      counts("reason", snapshot.snmp?.refused, writer);
    },
  },
  {
    name: "ipmp_snmp_notifications_sent_total",
    type: "counter",
    help: "SNMP traps and informs, once for each receiver; repetitions of an inform are not counted.",
    samples({ snapshot }, writer) {
      if (snapshot.snmp) writer.text(NOTHING, wholeLabels({}), String(snapshot.snmp.notificationsSent));
    },
  },
  {
    name: "ipmp_snmp_notifications_dropped_total",
    type: "counter",
    help: "SNMP notifications given up because too many wait for a receiver, or because the AgentX master is not there.",
    samples({ snapshot }, writer) {
      if (snapshot.snmp) writer.text(NOTHING, wholeLabels({}), String(snapshot.snmp.notificationsDropped));
    },
  },
  {
    name: "ipmp_snmp_informs_unacknowledged_total",
    type: "counter",
    help: "SNMP informs that no receiver acknowledged, after all repetitions.",
    samples({ snapshot }, writer) {
      if (snapshot.snmp) writer.text(NOTHING, wholeLabels({}), String(snapshot.snmp.informsUnacknowledged));
    },
  },
  {
    name: "ipmp_snmp_agentx_connected",
    type: "gauge",
    help: "Whether an AgentX master has our rows; absent when there is to be none (snmp.agentx).",
    samples({ snapshot }, writer) {
      const connected = snapshot.snmp?.agentxConnected;
      if (connected !== undefined) writer.integer(NOTHING, wholeLabels({}), connected);
    },
  },
  {
    name: "ipmp_scrape_collector_success",
    type: "gauge",
    help: "Whether this part of the collection succeeded.",
    samples({ snapshot }, writer) {
      for (const { name, success } of snapshot.collectors) {
        writer.integer(NOTHING, wholeLabels({ collector: name }), success);
      }
    },
  },
  {
    name: "ipmp_scrape_collector_duration_seconds",
    type: "gauge",
    help: "How long this part of the collection took.",
    samples({ snapshot }, writer) {
      for (const { name, durationSeconds } of snapshot.collectors) {
        writer.text(NOTHING, wholeLabels({ collector: name }), String(durationSeconds));
      }
    },
  },
];

/** The label of what is not this host's own, and only of that. */
function sourceLabel(name: string): string {
  return name === LOCAL ? "" : name;
}

function counts(label: string, kinds: Readonly<Record<string, bigint>> | undefined, writer: TextWriter): void {
  for (const [kind, count] of Object.entries(kinds ?? {})) {
    writer.text(NOTHING, wholeLabels({ [label]: kind }), String(count));
  }
}
