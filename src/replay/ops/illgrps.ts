/** Ops on illgrps: making them, their MTU, and choosing a member. */

import {
  illgrpCreate,
  illgrpDestroy,
  illgrpFindIll,
  illgrpIpmpIll,
  illgrpLinkGrp,
  illgrpUnlinkGrp,
} from "../../ipmp/illgrp.ts";
import { illgrpRefreshMtu } from "../../ipmp/mtu.ts";
import { illgrpHoldCastIll, illgrpHoldNextIll, illgrpNextIll } from "../../ipmp/selection.ts";
import { linkLayerAddress } from "../fields.ts";
import { quoteName } from "../json.ts";
import { NOTHING, type OpTable } from "../op.ts";
import { expect } from "../world.ts";

export const ILLGRP_OPS: OpTable = {
  illgrp_create(world, fields) {
    return quoteName(illgrpCreate(world.ill(fields)));
  },

  illgrp_link(world, fields) {
    illgrpLinkGrp(world.illgrp(fields), world.group(fields));
    return NOTHING;
  },

  illgrp_unlink(world, fields) {
    world.errno = illgrpUnlinkGrp(world.illgrp(fields));
    return NOTHING;
  },

  illgrp_destroy(world, fields) {
    const illgrp = world.illgrp(fields);
    expect(!illgrp.ipmpIll.ipifs.some(({ isUp }) => isUp), `"${illgrp.name}" must have no UP ipif`);
    illgrpDestroy(illgrp);
    return NOTHING;
  },

  refresh_mtu(world, fields) {
    const illgrp = world.illgrp(fields);
    illgrpRefreshMtu(illgrp);
    return `${illgrp.mtu}`;
  },

  ipmp_ill(world, fields) {
    return quoteName(illgrpIpmpIll(world.illgrp(fields)));
  },

  next_ill(world, fields) {
    return quoteName(illgrpNextIll(world.illgrp(fields)));
  },

  hold_next_ill(world, fields) {
    return quoteName(illgrpHoldNextIll(world.illgrp(fields)));
  },

  hold_cast_ill(world, fields) {
    return quoteName(illgrpHoldCastIll(world.illgrp(fields)));
  },

  find_ill(world, fields) {
    return quoteName(illgrpFindIll(world.illgrp(fields), linkLayerAddress(fields, "phys_addr")));
  },
};
