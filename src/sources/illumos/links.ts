/** The links of illumos: those that have a kstat link:0:<name>, with what dladm(8) and ipmpstat(8) say of each. */

import type { PrintedKstat } from "../../kstat/printed-kstat.ts";
import { Schema } from "../../kstat/schema.ts";
import { ifindexOfName } from "../../link/ifindex-of-name.ts";
import type { LinkAttributes } from "../../link/link-attributes.ts";
import type { ModeRow } from "./ipmpstat-rows.ts";
import { numberOf } from "./kstat-lines.ts";
import type { LinkRow } from "./tools.ts";

/** Counters of a link kstat, and the width of each (mac_stat.c, dls_stat.c). The rest of the kstat is shown, and not counted. */
const STATISTICS = [
  ["obytes", 32],
  ["obytes64", 64],
  ["rbytes", 32],
  ["rbytes64", 64],
  ["opackets", 32],
  ["opackets64", 64],
  ["oerrors", 32],
  ["ipackets", 32],
  ["ipackets64", 64],
  ["ierrors", 32],
  ["multircv", 32],
  ["multixmt", 32],
  ["brdcstrcv", 32],
  ["brdcstxmt", 32],
  ["norcvbuf", 32],
  ["noxmtbuf", 32],
  ["unknowns", 32],
] as const;

/** Kept in 64 bits, whatever the width in which the system counts. */
export const LINK_SCHEMA = new Schema(STATISTICS.map(([name]) => ({ name, type: "uint64" })));
export const LINK_COUNTER_BITS = STATISTICS.map(([, bits]) => bits);

/** The counters of a link in the order of the schema; a statistic that the kstat lacks is 0, as the kernel takes it. */
export function countersOf(kstat: PrintedKstat): BigUint64Array {
  return BigUint64Array.from(STATISTICS, ([name]) => numberOf(kstat, name) ?? 0n);
}

/** Apart from the numbers of groups. */
const IFINDEXES = { first: 0x5000_0000, count: 1_000_000 };

/** ifIndexes of links by name: none of the commands tells the system's own. */
export class Ifindexes {
  readonly #byName = new Map<string, number>();
  readonly #taken = new Set<number>();

  of(name: string): number {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const ifindex = ifindexOfName(new TextEncoder().encode(name), IFINDEXES, (wanted) => this.#taken.has(wanted));
    this.#byName.set(name, ifindex);
    this.#taken.add(ifindex);
    return ifindex;
  }

  /** The link is gone. */
  forget(name: string): void {
    const ifindex = this.#byName.get(name);
    if (ifindex === undefined) return;
    this.#byName.delete(name);
    this.#taken.delete(ifindex);
  }
}

/** LINK_STATE_DOWN of mac.h; 1 is up, and 2^32 - 1 is not known. */
const LINK_STATE_DOWN = 0n;

export function attributesOf(
  kstat: PrintedKstat,
  ifindex: number,
  row: LinkRow | undefined,
  member: ModeRow<"interfaces"> | undefined,
): LinkAttributes {
  const state = member?.LINK ?? row?.STATE ?? (numberOf(kstat, "link_state") === LINK_STATE_DOWN ? "down" : "unknown");
  const speed = Number(numberOf(kstat, "ifspeed") ?? 0n);
  const isDevice = row?.CLASS === undefined || row.CLASS === "phys";
  return {
    ifindex,
    name: kstat.name,
    alias: "",
    hardwareType: 1,
    kind: isDevice ? undefined : row.CLASS,
    driver: undefined,
    hasDevice: isDevice,
    lladdr: "",
    mtu: /^\d{1,9}$/.test(row?.MTU ?? "") ? Number(row?.MTU) : 0,
    adminUp: true,
    running: state !== "down", // a driver that does not report its link is taken to have one, as by in.mpathd
    operState: state === "up" || state === "down" ? state : "unknown",
    loopback: false,
    pointToPoint: undefined,
    noArp: undefined,
    multicast: undefined,
    promiscuous: undefined,
    speedBitsPerSecond: speed > 0 ? speed : undefined,
    masterIfindex: undefined,
  };
}
