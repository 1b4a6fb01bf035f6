/** The whole state of the engine as JSON: each kind of object sorted by name, the fields under the kernel's names. */

import { flagNames, ILL_FLAGS, IPIF_FLAGS, PHYINT_FLAGS } from "../ipmp/flags.ts";
import type { Ill } from "../ipmp/ill.ts";
import type { Illgrp } from "../ipmp/illgrp.ts";
import type { Ipif } from "../ipmp/ipif.ts";
import type { IpmpGroup } from "../ipmp/ipmp-group.ts";
import type { Ire } from "../ipmp/ire.ts";
import type { Ncec } from "../ipmp/neighbour.ts";
import type { Phyint } from "../ipmp/phyint.ts";
import { quote, quoteAll, quoteCounters, quoteName, quoteNames } from "./json.ts";
import { arpentJson } from "./ops/arpents.ts";
import type { World } from "./world.ts";

export function dump(world: World): string {
  const { effects } = world;
  const illgrps = Array.from(world.ills.values()).flatMap((ill) => (ill.isIpmp && ill.grp ? [ill.grp] : []));
  return (
    `{"clock":${effects.timers.clock}` +
    `,"grps":${all(world.stack.groups.values(), ({ name }) => name, groupJson)}` +
    `,"illgrps":${all(illgrps, ({ name }) => name, illgrpJson)}` +
    `,"phyints":${all(world.phyints.values(), ({ name }) => name, phyintJson)}` +
    `,"ills":${all(
      world.ills.values(),
      ({ name }) => name,
      (one) => illJson(one, effects.timers.dueOf(one)),
    )}` +
    `,"ipifs":${all(world.ipifs.values(), ({ id }) => id, ipifJson)}` +
    `,"ncecs":${all(effects.ncecs.values(), ({ id }) => id, ncecJson)}` +
    `,"ires":${all(effects.ires.values(), ({ id }) => id, ireJson)}}`
  );
}

/** Names are ASCII, so comparing strings compares bytes. */
function all<T>(things: Iterable<T>, nameOf: (thing: T) => string, write: (thing: T) => string): string {
  const sorted = Array.from(things).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  return `[${sorted.map(write).join(",")}]`;
}

function groupJson(it: IpmpGroup): string {
  return (
    `{"gr_name":${quote(it.name)},"gr_ifname":${quote(it.ifname)},"gr_phyint":${quote(it.phyint.name)}` +
    `,"gr_ksp":${quoteName(it.ksp?.id)},"gr_v4":${quoteName(it.v4)},"gr_v6":${quoteName(it.v6)}` +
    `,"gr_nif":${it.nif},"gr_nactif":${it.nactif},"gr_nv4":${it.nv4},"gr_nv6":${it.nv6}` +
    `,"gr_pendv4":${it.pendv4},"gr_pendv6":${it.pendv6},"gr_mactype":${it.nif === 0 ? "null" : it.mactype}` +
    `,"gr_linkdownmp":${it.linkdownmp !== undefined},"gr_kstats0":${quoteCounters(it.kstats0)}}`
  );
}

function illgrpJson(it: Illgrp): string {
  return (
    `{"ig_ipmp_ill":${quote(it.ipmpIll.name)},"ig_mtu":${it.mtu},"ig_nactif":${it.nactif}` +
    `,"ig_if":${quoteNames(it.ills)},"ig_actif":${quoteNames(it.actif)},"ig_next_ill":${quoteName(it.nextIll)}` +
    `,"ig_cast_ill":${quoteName(it.castIll)},"ig_arpent":[${it.arpents.map(arpentJson).join(",")}]}`
  );
}

function phyintJson(it: Phyint): string {
  const kstats0 = it.isIpmp || it.grp === undefined ? "null" : quoteCounters(it.kstats0);
  return (
    `{"phyint_name":${quote(it.name)},"phyint_ifindex":${it.ifindex}` +
    `,"phyint_flags":${quoteAll(flagNames(PHYINT_FLAGS, it.flags))},"phyint_illv4":${quoteName(it.v4)}` +
    `,"phyint_illv6":${quoteName(it.v6)},"phyint_grp":${quoteName(it.grp)},"phyint_kstats0":${kstats0}}`
  );
}

function illJson(it: Ill, due: number | undefined): string {
  const nces = it.nces.map(({ addr, common }) => `{"nce_addr":${quote(addr)},"nce_common":${quote(common.id)}}`);
  return (
    `{"ill":${quote(it.name)},"ill_mactype":${it.mactype},"ill_type":${it.type},"ill_mtu":${it.mtu}` +
    `,"ill_phys_addr":${it.physAddr === undefined ? "null" : quote(it.physAddr)}` +
    `,"ill_phys_addr_length":${it.physAddrLength},"ill_nd_lla_len":${it.ndLlaLen}` +
    `,"ill_flags":${quoteAll(flagNames(ILL_FLAGS, it.flags))},"ill_condemned":${it.condemned},"ill_dl_up":${it.dlUp}` +
    `,"ill_nom_cast":${it.nomCast},"ill_grp":${quoteName(it.grp)},"ill_ipif_up_count":${it.ipifUpCount}` +
    `,"ill_ipif_dup_count":${it.ipifDupCount},"ill_bound_cnt":${it.boundCnt}` +
    `,"ill_bound_ipif":${quoteAll(it.boundIpifs.map(({ id }) => id))},"ill_ipif":${quoteAll(it.ipifs.map(({ id }) => id))}` +
    `,"ill_refresh_due":${due ?? "null"},"ill_nce":[${nces.join(",")}]}`
  );
}

function ipifJson(it: Ipif): string {
  return (
    `{"ipif":${quote(it.id)},"ipif_ill":${quote(it.ill.name)},"ipif_lcl_addr":${quote(it.addr)}` +
    `,"ipif_flags":${quoteAll(flagNames(IPIF_FLAGS, it.flags))},"ipif_bound":${it.bound}` +
    `,"ipif_bound_ill":${quoteName(it.boundIll)}}`
  );
}

function ncecJson(it: Ncec): string {
  return (
    `{"ncec":${quote(it.id)},"ncec_ill":${quote(it.ill.name)},"ncec_addr":${quote(it.addr)},"ncec_flags":${it.flags}` +
    `,"ncec_state":"${it.state}","ncec_lladdr":${quote(it.lladdr)}}`
  );
}

function ireJson(it: Ire): string {
  return `{"ire":${quote(it.id)},"ire_ill":${quote(it.ill.name)},"ire_type":"${it.type}","ire_testhidden":${it.testhidden}}`;
}
