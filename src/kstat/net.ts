/** The network statistics of PSARC/1997/198 that a group keeps: names and widths of `ipmp_kstats[]` in ipmp.c, in its order. */

/** `bits` is the width in which the group's kstat shows the value; inside, every counter is kept in 64 bits. */
export const NET_STATISTICS = [
  { name: "obytes", bits: 32, kind: "counter" },
  { name: "obytes64", bits: 64, kind: "counter" },
  { name: "rbytes", bits: 32, kind: "counter" },
  { name: "rbytes64", bits: 64, kind: "counter" },
  { name: "opackets", bits: 32, kind: "counter" },
  { name: "opackets64", bits: 64, kind: "counter" },
  { name: "oerrors", bits: 32, kind: "counter" },
  { name: "ipackets", bits: 32, kind: "counter" },
  { name: "ipackets64", bits: 64, kind: "counter" },
  { name: "ierrors", bits: 32, kind: "counter" },
  { name: "multircv", bits: 32, kind: "counter" },
  { name: "multixmt", bits: 32, kind: "counter" },
  { name: "brdcstrcv", bits: 32, kind: "counter" },
  { name: "brdcstxmt", bits: 32, kind: "counter" },
  { name: "link_up", bits: 32, kind: "state" },
] as const;

export type NetStatistic = (typeof NET_STATISTICS)[number]["name"];

/** Position of each statistic in every array of 15 (`gr_kstats0`, `phyint_kstats0`). */
export const NET_INDEX = Object.fromEntries(NET_STATISTICS.map(({ name }, index) => [name, index])) as Readonly<
  Record<NetStatistic, number>
>; // the entries are exactly the names of the table

export const NET_COUNT = NET_STATISTICS.length;
