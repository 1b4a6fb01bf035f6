/** Keys that are right and are not read beside the others: each is read only for a use that the configuration leaves out. */

import { LOCAL } from "../link/link-id.ts";
import type { Configuration } from "./configuration.ts";
import { configure } from "./load.ts";

/** What must be so for a key to be read: why it is not, and what would make it so. */
interface Use {
  readonly holds: (configuration: Configuration) => boolean;
  readonly lacks: string;
}

const PROBED: Use = {
  holds: ({ detection, groups }) => detection.probes.enabled || groups.some(({ probes }) => probes === true),
  lacks: "nobody is probed: expected detection.probes.enabled, or probes of a group, to be true",
};
const ASKED: Use = {
  holds: ({ snmp }) => snmp.listenAddresses.length > 0,
  lacks: "nobody can ask over SNMP: expected an address in snmp.listen_addresses",
};
const TOLD: Use = {
  holds: ({ snmp }) => snmp.notifications.length > 0 || snmp.agentx !== undefined,
  lacks: "nobody is sent a notification: expected a receiver in snmp.notifications, or snmp.agentx",
};
const SHOWN: Use = {
  holds: (configuration) => ASKED.holds(configuration) || TOLD.holds(configuration),
  lacks: "nothing is shown over SNMP: expected an address in snmp.listen_addresses, snmp.agentx or snmp.notifications",
};
const NAMED: Use = {
  holds: (configuration) =>
    ASKED.holds(configuration) ||
    configuration.snmp.notifications.some(({ version }) => version === 3) ||
    configuration.sources.some((source) => source.kind === "snmp" && source.credential.version === 3),
  lacks:
    "no user is named: expected an address in snmp.listen_addresses, or version: 3 in snmp.notifications or sources",
};
const OPENED: Use = {
  holds: ({ web }) => !web.systemdSocket || web.listenAddresses.length === 0,
  lacks: "the sockets of systemd are served on instead: expected web.systemd_socket to be false",
};
const RUN: Use = {
  holds: ({ path }) => path.lldpcli !== undefined,
  lacks: "lldpd is not asked: expected path.lldpcli to be the path of its client",
};

/** Keys that are read only for a use. One that has the value that it has by itself asks for nothing, and is not told of. */
const KEYS: readonly { readonly key: string; readonly of: (all: Configuration) => unknown; readonly use: Use }[] = [
  { key: "detection.failure_detection_time", of: ({ detection }) => detection.failureDetectionTime, use: PROBED },
  { key: "detection.probes.method", of: ({ detection }) => detection.probes.method, use: PROBED },
  { key: "detection.probes.targets", of: ({ detection }) => [...detection.probes.targets], use: PROBED },
  { key: "web.listen_addresses", of: ({ web }) => web.listenAddresses, use: OPENED },
  { key: "snmp.communities", of: ({ snmp }) => snmp.communities, use: ASKED },
  { key: "snmp.users", of: ({ snmp }) => snmp.users, use: NAMED },
  { key: "snmp.rate_limit", of: ({ snmp }) => snmp.rateLimit, use: ASKED },
  { key: "snmp.damping", of: ({ snmp }) => snmp.damping, use: TOLD },
  { key: "snmp.enterprise", of: ({ snmp }) => snmp.enterprise, use: SHOWN },
  { key: "snmp.failed_status", of: ({ snmp }) => snmp.failedStatus, use: SHOWN },
  { key: "snmp.system", of: ({ snmp }) => snmp.system, use: ASKED },
  { key: "path.lldpd_socket", of: ({ path }) => path.lldpdSocket, use: RUN },
];

/** One line each, for `check-config`. */
export function unusedKeys(configuration: Configuration): string[] {
  return [...keysWithoutUse(configuration), ...probesOfOthers(configuration)];
}

function keysWithoutUse(configuration: Configuration): string[] {
  const standard = configure(undefined, new Map(), {});
  if (Array.isArray(standard)) throw new Error("the defaults are right");
  return KEYS.filter(
    ({ of, use }) => !use.holds(configuration) && JSON.stringify(of(configuration)) !== JSON.stringify(of(standard)),
  ).map(({ key, use }) => `${key}: ${use.lacks}`);
}

/** Probes leave through links of this host alone. */
function probesOfOthers({ groups }: Configuration): string[] {
  return groups.flatMap(({ probes, members }, index) =>
    probes === true && members.length > 0 && members.every(({ source = LOCAL }) => source !== LOCAL)
      ? [`groups[${index}].probes: its members are links of other systems: expected a link of this host`]
      : [],
  );
}
