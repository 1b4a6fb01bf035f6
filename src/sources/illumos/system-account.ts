/** Puts together what the commands said of the groups. */

import type { PrintedKstat } from "../../kstat/printed-kstat.ts";
import { NET_STATISTICS } from "../../kstat/net.ts";
import type {
  SystemAddress,
  SystemGroup,
  SystemGroupKstat,
  SystemMember,
  SystemProbes,
} from "../../link/system-group.ts";
import {
  familyOf,
  type InterfaceLists,
  millisecondsOf,
  type ModeRow,
  parseInterfaces,
  parseNames,
} from "./ipmpstat-rows.ts";
import { nanosecondsOf, numberOf } from "./kstat-lines.ts";

/** Rows of every mode; undefined where a mode never answered. */
export interface IpmpstatRows {
  readonly groups: readonly ModeRow<"groups">[];
  readonly interfaces: readonly ModeRow<"interfaces">[] | undefined;
  readonly addresses: readonly ModeRow<"addresses">[] | undefined;
  readonly targets: readonly ModeRow<"targets">[] | undefined;
}

/** A kstat's name has one character less than an interface's. */
const KSTAT_NAME_MAX = 30;

/** The IPMP groups. The anonymous group, of the interfaces that in.mpathd watches outside of groups, has no name and is none. */
export function systemGroups(rows: IpmpstatRows, kstats: readonly PrintedKstat[]): SystemGroup[] {
  const kstatOf = new Map(kstats.map((kstat) => [kstat.name, kstat]));
  return rows.groups.flatMap(({ GROUP: ifname, GROUPNAME: name, STATE: state, FDT: time, INTERFACES: interfaces }) => {
    if (!ifname) return [];
    const kstat = kstatOf.get(ifname.slice(0, KSTAT_NAME_MAX));
    return [
      {
        ifname,
        name: name || ifname,
        state: state as SystemGroup["state"], // its form has been checked
        failureDetectionTimeMs: millisecondsOf(time),
        members: membersOf(ifname, interfaces, rows),
        addresses: rows.addresses?.filter(({ GROUP: group }) => group === ifname).flatMap(addressOf),
        kstat: kstat && groupKstatOf(kstat),
      },
    ];
  });
}

/** Interfaces that in.mpathd watches outside of groups. */
export function anonymousInterfaces({ groups, interfaces }: IpmpstatRows): number {
  if (interfaces) return interfaces.filter(({ GROUP: group }) => group === "").length;
  const anonymous = groups.filter(({ GROUP: group }) => group === "");
  return anonymous.flatMap(({ INTERFACES: value }) => allOf(parseInterfaces(value ?? ""))).length;
}

/** Members in the order of the group's row, which may be cut; the interfaces' own rows say the same of each, and more. */
function membersOf(ifname: string, value: string | undefined, { interfaces, targets }: IpmpstatRows): SystemMember[] {
  const lists = parseInterfaces(value ?? "");
  const rows = new Map((interfaces ?? []).flatMap((row) => (row.INTERFACE ? [[row.INTERFACE, row] as const] : [])));
  const own = [...rows.values()].flatMap(({ INTERFACE: device, GROUP: group }) =>
    device && group === ifname ? device : [],
  );
  // Who moved after the groups were asked for is where its own row says.
  const devices = new Set([...allOf(lists).filter((device) => (rows.get(device)?.GROUP ?? ifname) === ifname), ...own]);
  return Array.from(devices, (device) => {
    const families = probesOf(device, targets ?? []);
    const row = rows.get(device);
    return row?.FLAGS === undefined
      ? memberOfLists(device, lists, families)
      : memberOfRow(device, row, row.FLAGS, families);
  });
}

function allOf({ active, inactive, unusable }: InterfaceLists): string[] {
  return [...active, ...inactive, ...unusable];
}

function memberOfRow(
  device: string,
  { ACTIVE: active, PROBE: probe, STATE: state }: ModeRow<"interfaces">,
  flags: string,
  families: readonly SystemProbes[],
): SystemMember {
  const has = (flag: string) => flags.includes(flag);
  return {
    device,
    active: active === "yes",
    inactive: has("i"),
    standby: has("s"),
    failed: state === "failed",
    offline: state === "offline",
    down: has("d"),
    duplicate: has("h"),
    cast: { ipv4: has("m"), ipv6: has("M") },
    probe: probe as SystemMember["probe"], // its form has been checked
    families,
  };
}

/** Where the interfaces were not told of: what the row of the group says of them. */
function memberOfLists(device: string, lists: InterfaceLists, families: readonly SystemProbes[]): SystemMember {
  return {
    device,
    active: lists.active.includes(device),
    inactive: lists.inactive.includes(device),
    standby: false,
    failed: lists.unusable.includes(device),
    offline: false,
    down: false,
    duplicate: false,
    cast: { ipv4: false, ipv6: false },
    probe: undefined,
    families,
  };
}

function probesOf(device: string, targets: readonly ModeRow<"targets">[]): SystemProbes[] {
  return targets.flatMap(({ INTERFACE: name, MODE: mode, TESTADDR: testAddress, TARGETS: value }) =>
    name === device && (mode === "routes" || mode === "multicast") && testAddress
      ? [{ family: familyOf(testAddress), mode, testAddress, targets: parseNames(value ?? "") }]
      : [],
  );
}

function addressOf({ ADDRESS: address, STATE: state, INBOUND: inbound }: ModeRow<"addresses">): SystemAddress[] {
  return address ? [{ address, family: familyOf(address), up: state === "up", inbound: inbound || undefined }] : [];
}

function groupKstatOf(kstat: PrintedKstat): SystemGroupKstat {
  return {
    crtime: nanosecondsOf(kstat.crtime),
    snaptime: nanosecondsOf(kstat.snaptime),
    values: BigUint64Array.from(NET_STATISTICS, ({ name }) => numberOf(kstat, name) ?? 0n),
  };
}
