/**
 * Time as in.mpathd keeps it: nanoseconds of a monotonic clock where something is measured, and milliseconds in 32 bits where deadlines are
 * compared. The milliseconds come round after 49.7 days, so two of them are compared by their signed difference (mpd_probe.c, TIME_LT).
 */

/** Of a monotonic clock. A number: exact for 104 days, then rounded to a few nanoseconds, which no decision here can notice. */
export type Nanoseconds = number;
/** Of the same clock, modulo 2^32. */
export type Milliseconds = number;

const NANOSECONDS_PER_MILLISECOND = 1_000_000;

/** Whole milliseconds of a duration. */
export function wholeMilliseconds(duration: Nanoseconds): number {
  return Math.floor(duration / NANOSECONDS_PER_MILLISECOND);
}

export function nanoseconds(milliseconds: number): Nanoseconds {
  return milliseconds * NANOSECONDS_PER_MILLISECOND;
}

export function clockMilliseconds(time: Nanoseconds): Milliseconds {
  return wholeMilliseconds(time) >>> 0;
}

/** `time` moved by `duration`, which may be negative. */
export function after(time: Milliseconds, duration: number): Milliseconds {
  return (time + duration) >>> 0;
}

/** `a - b` across the wrap: negative when `a` is the earlier one. */
export function difference(a: Milliseconds, b: Milliseconds): number {
  return (a - b) | 0;
}

/** Milliseconds since `from` on a clock that only goes forward: 0 to 2^32 - 1. */
export function elapsed(from: Milliseconds, now: Milliseconds): number {
  return (now - from) >>> 0;
}
