/** What the agent counts about itself: the snmp group of RFC 3418, SNMP-MPD-MIB (RFC 3412), usmStats (RFC 3414), and its own. */

/** Each is the descriptor of the object that shows it, where there is one. */
const AGENT_COUNTERS = [
  "snmpInPkts",
  "snmpInBadVersions",
  "snmpInBadCommunityNames",
  "snmpInBadCommunityUses",
  "snmpInASNParseErrs",
  "snmpSilentDrops",
  "snmpProxyDrops",
  "snmpUnknownSecurityModels",
  "snmpInvalidMsgs",
  "snmpUnknownPDUHandlers",
  "snmpUnavailableContexts",
  "snmpUnknownContexts",
  "usmStatsUnsupportedSecLevels",
  "usmStatsNotInTimeWindows",
  "usmStatsUnknownUserNames",
  "usmStatsUnknownEngineIDs",
  "usmStatsWrongDigests",
  "usmStatsDecryptionErrors",
  // Of no MIB: datagrams longer than we take, from too busy a source, replies, their varbinds, and failures of our own;
  // notifications sent, given up because too many wait, and informs that nobody acknowledged.
  "oversized",
  "rateLimited",
  "responses",
  "varbinds",
  "failures",
  "notificationsSent",
  "notificationsDropped",
  "informsUnacknowledged",
] as const;

export type AgentCounter = (typeof AGENT_COUNTERS)[number];
export type AgentCounters = Record<AgentCounter, bigint>;

export function agentCounters(): AgentCounters {
  // The entries are exactly the names of the list.
  return Object.fromEntries(AGENT_COUNTERS.map((name) => [name, 0n])) as AgentCounters;
}
