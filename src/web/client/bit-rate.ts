/** A rate as the server writes it (`bitsPerSecond` of wording/quantity.ts, which is no module of the page's). */

const UNITS = ["b/s", "kb/s", "Mb/s", "Gb/s", "Tb/s"];

export function bitRate(bits: number): string {
  let value = bits;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}
