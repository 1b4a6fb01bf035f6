/** Routes (ire_t) as far as IPMP touches them: a member's routes are hidden from everybody but probes. */

import type { Ill } from "./ill.ts";

/** IRE_*: types of routing table entries (inet/ip.h). */
export const IRE_TYPES = [
  "IRE_BROADCAST",
  "IRE_DEFAULT",
  "IRE_LOCAL",
  "IRE_LOOPBACK",
  "IRE_PREFIX",
  "IRE_MULTICAST",
  "IRE_IF_NORESOLVER",
  "IRE_IF_RESOLVER",
  "IRE_HOST",
  "IRE_IF_CLONE",
  "IRE_NOROUTE",
] as const;
export type IreType = (typeof IRE_TYPES)[number];

/** IRE_HIDDEN_TYPE is false for these: they are ours, or lead nowhere. */
const NEVER_HIDDEN: ReadonlySet<IreType> = new Set(["IRE_LOCAL", "IRE_LOOPBACK", "IRE_MULTICAST", "IRE_NOROUTE"]);

/** How ire_walk_ill selects: all of the ill's routes, or those of one type. */
export type IreMatch = "MATCH_IRE_ILL" | "MATCH_IRE_TYPE";

export class Ire {
  /** Identifies it in effects; unique in its stack. */
  readonly id: string;
  readonly ill: Ill;
  /** ire_type. */
  readonly type: IreType;
  /** ire_testhidden: only probes may use it. */
  testhidden: boolean;

  constructor(id: string, ill: Ill, type: IreType, testhidden: boolean) {
    this.id = id;
    this.ill = ill;
    this.type = type;
    this.testhidden = testhidden;
  }
}

/** A new route at the end of its ill's table (ire_add). */
export function ireAdd(ire: Ire): void {
  ire.ill.ires.add(ire);
}

/** ire_delete: takes the route out of the table. */
export function ireDelete(ire: Ire): void {
  if (ire.ill.ires.delete(ire)) ire.ill.stack.effects.ireDelete(ire);
}

/** ire_walk_ill over one ill's routes, in table order. The visitor may delete. */
export function ireWalkIll(ill: Ill, match: IreMatch, visit: (ire: Ire, ill: Ill) => void): void {
  ill.stack.effects.ireWalkIll(ill, match);
  for (const ire of ill.ires) visit(ire, ill);
}

/** ipmp_ill_ire_mark_testhidden: a visitor that hides the ill's routes of the types that lead out. */
export function illIreMarkTesthidden(ire: Ire, ill: Ill): void {
  if (ire.ill === ill && !NEVER_HIDDEN.has(ire.type)) setTesthidden(ire, true);
}

/** ipmp_ill_ire_clear_testhidden: a visitor that shows the ill's routes again, of any type. */
export function illIreClearTesthidden(ire: Ire, ill: Ill): void {
  if (ire.ill === ill) setTesthidden(ire, false);
}

/** ill_downi_if_clone: a visitor that deletes the ill's routes cloned from interface routes. */
export function illDowniIfClone(ire: Ire, ill: Ill): void {
  if (ire.ill === ill && ire.type === "IRE_IF_CLONE") ireDelete(ire);
}

function setTesthidden(ire: Ire, hidden: boolean): void {
  if (ire.testhidden === hidden) return;
  ire.testhidden = hidden;
  ire.ill.stack.effects.ireTesthidden(ire);
}
