/**
 * Checks that a group adds up: its total is the share of departed members plus the shares of present members, for every
 * statistic. The sum is computed from the kstats of the links, by other code than the engine's.
 */

import { grpTotals } from "../../ipmp/group-kstats.ts";
import type { Hrtime } from "../../kstat/hrtime.ts";
import { valueOf } from "../../kstat/kstat.ts";
import { NET_COUNT, NET_STATISTICS, type NetStatistic } from "../../kstat/net.ts";
import { read } from "../../kstat/registry.ts";
import type { Group } from "./group.ts";

export interface Violation {
  readonly group: string;
  readonly statistic: NetStatistic;
  /** What the engine says, and what the parts add up to. */
  readonly total: bigint;
  readonly departed: bigint;
  readonly present: bigint;
}

/** Every statistic of every group that does not add up; empty when all do. */
export function audit(groups: Iterable<Group>, now: Hrtime): Violation[] {
  return Array.from(groups).flatMap((group) => {
    const totals = new BigUint64Array(NET_COUNT);
    grpTotals(group.engine, totals);
    const readings = Array.from(group.members.values(), ({ link, phyint }) => ({
      link: read(link.kstat, now),
      phyint,
    }));
    return NET_STATISTICS.flatMap(({ name, kind }, slot) => {
      if (kind === "state") return [];
      const total = totals[slot] ?? 0n;
      const departed = group.engine.kstats0[slot] ?? 0n;
      const present = readings.reduce(
        (sum, { link, phyint }) => sum + (valueOf(link, name) ?? 0n) - (phyint.kstats0[slot] ?? 0n),
        0n,
      );
      const adds = BigInt.asUintN(64, departed + present) === total;
      return adds
        ? []
        : [{ group: group.name, statistic: name, total, departed, present: BigInt.asUintN(64, present) }];
    });
  });
}
