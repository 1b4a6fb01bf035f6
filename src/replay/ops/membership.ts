/** Ops by which interfaces and their ills join, leave, and become active or not. */

import { illGetIpmpIfindex, illHoldIpmpIll, illIsActive } from "../../ipmp/ill.ts";
import { illJoinIllgrp, illLeaveIllgrp, phyintJoinGrp, phyintLeaveGrp } from "../../ipmp/membership.ts";
import { illRefreshActive, phyintRefreshActive } from "../../ipmp/refresh.ts";
import { illGetXmitIll } from "../../ipmp/selection.ts";
import { boolean } from "../fields.ts";
import { quoteName } from "../json.ts";
import { NOTHING, type OpTable } from "../op.ts";
import { expect } from "../world.ts";

export const MEMBERSHIP_OPS: OpTable = {
  phyint_join(world, fields) {
    phyintJoinGrp(world.phyint(fields), world.group(fields));
    return NOTHING;
  },

  phyint_leave(world, fields) {
    phyintLeaveGrp(world.phyint(fields));
    return NOTHING;
  },

  ill_join(world, fields) {
    illJoinIllgrp(world.ill(fields), world.illgrp(fields));
    return NOTHING;
  },

  ill_leave(world, fields) {
    illLeaveIllgrp(world.member(fields));
    return NOTHING;
  },

  refresh_active(world, fields) {
    const phyint = world.phyint(fields);
    for (const ill of [phyint.v4, phyint.v6]) {
      expect(ill === undefined || ill.isUnderIpmp, `all ills of "${phyint.name}" must be in illgrps`);
    }
    phyintRefreshActive(phyint);
    return NOTHING;
  },

  ill_refresh_active(world, fields) {
    illRefreshActive(world.member(fields));
    return NOTHING;
  },

  is_active(world, fields) {
    return `${illIsActive(world.ill(fields))}`;
  },

  hold_ipmp_ill(world, fields) {
    return quoteName(illHoldIpmpIll(world.ill(fields)));
  },

  get_ipmp_ifindex(world, fields) {
    return `${illGetIpmpIfindex(world.ill(fields))}`;
  },

  get_xmit_ill(world, fields) {
    return quoteName(illGetXmitIll(world.ill(fields), boolean(fields, "is_unicast")));
  },
};
