/** What a subagent registers with its master (RFC 2741 section 6.2.3): which parts of the tree it answers for. */

import { localLinks } from "../mibs/local-rows.ts";
import type { MibContext } from "../mibs/mib-context.ts";
import { type Oid, oid } from "../protocol/oid.ts";

/**
 * merge: the master keeps its tables, and the groups' rows stand among its own. replace: the master was started without
 * its own tables, and has ours.
 */
export type SubagentMode = "merge" | "replace";

export interface Registration {
  readonly subtree: Oid;
  /** Counted from 1: the part of `subtree` that runs up to `upper`; 0: none does. */
  readonly rangeSubid: number;
  readonly upper: number;
  /** The lowest number wins. */
  readonly priority: number;
}

const DEFAULT_PRIORITY = 127;
/** Before the master's own ifNumber, which does not count the groups' rows. */
const BEFORE_MASTER = 100;

const IF_ENTRY = oid("1.3.6.1.2.1.2.2.1");
const IF_COLUMNS = 22;
const IFX_ENTRY = oid("1.3.6.1.2.1.31.1.1.1");
const IFX_COLUMNS = 19;

function whole(subtree: Oid, priority: number = DEFAULT_PRIORITY): Registration {
  return { subtree, rangeSubid: 0, upper: 0, priority };
}

/** All columns of one row. */
function row(entry: Oid, first: number, last: number, ifindex: number): Registration {
  return { subtree: [...entry, first, ifindex], rangeSubid: entry.length + 1, upper: last, priority: DEFAULT_PRIORITY };
}

/** ipNetToPhysicalEntry: its first index is the ifIndex too. */
const NEIGHBOUR_ENTRY = oid("1.3.6.1.2.1.4.35.1");
const NEIGHBOUR_FIRST = 4;
const NEIGHBOUR_LAST = 8;

/** No master has these. */
const OURS: readonly Oid[] = [oid("1.3.6.1.2.1.31.1.2"), oid("1.3.6.1.2.1.31.1.6"), oid("1.2.840.10006.300.43")];

export function registrations({ snapshot, facts }: MibContext, mode: SubagentMode): readonly Registration[] {
  const always = [whole([...facts.enterprise, 1])];
  if (mode === "replace") {
    return [...always, whole(oid("1.3.6.1.2.1.2")), whole(oid("1.3.6.1.2.1.31.1")), whole(oid("1.2.840.10006.300.43"))];
  }
  const links = new Set(localLinks(snapshot).map(({ id }) => id.ifindex));
  // A bond's group has the ifIndex of the bond, whose row the master has already.
  const groups = snapshot.groups.filter(({ ifindex }) => !links.has(ifindex));
  return [
    ...always,
    ...OURS.map((subtree) => whole(subtree)),
    whole(oid("1.3.6.1.2.1.2.1"), BEFORE_MASTER),
    ...groups.flatMap(({ ifindex }) => [
      row(IF_ENTRY, 1, IF_COLUMNS, ifindex),
      row(IFX_ENTRY, 1, IFX_COLUMNS, ifindex),
      row(NEIGHBOUR_ENTRY, NEIGHBOUR_FIRST, NEIGHBOUR_LAST, ifindex),
    ]),
  ];
}
