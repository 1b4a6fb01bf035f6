/**
 * Who the SNMP engine is over restarts (RFC 3414 section 2.2.2): the saved identity, started once more, on the disk before anybody
 * hears of it.
 */

import { type EngineIdentity, LAST_BOOTS } from "../../snmp/engine-identity.ts";
import type { SavedState } from "../../state/saved-state.ts";

/** Where the identity is kept. */
export interface SnmpIdentityKeeper {
  readonly savedSnmp: SavedState["snmp"];
  /** Whether it is on the disk. */
  saveSnmp(snmp: NonNullable<SavedState["snmp"]>): boolean;
}

/**
 * The identity for this start. `fresh` is the id of a new engine: for the first start, and for an engine whose number of starts
 * has come to its end or cannot be saved, because managers take a number that comes again for a replay.
 */
export function bootSnmpEngine(keeper: SnmpIdentityKeeper, fresh: Uint8Array): EngineIdentity {
  const saved = keeper.savedSnmp;
  const identity =
    saved && saved.engineBoots + 1 < LAST_BOOTS
      ? { id: Buffer.from(saved.engineId, "hex"), boots: saved.engineBoots + 1 }
      : { id: fresh, boots: 1 };
  if (keep(keeper, identity)) return identity;
  const anew = { id: fresh, boots: 1 };
  keep(keeper, anew);
  return anew;
}

function keep(keeper: SnmpIdentityKeeper, { id, boots }: EngineIdentity): boolean {
  return keeper.saveSnmp({ engineId: Buffer.from(id).toString("hex"), engineBoots: boots });
}
