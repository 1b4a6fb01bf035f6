/** Rules of groups: names, members and addresses that belong to one of them. */

import { LOCAL, linkLabel } from "../../link/link-id.ts";
import { formatKeyPath, type KeyPath } from "../configuration-error.ts";
import type { Finding } from "../findings.ts";
import type { Settings } from "../schema.ts";
import { type Place, repeated } from "./repeats.ts";
import type { Rule } from "./rule.ts";

type GroupSettings = Settings["groups"][number];
type MemberSettings = GroupSettings["interfaces"][number];

export const GROUP_RULES: readonly Rule[] = [
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
];

function places(settings: Settings, of: (group: GroupSettings, path: KeyPath) => Place[]): Place[] {
  return settings.groups.flatMap((group, index) => of(group, ["groups", index]));
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
