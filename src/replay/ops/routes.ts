/** Ops on routes. Deletions cascade, and a trace need not know what is left: an unknown one is ENOENT. */

import { IRE_TYPES, Ire, ireAdd } from "../../ipmp/ire.ts";
import { boolean, oneOf, text } from "../fields.ts";
import { NOTHING, type OpTable } from "../op.ts";
import { expect } from "../world.ts";

export const ROUTE_OPS: OpTable = {
  ire_add(world, fields) {
    const { ires } = world.effects;
    const id = text(fields, "ire");
    const ill = world.ill(fields);
    const ire = new Ire(id, ill, oneOf(fields, "ire_type", IRE_TYPES), boolean(fields, "ire_testhidden", false));
    expect(!ires.has(id), `ire must be a new name: "${id}" is taken`);
    ires.set(id, ire);
    ireAdd(ire);
    return NOTHING;
  },

  ire_del(world, fields) {
    const { ires } = world.effects;
    const ire = ires.get(text(fields, "ire"));
    if (ire === undefined) {
      world.errno = "ENOENT";
      return NOTHING;
    }
    ire.ill.ires.delete(ire);
    ires.delete(ire.id);
    return NOTHING;
  },
};
