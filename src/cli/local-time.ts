/** Moments as somebody at this terminal reads them: in the time zone of the terminal. */

const two = (value: number): string => String(value).padStart(2, "0");

/** "02:14" of the last 24 hours, "2026-11-27 02:14" before. Both in milliseconds since 1970. */
export function localTime(ms: number, nowMs: number): string {
  const date = new Date(ms);
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (nowMs - ms < 86_400_000 && ms <= nowMs) return time;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}
