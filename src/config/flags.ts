/**
 * Flags that set a key of the file, in the style of Prometheus exporters. A flag wins over the file; what it means and its default
 * are said at its key, below sections/.
 */

import { LOG_LEVELS } from "../log/log.ts";
import { LOG_FORMATS, SOURCE_CHOICES } from "./choices.ts";
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
}

export const CONFIGURATION_FLAGS: readonly ConfigurationFlag[] = [
  { name: "web.listen-address", key: ["web", "listen_addresses"], kind: "list", value: "HOST:PORT" },
  { name: "web.telemetry-path", key: ["web", "telemetry_path"], kind: "text", value: "PATH" },
  { name: "web.config.file", key: ["web", "config_file"], kind: "text", value: "FILE" },
  { name: "web.max-requests", key: ["web", "max_requests"], kind: "number", value: "COUNT" },
  { name: "web.systemd-socket", key: ["web", "systemd_socket"], kind: "boolean" },
  { name: "web.enable-lifecycle", key: ["web", "enable_lifecycle"], kind: "boolean" },
  { name: "web.disable-exporter-metrics", key: ["web", "disable_exporter_metrics"], kind: "boolean" },
  { name: "snmp.listen-address", key: ["snmp", "listen_addresses"], kind: "list", value: "udp:ADDRESS:PORT" },
  { name: "control.socket", key: ["control", "socket"], kind: "text", value: "PATH" },
  { name: "state.file", key: ["state", "file"], kind: "text", value: "FILE" },
  { name: "log.level", key: ["log", "level"], kind: "text", value: "LEVEL", choices: LOG_LEVELS },
  { name: "log.format", key: ["log", "format"], kind: "text", value: "FORMAT", choices: LOG_FORMATS },
  { name: "path.procfs", key: ["path", "procfs"], kind: "text", value: "DIR" },
  { name: "path.sysfs", key: ["path", "sysfs"], kind: "text", value: "DIR" },
  { name: "source", key: ["source"], kind: "text", value: "SOURCE", choices: SOURCE_CHOICES },
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
