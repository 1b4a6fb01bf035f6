/** A member in a snapshot: what can change is copied, and what only some readers want is worked out when it is asked for. */

import type { FailureDomain } from "../../fate/failure-domain.ts";
import { flagNames, PHYINT_FLAGS } from "../../ipmp/flags.ts";
import type { Hrtime } from "../../kstat/hrtime.ts";
import type { MemberProbes } from "../../snapshot/probes.ts";
import type {
  LacpMemberSnapshot,
  LacpSnapshot,
  LinkSnapshot,
  MemberSnapshot,
  MemberState,
  RouteMemberSnapshot,
} from "../../snapshot/snapshot.ts";
import type { Group } from "../groups/group.ts";
import { lacpOfMember } from "../groups/lacp.ts";
import type { Health } from "../groups/health-record.ts";
import type { Member } from "../groups/member.ts";
import { countOfAllReasons } from "./summary.ts";

export class MemberView implements MemberSnapshot {
  readonly device: string;
  readonly label: string;
  readonly state: MemberState;
  readonly active: boolean;
  readonly standby: boolean;
  readonly boundAddresses: number | undefined;
  readonly reason: string | undefined;
  readonly route: RouteMemberSnapshot | undefined;
  readonly lacp: LacpMemberSnapshot | undefined;
  readonly joinedAt: Hrtime;
  readonly probes: MemberProbes | undefined;
  readonly domains: readonly FailureDomain[];
  readonly baseline: BigUint64Array;
  readonly share: BigUint64Array;
  readonly link: LinkSnapshot;
  readonly #flags: number;
  readonly #health: Health;

  constructor(
    member: Member,
    link: LinkSnapshot,
    share: BigUint64Array,
    group: Group,
    lacp: LacpSnapshot | undefined,
    probes: MemberProbes | undefined,
    domains: readonly FailureDomain[],
  ) {
    const { phyint } = member;
    const bindsAddresses = group.plan.mode === "ipmp";
    this.device = link.attributes.name;
    this.label = member.link.label;
    this.state = member.currentState();
    this.active = member.active;
    this.standby = member.standby;
    this.boundAddresses = bindsAddresses ? boundAddressesOf(member, group) : undefined;
    this.reason = member.reason();
    this.route = member.route && {
      inRoute: member.route.inRoute,
      weight: member.route.weight,
      isReachable: !member.isUnreachable,
    };
    this.joinedAt = member.joinedAt;
    this.probes = probes;
    this.domains = domains;
    this.baseline = phyint.kstats0; // taken at the join, and never changed while it is a member
    this.share = share;
    this.link = link;
    this.#flags = phyint.flags;
    this.#health = group.health.of(member.link.label);
    this.lacp = lacpOfMember(member, lacp);
  }

  get linkUp(): boolean {
    return this.link.attributes.running;
  }

  get flags(): readonly string[] {
    return flagNamesOf(this.#flags);
  }

  get failures() {
    return this.#health.failures;
  }

  get repairs() {
    return this.#health.repairs;
  }

  get failureCount(): bigint {
    return countOfAllReasons(this.#health.failures);
  }

  get repairCount(): bigint {
    return countOfAllReasons(this.#health.repairs);
  }

  get current(): BigUint64Array {
    return this.baseline.map((baseline, slot) => baseline + (this.share[slot] ?? 0n));
  }
}

/** Undefined where the system has the addresses and does not tell them. */
function boundAddressesOf({ phyint, link }: Member, { system }: Group): number | undefined {
  if (system) return system.addresses?.filter(({ inbound }) => inbound === link.name).length;
  return (phyint.v4?.boundCnt ?? 0) + (phyint.v6?.boundCnt ?? 0);
}

/** Names of flags by their bits. There are few combinations, and every scrape asks for those of every member. */
const flagLists = new Map<number, readonly string[]>();

function flagNamesOf(flags: number): readonly string[] {
  let names = flagLists.get(flags);
  if (!names) {
    names = flagNames(PHYINT_FLAGS, flags);
    flagLists.set(flags, names);
  }
  return names;
}
