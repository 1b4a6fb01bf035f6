/** Fills in the defaults, and turns the file's spelling into the daemon's. */

import { dirname, resolve } from "node:path";
import { parseHttpAddress } from "../net-address/http-address.ts";
import { parseIpPrefix } from "../net-address/ip-prefix.ts";
import { parseSnmpEndpoint, type SnmpEndpoint } from "../net-address/snmp-endpoint.ts";
import type {
  Configuration,
  GroupConfiguration,
  MemberRule,
  SnmpConfiguration,
  SnmpNotification,
  SnmpView,
  StateConfiguration,
} from "./configuration.ts";
import type { KeyPath } from "./configuration-error.ts";
import { DEFAULTS, defaultControlSocket, defaultStateFile, type Places, stateDirectory } from "./defaults.ts";
import { parseDuration } from "./duration.ts";
import { parseOid } from "./oid.ts";
import type { Settings } from "./schema.ts";

/** In place of a path: the thing is not wanted. */
const NONE = "none";

/**
 * What `settings` mean. Relative paths: a flag's start in the working directory; of the file's keys, what is read starts
 * beside the file, the state in the state directory and the control socket in the runtime directory.
 */
export function configurationOf(
  settings: Settings,
  file: string | undefined,
  isFromFlag: (path: KeyPath) => boolean,
  places: Places,
): Configuration {
  const { discovery, detection, web, log, path, source } = settings;
  const beside = file === undefined ? process.cwd() : dirname(resolve(file));
  const readPath = (key: KeyPath, value: string) => resolve(isFromFlag(key) ? process.cwd() : beside, value);
  const writtenPath = (key: KeyPath, folder: string, value: string | null | undefined, standard: string) =>
    value === NONE ? undefined : resolve(isFromFlag(key) ? process.cwd() : folder, value ?? standard);
  const standardSocket = resolve(defaultControlSocket(places));
  return {
    file,
    groups: (settings.groups ?? []).map(groupOf),
    discovery: {
      bonds: discovery?.bonds ?? DEFAULTS.discovery.bonds,
      teams: discovery?.teams ?? DEFAULTS.discovery.teams,
      defaultRoutes: discovery?.default_routes ?? DEFAULTS.discovery.default_routes,
      illumos: discovery?.illumos ?? DEFAULTS.discovery.illumos,
    },
    detection: {
      failureDetectionTimeMs: detection?.failure_detection_time ?? known(parseDuration(DEFAULTS.failureDetectionTime)),
      failback: detection?.failback ?? DEFAULTS.failback,
      probes: {
        enabled: detection?.probes?.enabled ?? DEFAULTS.probes,
        targets: new Map(Object.entries(detection?.probes?.targets ?? {})),
      },
    },
    web: {
      listenAddresses: web?.listen_addresses ?? [known(parseHttpAddress(DEFAULTS.webListenAddress))],
      telemetryPath: web?.telemetry_path ?? DEFAULTS.telemetryPath,
      configFile: web?.config_file == null ? undefined : readPath(["web", "config_file"], web.config_file),
      maxRequests: web?.max_requests ?? DEFAULTS.maxRequests,
      disableExporterMetrics: web?.disable_exporter_metrics ?? false,
      systemdSocket: web?.systemd_socket ?? false,
    },
    snmp: snmpOf(settings.snmp ?? {}, (value) => resolve(beside, value)),
    state: {
      file: writtenPath(["state", "file"], stateDirectory(places), settings.state?.file, defaultStateFile(places)),
      explicit: settings.state?.file != null,
      checkpoint: settings.state?.checkpoint ?? DEFAULTS.checkpoint,
    } satisfies StateConfiguration,
    control: {
      socket: writtenPath(["control", "socket"], dirname(standardSocket), settings.control?.socket, standardSocket),
      explicit: settings.control?.socket != null,
    },
    log: { level: log?.level ?? DEFAULTS.logLevel, format: log?.format ?? DEFAULTS.logFormat },
    path: {
      procfs: readPath(["path", "procfs"], path?.procfs ?? DEFAULTS.procfs),
      sysfs: readPath(["path", "sysfs"], path?.sysfs ?? DEFAULTS.sysfs),
    },
    source: source ?? DEFAULTS.source,
  };
}

function groupOf(group: NonNullable<Settings["groups"]>[number]): GroupConfiguration {
  return {
    name: group.name,
    ifname: group.ifname ?? group.name,
    members: group.interfaces.map((member): MemberRule => {
      if (typeof member === "string") return { kind: "device", device: member, standby: false };
      const standby = member.standby ?? false;
      if (member.match) return { kind: "match", match: member.match, standby };
      // The schema lets exactly one of the two through.
      return { kind: "device", device: known(member.device ?? undefined), standby };
    }),
    addresses: group.addresses ?? [],
    minActive: group.min_active ?? DEFAULTS.minActive,
  };
}

function snmpOf(snmp: NonNullable<Settings["snmp"]>, absolute: (path: string) => string): SnmpConfiguration {
  const standard = { name: DEFAULTS.snmpCommunity, sources: undefined, view: undefined };
  const sources = DEFAULTS.snmpSources.map((text) => known(parseIpPrefix(text)));
  return {
    listenAddresses: snmpAddresses(snmp.listen_addresses ?? undefined),
    communities: (snmp.communities ?? [standard]).map(({ name, sources: given, view }) => ({
      name,
      sources: given ?? sources,
      view: viewOf(view),
    })),
    users: (snmp.users ?? []).map(({ name, auth, priv, view }) => ({
      name,
      auth: { protocol: auth.protocol, passwordFile: absolute(auth.password_file) },
      priv: priv ? { protocol: priv.protocol, passwordFile: absolute(priv.password_file) } : undefined,
      view: viewOf(view),
    })),
    rateLimit: {
      perSecond: snmp.rate_limit?.per_second ?? DEFAULTS.snmpRequestsPerSecond,
      burst: snmp.rate_limit?.burst ?? DEFAULTS.snmpRequestsBurst,
    },
    agentx: snmp.agentx ? { socket: snmp.agentx.socket, mode: snmp.agentx.mode ?? DEFAULTS.agentxMode } : undefined,
    dampingMs: snmp.damping ?? known(parseDuration(DEFAULTS.snmpDamping)),
    enterprise: snmp.enterprise ?? known(parseOid(DEFAULTS.snmpEnterprise)),
    notifications: (snmp.notifications ?? []).map(
      ({ target, version, user, community, type }): SnmpNotification => ({
        target,
        version: version ?? 2,
        credential: user ?? community ?? DEFAULTS.snmpCommunity,
        type: type ?? "trap",
      }),
    ),
    system: {
      contact: snmp.system?.contact ?? "",
      location: snmp.system?.location ?? "",
      name: snmp.system?.name ?? undefined,
    },
  };
}

type View = NonNullable<NonNullable<Settings["snmp"]>["users"]>[number]["view"];

function viewOf(view: View): SnmpView | undefined {
  return view ? { include: view.include, exclude: view.exclude ?? [] } : undefined;
}

function snmpAddresses(given: "none" | readonly ("none" | SnmpEndpoint)[] | undefined): readonly SnmpEndpoint[] {
  if (given === undefined) return [known(parseSnmpEndpoint(DEFAULTS.snmpListenAddress))];
  return given === NONE ? [] : given.filter((address) => address !== NONE);
}

/** For what has been checked before: a default of ours, or a value that the schema let through. */
function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a default or a checked value is not valid");
  return value;
}
