/** What holds where the configuration says nothing, each with its origin; and the places that are written to, by environment. */

import { join } from "node:path";

export const DEFAULTS = {
  /** One working member keeps a group alive: in.mpathd's default minimum redundancy. */
  minActive: 1,
  /** Groups that the system has already are found by themselves; where there are none, nothing is found. */
  discovery: { bonds: true, teams: true, default_routes: true, illumos: true },
  /** FAILURE_DETECTION_TIME of /etc/default/mpathd: 10000 ms. */
  failureDetectionTime: "10s",
  /** FAILBACK of /etc/default/mpathd: yes. */
  failback: true,
  /** in.mpathd probes where test addresses are configured; here probing is asked for. */
  probes: false,
  /** Every address, as Prometheus exporters do; the port is ours. */
  webListenAddress: ":10191",
  /** What Prometheus scrapes when not told otherwise (metrics_path). */
  telemetryPath: "/metrics",
  /** node_exporter's --web.max-requests. */
  maxRequests: 40,
  /** Loopback only, and a port that needs no privilege: opening SNMP to the network is a decision. */
  snmpListenAddress: "udp:127.0.0.1:1161",
  /** The community that every manager tries first, for this host alone. */
  snmpCommunity: "public",
  snmpSources: ["127.0.0.1", "::1"],
  /** A manager that walks 5,001 rows asks some 4,000 times; it may do so every four seconds. */
  snmpRequestsPerSecond: 1000,
  snmpRequestsBurst: 4000,
  /** The groups' rows beside the master's own leave everything else of it as it was. */
  agentxMode: "merge",
  /** A link that flaps faster than that is one thing to know. */
  snmpDamping: "1s",
  /** net-snmp's arc for experiments (netSnmpPlaypen), and our HTTP port below it. */
  snmpEnterprise: "1.3.6.1.4.1.8072.9999.9999.10191",
  /** Every 15 seconds: what a crash can cost at most, where no event forced a save. */
  checkpoint: "*/15 * * * * *",
  /** promslog, as in all Prometheus exporters. */
  logLevel: "info",
  logFormat: "logfmt",
  /** node_exporter's --path.procfs and --path.sysfs. */
  procfs: "/proc",
  sysfs: "/sys",
  source: "auto",
} as const;

/** The part of the environment that decides where files go; `home` is the user's home directory. */
export interface Places {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** systemd joins several directories with colons (systemd.exec(5)); the first one is ours. */
function firstDirectory(value: string | undefined): string | undefined {
  const first = value?.split(":")[0];
  return first === "" ? undefined : first;
}

/** Folder for what survives a restart: systemd's, else the XDG base directory specification's. */
export function stateDirectory({ environment, home }: Places): string {
  const { STATE_DIRECTORY, XDG_STATE_HOME } = environment;
  return firstDirectory(STATE_DIRECTORY) ?? join(XDG_STATE_HOME || join(home, ".local", "state"), "ipmp-exporter");
}

export function defaultStateFile(places: Places): string {
  return join(stateDirectory(places), "state.json");
}

/** The control socket: systemd's folder, else the user's runtime folder, else beside the state. */
export function defaultControlSocket(places: Places): string {
  const { RUNTIME_DIRECTORY, XDG_RUNTIME_DIR } = places.environment;
  const runtime = firstDirectory(RUNTIME_DIRECTORY);
  if (runtime !== undefined) return join(runtime, "control.sock");
  if (XDG_RUNTIME_DIR) return join(XDG_RUNTIME_DIR, "ipmp-exporter.sock");
  return join(stateDirectory(places), "control.sock");
}

/** Where a command looks for the daemon's socket: its own environment may differ from that of the service. */
export function controlSocketCandidates(places: Places): readonly string[] {
  return [...new Set([defaultControlSocket(places), "/run/ipmp-exporter/control.sock"])];
}
