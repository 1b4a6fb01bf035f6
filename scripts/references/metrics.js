/** Every metric family: from the tables that are served, with labels as the golden scrapes have them. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FAMILIES } from "#src/exposition/prometheus/metrics.js";
import { seriesName } from "#src/exposition/prometheus/sample-writer.js";
import { textType } from "#src/exposition/prometheus/text-writer.js";
import { hrtime } from "#src/kstat/hrtime.js";
import { RESET_REASONS } from "#src/settling/reset-reason.js";
import { createProcessMetrics } from "#src/web/process-metrics.js";
import { WEB_METRICS } from "#src/web/web-metrics.js";
import { ROOT } from "../build.js";
import { code, plain, table } from "./markdown.js";

/** Scrapes that have a sample of nearly every family. */
const GOLDEN = ["metrics.prom", "bond.prom"];

/** Labels of families that the golden scrapes lack; those that are not here either have none. @type {Readonly<Record<string, readonly string[]>>} */
const UNSEEN = {
  ipmp_join_refused_total: ["errno"],
  ipmp_link_notes_total: ["note"],
  ipmp_routing_messages_total: ["message"],
  ipmp_snmp_listening: ["address"],
  ipmp_snmp_refused_total: ["reason"],
  ipmp_state_set_aside: ["fault"],
};

/** @typedef {import("#src/exposition/prometheus/sample-writer.js").FamilyHead} FamilyHead */
/** @typedef {{ title: string, intro: string, of: (name: string) => boolean }} Section */

const TRAFFIC = /_(receive|transmit)_.*_total$/;

/** @type {Section} */
const SECTION_OF_THE_REST = {
  title: "The engine, the source and the exporter itself",
  intro: "One set for each exporter.",
  of: () => true,
};

/** Each family is in the first section that takes it. @type {readonly Section[]} */
const SECTIONS = [
  {
    title: "Traffic of a group",
    intro:
      "What the group has carried: the departed members' share and the present members'. Never falls while the group exists.",
    of: (name) => name.startsWith("ipmp_group_") && TRAFFIC.test(name),
  },
  {
    title: "State and history of a group",
    intro: "One set for each group, as long as the group exists.",
    of: (name) => name.startsWith("ipmp_group_"),
  },
  {
    title: "Traffic of a member",
    intro:
      "The member's share since it joined. Ends with the membership; what it carried is then in the group's counter.",
    of: (name) => name.startsWith("ipmp_member_") && TRAFFIC.test(name),
  },
  {
    title: "State and history of a member",
    intro: "Only for members that are there.",
    of: (name) => name.startsWith("ipmp_member_"),
  },
  { title: "The kernel's view", intro: "What `kstat -p` prints of the groups.", of: (name) => name === "ipmp_kstat" },
  SECTION_OF_THE_REST,
];

const NO_SNMP = "where there is no SNMP agent";

/** When there is no sample although there is a group, a member or an exporter. @type {Readonly<Record<string, string>>} */
const ABSENT = {
  ipmp_group_shared_fate: "for what not all of them have in common",
  ipmp_group_survives: "for a kind of which the system does not tell enough, and while no member is usable",
  ipmp_group_join_refused: "for links that may join",
  ipmp_group_fault: "for members that work, or wait as standby",
  ipmp_group_last_failover_timestamp_seconds: "while there has been no failover",
  ipmp_member_in_route:
    "where the kernel does not tell which of several advertised routes it uses, and in groups that follow no route",
  ipmp_member_route_weight: "while it is in no route, and in groups that follow no route",
  ipmp_group_mtu_bytes: "where the group has no MTU of its own (multipath routes)",
  ipmp_group_addresses: "where addresses do not belong to the group (bonds, teams, multipath routes)",
  ipmp_group_cast_device: "while there is no nominee for the family, and where there are none (multipath routes)",
  ipmp_group_rebinds_total: "where addresses do not belong to the group",
  ipmp_group_cast_changes_total: "where there are no nominees",
  ipmp_member_bound_addresses: "where addresses are not bound to members",
  ipmp_member_lacp_in_active_aggregator: "outside of bonds in mode 802.3ad",
  ipmp_group_bond_info: "where the group is no bond",
  ipmp_member_bond_info: "for members of no bond",
  ipmp_member_bond_link_failures_total: "for members of no bond",
  ipmp_member_lacp_churned: "outside of bonds in mode 802.3ad, and where /proc/net/bonding is hidden",
  ipmp_member_lacp_churns_total: "outside of bonds in mode 802.3ad, and where /proc/net/bonding is hidden",
  ipmp_member_speed_bytes: "where the link reports no speed (tunnels, links that are down)",
  ipmp_join_refused_total: "for an errno that never occurred",
  ipmp_link_notes_total: "for a note that was never sent",
  ipmp_routing_messages_total: "for a message that was never sent",
  ipmp_discontinuities_total: "for links and reasons without a reset",
  ipmp_snmp_packets_total: NO_SNMP,
  ipmp_snmp_responses_total: NO_SNMP,
  ipmp_snmp_refused_total: `${NO_SNMP}, and for a reason that never occurred`,
  ipmp_snmp_listening: NO_SNMP,
  ipmp_snmp_notifications_sent_total: NO_SNMP,
  ipmp_snmp_notifications_dropped_total: NO_SNMP,
  ipmp_snmp_informs_unacknowledged_total: NO_SNMP,
  ipmp_snmp_agentx_connected: "without `snmp.agentx`",
  ipmp_state_save_success: "with `state.file: none`",
  ipmp_state_saves_total: "with `state.file: none`",
  ipmp_state_save_failures_total: "with `state.file: none`",
  ipmp_state_last_save_timestamp_seconds: "with `state.file: none`, and before the first save",
  ipmp_state_set_aside: "unless the state file was unusable at the start",
  ipmp_audit_success: "before the first check",
  ipmp_audit_violations_total: "before the first check",
};

/** @returns {Map<string, string[]>} names of labels by family */
function labelsOfGolden() {
  const labels = new Map();
  for (const file of GOLDEN) {
    for (const line of readFileSync(join(ROOT, "test", "golden", file), "utf8").split("\n")) {
      const [, name, set = ""] = /^(\w+)(?:\{(.*)\})? /.exec(line) ?? [];
      if (name === undefined) continue;
      const found = [...set.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)].map((label) => label[1] ?? "");
      labels.set(name, [...new Set([...(labels.get(name) ?? []), ...found])]);
    }
  }
  return labels;
}

/** A table for each section. */
export function familyTables() {
  const labels = labelsOfGolden();
  const sections = new Map(SECTIONS.map((section) => [section, /** @type {string[][]} */ ([])]));
  for (const family of FAMILIES) {
    const name = seriesName(family);
    const section = SECTIONS.find(({ of }) => of(name)) ?? SECTION_OF_THE_REST;
    const found = labels.get(name) ?? labels.get(`${name}_count`) ?? UNSEEN[name] ?? [];
    // Why there is no sample has a column of its own.
    const meaning = plain(family.help.replace(/; absent [^;]*\.$/, "."));
    sections
      .get(section)
      ?.push([code(name), textType(family), found.map(code).join(", "), meaning, ABSENT[name] ?? "never"]);
  }
  return [...sections]
    .map(([{ title, intro }, rows]) => {
      // Of traffic the prose says once when there is none.
      const columns = rows.every(([name = ""]) => TRAFFIC.test(name.slice(1, -1))) ? 4 : 5;
      const shown = [["name", "type", "labels", "what it says", "absent"], ...rows].map((row) => row.slice(0, columns));
      return `### ${title}\n\n${intro}\n\n${table(shown[0] ?? [], shown.slice(1))}`;
    })
    .join("\n\n");
}

export function resetReasons() {
  const rows = Object.entries(RESET_REASONS).map(([reason, { cause, counted }]) => [code(reason), cause, counted]);
  return table(["reason", "what happened", "what is counted"], rows);
}

/** Of the HTTP server. */
export function webTable() {
  const rows = WEB_METRICS.map(({ name, type, label, help, absent }) => [
    code(name),
    type,
    label === undefined ? "" : code(label),
    plain(help),
    absent ?? "never",
  ]);
  return table(["name", "type", "labels", "what it says", "absent"], rows);
}

/** Of prom-client and of the build. */
export async function processTable() {
  /** @type {FamilyHead[]} */
  const families = [];
  const ignored = () => {};
  const writer = { integer: ignored, word: ignored, half: ignored, decimal: ignored, histogram: ignored };
  const family = (/** @type {FamilyHead} */ head) => families.push(head) > 0;
  await createProcessMetrics({ version: "", revision: "" }).write({ ...writer, family }, hrtime(0n));
  const rows = families.map((head) => {
    const { help } = head;
    return [code(seriesName(head)), textType(head), plain(help.endsWith(".") ? help : `${help}.`)];
  });
  return table(["name", "type", "what it says"], rows);
}
