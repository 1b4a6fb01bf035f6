/** Ops that make, change and unmake interfaces. */

import { FAMILIES, type Family, linkLayerLength } from "../../ipmp/address.ts";
import { ILL_FLAGS, PHYI, PHYINT_FLAGS } from "../../ipmp/flags.ts";
import type { Ill, IllSpec } from "../../ipmp/ill.ts";
import { illLeaveIllgrp, phyintLeaveGrp } from "../../ipmp/membership.ts";
import { Phyint, phyintPlumbIll, phyintUnplumbIll } from "../../ipmp/phyint.ts";
import {
  boolean,
  type Fields,
  flagBits,
  has,
  integer,
  interfaceName,
  isFields,
  linkLayerAddress,
  text,
} from "../fields.ts";
import { Misuse } from "../misuse.ts";
import { NOTHING, type OpTable } from "../op.ts";
import type { AddressCounts } from "../replay-effects.ts";
import { expect, type World } from "../world.ts";

/** The flags that traces know; the others belong to the service. */
const TRACE_PHYINT_FLAGS = PHYINT_FLAGS.filter(({ bit }) => bit < PHYI.IPMP);
const TRACE_ILL_FLAGS = ILL_FLAGS.filter(({ name }) => name !== "FIXEDMTU");

/** The families that the op gives an ill for. */
function plumbedFamilies(fields: Fields, ipmp: boolean): [Family, IllSpec][] {
  return FAMILIES.flatMap((family) => {
    const spec = fields[family] ?? undefined;
    if (spec === undefined) return [];
    if (!isFields(spec)) throw new Misuse(`${family} must be an object`);
    const physAddr = linkLayerAddress(spec, "ill_phys_addr");
    return [
      [
        family,
        {
          mactype: integer(spec, "ill_mactype"),
          type: integer(spec, "ill_type"),
          mtu: integer(spec, "ill_mtu"),
          physAddr: ipmp ? undefined : physAddr,
          flags: flagBits(spec, "ill_flags", TRACE_ILL_FLAGS),
        },
      ],
    ];
  });
}

function plumbIll(world: World, phyint: Phyint, family: Family, spec: IllSpec): void {
  const ill = phyintPlumbIll(phyint, family, spec);
  world.ills.set(ill.name, ill);
}

/** The ill is gone, and silently its routes and neighbour records, and whatever refers to those. */
function discard(world: World, ill: Ill): void {
  const { effects } = world;
  phyintUnplumbIll(ill);
  world.ills.delete(ill.name);
  for (const { id } of ill.ires) effects.ires.delete(id);
  for (const { id } of ill.ncecs) effects.ncecs.delete(id);
  effects.addressCounts.delete(ill);
  effects.timers.cancel(ill);
  for (const { nces } of world.ills.values()) {
    if (!nces.some(({ common }) => common.ill === ill)) continue;
    nces.splice(0, nces.length, ...nces.filter(({ common }) => common.ill !== ill));
  }
}

/** Its ills, v4 first. */
function illsOf(phyint: Phyint): Ill[] {
  return [phyint.v4, phyint.v6].filter((ill) => ill !== undefined);
}

function expectGone(ill: Ill): void {
  expect(ill.ipifs.length === 0, `"${ill.name}" must have no ipifs left: it has ${ill.ipifs.length}`);
  expect(!ill.isIpmp || ill.grp === undefined, `the illgrp of "${ill.name}" must be destroyed first`);
}

/** What ill_set takes, field by field. Each answers what to do, so that nothing is done if another is malformed. */
const ILL_SETTERS: Readonly<Record<string, (world: World, ill: Ill, fields: Fields) => Partial<Ill> | (() => void)>> = {
  ill_mactype: (_world, _ill, fields) => ({ mactype: integer(fields, "ill_mactype") }),
  ill_type: (_world, _ill, fields) => ({ type: integer(fields, "ill_type") }),
  ill_mtu: (_world, _ill, fields) => ({ mtu: integer(fields, "ill_mtu") }),
  ill_phys_addr(_world, ill, fields) {
    const physAddr = linkLayerAddress(fields, "ill_phys_addr");
    expect(!ill.isIpmp, `"${ill.name}" is a meta-interface's and has no ill_phys_addr`);
    const length = linkLayerLength(physAddr);
    return { physAddr, physAddrLength: length, ndLlaLen: length };
  },
  ill_usesrc_ifindex: (_world, _ill, fields) => ({ usesrcIfindex: integer(fields, "ill_usesrc_ifindex") }),
  ill_usesrc_grp_next: (_world, _ill, fields) => ({ usesrcGrpNext: boolean(fields, "ill_usesrc_grp_next") }),
  ill_ipif_dup_count: (_world, _ill, fields) => ({ ipifDupCount: integer(fields, "ill_ipif_dup_count") }),
  ill_dl_up: (_world, _ill, fields) => ({ dlUp: boolean(fields, "ill_dl_up") }),
  ill_condemned: (_world, _ill, fields) => ({ condemned: boolean(fields, "ill_condemned") }),
  ill_appaddr_cnt(world, ill, fields) {
    const app = integer(fields, "ill_appaddr_cnt");
    return () => Object.assign(countsOf(world, ill), { app });
  },
  ill_ptpaddr_cnt(world, ill, fields) {
    const ptp = integer(fields, "ill_ptpaddr_cnt");
    return () => Object.assign(countsOf(world, ill), { ptp });
  },
};

function countsOf(world: World, ill: Ill): AddressCounts {
  const { addressCounts } = world.effects;
  const counts = addressCounts.get(ill) ?? { app: 0, ptp: 0 };
  addressCounts.set(ill, counts);
  return counts;
}

export const PLUMBING_OPS: OpTable = {
  plumb(world, fields) {
    const name = interfaceName(fields, "phyint");
    const ifindex = integer(fields, "ifindex");
    const ipmp = boolean(fields, "ipmp", false);
    const families = plumbedFamilies(fields, ipmp);
    expect(!world.phyints.has(name) && !world.leaving.has(name), `phyint must be a new name: "${name}" is taken`);
    const phyint = new Phyint({ stack: world.stack, name, ifindex, flags: ipmp ? PHYI.IPMP : 0 });
    world.phyints.set(name, phyint);
    for (const [family, spec] of families) plumbIll(world, phyint, family, spec);
    return NOTHING;
  },

  plumb_ill(world, fields) {
    const phyint = world.phyint(fields);
    const families = plumbedFamilies(fields, phyint.isIpmp);
    const [first] = families;
    if (first === undefined || families.length > 1) throw new Misuse("plumb_ill takes v4 or v6");
    plumbIll(world, phyint, ...first);
    return NOTHING;
  },

  unplumb_ill(world, fields) {
    const ill = world.ill(fields);
    expectGone(ill);
    expect(illsOf(ill.phyint).length > 1, `"${ill.phyint.name}" must have another ill`);
    if (ill.isUnderIpmp) illLeaveIllgrp(ill);
    discard(world, ill);
    return NOTHING;
  },

  unplumb(world, fields) {
    const phyint = world.phyint(fields);
    const defer = boolean(fields, "defer", false);
    const ills = illsOf(phyint);
    for (const ill of ills) expectGone(ill);
    expect(!phyint.isIpmp || phyint.grp === undefined, `the group of "${phyint.name}" must be destroyed first`);
    for (const ill of ills) if (ill.isUnderIpmp) illLeaveIllgrp(ill);
    for (const ill of ills) discard(world, ill);
    if (phyint.grp !== undefined) phyintLeaveGrp(phyint);
    world.phyints.delete(phyint.name);
    if (defer) world.leaving.add(phyint.name);
    return NOTHING;
  },

  ipsq_exit(world, fields) {
    const name = text(fields, "phyint");
    expect(world.leaving.delete(name), `phyint must be one whose unplumbing was deferred: "${name}" is not`);
    return NOTHING;
  },

  phyint_flags(world, fields) {
    const phyint = world.phyint(fields);
    const set = flagBits(fields, "set", TRACE_PHYINT_FLAGS);
    const clear = flagBits(fields, "clear", TRACE_PHYINT_FLAGS);
    phyint.flags = (phyint.flags | set) & ~clear;
    return NOTHING;
  },

  ill_set(world, fields) {
    const ill = world.ill(fields);
    const set = flagBits(fields, "set", TRACE_ILL_FLAGS);
    const clear = flagBits(fields, "clear", TRACE_ILL_FLAGS);
    const changes = Object.keys(ILL_SETTERS).map((key) =>
      has(fields, key) ? ILL_SETTERS[key]?.(world, ill, fields) : undefined,
    );
    for (const change of changes) {
      if (typeof change === "function") change();
      else Object.assign(ill, change);
    }
    ill.flags = (ill.flags | set) & ~clear;
    return NOTHING;
  },
};
