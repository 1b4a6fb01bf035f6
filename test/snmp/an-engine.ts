/** An engine for tests, with everything that they do not care about filled in. */

import { agentTree } from "#src/exposition/snmp/tree.js";
import { DEFAULT_COMMUNITIES } from "#src/snmp/agent.js";
import { DEFAULT_LIMITS, Engine, type EngineOptions } from "#src/snmp/engine.js";
import { DEFAULT_RATE } from "#src/snmp/rate-limit.js";
import { facts } from "../exposition/snmp/facts.ts";
import { EXAMPLE, snapshotsOf } from "../support/snapshot.ts";

export function anEngine(some: Partial<EngineOptions> = {}): Engine {
  return new Engine({
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
