/** Which groups a page of many shows, and in which order: it stands in the address, so that it can be kept and sent, and needs no script. */

import type { GroupSnapshot, GroupState } from "../../snapshot/snapshot.ts";
import { GROUP_STATES } from "../../snapshot/snapshot.ts";
import { bySeverity, type Verdict } from "../../wording/verdict.ts";
import { withoutOfForm } from "../without.ts";

export interface Row {
  readonly group: GroupSnapshot;
  readonly verdict: Verdict;
  /** Bits per second of the busier direction; undefined while it is not known. */
  readonly busier: number | undefined;
}

/** Columns that sort, with the order of their first click: what people look for comes first. */
const ORDERS = {
  name: ({ group: a }: Row, { group: b }: Row) => (a.name < b.name ? -1 : 1),
  state: ({ group: a }: Row, { group: b }: Row) => bySeverity(a, b),
  active: ({ group: a }: Row, { group: b }: Row) => share(a) - share(b),
  traffic: (a: Row, b: Row) => (b.busier ?? -1) - (a.busier ?? -1),
  failovers: ({ group: a }: Row, { group: b }: Row) =>
    a.failovers === b.failovers ? 0 : a.failovers > b.failovers ? -1 : 1,
} as const;

export type Order = keyof typeof ORDERS;

export interface Selection {
  /** Text that the name, a member or the reason has, in any case. */
  readonly text: string;
  readonly state: GroupState | undefined;
  readonly order: Order;
  readonly isReversed: boolean;
  /** What is supposed to have failed. */
  readonly without: readonly string[];
}

/** Longer texts find nothing that shorter ones would not. */
const TEXT_LENGTH = 100;

/** Of the address's query. What makes no sense is as if it were not there: an old link still shows the page. */
export function selectionIn(query: Readonly<Record<string, unknown>>): Selection {
  const { q, state, sort } = query;
  const [, minus = "", name = ""] = /^(-?)(\w+)$/.exec(typeof sort === "string" ? sort : "") ?? [];
  return {
    text: typeof q === "string" ? q.slice(0, TEXT_LENGTH).trim() : "",
    state: GROUP_STATES.find((known) => known === state),
    order: isOrder(name) ? name : "state",
    isReversed: minus === "-" && isOrder(name),
    without: withoutOfForm(query),
  };
}

function isOrder(name: string): name is Order {
  return Object.hasOwn(ORDERS, name);
}

/** The query of a selection, with its question mark; empty for the one that nobody chose. */
export function queryOf({ text, state, order, isReversed, without }: Selection): string {
  const query = new URLSearchParams();
  if (text !== "") query.set("q", text);
  if (state !== undefined) query.set("state", state);
  if (order !== "state" || isReversed) query.set("sort", `${isReversed ? "-" : ""}${order}`);
  for (const name of without) query.append("without", name);
  const written = query.toString();
  return written === "" ? "" : `?${written}`;
}

/** Whether somebody has chosen groups, or their order. */
export function isChosen(selection: Selection): boolean {
  return isFiltered(selection) || selection.order !== "state" || selection.isReversed;
}

export function isFiltered({ text, state }: Selection): boolean {
  return text !== "" || state !== undefined;
}

export function select(rows: readonly Row[], { text, state, order, isReversed }: Selection): readonly Row[] {
  const wanted = text.toLowerCase();
  const found = rows.filter(({ group, verdict }) => {
    if (state !== undefined && group.state !== state) return false;
    const texts = [group.name, verdict.because, ...group.members.map(({ label }) => label)];
    return texts.some((each) => each.toLowerCase().includes(wanted));
  });
  found.sort(ORDERS[order]);
  return isReversed ? found.reverse() : found;
}

function share({ counts, membersExpected }: GroupSnapshot): number {
  return membersExpected === 0 ? 0 : counts.active / membersExpected;
}
