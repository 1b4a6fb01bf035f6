/**
 * IEEE8023-LAG-MIB (IEEE 802.1AX): dot3adAggTable and dot3adAggPortTable for aggregates of the link layer, as far as the
 * system tells. Managers build their view of aggregates from dot3adAggPortSelectedAggID and dot3adAggPortAttachedAggID.
 */

import type { GroupSnapshot, MemberSnapshot } from "../../../snapshot/snapshot.ts";
import { oid } from "../protocol/oid.ts";
import { truth } from "../protocol/syntax.ts";
import { isOneLink, macAddress } from "./interface-rows.ts";
import { localLinks, localMembers } from "./local-rows.ts";
import type { MibContext } from "./mib-context.ts";
import { type Column, scalars, type Table, table } from "./mib-table.ts";

interface AggregateRow {
  readonly group: GroupSnapshot;
  readonly lladdr: string;
}

interface PortRow {
  readonly group: GroupSnapshot;
  readonly member: MemberSnapshot;
}

const AGGREGATE_COLUMNS: readonly Column<AggregateRow>[] = [
  {
    number: 2,
    name: "dot3adAggMACAddress",
    syntax: "OctetString",
    value: ({ lladdr }) => (lladdr === "" ? undefined : macAddress(lladdr)),
  },
  // aggregate(1): more than one link at a time may be attached.
  { number: 5, name: "dot3adAggAggregateOrIndividual", syntax: "Integer32", value: () => truth(true) },
  { number: 7, name: "dot3adAggActorOperKey", syntax: "Integer32", value: ({ group }) => group.lacp?.actorKey },
  {
    number: 8,
    name: "dot3adAggPartnerSystemID",
    syntax: "OctetString",
    value: ({ group }) => (group.lacp?.partnerLladdr === undefined ? undefined : macAddress(group.lacp.partnerLladdr)),
  },
  { number: 10, name: "dot3adAggPartnerOperKey", syntax: "Integer32", value: ({ group }) => group.lacp?.partnerKey },
];

const PORT_COLUMNS: readonly Column<PortRow>[] = [
  { number: 12, name: "dot3adAggPortSelectedAggID", syntax: "Integer32", value: ({ group }) => group.ifindex },
  {
    number: 13,
    name: "dot3adAggPortAttachedAggID",
    syntax: "Integer32",
    // 0: selected, and not attached, as a member that does not work.
    value: ({ group, member }) => (member.active ? group.ifindex : 0),
  },
  {
    number: 21,
    name: "dot3adAggPortActorOperState",
    syntax: "OctetString",
    value: ({ member }) => lacpState(member.lacp?.actorState),
  },
  {
    number: 23,
    name: "dot3adAggPortPartnerOperState",
    syntax: "OctetString",
    value: ({ member }) => lacpState(member.lacp?.partnerState),
  },
  { number: 24, name: "dot3adAggPortAggregateOrIndividual", syntax: "Integer32", value: () => truth(true) },
];

/** LacpState: BITS have their first bit on the left, the octet of the protocol has it on the right. */
function lacpState(octet: number | undefined): Uint8Array | undefined {
  if (octet === undefined) return undefined;
  let bits = 0;
  for (let bit = 0; bit < 8; bit++) bits |= ((octet >> bit) & 1) << (7 - bit);
  return Uint8Array.of(bits);
}

function aggregates({ snapshot }: MibContext): readonly GroupSnapshot[] {
  return snapshot.groups.filter(isOneLink);
}

export const LAG_MIB: readonly Table[] = [
  table<AggregateRow>({
    name: "dot3adAggTable",
    oid: oid("1.2.840.10006.300.43.1.1.1.1"),
    columns: AGGREGATE_COLUMNS,
    rows: (context) => {
      const links = new Map(localLinks(context.snapshot).map((link) => [link.id.ifindex, link.attributes]));
      return aggregates(context).map((group) => {
        return { index: [group.ifindex], row: { group, lladdr: links.get(group.ifindex)?.lladdr ?? "" } };
      });
    },
  }),
  table<PortRow>({
    name: "dot3adAggPortTable",
    oid: oid("1.2.840.10006.300.43.1.2.1.1"),
    columns: PORT_COLUMNS,
    rows: (context) =>
      aggregates(context).flatMap((group) =>
        localMembers(group).map((member) => ({ index: [member.link.id.ifindex], row: { group, member } })),
      ),
  }),
  scalars("lagMIBObjects", oid("1.2.840.10006.300.43.1"), [
    {
      number: 3,
      name: "dot3adTablesLastChanged",
      syntax: "TimeTicks",
      value: (_, context) => Math.max(...lastChanges(context)),
      exists: (context) => aggregates(context).length > 0,
    },
  ]),
];

/** The tables hold the groups and who is a member of which; that anything else changes is no change of theirs. */
function lastChanges(context: MibContext): readonly number[] {
  const { tableLastChange, stackLastChange } = context.snapshot;
  return [tableLastChange, stackLastChange].map((time) => context.ticks(time));
}
