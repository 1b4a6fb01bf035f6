/** Ops on neighbour records and handles. Deletions cascade, and a trace need not know what is left: an unknown one is ENOENT. */

import { Ncec, ND_STATES, nceAdd, ncecAdd, ncecFastpath, ncecFlushNce, nceLookup } from "../../ipmp/neighbour.ts";
import { type Fields, has, integer, ipAddress, linkLayerAddress, oneOf, text } from "../fields.ts";
import { NOTHING, type OpTable } from "../op.ts";
import { expect, type World } from "../world.ts";

/** ncec_flags is a 16-bit word. */
const NCEC_FLAGS_MAX = 0xffff;

/** Does something with the op's record, or answers ENOENT. */
function withNcec(world: World, fields: Fields, act: (ncec: Ncec) => void): string {
  const ncec = world.effects.ncecs.get(text(fields, "ncec"));
  if (ncec === undefined) world.errno = "ENOENT";
  else act(ncec);
  return NOTHING;
}

export const NEIGHBOUR_OPS: OpTable = {
  ncec_add(world, fields) {
    const { ncecs } = world.effects;
    const id = text(fields, "ncec");
    const ill = world.ill(fields);
    const ncec = new Ncec(
      id,
      ill,
      ipAddress(fields, "addr", ill.family),
      linkLayerAddress(fields, "lladdr"),
      integer(fields, "flags", NCEC_FLAGS_MAX),
      oneOf(fields, "state", ND_STATES),
    );
    expect(!ncecs.has(id), `ncec must be a new name: "${id}" is taken`);
    ncecs.set(id, ncec);
    ncecAdd(ncec);
    return NOTHING;
  },

  ncec_set(world, fields) {
    return withNcec(world, fields, (ncec) => {
      const state = has(fields, "state") ? oneOf(fields, "state", ND_STATES) : ncec.state;
      const lladdr = has(fields, "lladdr") ? linkLayerAddress(fields, "lladdr") : ncec.lladdr;
      const flags = has(fields, "flags") ? integer(fields, "flags", NCEC_FLAGS_MAX) : ncec.flags;
      Object.assign(ncec, { state, lladdr, flags });
    });
  },

  ncec_del(world, fields) {
    return withNcec(world, fields, (ncec) => {
      ncec.ill.ncecs.delete(ncec);
      world.effects.ncecs.delete(ncec.id);
    });
  },

  nce_add(world, fields) {
    const ill = world.ill(fields);
    return withNcec(world, fields, (ncec) => {
      expect(
        ncec.ill === ill || (ill.isUnderIpmp && ill.grp?.ipmpIll === ncec.ill),
        `ill must be the ncec's or a member of its group: "${ill.name}" is not`,
      );
      if (nceLookup(ill, ncec.addr) === undefined) nceAdd(ill, ncec);
      else world.errno = "EEXIST";
    });
  },

  nce_del(world, fields) {
    const ill = world.ill(fields);
    const nce = nceLookup(ill, ipAddress(fields, "addr", ill.family));
    if (nce === undefined) world.errno = "ENOENT";
    else ill.nces.splice(ill.nces.indexOf(nce), 1);
    return NOTHING;
  },

  ncec_flush_nce(world, fields) {
    return withNcec(world, fields, ncecFlushNce);
  },

  ncec_fastpath(world, fields) {
    return withNcec(world, fields, ncecFastpath);
  },
};
