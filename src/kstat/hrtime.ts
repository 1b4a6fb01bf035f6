/** Time as gethrtime(9F) gives it: nanoseconds on a clock that never steps and starts at boot. */

declare const brand: unique symbol;

/** Nanoseconds of monotonic time since boot. {@link hrtime} makes it of what a clock says, of what was saved, and of sums of these. */
export type Hrtime = bigint & { readonly [brand]: "Hrtime" };

export function hrtime(nanoseconds: bigint): Hrtime {
  return nanoseconds as Hrtime;
}

const NANOSECONDS_PER_SECOND = 1_000_000_000n;

/** Seconds with nine decimals, as kstat(8) prints crtime and snaptime: `864012.554019882`. */
export function formatHrtime(time: Hrtime): string {
  return `${time / NANOSECONDS_PER_SECOND}.${(time % NANOSECONDS_PER_SECOND).toString().padStart(9, "0")}`;
}

/** The whole number of nanoseconds in `seconds`, for deadlines and ages. */
export function seconds(count: number): bigint {
  return BigInt(Math.round(count * 1e9));
}
