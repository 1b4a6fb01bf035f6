/**
 * HOST-RESOURCES-MIB (RFC 2790), of which managers ask one object: hrSystemUptime, the time since the host started. sysUpTime is the
 * agent's, and a restart of the program is no reboot of the host.
 */

import { oid } from "../protocol/oid.ts";
import { scalars, type Table } from "./mib-table.ts";

const TICKS_PER_SECOND = 100;

export const HOST_RESOURCES_MIB: readonly Table[] = [
  scalars("hrSystem", oid("1.3.6.1.2.1.25.1"), [
    {
      number: 1,
      name: "hrSystemUptime",
      syntax: "TimeTicks",
      // 497 days fit: then it begins again at 0 (RFC 2578 section 7.1.8).
      value: (_, { facts }) => Math.floor(facts.hostUpTime() * TICKS_PER_SECOND) >>> 0,
    },
  ]),
];
