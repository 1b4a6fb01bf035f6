/** Ops on groups: the hash, the kstat, the vetting. */

import { grpUpdateKstats } from "../../ipmp/group-kstats.ts";
import { grpCreate, grpDestroy, grpInfo, grpLookup, grpRename, type IpmpGroup } from "../../ipmp/ipmp-group.ts";
import { grpVetPhyint } from "../../ipmp/vet.ts";
import { NET_STATISTICS } from "../../kstat/net.ts";
import { integer, interfaceName, text } from "../fields.ts";
import { quote, quoteName } from "../json.ts";
import { NOTHING, type OpTable } from "../op.ts";
import { expect } from "../world.ts";

function infoOf(group: IpmpGroup): string {
  const info = grpInfo(group);
  return (
    `{"gi_v4":${info.v4},"gi_v6":${info.v6},"gi_nv4":${info.nv4},"gi_nv6":${info.nv6},"gi_mactype":${info.mactype}` +
    `,"gi_grifname":${quote(info.grifname)},"gi_m4ifname":${quote(info.m4ifname)}` +
    `,"gi_m6ifname":${quote(info.m6ifname)},"gi_bcifname":${quote(info.bcifname)}}`
  );
}

export const GROUP_OPS: OpTable = {
  grp_create(world, fields) {
    return quoteName(grpCreate(world.stack, interfaceName(fields, "grname"), world.phyint(fields)));
  },

  grp_lookup(world, fields) {
    return quoteName(grpLookup(world.stack, text(fields, "grname"))?.phyint);
  },

  grp_rename(world, fields) {
    const group = world.group(fields);
    world.errno = grpRename(group, text(fields, "grname"));
    return quote(group.name);
  },

  grp_destroy(world, fields) {
    grpDestroy(world.group(fields));
    return NOTHING;
  },

  grp_info(world, fields) {
    return infoOf(world.group(fields));
  },

  grp_pend(world, fields) {
    const group = world.group(fields);
    const pendv4 = integer(fields, "gr_pendv4");
    group.pendv6 = integer(fields, "gr_pendv6");
    group.pendv4 = pendv4;
    return NOTHING;
  },

  vet_phyint(world, fields) {
    world.errno = grpVetPhyint(world.group(fields), world.phyint(fields));
    return NOTHING;
  },

  kstat_read(world, fields) {
    const { ksp } = world.group(fields);
    expect(ksp !== undefined, "grp must have its kstat");
    ksp.refresh();
    return `{${NET_STATISTICS.map(({ name }, slot) => `"${name}":"${ksp.values[slot]}"`).join(",")}}`;
  },

  kstat_write(world, fields) {
    const group = world.group(fields);
    expect(group.ksp !== undefined, "grp must have its kstat");
    world.errno = grpUpdateKstats(group, group.ksp, "write");
    return NOTHING;
  },
};
