/**
 * What the kernel says of its bonds and teams, read from where the program does not read it, sysfs and teamnl(8):
 *
 *   bond0 up: d0 active up, d1 backup down
 *
 * A bond's MII status; each slave's role and MII status, and whether LACP has put it into another aggregator than the active one. A team's mode; each port's link,
 * whether it is enabled, and the active one.
 */

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

const NET = "/sys/class/net";

export interface Counters {
  readonly rbytes64: string;
  readonly obytes64: string;
  readonly ipackets64: string;
  readonly opackets64: string;
}

export function kernelSays(): string {
  return [...bonds().map(bondSays), ...teams().map(teamSays)].join(" · ");
}

function bonds(): string[] {
  return words(`${NET}/bonding_masters`).sort();
}

function bondSays(bond: string): string {
  const mode = words(`${NET}/${bond}/bonding/mode`)[0];
  const slaves = words(`${NET}/${bond}/bonding/slaves`).sort();
  const [inUse] = words(`${NET}/${bond}/bonding/ad_aggregator`);
  const said = slaves.map((slave) => {
    const at = `${NET}/${slave}/bonding_slave`;
    const isElsewhere = mode === "802.3ad" && text(`${at}/ad_aggregator_id`) !== inUse;
    return `${slave} ${text(`${at}/state`)} ${text(`${at}/mii_status`)}${isElsewhere ? " elsewhere" : ""}`;
  });
  return `${bond} ${text(`${NET}/${bond}/bonding/mii_status`)}: ${said.join(", ") || "no slaves"}`;
}

function teams(): string[] {
  return readdirSync(NET).filter((name) => existsSync(`/run/teamd/${name}.pid`));
}

/** As teamnl(8) lists options, each with its port where it is a port's: " enabled (port:d0) true". */
function teamSays(team: string): string {
  const options = run("teamnl", team, "options");
  const option = (name: string) => new RegExp(`^[* ]?${name} (.*)$`, "m").exec(options)?.[1]?.trim();
  const ports = run("teamnl", team, "ports").matchAll(/^ *(\d+): ([^:]+): (up|down)/gm);
  const said = [...ports].map(([, ifindex, port, link]) => {
    const enabled = option(`enabled \\(port:${port}\\)`) === "true" ? " enabled" : "";
    return `${port} ${link}${enabled}${option("activeport") === ifindex ? " active" : ""}`;
  });
  return `${team} ${option("mode")}: ${said.sort().join(", ")}`;
}

function run(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { encoding: "utf8" });
}

/** Each bond's own counters, by name. A team counts packets without their Ethernet headers, and LACP's not at all. */
export function kernelCounters(): Map<string, Counters> {
  return new Map(bonds().map((name) => [name, countersOf(name)]));
}

/** A link's own counters. */
export function countersOf(device: string): Counters {
  const counter = (name: string) => text(`${NET}/${device}/statistics/${name}`);
  return {
    rbytes64: counter("rx_bytes"),
    obytes64: counter("tx_bytes"),
    ipackets64: counter("rx_packets"),
    opackets64: counter("tx_packets"),
  };
}

/** Speeds in Mb/s of each bond and its slaves with carrier, where the kernel knows them, by ifindex. */
export function kernelSpeeds(): Map<number, { readonly device: string; readonly megabits: number }> {
  const devices = bonds().flatMap((bond) => [bond, ...words(`${NET}/${bond}/bonding/slaves`)]);
  return new Map(
    devices.flatMap((device) => {
      const megabits = speedOf(device);
      return megabits > 0 ? [[Number(text(`${NET}/${device}/ifindex`)), { device, megabits }] as const] : [];
    }),
  );
}

/** -1 where it is not known; a link that is down refuses to tell, one without carrier may tell what it had. */
function speedOf(device: string): number {
  try {
    if (text(`${NET}/${device}/carrier`) !== "1") return -1;
    return Number(text(`${NET}/${device}/speed`));
  } catch {
    return -1;
  }
}

/** The stack as the kernel has it: MASTER.SLAVE, by ifindex. */
export function kernelStack(): string[] {
  return [...bonds(), ...teams()].flatMap((master) =>
    readdirSync(`${NET}/${master}`)
      .filter((name) => name.startsWith("lower_"))
      .map((name) => `${text(`${NET}/${master}/ifindex`)}.${text(`${NET}/${master}/${name}/ifindex`)}`),
  );
}

function text(path: string): string {
  return readFileSync(path, "utf8").trim();
}

function words(path: string): string[] {
  return existsSync(path)
    ? text(path)
        .split(/\s+/)
        .filter((word) => word !== "")
    : [];
}
