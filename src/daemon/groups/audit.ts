/**
 * Checks that a group adds up: its total is the share of departed members plus the shares of present members, for every
 * statistic. The sum is computed from the kstats of the links, by other code than the engine's.
 */

import { grpTotals } from "../../ipmp/group-kstats.ts";
import type { Hrtime } from "../../kstat/hrtime.ts";
import { valueOf } from "../../kstat/kstat.ts";
import { NET_COUNT, NET_STATISTICS, type NetStatistic } from "../../kstat/net.ts";
import { read } from "../../kstat/registry.ts";
import type { Transition } from "../../snapshot/event.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";
import type { Clock } from "../process/clock.ts";
import type { Group } from "./group.ts";

export interface Violation {
  readonly group: string;
  readonly statistic: NetStatistic;
  /** What the engine says, and what the parts add up to. */
  readonly total: bigint;
  readonly departed: bigint;
  readonly present: bigint;
}

export class Audit {
  readonly #announce: (transition: Transition) => void;
  #violations = 0n;
  #isOk = true;

  constructor(announce: (transition: Transition) => void) {
    this.#announce = announce;
  }

  /** Group by group, every statistic that does not add up, each announced; empty when all do. A group that goes meanwhile is left out. */
  *steps(groups: ReadonlyMap<string, Group>, clock: Pick<Clock, "now">): Generator<void, readonly Violation[]> {
    const violations: Violation[] = [];
    for (const [name, group] of [...groups]) {
      if (groups.get(name) === group) violations.push(...violationsIn(group, clock.now()));
      yield;
    }
    for (const { group, statistic, total, departed, present } of violations) {
      const cause = `${statistic}: total ${total} is not departed ${departed} plus present ${present}`;
      this.#announce({ kind: "audit-failed", group, cause });
    }
    this.#violations += BigInt(violations.length);
    this.#isOk = violations.length === 0;
    return violations;
  }

  /** How the last check went, and the violations of all. */
  snapshot(): NonNullable<Snapshot["audit"]> {
    return { ok: this.#isOk, violations: this.#violations };
  }
}

function violationsIn(group: Group, now: Hrtime): Violation[] {
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
    return adds ? [] : [{ group: group.name, statistic: name, total, departed, present: BigInt.asUintN(64, present) }];
  });
}
