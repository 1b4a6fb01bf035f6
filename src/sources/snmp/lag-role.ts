/** What a link of a device is to a LAG, what of that is asked in each poll, and the link attributes that say it. */

import { type PortAttributes, UNTOLD_AGGREGATE, UNTOLD_PORT } from "../../link/aggregate.ts";
import type { LinkAttributes } from "../../link/link-attributes.ts";
import {
  AGG_PORT_ACTOR_OPER_STATE,
  AGG_PORT_ATTACHED_AGG_ID,
  AGG_PORT_PARTNER_OPER_SYSTEM_ID,
  AGG_PORT_SELECTED_AGG_ID,
} from "./lag-tables.ts";
import { integer, lacpState, physAddress, type Varbinds } from "./varbind.ts";

export type LagRole =
  | { readonly kind: "none" }
  /** `hasLacp`: the LAG-MIB tells of its ports. */
  | { readonly kind: "lag"; readonly hasLacp: boolean }
  | {
      readonly kind: "port";
      readonly lag: number;
      readonly lagName: string;
      readonly row: number | undefined;
      /** Instances of the LAG-MIB that are asked for in each poll. */
      readonly oids: readonly string[];
    };

/** Attributes of a link that say what it is to a LAG. */
export type LagAttributes = Pick<LinkAttributes, "masterIfindex" | "masterName" | "aggregate" | "port">;

const NO_LAG: LagAttributes = {
  masterIfindex: undefined,
  masterName: undefined,
  aggregate: undefined,
  port: undefined,
};

export function lagAttributes(role: LagRole, varbinds: Varbinds): LagAttributes {
  switch (role.kind) {
    case "none":
      return NO_LAG;
    case "lag":
      return { ...NO_LAG, aggregate: { ...UNTOLD_AGGREGATE, kind: "lag", mode: role.hasLacp ? "802.3ad" : undefined } };
    case "port":
      return { ...NO_LAG, masterIfindex: role.lag, masterName: role.lagName, port: portOf(role, varbinds) };
    default:
      return role satisfies never;
  }
}

/** A port that is attached to the LAG is in use; one that the LAG-MIB does not tell of is, when its link is up. */
function portOf({ lag, row }: Extract<LagRole, { kind: "port" }>, varbinds: Varbinds): PortAttributes {
  const value = (column: string) => varbinds.get(`${column}.${row}`);
  const attached = integer(value(AGG_PORT_ATTACHED_AGG_ID));
  const selected = integer(value(AGG_PORT_SELECTED_AGG_ID));
  return {
    ...UNTOLD_PORT,
    kind: "lag",
    role: attached === undefined ? undefined : attached === lag ? "active" : "backup",
    aggregator: attached || selected || undefined,
    actorState: lacpState(value(AGG_PORT_ACTOR_OPER_STATE)),
    partnerLladdr: physAddress(value(AGG_PORT_PARTNER_OPER_SYSTEM_ID)) || undefined,
  };
}
