/** An engine for tests, with everything that they do not care about filled in. */

import { agentTree } from "#src/exposition/snmp/view/agent-tree.js";
import { DEFAULT_COMMUNITIES } from "#src/snmp/agent.js";
import { DEFAULT_LIMITS, SnmpEngine, type SnmpEngineOptions } from "#src/snmp/snmp-engine.js";
import { DEFAULT_RATE } from "#src/snmp/source-rate.js";
import { facts } from "../exposition/snmp/facts.ts";
import { EXAMPLE, snapshotsOf } from "../support/snapshot.ts";

export function anEngine(some: Partial<SnmpEngineOptions> = {}): SnmpEngine {
  return new SnmpEngine({
    snapshots: snapshotsOf(EXAMPLE),
    tree: agentTree(),
    facts: facts(),
    communities: DEFAULT_COMMUNITIES,
    users: [],
    limits: DEFAULT_LIMITS,
    rate: DEFAULT_RATE,
    log: { info() {}, warn() {}, error() {} },
    ...some,
  });
}
