/** Rules that concern several keys at once; each says what is wrong at which key. */

import { resolve } from "node:path";
import { LOCAL, linkLabel } from "../link/link-id.ts";
import { familyOf } from "../net-address/ip-address.ts";
import { formatSnmpEndpoint, hostOf } from "../net-address/snmp-endpoint.ts";
import { isUnixPath } from "../net-address/unix-path.ts";
import type { Configuration } from "./configuration.ts";
import { formatKeyPath, type KeyPath } from "./configuration-error.ts";
import type { Finding } from "./findings.ts";
import type { Settings } from "./schema.ts";
import { CONTROL_SOCKET } from "./sections/control.ts";
import { ILLUMOS_LEAST_INTERVAL, type SourceSettings } from "./sections/source.ts";

type Rule = (settings: Settings) => Finding[];

type GroupSettings = Settings["groups"][number];
type MemberSettings = GroupSettings["interfaces"][number];

const RULES: readonly Rule[] = [
  (settings) =>
    repeated(
      places(settings, ({ name }, path) => [{ value: name, path: [...path, "name"] }]),
      "a name of its own",
    ),
  // Without ifname the name is the meta-interface's too, and may be another group's ifname.
  (settings) =>
    repeated(
      places(settings, metaInterfaceOf).filter(
        ({ value, path }) => path.at(-1) === "ifname" || hasIfname(settings, value),
      ),
      "an interface name of its own",
    ),
  (settings) => repeated(places(settings, devicesOf), "each interface in one group, once"),
  (settings) =>
    repeated(
      places(settings, ({ addresses }, path) =>
        addresses.map((value, index) => ({ value, path: [...path, "addresses", index] })),
      ),
      "each address in one group, once",
    ),
  nameOfMember,
  tooFewMembers,
  listensTwice,
  listensWithinEvery,
  listensNowhere,
  communityTwice,
  userTwice,
  notificationCredentials,
  notificationSource,
  receiverTwice,
  ({ sources }) =>
    repeated(
      sources.map(({ name }, index) => ({ value: name, path: ["sources", index, "name"] })),
      "a name of its own",
    ),
  sourceOfHost,
  sourceOfMember,
  keyOfOtherKind,
  illumosInterval,
  deviceTarget,
  deviceCredentials,
];

/** Everything wrong between keys that are right by themselves. */
export function inconsistencies(settings: Settings): Finding[] {
  return RULES.flatMap((rule) => rule(settings));
}

/** Paths that are too long once they are absolute. */
export function tooLongPaths({ control: { socket, explicit } }: Configuration): Finding[] {
  if (!explicit || socket === undefined || isUnixPath(socket)) return [];
  const bytes = Buffer.byteLength(socket);
  return [{ path: ["control", "socket"], expected: `${CONTROL_SOCKET}: as an absolute path it has ${bytes}` }];
}

/** Paths of one file that two keys name: what one makes there, the other replaces, or cannot use. */
export function pathsNamedTwice({ file, web, state, control }: Configuration): Finding[] {
  const sockets = web.listenAddresses.flatMap((at, index) =>
    at.kind === "unix" ? [{ value: at.path, path: ["web", "listen_addresses", index] }] : [],
  );
  const made: Place[] = [
    ...(state.file === undefined ? [] : [{ value: state.file, path: ["state", "file"] }]),
    ...sockets,
    ...(control.socket === undefined ? [] : [{ value: control.socket, path: ["control", "socket"] }]),
  ];
  const own = file === undefined ? undefined : resolve(file);
  return [
    ...made
      .filter(({ value }) => value === own)
      .map(({ path }) => ({ path, expected: "another path: that is the configuration file" })),
    ...repeats(made).map(({ path, earlier }) => ({ path, expected: `another path than ${earlier}` })),
  ];
}

interface Place {
  readonly value: string;
  readonly path: KeyPath;
}

function places(settings: Settings, of: (group: GroupSettings, path: KeyPath) => Place[]): Place[] {
  return settings.groups.flatMap((group, index) => of(group, ["groups", index]));
}

/** Each place whose value stands at an earlier one already, with that one. */
function repeats(all: readonly Place[]): (Place & { readonly earlier: string })[] {
  const first = new Map<string, KeyPath>();
  return all.flatMap(({ value, path }) => {
    const earlier = first.get(value);
    if (earlier !== undefined) return [{ value, path, earlier: formatKeyPath(earlier) }];
    first.set(value, path);
    return [];
  });
}

function repeated(all: readonly Place[], expected: string): Finding[] {
  return repeats(all).map(({ value, path, earlier }) => ({
    path,
    found: `found ${JSON.stringify(value)} again`,
    expected: `${expected}: it is ${earlier}`,
  }));
}

/** The name of the group's meta-interface, where it is written. */
function metaInterfaceOf({ name, ifname }: GroupSettings, path: KeyPath): Place[] {
  return [{ value: ifname ?? name, path: [...path, ifname === undefined ? "name" : "ifname"] }];
}

function hasIfname(settings: Settings, name: string): boolean {
  return settings.groups.some(({ ifname }) => ifname === name);
}

/** `device`: the link's label, which says of which source it is. */
function deviceOf(member: MemberSettings): { readonly device: string; readonly inside: KeyPath } | undefined {
  if (typeof member === "string") return { device: member, inside: [] };
  const { source = LOCAL, device } = member;
  return device === undefined ? undefined : { device: linkLabel(source, device), inside: ["device"] };
}

function devicesOf({ interfaces }: GroupSettings, path: KeyPath): Place[] {
  return interfaces.flatMap((member, index) => {
    const named = deviceOf(member);
    return named ? [{ value: named.device, path: [...path, "interfaces", index, ...named.inside] }] : [];
  });
}

/** The meta-interface is an interface too: SNMP and ipmpstat could not tell it from a link of the same name. */
function nameOfMember(settings: Settings): Finding[] {
  const devices = new Map(places(settings, devicesOf).map(({ value, path }) => [value, path]));
  return places(settings, metaInterfaceOf).flatMap(({ value, path }) => {
    const member = devices.get(value);
    return member === undefined
      ? []
      : [{ path, expected: `an interface name that no member has: ${formatKeyPath(member)} is the same` }];
  });
}

function tooFewMembers({ groups }: Settings): Finding[] {
  return groups.flatMap(({ interfaces, minActive }, index) => {
    // A match may find any number.
    if (!interfaces.every((member) => deviceOf(member) !== undefined)) return [];
    return minActive <= interfaces.length
      ? []
      : [
          {
            path: ["groups", index, "min_active"],
            expected: `at most the ${interfaces.length} interfaces of the group`,
          },
        ];
  });
}

function listensTwice({ web, snmp }: Settings): Finding[] {
  const all: Place[] = [
    ...web.listenAddresses.map((at, index) => ({
      value: at.kind === "unix" ? at.path : at.port === 0 ? `any ${index}` : `${at.host ?? ""}:${at.port}`,
      path: ["web", "listen_addresses", index],
    })),
    ...snmp.listenAddresses.map((at, index) => ({
      value: at.port === 0 ? `udp any ${index}` : `udp ${hostOf(at)} ${at.port}`,
      path: ["snmp", "listen_addresses", index],
    })),
  ];
  // The address is shown as it was written, which may be another text for the same.
  return repeats(all).map(({ path, earlier }) => ({ path, expected: `each address once: it is ${earlier}` }));
}

/** An address with the port of an entry that means every address, which has it open already. */
function listensWithinEvery({ web, snmp }: Settings): Finding[] {
  return [
    ...served(
      ["web", "listen_addresses"],
      web.listenAddresses,
      (every, one) =>
        every.kind === "tcp" &&
        one.kind === "tcp" &&
        every.host === undefined &&
        one.host !== undefined &&
        isSamePort(every, one),
    ),
    ...served(
      ["snmp", "listen_addresses"],
      snmp.listenAddresses,
      (every, one) =>
        EVERY_ADDRESS.has(every.address) &&
        !EVERY_ADDRESS.has(one.address) &&
        every.transport === one.transport &&
        isSamePort(every, one),
    ),
  ];
}

const EVERY_ADDRESS: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/** Port 0 is another one each time. */
const isSamePort = (a: { readonly port: number }, b: { readonly port: number }) => a.port === b.port && a.port !== 0;

/** Entries of a list that another entry serves already. */
function served<T>(path: KeyPath, all: readonly T[], covers: (every: T, one: T) => boolean): Finding[] {
  return all.flatMap((one, index) => {
    const by = all.findIndex((other) => covers(other, one));
    const every = formatKeyPath([...path, by]);
    return by < 0
      ? []
      : [{ path: [...path, index], expected: `another port, as ${every} has every address of this one` }];
  });
}

function listensNowhere({ web }: Settings): Finding[] {
  return web.listenAddresses.length === 0 && !web.systemdSocket
    ? [{ path: ["web", "listen_addresses"], expected: "at least one address, or web.systemd_socket" }]
    : [];
}

function communityTwice({ snmp }: Settings): Finding[] {
  const all = snmp.communities.map(({ name }, index) => ({
    value: name,
    path: ["snmp", "communities", index, "name"],
  }));
  return repeated(all, "each community once");
}

function userTwice({ snmp }: Settings): Finding[] {
  const all = snmp.users.map(({ name }, index) => ({ value: name, path: ["snmp", "users", index, "name"] }));
  return repeated(all, "each user once");
}

function notificationSource({ snmp }: Settings): Finding[] {
  return snmp.notifications.flatMap(({ target, sourceAddress }, index): Finding[] => {
    if (sourceAddress === undefined || familyOf(sourceAddress) === familyOf(target.address)) return [];
    const family = familyOf(target.address) === "ipv4" ? "IPv4" : "IPv6";
    const path = ["snmp", "notifications", index, "source_address"];
    return [{ path, expected: `an ${family} address, as the target has` }];
  });
}

/** Each notification would be sent to it twice. The target is shown as it was written, which may be another text for the same. */
function receiverTwice({ snmp }: Settings): Finding[] {
  const all = snmp.notifications.map(({ target, ...how }, index) => ({
    value: JSON.stringify([
      formatSnmpEndpoint(target),
      how.version,
      how.type,
      how.user,
      how.community,
      how.sourceAddress,
    ]),
    path: ["snmp", "notifications", index, "target"],
  }));
  return repeats(all).map(({ path, earlier }) => ({ path, expected: `each receiver once: it is ${earlier}` }));
}

function notificationCredentials({ snmp }: Settings): Finding[] {
  const users = new Set(snmp.users.map(({ name }) => name));
  return snmp.notifications.flatMap(({ version, user, community, type }, index): Finding[] => {
    const path = ["snmp", "notifications", index];
    if (version === 3) {
      if (user === undefined)
        return [{ path: [...path, "user"], found: "missing", expected: "the name of one of snmp.users" }];
      if (!users.has(user)) return [{ path: [...path, "user"], expected: "the name of one of snmp.users" }];
      if (community !== undefined)
        return [{ path: [...path, "community"], expected: "no community in version 3", ofKey: true }];
      return [];
    }
    if (user !== undefined) return [{ path: [...path, "user"], expected: "version: 3 beside a user", ofKey: true }];
    if (version === 1 && type === "inform") return [{ path: [...path, "type"], expected: "trap, or version 2 or 3" }];
    return [];
  });
}

function sourceOfHost({ sources }: Settings): Finding[] {
  return sources.flatMap(({ name }, index) =>
    name === LOCAL
      ? [{ path: ["sources", index, "name"], expected: `another name: ${LOCAL} is this host, which needs no entry` }]
      : [],
  );
}

function sourceOfMember({ groups, sources }: Settings): Finding[] {
  const names = new Set(sources.map(({ name }) => name));
  return groups.flatMap(({ interfaces }, group) =>
    interfaces.flatMap((member, index) => {
      const source = typeof member === "string" ? undefined : member.source;
      const path = ["groups", group, "interfaces", index, "source"];
      return source === undefined || names.has(source) ? [] : [{ path, expected: "the name of one of sources" }];
    }),
  );
}

/** Keys that mean something for one kind of source alone, as the file spells them. */
const KEYS_OF_KIND = {
  snmp: {
    target: "target",
    version: "version",
    user: "user",
    community: "community",
    communityFile: "community_file",
    timeout: "timeout",
    failures: "failures",
    discover: "discover",
  },
  illumos: { path: "path" },
} as const satisfies Record<SourceSettings["kind"], Partial<Record<keyof SourceSettings, string>>>;

function keyOfOtherKind({ sources }: Settings): Finding[] {
  return sources.flatMap((source, index) =>
    Object.entries(KEYS_OF_KIND)
      .filter(([kind]) => kind !== source.kind)
      .flatMap(([kind, keys]) =>
        Object.entries(keys)
          .filter(([key]) => source[key as keyof SourceSettings] !== undefined)
          .map(
            ([, written]): Finding => ({
              path: ["sources", index, written],
              expected: `kind: ${kind} beside ${written}`,
              ofKey: true,
            }),
          ),
      ),
  );
}

function illumosInterval({ sources }: Settings): Finding[] {
  return sources.flatMap(({ kind, interval = ILLUMOS_LEAST_INTERVAL }, index) =>
    kind === "illumos" && interval < ILLUMOS_LEAST_INTERVAL
      ? [
          {
            path: ["sources", index, "interval"],
            expected: `at least ${ILLUMOS_LEAST_INTERVAL / 1000}s with illumos, because each round makes in.mpathd look at all interfaces`,
          },
        ]
      : [],
  );
}

function deviceTarget({ sources }: Settings): Finding[] {
  return sources.flatMap(({ kind, target }, index): Finding[] => {
    if (kind !== "snmp") return [];
    const path = ["sources", index, "target"];
    if (target === undefined) return [{ path, found: "missing", expected: "udp:ADDRESS:PORT of the device's agent" }];
    const isOne = target.port !== 0 && target.address !== "0.0.0.0" && target.address !== "::";
    return isOne ? [] : [{ path, expected: "the address and port of one device" }];
  });
}

function deviceCredentials({ sources, snmp }: Settings): Finding[] {
  const users = new Set(snmp.users.map(({ name }) => name));
  return sources.flatMap(({ kind, version, user, community, communityFile }, index): Finding[] => {
    if (kind !== "snmp") return [];
    const path = ["sources", index];
    if (version === 3) {
      const wanted = "the name of one of snmp.users";
      if (user === undefined) return [{ path: [...path, "user"], found: "missing", expected: wanted }];
      if (!users.has(user)) return [{ path: [...path, "user"], expected: wanted }];
      const written = community === undefined ? communityFile && "community_file" : "community";
      return written ? [{ path: [...path, written], expected: "no community in version 3", ofKey: true }] : [];
    }
    if (user !== undefined) return [{ path: [...path, "user"], expected: "version: 3 beside a user", ofKey: true }];
    if (community !== undefined && communityFile !== undefined)
      return [{ path: [...path, "community"], expected: "community or community_file, not both", ofKey: true }];
    return [];
  });
}
