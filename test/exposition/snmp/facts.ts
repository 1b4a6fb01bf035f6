/** What an agent in a test says about itself. */

import { agentCounters } from "#src/exposition/snmp/mibs/agent-counters.js";
import type { AgentFacts } from "#src/exposition/snmp/mibs/mib-context.js";
import { oid } from "#src/exposition/snmp/protocol/oid.js";

export function facts(some: Partial<AgentFacts> = {}): AgentFacts {
  return {
    system: { description: "ipmp-exporter for tests", contact: "ops@example.net", name: "host", location: "" },
    enterprise: oid("1.3.6.1.4.1.8072.9999.9999.10191"),
    counters: agentCounters(),
    engine: { id: Buffer.from("80001f880501020304", "hex"), boots: 3, time: () => 1000, maxMessageSize: 16_384 },
    failedStatus: "down",
    hostUpTime: () => 86_400,
    merged: false,
    authenticationTraps: false,
    ...some,
  };
}
