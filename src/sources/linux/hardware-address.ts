/** Link-layer addresses as text. */

/** Lower-case hex pairs joined by colons; an address of zeros, as the loopback's, is none. */
export function hex(bytes: Uint8Array | undefined): string {
  if (bytes === undefined || bytes.every((byte) => byte === 0)) return "";
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}
