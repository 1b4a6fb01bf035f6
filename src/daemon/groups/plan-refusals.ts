/** What is planned and cannot be: groups whose name another group has, and links that another member counts already. Each is announced once. */

import type { Transition } from "../../snapshot/event.ts";
import { type GroupPlan, isAggregate } from "./group-plan.ts";

export class PlanRefusals {
  readonly #announce: (transition: Transition) => void;
  /** Meta-interfaces without a name of their own, at the last plan. */
  #clashes: ReadonlySet<string> = new Set();
  /** Groups and links that they leave out, at the last plan. */
  #leftOut: ReadonlySet<string> = new Set();

  constructor(announce: (transition: Transition) => void) {
    this.#announce = announce;
  }

  /** Drops the plan of a bond, a team, a LAG or a group of the system whose name another group has already: configured groups come first. */
  withoutClashes(plans: readonly GroupPlan[]): GroupPlan[] {
    const taken = new Set<string>();
    const clashes = new Set<string>();
    const possible = plans.filter((plan) => {
      const {
        rule: { group },
        ifname,
        source,
        system,
      } = plan;
      if (!(isAggregate(plan) || system) || !(taken.has(group) || taken.has(ifname))) {
        taken.add(group).add(ifname);
        return true;
      }
      clashes.add(ifname);
      const cause = `the ${source} "${ifname}" makes no group: another group has its name`;
      if (!this.#clashes.has(ifname)) this.#announce({ kind: "group-refused", group, cause });
      return false;
    });
    this.#clashes = clashes;
    return possible;
  }

  announceLeftOut(plans: readonly GroupPlan[]): void {
    const now = new Set<string>();
    for (const { rule, leftOut = [] } of plans) {
      for (const { device, errno, why } of leftOut) {
        const key = `${rule.group} ${device}`;
        now.add(key);
        if (this.#leftOut.has(key)) continue;
        this.#announce({ kind: "member-refused", group: rule.group, device, errno, cause: why });
      }
    }
    this.#leftOut = now;
  }
}
