/** A host with lldpd whose uplinks end in bridges, each in a namespace with an lldpd of its own: switches that say who they are. */

import { spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { type Hooks, Netns } from "./netns.ts";
import { scratch } from "./scratch.ts";
import { eventually } from "./wait.ts";

export const NO_LLDPD: string | false = spawnSync("lldpd", ["-v"]).error ? "lldpd is not installed" : false;

export interface HostBehindSwitches {
  readonly ns: Netns;
  /** Of the host's lldpd, which has heard them all. */
  readonly socket: string;
  /** By name. */
  readonly switches: ReadonlyMap<string, Netns>;
}

/** Uplinks u0, u1 …, each with the name of the switch that it leads to. */
export async function hostBehindSwitches(hooks: Hooks, ...uplinks: readonly string[]): Promise<HostBehindSwitches> {
  const home = scratch(hooks);
  chmodSync(home, 0o755); // lldpd and its client run as a user of their own
  const ns = Netns.create(hooks, "lldp-host");
  const switches = new Map<string, Netns>();
  for (const [n, name] of uplinks.entries()) {
    const known = switches.get(name);
    const far = known ?? Netns.create(hooks, `lldp-${name}`);
    if (!known) {
      far.ip("link", "add", "br0", "type", "bridge");
      far.ip("link", "set", "br0", "up");
      switches.set(name, far);
    }
    ns.ip("link", "add", `u${n}`, "type", "veth", "peer", "name", `p${n}`, "netns", far.name);
    ns.ip("link", "set", `u${n}`, "up");
    far.ip("link", "set", `p${n}`, "master", "br0", "up");
    ns.waitFor(`u${n}`, "UP");
  }
  const socket = join(home, "lldpd.sock");
  ns.spawn(["lldpd", "-d", "-u", socket], { stdio: "ignore" });
  for (const [name, far] of switches) {
    // A switch has its own name: lldpd tells that of its host.
    const named = `hostname ${name} && exec lldpd -d -u ${join(home, `${name}.sock`)}`;
    far.spawn(["unshare", "--uts", "sh", "-c", named], { stdio: "ignore" });
  }
  const heard = (): string =>
    spawnSync("lldpcli", ["-u", socket, "-f", "keyvalue", "show", "neighbors"], { encoding: "utf8" }).stdout;
  await eventually(
    () => uplinks.every((_, n) => heard().includes(`lldp.u${n}.chassis`)),
    () => `lldpd hears\n${heard()}`,
  );
  return { ns, socket, switches };
}
