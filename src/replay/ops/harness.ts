/** Ops on the replay itself: its clock, its faults, and a look at everything. */

import { FAULT_POINTS } from "../../ipmp/effects.ts";
import { illRefreshActiveTimer } from "../../ipmp/refresh.ts";
import { dump } from "../dump.ts";
import { integer, oneOf } from "../fields.ts";
import { NOTHING, type OpTable } from "../op.ts";

export const HARNESS_OPS: OpTable = {
  clock(world, fields) {
    const { effects } = world;
    effects.timers.advance(integer(fields, "secs"), (ill) => {
      effects.timer(ill);
      illRefreshActiveTimer(ill);
    });
    return `${effects.timers.clock}`;
  },

  fault(world, fields) {
    const point = oneOf(fields, "point", FAULT_POINTS);
    world.effects.faults.set(point, integer(fields, "skip"), integer(fields, "count"));
    return NOTHING;
  },

  dump,
};
