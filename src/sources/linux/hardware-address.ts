/** Link-layer addresses as text. */

/** Lower-case hex pairs joined by colons; empty for an address of zeros, which the loopback has. */
export function hex(bytes: Uint8Array | undefined): string {
  if (bytes === undefined || bytes.every((byte) => byte === 0)) return "";
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}
