/** Configurations for tests of the daemon: say what matters, the rest is as without a file. */

import assert from "node:assert/strict";
import type { Configuration } from "#src/config/configuration.js";
import { loadConfiguration } from "#src/config/load.js";

export interface Told {
  readonly groups?: readonly Partial<Configuration["groups"][number]>[];
  readonly failback?: boolean;
}

export function configuration({ groups = [], failback = true }: Told): Configuration {
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
  return { ...defaults, groups: full, detection: { ...defaults.detection, failback } };
}
