/** The engine about itself: SNMP-FRAMEWORK-MIB (RFC 3411), SNMP-MPD-MIB (RFC 3412), usmStats (RFC 3414), contexts (RFC 3413). */

import { oid } from "../protocol/oid.ts";
import { low32 } from "../protocol/syntax.ts";
import type { AgentCounter } from "./agent-counters.ts";
import { type Column, scalars, type Table } from "./mib-table.ts";

function counter(number: number, name: AgentCounter): Column<undefined> {
  return { number, name, syntax: "Counter32", value: (_, { facts }) => low32(facts.counters[name]) };
}

export const FRAMEWORK_MIBS: readonly Table[] = [
  scalars("snmpEngine", oid("1.3.6.1.6.3.10.2.1"), [
    { number: 1, name: "snmpEngineID", syntax: "OctetString", value: (_, { facts }) => facts.engine.id },
    { number: 2, name: "snmpEngineBoots", syntax: "Integer32", value: (_, { facts }) => facts.engine.boots },
    { number: 3, name: "snmpEngineTime", syntax: "Integer32", value: (_, { facts }) => facts.engine.time() },
    {
      number: 4,
      name: "snmpEngineMaxMessageSize",
      syntax: "Integer32",
      value: (_, { facts }) => facts.engine.maxMessageSize,
    },
  ]),
  scalars("snmpMPDStats", oid("1.3.6.1.6.3.11.2.1"), [
    counter(1, "snmpUnknownSecurityModels"),
    counter(2, "snmpInvalidMsgs"),
    counter(3, "snmpUnknownPDUHandlers"),
  ]),
  scalars("snmpTargetObjects", oid("1.3.6.1.6.3.12.1"), [
    counter(4, "snmpUnavailableContexts"),
    counter(5, "snmpUnknownContexts"),
  ]),
  scalars("usmStats", oid("1.3.6.1.6.3.15.1.1"), [
    counter(1, "usmStatsUnsupportedSecLevels"),
    counter(2, "usmStatsNotInTimeWindows"),
    counter(3, "usmStatsUnknownUserNames"),
    counter(4, "usmStatsUnknownEngineIDs"),
    counter(5, "usmStatsWrongDigests"),
    counter(6, "usmStatsDecryptionErrors"),
  ]),
];

/** What a Report carries, by its counter: the instance's name. */
export const REPORT_OBJECT = {
  snmpUnknownPDUHandlers: oid("1.3.6.1.6.3.11.2.1.3.0"),
  snmpUnknownContexts: oid("1.3.6.1.6.3.12.1.5.0"),
  usmStatsUnsupportedSecLevels: oid("1.3.6.1.6.3.15.1.1.1.0"),
  usmStatsNotInTimeWindows: oid("1.3.6.1.6.3.15.1.1.2.0"),
  usmStatsUnknownUserNames: oid("1.3.6.1.6.3.15.1.1.3.0"),
  usmStatsUnknownEngineIDs: oid("1.3.6.1.6.3.15.1.1.4.0"),
  usmStatsWrongDigests: oid("1.3.6.1.6.3.15.1.1.5.0"),
  usmStatsDecryptionErrors: oid("1.3.6.1.6.3.15.1.1.6.0"),
} as const;

export type ReportName = keyof typeof REPORT_OBJECT;
