/**
 * Who this SNMP engine is, and how often it started (RFC 3411 section 5, RFC 3414 section 2.2.2). Managers reject messages of an
 * engine that started fewer times than they saw, so the new number is on the disk before anything is sent.
 */

import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";

export interface EngineIdentity {
  /** snmpEngineID: 5 to 32 octets. */
  readonly id: Uint8Array;
  /** snmpEngineBoots: 1 and up. */
  readonly boots: number;
}

/** snmpEngineBoots that says: this engine can no longer be authenticated with. It needs a new identity. */
export const LAST_BOOTS = 2_147_483_647;

/** net-snmp's enterprise number with the high bit that means RFC 3411, then format 5: octets chosen by the administrator. */
const PREFIX = Buffer.from("80001f8805", "hex");

/** A new identity, for an engine that keeps nothing or has kept nothing yet. */
export function newIdentity(): EngineIdentity {
  return { id: Buffer.concat([PREFIX, randomBytes(8)]), boots: 1 };
}

/**
 * The identity in the file, started once more; a new one when there is none. Written before it is returned. A damaged file is
 * set aside under `FILE.damaged`: with the same id and a smaller number of starts, managers would refuse to listen.
 * @throws Error when the file can be neither read nor written.
 */
export function startIdentity(file: string, warn: (message: string) => void): EngineIdentity {
  const kept = read(file, warn);
  const identity = kept && kept.boots + 1 < LAST_BOOTS ? { id: kept.id, boots: kept.boots + 1 } : newIdentity();
  write(file, identity);
  return identity;
}

function read(file: string, warn: (message: string) => void): EngineIdentity | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  const identity = parse(text);
  if (identity) return identity;
  renameSync(file, `${file}.damaged`);
  warn(`Cannot understand the SNMP engine in "${file}": set aside as "${file}.damaged", the engine has a new identity`);
  return undefined;
}

function parse(text: string): EngineIdentity | undefined {
  const [, hex = "", boots = ""] = /^engineID ([0-9a-f]{10,64})\nengineBoots ([1-9][0-9]{0,9})\n$/.exec(text) ?? [];
  const id = Buffer.from(hex, "hex");
  return id.length >= 5 && Number(boots) <= LAST_BOOTS ? { id, boots: Number(boots) } : undefined;
}

function write(file: string, { id, boots }: EngineIdentity): void {
  const temporary = `${file}.new`;
  const descriptor = openSync(temporary, "w", 0o600);
  try {
    writeSync(descriptor, `engineID ${Buffer.from(id).toString("hex")}\nengineBoots ${boots}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, file);
  syncFolder(dirname(file));
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
