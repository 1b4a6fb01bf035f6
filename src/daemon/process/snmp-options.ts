/** The SNMP part of the configuration as the agent takes it: passwords read from their files, and every view judged. */

import { readFileSync } from "node:fs";
import { hostname, release, type } from "node:os";
import type { Build } from "../../config/build.ts";
import type { SnmpConfiguration, SnmpNotification, SnmpUser } from "../../config/configuration.ts";
import type { AgentCounter } from "../../exposition/snmp/mibs/agent-counters.ts";
import { accessOf } from "../../exposition/snmp/view/access.ts";
import { agentTree } from "../../exposition/snmp/view/agent-tree.ts";
import type { SnmpSnapshot } from "../../snapshot/snapshot.ts";
import type { Agent, AgentOptions, NotificationOptions } from "../../snmp/agent.ts";
import type { User } from "../../snmp/snmp-engine.ts";
import { SHORTEST_PASSWORD, type UsmUser } from "../../snmp/usm.ts";

/**
 * A setting that only the agent can judge: a password file, a view, the root of our MIB. The message says which, and what would
 * be right.
 */
export class SnmpSettingError extends Error {
  override readonly name = "SnmpSettingError";
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
  | "system"
>;

/** @throws SnmpSettingError */
export function snmpOptions(snmp: SnmpConfiguration, build: Build): Configured {
  checkSubtrees(snmp);
  const users = snmp.users.map(withPasswords);
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

/** @throws SnmpSettingError when our MIB cannot be rooted there, or a view tells rows apart. */
function checkSubtrees({ enterprise, communities, users }: SnmpConfiguration): void {
  const tree = judged("snmp.enterprise", () => agentTree(enterprise));
  for (const [whose, { view }] of [
    // A community's name is a secret.
    ...communities.map((community, index) => [`snmp.communities[${index}]`, community] as const),
    ...users.map((user) => [`user "${user.name}"`, user] as const),
  ]) {
    if (view) judged(`the view of ${whose}`, () => accessOf(tree, view));
  }
}

function judged<T>(what: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SnmpSettingError(`Cannot use ${what}: ${error.message}`);
  }
}

function withPasswords({ name, auth, priv, view }: SnmpUser): User {
  return {
    ...(view ? { view } : {}),
    name,
    auth: { protocol: auth.protocol, password: readPassword(auth.passwordFile, `auth of user "${name}"`) },
    priv: priv && { protocol: priv.protocol, password: readPassword(priv.passwordFile, `priv of user "${name}"`) },
  };
}

/** The first line of the file. */
function readPassword(file: string, whose: string): string {
  const right = `a readable file whose first line has ${SHORTEST_PASSWORD} characters or more`;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SnmpSettingError(`Cannot read the password for ${whose}: ${reason}: expected ${right}`);
  }
  const password = text.split(/\r?\n/, 1)[0] ?? "";
  if (password.length < SHORTEST_PASSWORD) {
    throw new SnmpSettingError(
      `Cannot use the password in "${file}" for ${whose}: it has ${password.length} characters: expected ${right}`,
    );
  }
  return password;
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
