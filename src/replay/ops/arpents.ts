/** Ops on the ARP entries of an IPv4 illgrp. */

import {
  type Arpent,
  illgrpCreateArpent,
  illgrpDestroyArpent,
  illgrpLookupArpent,
  illgrpMarkArpent,
  illgrpRefreshArpent,
} from "../../ipmp/arpent.ts";
import type { Illgrp } from "../../ipmp/illgrp.ts";
import { boolean, type Fields, integer, ipAddress, linkLayerAddress, raw } from "../fields.ts";
import { quote } from "../json.ts";
import { NOTHING, type OpTable } from "../op.ts";
import { expect, type World } from "../world.ts";

export function arpentJson(arpent: Arpent | undefined): string {
  if (arpent === undefined) return "null";
  return (
    `{"ia_ipaddr":${quote(arpent.ipaddr)},"ia_proxyarp":${arpent.proxyarp},"ia_notified":${arpent.notified}` +
    `,"ia_flags":${arpent.flags},"ia_lladdr":${quote(arpent.lladdr)}}`
  );
}

function v4Illgrp(world: World, fields: Fields): Illgrp {
  const illgrp = world.illgrp(fields);
  expect(illgrp.ipmpIll.family === "v4", `illgrp must be IPv4: "${illgrp.name}" is not`);
  return illgrp;
}

/** Does something with the entry for the op's address, or answers ENOENT. */
function withArpent(world: World, fields: Fields, act: (illgrp: Illgrp, arpent: Arpent) => void): string {
  const illgrp = v4Illgrp(world, fields);
  const arpent = illgrpLookupArpent(illgrp, ipAddress(fields, "addr", "v4"));
  if (arpent === undefined) world.errno = "ENOENT";
  else act(illgrp, arpent);
  return NOTHING;
}

export const ARPENT_OPS: OpTable = {
  arpent_create(world, fields) {
    const illgrp = v4Illgrp(world, fields);
    const spec = {
      ipaddr: ipAddress(fields, "addr", "v4"),
      proxyarp: boolean(fields, "proxyarp"),
      lladdr: linkLayerAddress(fields, "lladdr"),
      flags: integer(fields, "flags"),
    };
    expect(illgrp.ills.length > 0, `"${illgrp.name}" must have a member`);
    return arpentJson(illgrpCreateArpent(illgrp, spec));
  },

  arpent_lookup(world, fields) {
    const illgrp = v4Illgrp(world, fields);
    const addr = raw(fields, "addr") === null ? undefined : ipAddress(fields, "addr", "v4");
    return arpentJson(illgrpLookupArpent(illgrp, addr));
  },

  arpent_destroy(world, fields) {
    return withArpent(world, fields, illgrpDestroyArpent);
  },

  arpent_mark(world, fields) {
    return withArpent(world, fields, illgrpMarkArpent);
  },

  arpent_refresh(world, fields) {
    illgrpRefreshArpent(v4Illgrp(world, fields));
    return NOTHING;
  },
};
