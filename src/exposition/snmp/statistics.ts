/** What the agent counts about itself: the snmp group of RFC 3418, SNMP-MPD-MIB (RFC 3412), usmStats (RFC 3414), and its own. */

/** Each is the descriptor of the object that shows it, where there is one. */
export const STATISTICS = [
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

export type StatisticName = (typeof STATISTICS)[number];
export type Statistics = Record<StatisticName, bigint>;

export function statistics(): Statistics {
  // The entries are exactly the names of the list.
  return Object.fromEntries(STATISTICS.map((name) => [name, 0n])) as Statistics;
}
