/**
 * What the kernel says of its bonds and teams, read from sysfs, from which the program reads none of it, and from teamd:
 *
 *   bond0 up: d0 active up, d1 backup down
 *
 * A bond's MII status; each slave's role and MII status, and its aggregator where there is LACP.
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
  const said = slaves.map((slave) => {
    const at = `${NET}/${slave}/bonding_slave`;
    const aggregator = mode === "802.3ad" ? ` in ${text(`${at}/ad_aggregator_id`)}` : "";
    return `${slave} ${text(`${at}/state`)} ${text(`${at}/mii_status`)}${aggregator}`;
  });
  return `${bond} ${text(`${NET}/${bond}/bonding/mii_status`)}: ${said.join(", ") || "no slaves"}`;
}

function teams(): string[] {
  return existsSync("/run/teamd")
    ? readdirSync("/run/teamd").flatMap((file) => (file.endsWith(".pid") ? [file.slice(0, -".pid".length)] : []))
    : [];
}

interface TeamState {
  readonly ports?: Readonly<Record<string, { readonly link?: { readonly up?: boolean }; readonly runner?: unknown }>>;
  readonly runner?: { readonly active_port?: string };
}

function teamSays(team: string): string {
  const { ports = {}, runner } = JSON.parse(
    execFileSync("teamdctl", [team, "state", "dump"], { encoding: "utf8" }),
  ) as TeamState;
  const said = Object.entries(ports)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([port, { link }]) => `${port} ${link?.up === true ? "up" : "down"}`);
  const active = runner?.active_port;
  return `${team}: ${said.join(", ")}${active === undefined ? "" : `, ${active || "none"} active`}`;
}

/** Each bond's and team's own counters, by name. */
export function kernelCounters(): Map<string, Counters> {
  return new Map([...bonds(), ...teams()].map((name) => [name, countersOf(name)]));
}

function countersOf(device: string): Counters {
  const counter = (name: string) => text(`${NET}/${device}/statistics/${name}`);
  return {
    rbytes64: counter("rx_bytes"),
    obytes64: counter("tx_bytes"),
    ipackets64: counter("rx_packets"),
    opackets64: counter("tx_packets"),
  };
}

/** The stack as the kernel has it: `0.IFINDEX of each slave` below its master, `MASTER.SLAVE`. */
export function kernelStack(): string[] {
  return bonds().flatMap((bond) =>
    words(`${NET}/${bond}/bonding/slaves`).map(
      (slave) => `${text(`${NET}/${bond}/ifindex`)}.${text(`${NET}/${slave}/ifindex`)}`,
    ),
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
