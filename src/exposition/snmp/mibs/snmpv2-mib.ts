/** SNMPv2-MIB (RFC 3418): system, sysORTable, and the snmp group. */

import { type Oid, oid } from "../protocol/oid.ts";
import { low32, truth } from "../protocol/syntax.ts";
import type { AgentCounter } from "./agent-counters.ts";
import { type Column, scalars, type Table, table } from "./mib-table.ts";

/** Layers 3 (internet), 4 (end to end) and 7 (applications), as a host has them: sum of 2^(layer - 1). */
const HOST_SERVICES = 76;

/** Which agent this is, below the root of IPMP-EXPORTER-MIB. */
const PRODUCT: Oid = [3, 1];

interface Module {
  readonly id: Oid;
  readonly description: string;
}

/** The MIB modules that the agent implements, named by their own identifiers. */
const MODULES: readonly Module[] = [
  { id: oid("1.3.6.1.6.3.1"), description: "The MIB module for SNMP entities" },
  {
    id: oid("1.3.6.1.2.1.31"),
    description: "The MIB module to describe generic objects for network interface sub-layers",
  },
];

function counter(number: number, name: AgentCounter): Column<undefined> {
  return { number, name, syntax: "Counter32", value: (_, { facts }) => low32(facts.counters[name]) };
}

export const SNMPV2_MIB: readonly Table[] = [
  scalars("system", oid("1.3.6.1.2.1.1"), [
    { number: 1, name: "sysDescr", syntax: "OctetString", value: (_, { facts }) => facts.system.description },
    {
      number: 2,
      name: "sysObjectID",
      syntax: "ObjectIdentifier",
      value: (_, { facts }) => [...facts.enterprise, ...PRODUCT],
    },
    { number: 3, name: "sysUpTime", syntax: "TimeTicks", value: (_, context) => context.ticks(context.snapshot.at) },
    { number: 4, name: "sysContact", syntax: "OctetString", value: (_, { facts }) => facts.system.contact },
    { number: 5, name: "sysName", syntax: "OctetString", value: (_, { facts }) => facts.system.name },
    { number: 6, name: "sysLocation", syntax: "OctetString", value: (_, { facts }) => facts.system.location },
    { number: 7, name: "sysServices", syntax: "Integer32", value: () => HOST_SERVICES },
    // The modules are there from the start on.
    { number: 8, name: "sysORLastChange", syntax: "TimeTicks", value: () => 0 },
  ]),
  table<Module>({
    name: "sysORTable",
    oid: oid("1.3.6.1.2.1.1.9.1"),
    columns: [
      { number: 2, name: "sysORID", syntax: "ObjectIdentifier", value: ({ id }) => id },
      { number: 3, name: "sysORDescr", syntax: "OctetString", value: ({ description }) => description },
      { number: 4, name: "sysORUpTime", syntax: "TimeTicks", value: () => 0 },
    ],
    rows: ({ facts }) =>
      [...MODULES, { id: facts.enterprise, description: "The MIB module for groups of redundant links" }].map(
        (row, index) => ({ index: [index + 1], row }),
      ),
  }),
  scalars("snmp", oid("1.3.6.1.2.1.11"), [
    counter(1, "snmpInPkts"),
    counter(3, "snmpInBadVersions"),
    counter(4, "snmpInBadCommunityNames"),
    counter(5, "snmpInBadCommunityUses"),
    counter(6, "snmpInASNParseErrs"),
    {
      number: 30,
      name: "snmpEnableAuthenTraps",
      syntax: "Integer32",
      value: (_, { facts }) => truth(facts.authenticationTraps),
    },
    counter(31, "snmpSilentDrops"),
    counter(32, "snmpProxyDrops"),
  ]),
];
