/**
 * The groups that a system has itself: planned as it tells them, each told what the system says of it, and its sum compared with the
 * system's own.
 */

import { grpTotals } from "../../ipmp/group-kstats.ts";
import { type Hrtime, hrtime } from "../../kstat/hrtime.ts";
import { NET_COUNT } from "../../kstat/net.ts";
import { LOCAL } from "../../link/link-id.ts";
import type { SystemGroup, SystemGroupKstat } from "../../link/system-group.ts";
import type { Transition } from "../../snapshot/event.ts";
import type { AccountSnapshot } from "../../snapshot/program.ts";
import type { SystemAccount } from "../../sources/source.ts";
import type { Clock } from "../process/clock.ts";
import type { Group } from "./group.ts";
import type { GroupPlan, SystemPlan } from "./group-plan.ts";
import type { Membership } from "./membership.ts";

interface Told {
  readonly account: SystemAccount;
  readonly groups: ReadonlyMap<string, { readonly group: SystemGroup; readonly plan: SystemPlan }>;
}

export class SystemGroups {
  readonly #membership: Membership;
  readonly #clock: Clock;
  readonly #announce: (transition: Transition) => void;
  /** By source. */
  readonly #told = new Map<string, Told>();
  /** Lines on standard error, by source, since the start. */
  readonly #warnings = new Map<string, bigint>();

  constructor(membership: Membership, clock: Clock, announce: (transition: Transition) => void) {
    this.#membership = membership;
    this.#clock = clock;
    this.#announce = announce;
  }

  /** What a source told last, and the warnings so far. */
  accountOf(source: string): AccountSnapshot | undefined {
    const told = this.#told.get(source);
    return told && { ...told.account, warnings: this.#warnings.get(source) ?? 0n };
  }

  /**
   * The system has told its groups. Who is no member any more leaves now, before its link is read again. Answers whether the groups have to
   * be planned anew.
   */
  tell(source: string, account: SystemAccount, now: Hrtime): boolean {
    const before = this.#told.get(source);
    const groups = new Map(
      account.groups.map((group) => {
        const plan = planOf(source, group.kstat, before?.groups.get(group.ifname)?.plan, now);
        return [group.ifname, { group, plan }] as const;
      }),
    );
    const told = { account, groups };
    this.#told.set(source, told);
    this.#warnings.set(source, (this.#warnings.get(source) ?? 0n) + BigInt(account.warnings));
    for (const group of this.#groupsOf(source)) {
      const entry = groups.get(group.plan.ifname);
      const isSame = entry?.plan.crtime === group.systemPlan?.crtime;
      const devices = new Set(isSame ? entry?.group.members.map(({ device }) => device) : []);
      for (const link of [...group.members.keys()])
        if (!devices.has(link.name)) this.#membership.leave(link, "the system took it out of the group", now);
    }
    this.attach();
    return before === undefined || shapeOf(before) !== shapeOf(told);
  }

  /** Gives each group what its system says of it now. */
  attach(): void {
    for (const [source, { groups }] of this.#told) {
      for (const group of this.#groupsOf(source)) {
        const entry = groups.get(group.plan.ifname);
        if (entry?.plan.crtime !== group.systemPlan?.crtime) continue;
        const isNew = group.system === undefined;
        group.system = entry?.group;
        this.#membership.dirty.add(group);
        if (isNew) this.#compare(group);
      }
    }
  }

  /** The links of a source have been read: its groups' sums are compared. */
  compare(source: string): void {
    for (const group of this.#groupsOf(source)) this.#compare(group);
  }

  /** The plans of all groups that any system told of. */
  plans(): GroupPlan[] {
    return [...this.#told].flatMap(([source, { groups }]) =>
      Array.from(groups.values(), ({ group, plan }): GroupPlan => {
        const members = group.members.map(
          ({ device, standby }) =>
            ({ kind: "device", device, standby, ...(source === LOCAL ? {} : { source }) }) as const,
        );
        return {
          rule: { group: group.name, members },
          ifname: group.ifname,
          source: "illumos",
          mode: "ipmp",
          system: plan,
          addresses: [],
          minActive: 1,
          probed: false,
        };
      }),
    );
  }

  #groupsOf(source: string): Group[] {
    return [...this.#membership.groups.values()].filter(({ systemPlan }) => systemPlan?.source === source);
  }

  #compare(group: Group): void {
    const theirs = group.system?.kstat?.values;
    if (!theirs) return;
    const { engine, crossCheck, members, name } = group;
    const ours = new BigUint64Array(NET_COUNT);
    grpTotals(engine, ours);
    const set = Array.from(members.keys(), ({ key }) => key)
      .sort()
      .join(" ");
    const { isNews, contradicted, missing } = crossCheck.look(ours, theirs, set, this.#clock.wallMs());
    for (const [slot, count] of missing.entries()) engine.kstats0[slot] = (engine.kstats0[slot] ?? 0n) + count;
    if (missing.some((count) => count !== 0n)) group.touched();
    if (!isNews) return;
    const what = contradicted.length > 0 ? contradicted.join(", ") : "counters of the system fell";
    const cause = `the system's own kstat ipmp:0:${group.plan.ifname} does not fit its links: ${what}`;
    this.#announce({ kind: "cross-check-failed", group: name, cause });
  }
}

/** A kstat that vanished while it was read says nothing: it is the one of before. */
function planOf(
  source: string,
  kstat: SystemGroupKstat | undefined,
  before: SystemPlan | undefined,
  now: Hrtime,
): SystemPlan {
  if (before && (kstat === undefined || kstat.crtime === before.crtime)) return before;
  if (!kstat) return { source, crtime: undefined, began: now };
  const { crtime, snaptime } = kstat;
  // This host's own clock is ours. That of another system is not, but the age is the same; our clock knows nothing before our boot.
  const isOurClock = source === LOCAL && snaptime <= now;
  const began = isOurClock ? crtime : now - (snaptime - crtime);
  return { source, crtime, began: hrtime(began > 0n ? began : 0n) };
}

/** What of the groups bears on their plans. */
function shapeOf({ groups }: Told): string {
  const shapes = Array.from(groups.values(), ({ group: { ifname, name, members }, plan: { crtime } }) => [
    ifname,
    name,
    String(crtime),
    members.map(({ device, standby }) => [device, standby]),
  ]);
  return JSON.stringify(shapes);
}
