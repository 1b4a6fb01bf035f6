/** The SNMP part of the configuration as the agent takes it: passwords read from their files, and every view judged. */

import { hostname, release, type } from "node:os";
import type { Build } from "../../config/build.ts";
import type { DeviceUser, SnmpConfiguration, SnmpNotification, SnmpUser } from "../../config/configuration.ts";
import type { AgentCounter } from "../../exposition/snmp/mibs/agent-counters.ts";
import { accessOf } from "../../exposition/snmp/view/access.ts";
import { agentTree } from "../../exposition/snmp/view/agent-tree.ts";
import type { SnmpSnapshot } from "../../snapshot/program.ts";
import type { Agent, AgentOptions, NotificationOptions } from "../../snmp/agent.ts";
import type { User } from "../../snmp/snmp-engine.ts";
import type { UsmUser } from "../../snmp/usm.ts";
import { readPassword } from "./password-file.ts";

/**
 * Settings that only the agent can judge: password files, views, the root of our MIB. `problems` has a line for each that is wrong, which
 * says where and what would be right.
 */
export class SnmpSettingError extends Error {
  override readonly name = "SnmpSettingError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("; "));
    this.problems = problems;
  }
}

type Configured = Pick<
  AgentOptions,
  | "listenAddresses"
  | "communities"
  | "users"
  | "rate"
  | "agentx"
  | "notifications"
  | "dampingMs"
  | "enterprise"
  | "failedStatus"
  | "system"
>;

/** @throws SnmpSettingError */
export function snmpOptions(snmp: SnmpConfiguration, build: Build): Configured {
  const problems: string[] = [];
  checkSubtrees(snmp, problems);
  const users = snmp.users.map((user, index) => withPasswords(user, index, problems));
  if (problems.length > 0) throw new SnmpSettingError(problems);
  const { contact, location, name = hostname() } = snmp.system;
  return {
    listenAddresses: snmp.listenAddresses,
    communities: snmp.communities.map(({ name, sources, view }) => ({
      name,
      sources,
      ...(view ? { view } : {}),
    })),
    users,
    ...(snmp.agentx ? { agentx: snmp.agentx } : {}),
    notifications: snmp.notifications.map((notification) => receiver(notification, users)),
    dampingMs: snmp.damping,
    rate: snmp.rateLimit,
    enterprise: snmp.enterprise,
    failedStatus: snmp.failedStatus,
    system: {
      description: `ipmp-exporter ${build.version} on ${hostname()}, ${type()} ${release()}`,
      contact,
      location,
      name,
    },
  };
}

/** Why a message was not served, in words for people, and what counts it. */
const REFUSALS = {
  malformed: "snmpInASNParseErrs",
  bad_version: "snmpInBadVersions",
  unknown_community: "snmpInBadCommunityNames",
  invalid_message: "snmpInvalidMsgs",
  unknown_security_model: "snmpUnknownSecurityModels",
  unknown_pdu: "snmpUnknownPDUHandlers",
  unknown_context: "snmpUnknownContexts",
  unsupported_security_level: "usmStatsUnsupportedSecLevels",
  not_in_time_window: "usmStatsNotInTimeWindows",
  unknown_user: "usmStatsUnknownUserNames",
  unknown_engine: "usmStatsUnknownEngineIDs",
  wrong_digest: "usmStatsWrongDigests",
  decryption_error: "usmStatsDecryptionErrors",
  oversized: "oversized",
  rate_limited: "rateLimited",
  reply_too_big: "snmpSilentDrops",
  internal_error: "failures",
} as const satisfies Record<string, AgentCounter>;

/** What snapshots tell of the agent. */
export function snmpSnapshot(agent: Agent): SnmpSnapshot {
  const counted = agent.counters();
  return {
    packets: counted.snmpInPkts,
    responses: counted.responses,
    refused: Object.fromEntries(Object.entries(REFUSALS).map(([reason, name]) => [reason, counted[name]])),
    notificationsSent: counted.notificationsSent,
    notificationsDropped: counted.notificationsDropped,
    informsUnacknowledged: counted.informsUnacknowledged,
    listening: agent.listening().map(({ address, isOpen }) => ({ address, open: isOpen })),
    agentxConnected: agent.agentxConnected(),
  };
}

/** That our MIB can be rooted there, and that no view tells rows apart. Told by their places: a name may be a secret. */
function checkSubtrees({ enterprise, communities, users }: SnmpConfiguration, problems: string[]): void {
  const tree = judged("snmp.enterprise", problems, () => agentTree(enterprise));
  if (tree === undefined) return;
  for (const [section, readers] of Object.entries({ communities, users })) {
    for (const [index, { view }] of readers.entries()) {
      if (view) judged(`the view of snmp.${section}[${index}]`, problems, () => accessOf(tree, view));
    }
  }
}

function judged<T>(what: string, problems: string[], make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    problems.push(`Cannot use ${what}: ${error.message}`);
    return undefined;
  }
}

function withPasswords({ view, ...user }: SnmpUser, index: number, problems: string[]): User {
  return { ...(view ? { view } : {}), ...readPasswords(user, index, problems) };
}

/** The user `snmp.users[index]` with the passwords of its files. A password that cannot be read is empty, and a problem. */
export function readPasswords({ name, auth, priv }: DeviceUser, index: number, problems: string[]): UsmUser {
  const passwordOf = (part: "auth" | "priv", file: string): string => {
    const read = readPassword(file);
    if ("password" in read) return read.password;
    problems.push(`Cannot use snmp.users[${index}].${part}.password_file: ${read.problem}`);
    return "";
  };
  return {
    name,
    auth: { protocol: auth.protocol, password: passwordOf("auth", auth.passwordFile) },
    priv: priv && { protocol: priv.protocol, password: passwordOf("priv", priv.passwordFile) },
  };
}

/** The configuration has been checked: the user of a version 3 receiver is one of the users. */
function receiver(
  { target, sourceAddress, version, credential, type: kind }: SnmpNotification,
  users: readonly UsmUser[],
): NotificationOptions {
  const user = users.find(({ name }) => name === credential);
  return {
    target,
    sourceAddress,
    type: kind,
    credential: version === 3 && user ? { version, user } : { version: version === 1 ? 1 : 2, community: credential },
  };
}
