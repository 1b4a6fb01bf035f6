/** What LACP says of a bond of mode 802.3ad and of its slaves, for detection and for snapshots. */

import { activeAggregator, type LacpPort } from "../../detection/lacp.ts";
import type { LacpMemberSnapshot, LacpSnapshot } from "../../snapshot/snapshot.ts";
import type { Link } from "../links/link.ts";
import type { Member } from "./member.ts";

/** Undefined where there is no LACP. */
export function lacpOfBond(master: Link | undefined, members: Iterable<Member>): LacpSnapshot | undefined {
  const said = master?.attributes.aggregate;
  if (said?.mode !== "802.3ad") return undefined;
  const { actorKey, partnerKey, partnerLladdr, lacpRate, minLinks } = said;
  const inUse = activeAggregator(said.activeAggregator, Array.from(members, lacpPort));
  return { activeAggregator: inUse, actorKey, partnerKey, partnerLladdr, rate: lacpRate, minLinks };
}

export function lacpOfMember({ link }: Member, bond: LacpSnapshot | undefined): LacpMemberSnapshot | undefined {
  if (!bond) return undefined;
  const { aggregator, actorState, partnerState } = link.attributes.port ?? {};
  const inActiveAggregator = aggregator !== undefined && aggregator === bond.activeAggregator;
  return { aggregator, inActiveAggregator, actorState, partnerState };
}

export function lacpPort({ link }: Member): LacpPort {
  const { role, aggregator, actorState, partnerState, partnerLladdr, actorChurn, partnerChurn } =
    link.attributes.port ?? {};
  return {
    role,
    aggregator,
    actorState,
    partnerState,
    partnerLladdr,
    actorChurned: actorChurn === "churned",
    partnerChurned: partnerChurn === "churned",
  };
}
