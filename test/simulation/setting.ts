/** Configurations that a history goes back and forth between: groups that come and go, members that move, names exchanged. */

import assert from "node:assert/strict";
import type { Configuration } from "#src/config/configuration.js";
import { loadConfiguration } from "#src/config/load.js";
import { parseIpAddress } from "#src/net-address/ip-address.js";
import type { Assignment } from "./truth.ts";

interface SettingGroup {
  readonly name: string;
  readonly ifname: string;
  readonly members: readonly string[];
  readonly standby?: readonly string[];
}

export interface Setting {
  readonly ifnames: readonly string[];
  readonly assignment: Assignment;
  readonly groups: readonly SettingGroup[];
  readonly failback: boolean;
}

const GROUPS: readonly (readonly SettingGroup[])[] = [
  [
    { name: "a", ifname: "ipmp0", members: ["eth0", "eth1"] },
    { name: "b", ifname: "ipmp1", members: ["eth2", "eth3"] },
  ],
  [
    { name: "a", ifname: "ipmp0", members: ["eth0"] },
    { name: "b", ifname: "ipmp1", members: ["eth1", "eth2"], standby: ["eth2"] },
  ],
  [{ name: "a", ifname: "ipmp0", members: ["eth0", "eth1", "eth2", "eth3"] }],
  [
    { name: "b", ifname: "ipmp1", members: ["eth0", "eth4"] },
    { name: "a", ifname: "ipmp0", members: ["eth1", "eth2", "eth3"], standby: ["eth3"] },
  ],
  [
    { name: "a", ifname: "ipmp1", members: ["eth0", "eth1"] },
    { name: "b", ifname: "ipmp0", members: ["eth2", "eth3", "moving"] },
  ],
  [{ name: "b", ifname: "ipmp1", members: ["eth1", "eth2"] }],
];

const addresses = ["192.0.2.10", "192.0.2.11", "192.0.2.12"].flatMap((text) => parseIpAddress(text) ?? []);

export const SETTINGS: readonly Setting[] = GROUPS.map((groups, n) => ({
  ifnames: groups.map(({ ifname }) => ifname),
  assignment: (name) => groups.find(({ members }) => members.includes(name))?.ifname,
  groups,
  failback: n % 2 === 0,
}));

const defaults = readDefaults();

function readDefaults(): Configuration {
  const loaded = loadConfiguration(undefined);
  assert.ok(!Array.isArray(loaded));
  return loaded;
}

export function configurationOf({ groups, failback }: Setting): Configuration {
  return {
    ...defaults,
    groups: groups.map(({ name, ifname, members, standby = [] }) => ({
      name,
      ifname,
      members: members.map((device) => ({ kind: "device", device, standby: standby.includes(device) }) as const),
      addresses,
      minActive: 1,
    })),
    detection: { ...defaults.detection, failback },
  };
}
