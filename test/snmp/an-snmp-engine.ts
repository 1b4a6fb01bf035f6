/** An engine for tests, with everything that they do not care about filled in. */

import { agentTree } from "#src/exposition/snmp/view/agent-tree.js";
import { DEFAULT_LIMITS, SnmpEngine, type SnmpEngineOptions } from "#src/snmp/snmp-engine.js";
import { facts } from "../exposition/snmp/facts.ts";
import { agentOptions } from "../support/agent-options.ts";
import { SILENT } from "../support/silent-log.ts";
import { EXAMPLE, snapshotsOf } from "../support/snapshot.ts";

export function anEngine(some: Partial<SnmpEngineOptions> = {}): SnmpEngine {
  const { communities, rate } = agentOptions();
  return new SnmpEngine({
    snapshots: snapshotsOf(EXAMPLE),
    tree: agentTree(),
    facts: facts(),
    communities,
    users: [],
    limits: DEFAULT_LIMITS,
    rate,
    pathMtu: () => undefined,
    log: SILENT,
    ...some,
  });
}
