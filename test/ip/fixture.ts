/** A stack with groups and links to try requests on. */

import assert from "node:assert/strict";
import { addressUp } from "#src/ip/addresses.js";
import { setGroupName } from "#src/ip/group-name.js";
import { Ip, illsOf } from "#src/ip/ip.js";
import { type LinkSpec, plumbGroup, plumbLink } from "#src/ip/plumbing.js";
import type { IpmpGroup } from "#src/ipmp/ipmp-group.js";
import type { Phyint } from "#src/ipmp/phyint.js";
import { hrtime } from "#src/kstat/hrtime.js";
import { Registry } from "#src/kstat/registry.js";

export const NOW = hrtime(1_000_000_000n);

export function anIp(): Ip {
  return new Ip(new Registry(), NOW);
}

export function aGroup(ip: Ip, name = "ipmp0", ifname = name): IpmpGroup {
  const group = ip.operation(NOW, () => plumbGroup(ip, { name, ifname, ifindex: 1 }));
  assert.ok(typeof group !== "string", `group ${name} cannot be made`);
  return group;
}

let made = 1;

export function aLink(ip: Ip, name: string, more: Partial<LinkSpec> = {}): Phyint {
  made += 1;
  const lladdr = `02:00:00:00:00:${made.toString(16).padStart(2, "0")}`;
  return plumbLink(ip, {
    name,
    ifindex: made,
    hardwareType: 1,
    mtu: 1500,
    lladdr,
    running: true,
    loopback: false,
    pointToPoint: false,
    noArp: false,
    multicast: true,
    standby: false,
    ...more,
  });
}

/** A link that has joined, with its placeholders up: active unless a flag says otherwise. */
export function aMember(ip: Ip, group: IpmpGroup, name: string, more: Partial<LinkSpec> = {}): Phyint {
  const phyint = aLink(ip, name, more);
  assert.equal(
    ip.operation(NOW, () => setGroupName(ip, phyint, group.name)),
    0,
  );
  ip.operation(NOW, () => {
    for (const { ipifs } of illsOf(phyint)) if (ipifs[0]) addressUp(ipifs[0]);
  });
  return phyint;
}
