/** From `/api/v1/groups` to the rows of ipmpstat. Illumos knows neither a missing member nor one that was refused: no rows. */

import * as z from "zod";
import { linkLabel } from "../../link/link-id.ts";
import type { AddressRow, GroupRow, InterfaceFlag, InterfaceRow, TargetRow } from "./modes.ts";

/** A member under the name that people know it by: links of one name, of two devices, stay two. */
const memberSchema = z
  .object({
    device: z.string(),
    source: z.string(),
    state: z.enum(["active", "inactive", "failed", "offline"]),
    active: z.boolean(),
    link_up: z.boolean(),
    standby: z.boolean(),
    probes: z
      .object({
        state: z.enum(["ok", "failed", "unknown", "disabled"]),
        families: z.array(
          z.object({
            mode: z.enum(["routes", "multicast", "disabled"]),
            test_address: z.string(),
            targets: z.array(z.object({ address: z.string(), state: z.string() })),
          }),
        ),
      })
      .nullish(),
  })
  .transform(({ source, ...member }) => ({ ...member, device: linkLabel(source, member.device) }));

/** The part of the API that ipmpstat shows. */
export const groupsSchema = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      ifname: z.string(),
      source: z.string(),
      state: z.enum(["ok", "degraded", "failed"]),
      cast_device: z.object({ ipv4: z.string().nullish(), ipv6: z.string().nullish() }).nullish(),
      failure_detection_time_ms: z.number().nullish(),
      addresses: z.array(z.object({ address: z.string(), up: z.boolean(), inbound: z.string().nullish() })).nullish(),
      members: z.array(memberSchema),
    }),
  ),
});

/** Rows that a system with IPMP of its own has printed: field by field, null where it could not tell. */
const printedRows = z.array(z.record(z.string(), z.string().nullable()));

export const printedSchema = z.object({
  groups: printedRows,
  interfaces: printedRows,
  addresses: printedRows,
  targets: printedRows,
});

export type Printed = z.output<typeof printedSchema>;

export type Group = z.output<typeof groupsSchema>["groups"][number];
type Member = Group["members"][number];

/** Groups and members sorted by name; without those of which the system's own rows are there. */
export function inOrder({ groups }: z.output<typeof groupsSchema>): Group[] {
  return groups
    .filter(({ source }) => source !== "illumos")
    .map((group) => ({ ...group, members: group.members.toSorted((a, b) => compare(a.device, b.device)) }))
    .toSorted((a, b) => compare(a.ifname, b.ifname));
}

export function groupRows(groups: readonly Group[]): GroupRow[] {
  return groups.map(({ ifname, name, state, members, failure_detection_time_ms: time }) => {
    const devices = (wanted: (member: Member) => boolean) => members.filter(wanted).map(({ device }) => device);
    return {
      ifname,
      name,
      state,
      failureDetectionTimeMs: time ?? undefined,
      active: devices(({ active }) => active),
      inactive: devices((member) => !member.active && member.state === "inactive"),
      unusable: devices((member) => !member.active && member.state !== "inactive"),
    };
  });
}

export function interfaceRows(groups: readonly Group[]): InterfaceRow[] {
  return groups
    .flatMap((group) =>
      group.members.map(
        (member): InterfaceRow => ({
          device: member.device,
          active: member.active,
          group: group.ifname,
          flags: flagsOf(member, group),
          link: member.link_up ? "up" : "down",
          probe: member.probes?.state ?? "disabled",
          state: member.state === "failed" || member.state === "offline" ? member.state : "ok",
        }),
      ),
    )
    .toSorted((a, b) => compare(a.device, b.device));
}

function flagsOf({ device, state, standby }: Member, { cast_device: cast }: Group): Set<InterfaceFlag> {
  const flags: Record<InterfaceFlag, boolean> = {
    i: state === "inactive",
    s: standby,
    // The nominee for multicast is the nominee for broadcast (ipmp_illgrp_set_cast).
    m: cast?.ipv4 === device,
    b: cast?.ipv4 === device,
    M: cast?.ipv6 === device,
    // if_mpadm -d brings an interface's addresses down.
    d: state === "offline",
    // A member with a duplicate hardware address is refused here: it has no row.
    h: false,
  };
  // The keys of the record are the flags.
  return new Set((Object.keys(flags) as InterfaceFlag[]).filter((flag) => flags[flag]));
}

export function addressRows(groups: readonly Group[]): AddressRow[] {
  return groups
    .flatMap(({ ifname, addresses, members }) =>
      (addresses ?? []).map(
        ({ address, up, inbound }): AddressRow => ({
          address,
          up,
          group: ifname,
          inbound: up ? (inbound ?? "") : "",
          outbound: members.filter(({ active }) => active).map(({ device }) => device),
        }),
      ),
    )
    .toSorted((a, b) => compare(a.group, b.group));
}

/** A row for each family in which an interface is probed; one that is not has a row that says so. */
export function targetRows(groups: readonly Group[]): TargetRow[] {
  return groups
    .flatMap(({ members }) => members)
    .toSorted((a, b) => compare(a.device, b.device))
    .flatMap(({ device, probes }) => {
      const rows = (probes?.families ?? [])
        .filter(({ mode }) => mode !== "disabled")
        .map(({ mode, test_address: testAddress, targets }): TargetRow => {
          const active = targets.filter(({ state }) => state === "active");
          return { device, mode, testAddress, targets: active.map(({ address }) => address) };
        });
      return rows.length > 0 ? rows : [{ device, mode: "disabled" as const, testAddress: "", targets: [] }];
    });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
