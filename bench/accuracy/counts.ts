/** The numbers that are compared: bytes and packets, in both directions. As text, the names that our metrics have. */

export const COUNT_NAMES = ["receive_bytes", "transmit_bytes", "receive_packets", "transmit_packets"] as const;
export type CountName = (typeof COUNT_NAMES)[number];
export type Counts = Readonly<Record<CountName, bigint>>;

/** All four by one rule. */
export function counts(value: (name: CountName) => bigint): Counts {
  return {
    receive_bytes: value("receive_bytes"),
    transmit_bytes: value("transmit_bytes"),
    receive_packets: value("receive_packets"),
    transmit_packets: value("transmit_packets"),
  };
}

export const ZERO = counts(() => 0n);
export const plus = (a: Counts, b: Counts): Counts => counts((name) => a[name] + b[name]);
export const minus = (a: Counts, b: Counts): Counts => counts((name) => a[name] - b[name]);
// biome-ignore lint/complexity/useMathMinMax: Math.max takes no bigint
export const larger = (a: Counts, b: Counts): Counts => counts((name) => (a[name] > b[name] ? a[name] : b[name]));
export const sum = (all: Iterable<Counts>): Counts => [...all].reduce(plus, ZERO);
export const isSame = (a: Counts, b: Counts): boolean => COUNT_NAMES.every((name) => a[name] === b[name]);
/** Of both directions in one number: falls and losses do not cancel out, because a difference has one sign in each direction. */
export const bytesOf = ({ receive_bytes, transmit_bytes }: Counts): bigint => receive_bytes + transmit_bytes;

/** /proc/net/dev as of a network namespace: counts by device (proc(5)). */
export function parseNetDev(text: string): Map<string, Counts> {
  const found = new Map<string, Counts>();
  for (const [, name = "", columns = ""] of text.matchAll(/^\s*(\S+):\s*(.*)$/gm)) {
    const [rxBytes = "", rxPackets = "", , , , , , , txBytes = "", txPackets = ""] = columns.trim().split(/\s+/);
    found.set(name, {
      receive_bytes: BigInt(rxBytes),
      transmit_bytes: BigInt(txBytes),
      receive_packets: BigInt(rxPackets),
      transmit_packets: BigInt(txPackets),
    });
  }
  return found;
}
