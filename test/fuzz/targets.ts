/** What can be fuzzed, by name. Each loads its own code only: making arbitrary states takes seconds. */

import type { FuzzTarget } from "./target.ts";

export const TARGETS: Readonly<Record<string, () => Promise<FuzzTarget>>> = {
  snmp: async () => new (await import("./snmp.ts")).SnmpTarget(),
  agentx: async () => new (await import("./agentx.ts")).AgentxTarget(),
  http: async () => new (await import("./http.ts")).HttpTarget(),
  config: async () => new (await import("./config.ts")).ConfigTarget(),
  state: async () => new (await import("./state.ts")).StateTarget(),
  netlink: async () => new (await import("./netlink.ts")).NetlinkTarget(),
};
