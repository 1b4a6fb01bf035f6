/** Rules that concern several keys at once; each says what is wrong at which key. */

import { formatKeyPath, type KeyPath } from "./configuration-error.ts";
import type { Finding } from "./findings.ts";
import type { Settings } from "./schema.ts";

type Rule = (settings: Settings) => Finding[];

type GroupSettings = NonNullable<Settings["groups"]>[number];
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
      places(settings, (group, path) => [
        { value: group.ifname ?? group.name, path: [...path, group.ifname == null ? "name" : "ifname"] },
      ]).filter(({ value, path }) => path.at(-1) === "ifname" || hasIfname(settings, value)),
      "an interface name of its own",
    ),
  (settings) => repeated(places(settings, devicesOf), "each interface in one group, once"),
  (settings) =>
    repeated(
      places(settings, ({ addresses }, path) =>
        (addresses ?? []).map((value, index) => ({ value, path: [...path, "addresses", index] })),
      ),
      "each address in one group, once",
    ),
  nameOfMember,
  tooFewMembers,
  listensTwice,
  listensNowhere,
  snmpNone,
  communityTwice,
  userTwice,
  notificationCredentials,
];

/** Everything wrong between keys that are right by themselves. */
export function inconsistencies(settings: Settings): Finding[] {
  return RULES.flatMap((rule) => rule(settings));
}

interface Place {
  readonly value: string;
  readonly path: KeyPath;
}

function places(settings: Settings, of: (group: GroupSettings, path: KeyPath) => Place[]): Place[] {
  return (settings.groups ?? []).flatMap((group, index) => of(group, ["groups", index]));
}

/** A finding for every place whose value stands at an earlier one already. */
function repeated(all: readonly Place[], expected: string): Finding[] {
  const first = new Map<string, KeyPath>();
  return all.flatMap(({ value, path }) => {
    const earlier = first.get(value);
    if (earlier === undefined) first.set(value, path);
    return earlier === undefined
      ? []
      : [
          {
            path,
            found: `found ${JSON.stringify(value)} again`,
            expected: `${expected}: it is ${formatKeyPath(earlier)}`,
          },
        ];
  });
}

function hasIfname(settings: Settings, name: string): boolean {
  return (settings.groups ?? []).some(({ ifname }) => ifname === name);
}

function deviceOf(member: MemberSettings): { readonly device: string; readonly inside: KeyPath } | undefined {
  if (typeof member === "string") return { device: member, inside: [] };
  return member.device == null ? undefined : { device: member.device, inside: ["device"] };
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
  return places(settings, (group, path) => [
    { value: group.ifname ?? group.name, path: [...path, group.ifname == null ? "name" : "ifname"] },
  ]).flatMap(({ value, path }) => {
    const member = devices.get(value);
    return member === undefined
      ? []
      : [{ path, expected: `an interface name that no member has: ${formatKeyPath(member)} is the same` }];
  });
}

function tooFewMembers({ groups }: Settings): Finding[] {
  return (groups ?? []).flatMap(({ interfaces, min_active: least }, index) => {
    // A match may find any number.
    if (least == null || !interfaces.every((member) => deviceOf(member) !== undefined)) return [];
    return least <= interfaces.length
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
  const snmpAddresses = snmp?.listen_addresses;
  const all: Place[] = [
    ...(web?.listen_addresses ?? []).map((at, index) => ({
      value: at.kind === "unix" ? at.path : at.port === 0 ? `any ${index}` : `${at.host ?? ""}:${at.port}`,
      path: ["web", "listen_addresses", index],
    })),
    ...(typeof snmpAddresses === "object" && snmpAddresses !== null ? snmpAddresses : []).map((at, index) => ({
      value: typeof at === "string" ? at : at.port === 0 ? `udp any ${index}` : `udp ${at.address} ${at.port}`,
      path: ["snmp", "listen_addresses", index],
    })),
  ];
  const first = new Map<string, KeyPath>();
  return all.flatMap(({ value, path }) => {
    const earlier = first.get(value) ?? path;
    first.set(value, earlier);
    return earlier === path ? [] : [{ path, expected: `each address once: it is ${formatKeyPath(earlier)}` }];
  });
}

function listensNowhere({ web }: Settings): Finding[] {
  return web?.listen_addresses?.length === 0 && web.systemd_socket !== true
    ? [{ path: ["web", "listen_addresses"], expected: "at least one address, or web.systemd_socket" }]
    : [];
}

function snmpNone({ snmp }: Settings): Finding[] {
  const addresses = snmp?.listen_addresses;
  return Array.isArray(addresses) && addresses.length > 1 && addresses.includes("none")
    ? [{ path: ["snmp", "listen_addresses", addresses.indexOf("none")], expected: "none alone, or addresses" }]
    : [];
}

function communityTwice({ snmp }: Settings): Finding[] {
  const all = (snmp?.communities ?? []).map(({ name }, index) => ({
    value: name,
    path: ["snmp", "communities", index, "name"],
  }));
  return repeated(all, "each community once");
}

function userTwice({ snmp }: Settings): Finding[] {
  const all = (snmp?.users ?? []).map(({ name }, index) => ({ value: name, path: ["snmp", "users", index, "name"] }));
  return repeated(all, "each user once");
}

function notificationCredentials({ snmp }: Settings): Finding[] {
  const users = new Set((snmp?.users ?? []).map(({ name }) => name));
  return (snmp?.notifications ?? []).flatMap(({ version, user, community, type }, index): Finding[] => {
    const path = ["snmp", "notifications", index];
    if (version === 3) {
      if (user == null)
        return [{ path: [...path, "user"], found: "missing", expected: "the name of one of snmp.users" }];
      if (!users.has(user)) return [{ path: [...path, "user"], expected: "the name of one of snmp.users" }];
      if (community != null)
        return [{ path: [...path, "community"], expected: "no community in version 3", ofKey: true }];
      return [];
    }
    if (user != null) return [{ path: [...path, "user"], expected: "version: 3 beside a user", ofKey: true }];
    if (version === 1 && type === "inform") return [{ path: [...path, "type"], expected: "trap, or version 2 or 3" }];
    return [];
  });
}
