/** Flags that set a key of the file, in the style of Prometheus exporters. The flag wins over the file. */

import { LOG_LEVELS } from "../log/log.ts";
import { LOG_FORMATS, SOURCE_CHOICES } from "./configuration.ts";
import type { KeyPath } from "./configuration-error.ts";

export interface ConfigurationFlag {
  /** Without the two dashes. */
  readonly name: string;
  readonly key: KeyPath;
  /** A list flag may be repeated; its values replace the list of the file. */
  readonly kind: "text" | "list" | "number" | "boolean";
  /** What stands for the value in the usage; none for a boolean. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly help: string;
}

export const CONFIGURATION_FLAGS: readonly ConfigurationFlag[] = [
  {
    name: "web.listen-address",
    key: ["web", "listen_addresses"],
    kind: "list",
    value: "HOST:PORT",
    help: "Where HTTP is served; may be repeated (default :10191).",
  },
  {
    name: "web.telemetry-path",
    key: ["web", "telemetry_path"],
    kind: "text",
    value: "PATH",
    help: "Where the metrics are (default /metrics).",
  },
  {
    name: "web.config.file",
    key: ["web", "config_file"],
    kind: "text",
    value: "FILE",
    help: "TLS and basic auth, in exporter-toolkit's format.",
  },
  {
    name: "web.max-requests",
    key: ["web", "max_requests"],
    kind: "number",
    value: "COUNT",
    help: "Scrapes served at once; 0 is no limit (default 40).",
  },
  {
    name: "web.systemd-socket",
    key: ["web", "systemd_socket"],
    kind: "boolean",
    help: "Serve on the sockets that systemd hands over.",
  },
  {
    name: "web.disable-exporter-metrics",
    key: ["web", "disable_exporter_metrics"],
    kind: "boolean",
    help: "Leave out process_*, nodejs_* and the like.",
  },
  {
    name: "snmp.listen-address",
    key: ["snmp", "listen_addresses"],
    kind: "list",
    value: "udp:ADDRESS:PORT",
    help: "Where SNMP is served; may be repeated; none turns it off (default udp:127.0.0.1:1161).",
  },
  {
    name: "control.socket",
    key: ["control", "socket"],
    kind: "text",
    value: "PATH",
    help: "Unix socket for the commands of this program; none has none.",
  },
  {
    name: "state.file",
    key: ["state", "file"],
    kind: "text",
    value: "FILE",
    help: "What survives a restart; none keeps nothing.",
  },
  {
    name: "log.level",
    key: ["log", "level"],
    kind: "text",
    value: "LEVEL",
    choices: LOG_LEVELS,
    help: "Least severity that is logged (default info).",
  },
  {
    name: "log.format",
    key: ["log", "format"],
    kind: "text",
    value: "FORMAT",
    choices: LOG_FORMATS,
    help: "Form of a log line (default logfmt).",
  },
  { name: "path.procfs", key: ["path", "procfs"], kind: "text", value: "DIR", help: "procfs (default /proc)." },
  { name: "path.sysfs", key: ["path", "sysfs"], kind: "text", value: "DIR", help: "sysfs (default /sys)." },
  {
    name: "source",
    key: ["source"],
    kind: "text",
    value: "SOURCE",
    choices: SOURCE_CHOICES,
    help: "Who reads the links (default auto).",
  },
];

/** What the command line gave, by flag name. */
export type FlagValues = ReadonlyMap<string, string | boolean | readonly string[]>;

export interface Overlaid {
  readonly value: unknown;
  /** The flag that decided the value at `path` or above it. */
  flagAt(path: KeyPath): string | undefined;
}

/** The values of the file with those of the flags in their places. */
export function overlayFlags(value: unknown, flags: FlagValues): Overlaid {
  const given = CONFIGURATION_FLAGS.filter(({ name }) => flags.has(name));
  const result = given.reduce((settings, flag) => put(settings, flag.key, read(flag, flags.get(flag.name))), value);
  return {
    value: result,
    flagAt: (path) => given.find(({ key }) => key.every((step, index) => path[index] === step))?.name,
  };
}

/** A number that is none stays text, for the schema to complain of. */
function read({ kind }: ConfigurationFlag, value: string | boolean | readonly string[] | undefined): unknown {
  return kind === "number" && typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
}

function put(value: unknown, [step, ...rest]: KeyPath, leaf: unknown): unknown {
  if (step === undefined) return leaf;
  // Something else than an object stands where the file should have one: left for the schema to complain of.
  if (value !== undefined && value !== null && (typeof value !== "object" || Array.isArray(value))) return value;
  const fields: Record<string, unknown> = { ...value };
  return { ...fields, [step]: put(fields[step], rest, leaf) };
}
