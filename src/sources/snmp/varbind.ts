/**
 * Values of variable bindings, taken only when they have the type and the length that the MIB gives them: whatever else an agent sends in
 * their place is no value.
 */

/** Tags of RFC 2578 and RFC 3416. */
export const TYPE = {
  integer: 2,
  octetString: 4,
  oid: 6,
  counter32: 65,
  gauge32: 66,
  timeTicks: 67,
  counter64: 70,
  noSuchObject: 128,
  noSuchInstance: 129,
  endOfMibView: 130,
} as const;

export interface Varbind {
  readonly oid: string;
  readonly type: number;
  readonly value: unknown;
}

/** By the OID that was asked for. */
export type Varbinds = ReadonlyMap<string, Varbind>;

/** Whether the agent says that it has no such object: not the same as an answer that is wrong. */
export function isAbsent({ type }: Varbind): boolean {
  return type === TYPE.noSuchObject || type === TYPE.noSuchInstance || type === TYPE.endOfMibView;
}

/** 8 octets, and one more where the first bit is set: BER's integers have a sign. */
const LONGEST_COUNTER64 = 9;

export function counter64(varbind: Varbind | undefined): bigint | undefined {
  if (varbind?.type !== TYPE.counter64) return undefined;
  const { value } = varbind;
  if (!Buffer.isBuffer(value) || value.length === 0 || value.length > LONGEST_COUNTER64) return undefined;
  if (value.length === LONGEST_COUNTER64 && value[0] !== 0) return undefined;
  return BigInt(`0x${value.toString("hex")}`);
}

export function counter32(varbind: Varbind | undefined): bigint | undefined {
  const value = unsigned32(varbind, TYPE.counter32);
  return value === undefined ? undefined : BigInt(value);
}

export function gauge32(varbind: Varbind | undefined): number | undefined {
  return unsigned32(varbind, TYPE.gauge32);
}

/** Hundredths of a second. */
export function timeTicks(varbind: Varbind | undefined): number | undefined {
  return unsigned32(varbind, TYPE.timeTicks);
}

/** Integer32: net-snmp takes what an agent sends in more than four octets, too. */
export function integer(varbind: Varbind | undefined): number | undefined {
  return varbind?.type === TYPE.integer && typeof varbind.value === "number" && (varbind.value | 0) === varbind.value
    ? varbind.value
    : undefined;
}

/** DisplayString (SIZE(0..255)) of RFC 2579. */
const LONGEST_TEXT = 255;

/** Text of at most 255 octets; octets that are no UTF-8 are replaced, and control characters left out. */
export function text(varbind: Varbind | undefined): string | undefined {
  const octets = octetString(varbind);
  if (octets === undefined || octets.length > LONGEST_TEXT) return undefined;
  return octets.toString("utf8").replaceAll(/\p{Cc}/gu, "");
}

/** PhysAddress as hex pairs joined by colons; empty when there is none. */
export function physAddress(varbind: Varbind | undefined): string | undefined {
  const octets = octetString(varbind);
  if (octets === undefined || octets.length > LONGEST_TEXT) return undefined;
  return octets.toString("hex").replaceAll(/..(?!$)/g, "$&:");
}

/** LacpState of IEEE8023-LAG-MIB as the octet of the protocol: BITS have their first bit on the left, that octet on the right. */
export function lacpState(varbind: Varbind | undefined): number | undefined {
  const octets = octetString(varbind);
  const bits = octets?.length === 1 ? octets[0] : undefined;
  if (bits === undefined) return undefined;
  let state = 0;
  for (let bit = 0; bit < 8; bit++) state |= ((bits >> bit) & 1) << (7 - bit);
  return state;
}

/** SnmpEngineID as hex: 5 to 32 octets (RFC 3411 section 5). */
export function engineId(varbind: Varbind | undefined): string | undefined {
  const octets = octetString(varbind);
  return octets !== undefined && octets.length >= 5 && octets.length <= 32 ? octets.toString("hex") : undefined;
}

/** OCTET STRING as it is. */
export function octetString(varbind: Varbind | undefined): Buffer | undefined {
  return varbind?.type === TYPE.octetString && Buffer.isBuffer(varbind.value) ? varbind.value : undefined;
}

const ABOVE_32_BITS = 4_294_967_296;

function unsigned32(varbind: Varbind | undefined, type: number): number | undefined {
  if (varbind?.type !== type) return undefined;
  const { value } = varbind;
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < ABOVE_32_BITS
    ? value
    : undefined;
}
