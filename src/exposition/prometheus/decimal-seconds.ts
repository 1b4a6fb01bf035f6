/** Nanoseconds as seconds in decimal, without a digit lost. */

const NANOSECONDS_PER_SECOND = 1_000_000_000n;

/** Exact, and without idle zeros: "1.5". */
export function decimalSeconds(nanoseconds: bigint): string {
  const fraction = (nanoseconds % NANOSECONDS_PER_SECOND).toString().padStart(9, "0").replace(/0+$/, "");
  const whole = nanoseconds / NANOSECONDS_PER_SECOND;
  return fraction === "" ? whole.toString() : `${whole}.${fraction}`;
}
