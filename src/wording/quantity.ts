/** Numbers and durations as people read them. */

const BIT_UNITS = ["b/s", "kb/s", "Mb/s", "Gb/s", "Tb/s"] as const;

/** "842 Mb/s": three digits, powers of 1000 as link speeds are given. */
export function bitsPerSecond(bits: number): string {
  let value = bits;
  let unit = 0;
  while (value >= 999.5 && unit < BIT_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${BIT_UNITS[unit]}`;
}

/** "10 Gb/s", "2.5 Gb/s": a link's speed, which is round. */
export function linkSpeed(bits: number): string {
  return bitsPerSecond(bits).replace(/\.?0+ /, (zeros) => (zeros.startsWith(".") ? " " : zeros));
}

/** "18 446 744 073 709 551 615", with spaces that do not break. */
export function count(value: bigint): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/** "0.21 ms", "14.3 ms", "250 ms": three digits. */
export function milliseconds(nanoseconds: number): string {
  const value = Math.max(0, nanoseconds) / 1e6;
  const digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ms`;
}

const STEPS = [
  { unit: "d", seconds: 86_400n },
  { unit: "h", seconds: 3_600n },
  { unit: "min", seconds: 60n },
  { unit: "s", seconds: 1n },
] as const;

/** "3 d 4 h", "12 min 5 s", "0 s": the two largest units. */
export function duration(nanoseconds: bigint): string {
  let left = nanoseconds / 1_000_000_000n;
  const words: string[] = [];
  for (const { unit, seconds } of STEPS) {
    const whole = left / seconds;
    left %= seconds;
    if (whole > 0n || words.length > 0) words.push(`${whole} ${unit}`);
    if (words.length === 2) break;
  }
  return words.filter((word) => !word.startsWith("0 ")).join(" ") || "0 s";
}
