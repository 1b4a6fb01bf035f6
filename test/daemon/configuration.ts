/** Configurations for tests of the daemon: say what matters, the rest is as without a file. */

import assert from "node:assert/strict";
import type { Configuration } from "#src/config/configuration.js";
import { loadConfiguration } from "#src/config/load.js";

export interface Told {
  readonly groups?: readonly Partial<Configuration["groups"][number]>[];
  readonly failback?: boolean;
  /** Keys of detection.probes; with any of them, probes are sent. */
  readonly probes?: Partial<Configuration["detection"]["probes"]>;
  readonly failureDetectionTime?: number;
}

export function configuration({ groups = [], failback = true, probes, failureDetectionTime }: Told): Configuration {
  const defaults = loadConfiguration(undefined);
  assert.ok(!Array.isArray(defaults));
  const full = groups.map((group) => ({
    name: "ipmp0",
    ifname: group.name ?? "ipmp0",
    members: [],
    addresses: [],
    minActive: 1,
    ...group,
  }));
  const { detection } = defaults;
  return {
    ...defaults,
    groups: full,
    detection: {
      ...detection,
      failback,
      failureDetectionTime: failureDetectionTime ?? detection.failureDetectionTime,
      probes: { ...detection.probes, ...(probes && { enabled: true, ...probes }) },
    },
  };
}
