/**
 * Who this SNMP engine is, and how often it started (RFC 3411 section 5, RFC 3414 section 2.2.2). Managers reject messages of an
 * engine that started fewer times than they saw, so whoever keeps the two has the new number on the disk before anything is sent.
 */

import { randomBytes } from "node:crypto";

export interface EngineIdentity {
  /** snmpEngineID: 5 to 32 octets. */
  readonly id: Uint8Array;
  /** snmpEngineBoots: 1 and up. */
  readonly boots: number;
}

/** Seconds by which the time in a message may differ from the engine's own (RFC 3414 section 2.2.3). */
export const TIME_WINDOW = 150;

/** snmpEngineBoots that says: this engine can no longer be authenticated with. It needs a new identity. */
export const LAST_BOOTS = 2_147_483_647;

/** net-snmp's enterprise number with the high bit that means RFC 3411, then format 5: octets chosen by the administrator. */
const PREFIX = Buffer.from("80001f8805", "hex");

/** An id that no other engine has. */
export function newEngineId(): Uint8Array {
  return Buffer.concat([PREFIX, randomBytes(8)]);
}
