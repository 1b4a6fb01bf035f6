/** From the settings of the file and the flags to the configuration: what depends on other keys, on where the file lies, and on the environment. */

import { dirname, resolve } from "node:path";
import type {
  Configuration,
  DeviceConfiguration,
  GroupConfiguration,
  IllumosConfiguration,
  MemberRule,
  SnmpNotification,
  SnmpUser,
  SourceConfiguration,
} from "./configuration.ts";
import type { KeyPath } from "./configuration-error.ts";
import { defaultControlSocket, defaultStateFile, type Places, stateDirectory } from "./places.ts";
import type { Settings } from "./schema.ts";
import { STANDARD_COMMUNITY } from "./sections/snmp-access.ts";
import { SOURCE_DEFAULTS, type SourceSettings } from "./sections/source.ts";
import { LLDPCLI } from "./sections/path.ts";
import { NONE } from "./value-schemas.ts";

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
  const { web, snmp, state, control, path } = settings;
  const beside = file === undefined ? process.cwd() : dirname(resolve(file));
  const readPath = (key: KeyPath, value: string) => resolve(isFromFlag(key) ? process.cwd() : beside, value);
  const writtenPath = (key: KeyPath, folder: string, value: string | undefined, standard: string) =>
    value === NONE ? undefined : resolve(isFromFlag(key) ? process.cwd() : folder, value ?? standard);
  const users = snmp.users.map((user) => withAbsolutePaths(user, beside));
  const standardSocket = resolve(defaultControlSocket(places));
  return {
    ...settings,
    file,
    groups: settings.groups.map(groupOf),
    sources: settings.sources.map((source) => sourceOf(source, users, beside)),
    web: {
      ...web,
      configFile: web.configFile === undefined ? undefined : readPath(["web", "config_file"], web.configFile),
    },
    snmp: {
      ...snmp,
      users,
      notifications: snmp.notifications.map(notificationOf),
    },
    state: {
      ...state,
      file: writtenPath(["state", "file"], stateDirectory(places), state.file, defaultStateFile(places)),
    },
    control: {
      socket: writtenPath(["control", "socket"], dirname(standardSocket), control.socket, standardSocket),
      explicit: control.socket !== undefined,
    },
    path: {
      procfs: readPath(["path", "procfs"], path.procfs),
      sysfs: readPath(["path", "sysfs"], path.sysfs),
      illumos: readPath(["path", "illumos"], path.illumos),
      lldpcli: writtenPath(["path", "lldpcli"], beside, path.lldpcli, LLDPCLI),
      lldpdSocket: path.lldpdSocket === undefined ? undefined : readPath(["path", "lldpd_socket"], path.lldpdSocket),
    },
  };
}

function groupOf({ ifname, interfaces, ...group }: Settings["groups"][number]): GroupConfiguration {
  return { ...group, ifname: ifname ?? group.name, members: interfaces.map(memberRuleOf) };
}

function memberRuleOf(member: Settings["groups"][number]["interfaces"][number]): MemberRule {
  if (typeof member === "string") return { kind: "device", device: member, standby: false };
  const { source, device, match, standby } = member;
  const of = source === undefined ? {} : { source };
  if (match) return { kind: "match", match, standby, ...of };
  if (device === undefined) throw new Error("the schema lets through a member with exactly one of device and match");
  return { kind: "device", device, standby, ...of };
}

function sourceOf(settings: SourceSettings, users: readonly SnmpUser[], folder: string): SourceConfiguration {
  return settings.kind === "snmp" ? deviceOf(settings, users, folder) : illumosOf(settings, folder);
}

function deviceOf(settings: SourceSettings, users: readonly SnmpUser[], folder: string): DeviceConfiguration {
  const standard = SOURCE_DEFAULTS.snmp;
  const { name, target, version = standard.version, user: userName, community, communityFile } = settings;
  const { interval = standard.interval, timeout = standard.timeout, failures = standard.failures } = settings;
  if (!target) throw new Error("source-rules.ts lets through a device that has a target");
  const discoversLags = settings.discover === "lags";
  const device = { kind: "snmp", name, target, interval, timeout, failures, discoversLags } as const;
  if (version === 3) {
    const user = users.find((one) => one.name === userName);
    if (!user) throw new Error("source-rules.ts lets through version 3 with one of snmp.users");
    const { view: _ofOurAgent, ...credentials } = user;
    return { ...device, credential: { version, user: credentials } };
  }
  const credential =
    communityFile === undefined
      ? { version, community: community ?? STANDARD_COMMUNITY }
      : { version, communityFile: resolve(folder, communityFile) };
  return { ...device, credential };
}

function illumosOf(settings: SourceSettings, folder: string): IllumosConfiguration {
  const standard = SOURCE_DEFAULTS.illumos;
  const { name, interval = standard.interval, path = standard.path } = settings;
  return { kind: "illumos", name, interval, path: resolve(folder, path) };
}

function withAbsolutePaths({ auth, priv, ...user }: SnmpUser, folder: string): SnmpUser {
  return {
    ...user,
    auth: { ...auth, passwordFile: resolve(folder, auth.passwordFile) },
    priv: priv && { ...priv, passwordFile: resolve(folder, priv.passwordFile) },
  };
}

function notificationOf({
  user,
  community,
  ...notification
}: Settings["snmp"]["notifications"][number]): SnmpNotification {
  return { ...notification, credential: user ?? community ?? STANDARD_COMMUNITY };
}
