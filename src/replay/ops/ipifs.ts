/** Ops on addresses. Bringing them up and down is IP's part around the engine; the engine binds them. */

import { illgrpAddIpif, illgrpDelIpif, ipifBoundIll, ipifHoldBoundIll } from "../../ipmp/binding.ts";
import { IPIF, IPIF_FLAGS } from "../../ipmp/flags.ts";
import { Ipif, ipifIsDataaddr, ipifIsStubaddr, packetIsProbe } from "../../ipmp/ipif.ts";
import { type Fields, flagBits, has, ipAddress, text } from "../fields.ts";
import { quoteName } from "../json.ts";
import { NOTHING, type OpTable } from "../op.ts";
import { expect, type World } from "../world.ts";

/** The flag that a trace may change. */
const TRACE_IPIF_FLAGS = IPIF_FLAGS.filter(({ bit }) => bit === IPIF.NOFAILOVER);

function downIpif(world: World, fields: Fields): Ipif {
  const ipif = world.ipif(fields);
  expect(!ipif.isUp, `ipif must be down: "${ipif.id}" is up`);
  return ipif;
}

function metaIpif(world: World, fields: Fields): Ipif {
  const ipif = world.ipif(fields);
  expect(ipif.ill.isIpmp, `ipif must be on a meta-interface: "${ipif.id}" is not`);
  return ipif;
}

export const IPIF_OPS: OpTable = {
  ipif_add(world, fields) {
    const id = text(fields, "ipif");
    const ill = world.ill(fields);
    const addr = ipAddress(fields, "addr", ill.family);
    const flags = flagBits(fields, "flags", TRACE_IPIF_FLAGS, false);
    expect(!world.ipifs.has(id), `ipif must be a new name: "${id}" is taken`);
    const ipif = new Ipif(id, ill, addr, flags);
    ill.ipifs.push(ipif);
    world.ipifs.set(id, ipif);
    return NOTHING;
  },

  ipif_set(world, fields) {
    const ipif = downIpif(world, fields);
    const addr = has(fields, "addr") ? ipAddress(fields, "addr", ipif.ill.family) : ipif.addr;
    const set = flagBits(fields, "set", TRACE_IPIF_FLAGS);
    const clear = flagBits(fields, "clear", TRACE_IPIF_FLAGS);
    ipif.addr = addr;
    ipif.flags = (ipif.flags | set) & ~clear;
    return NOTHING;
  },

  ipif_del(world, fields) {
    const ipif = downIpif(world, fields);
    const { ipifs } = ipif.ill;
    ipifs.splice(ipifs.indexOf(ipif), 1);
    world.ipifs.delete(ipif.id);
    return NOTHING;
  },

  ipif_up(world, fields) {
    const ipif = downIpif(world, fields);
    const { grp, isIpmp } = ipif.ill;
    expect(!isIpmp || grp !== undefined, `"${ipif.ill.name}" must have its illgrp`);
    const bound = isIpmp && grp !== undefined && ipifIsDataaddr(ipif) ? illgrpAddIpif(grp, ipif) : undefined;
    ipif.flags |= IPIF.UP;
    ipif.ill.ipifUpCount++;
    return quoteName(bound);
  },

  ipif_down(world, fields) {
    const ipif = world.ipif(fields);
    const { grp, isIpmp } = ipif.ill;
    expect(ipif.isUp, `ipif must be up: "${ipif.id}" is down`);
    expect(!isIpmp || grp !== undefined, `"${ipif.ill.name}" must have its illgrp`);
    ipif.flags &= ~IPIF.UP;
    ipif.ill.ipifUpCount--;
    if (isIpmp && grp !== undefined) illgrpDelIpif(grp, ipif);
    return NOTHING;
  },

  bound_ill(world, fields) {
    return quoteName(ipifBoundIll(metaIpif(world, fields)));
  },

  hold_bound_ill(world, fields) {
    return quoteName(ipifHoldBoundIll(metaIpif(world, fields)));
  },

  is_stubaddr(world, fields) {
    return `${ipifIsStubaddr(world.ipif(fields))}`;
  },

  is_dataaddr(world, fields) {
    return `${ipifIsDataaddr(world.ipif(fields))}`;
  },

  packet_is_probe(world, fields) {
    const ill = world.ill(fields);
    return `${packetIsProbe(ill, ipAddress(fields, "src", ill.family))}`;
  },
};
