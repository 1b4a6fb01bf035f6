/** What an agent in a test says about itself. */

import type { AgentFacts } from "#src/exposition/snmp/context.js";
import { oid } from "#src/exposition/snmp/oid.js";
import { statistics } from "#src/exposition/snmp/statistics.js";

export function facts(some: Partial<AgentFacts> = {}): AgentFacts {
  return {
    system: { description: "ipmp-exporter for tests", contact: "ops@example.net", name: "host", location: "" },
    enterprise: oid("1.3.6.1.4.1.8072.9999.9999.10191"),
    statistics: statistics(),
    engine: { id: Buffer.from("80001f880501020304", "hex"), boots: 3, time: () => 1000, maxMessageSize: 16_384 },
    merged: false,
    authenticationTraps: false,
    ...some,
  };
}
