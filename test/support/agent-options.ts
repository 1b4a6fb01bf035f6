/** What an SNMP agent is started with when nothing is configured; a test changes what it is about. */

import { snmpOptions } from "#src/daemon/process/snmp-options.js";
import type { HostAddresses } from "#src/snapshot/host-addresses.js";
import type { AgentOptions } from "#src/snmp/agent.js";
import { type EngineIdentity, newEngineId } from "#src/snmp/engine-identity.js";
import { defaultConfiguration } from "./default-configuration.ts";
import { endpoints } from "./net-address.ts";
import { SILENT } from "./silent-log.ts";
import { EXAMPLE, snapshotsOf } from "./snapshot.ts";

/** A host with no other address, and none that comes or goes. */
const LOOPBACK_ONLY: HostAddresses = { list: () => ["127.0.0.1", "::1"], subscribe: () => () => {} };

/** An engine that has just been set up. */
export const newIdentity = (): EngineIdentity => ({ id: newEngineId(), boots: 1 });

export function agentOptions(
  some: Partial<Omit<AgentOptions, "system">> & { readonly system?: Partial<AgentOptions["system"]> } = {},
): AgentOptions {
  const options = snmpOptions(defaultConfiguration().snmp, { version: "0", revision: "0" });
  return {
    ...options,
    listenAddresses: endpoints("udp:127.0.0.1:0"),
    snapshots: snapshotsOf(EXAMPLE),
    engine: newIdentity(),
    hostAddresses: LOOPBACK_ONLY,
    pathMtu: () => undefined,
    log: SILENT,
    ...some,
    system: { ...options.system, description: "ipmp-exporter", name: "host.example.net", ...some.system },
  };
}
