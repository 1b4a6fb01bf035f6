/**
 * Failure detection from links, joined with what probes say, and the choice of who is active, as in.mpathd(8) decides them: a lost link
 * is a failure at once, probes or no probes; as many members are active as there are non-standby ones, at least one; a standby waits while they suffice.
 */

/** One member as the system shows it. */
export interface Observation {
  /** Tells the member from the others, and is the same for as long as it is one: a name may change. */
  readonly key: string;
  /** IFF_UP. Taken down by the administrator, an interface is offline rather than failed. */
  readonly adminUp: boolean;
  /** IFF_RUNNING: the link is there. */
  readonly running: boolean;
  readonly standby: boolean;
  /** if_mpadm -d. */
  readonly offlined: boolean;
  /** What probes say against it, for people; left out when nothing. */
  readonly probeFailure?: string | undefined;
}

/** What the engine is told about one member: flags of its phyint. */
export interface Verdict {
  readonly running: boolean;
  readonly failed: boolean;
  readonly offline: boolean;
  readonly inactive: boolean;
  readonly standby: boolean;
  /** It works, and whether it is in use is not told; left out where that is known. */
  readonly unknown?: boolean;
  /** Why it is not active, for people, where the flags do not tell. */
  readonly why?: string | undefined;
}

/** What of a verdict does not depend on the other members. */
type Condition = Pick<Verdict, "running" | "failed" | "offline" | "why">;

export interface Policy {
  /** FAILBACK of /etc/default/mpathd: whether a repaired member becomes active again. */
  readonly failback: boolean;
  /** Active members wanted: non-standby members, present or not, at least one. */
  readonly wanted: number;
  /** Active members without which a group is not well, whatever failback says; 1 when left out. */
  readonly minActive?: number;
}

export type Verdicts = ReadonlyMap<string, Verdict>;

/** The verdicts that follow from the last ones and from what is seen now. Members not observed have none. */
export function detect(previous: Verdicts, observations: readonly Observation[], policy: Policy): Verdicts {
  const hadWorking = [...previous.values()].some(isFunctioning);
  const verdicts = new Map<string, Verdict>();
  for (const seen of observations) verdicts.set(seen.key, judge(seen, previous.get(seen.key), policy, hadWorking));
  balance(verdicts, policy, [...previous.values()].filter(isActive).length);
  return verdicts;
}

/** What its own link and its probes say of a member, before it is chosen who is active. */
export function judgeAlone({ adminUp, running, offlined, probeFailure }: Observation): Condition {
  const offline = offlined || !adminUp;
  const lost = !offline && !running;
  const why = offline || lost ? undefined : probeFailure;
  return { running, failed: lost || why !== undefined, offline, why };
}

/** RUNNING in in.mpathd's sense: may carry data, whether or not policy lets it. */
export function isFunctioning(verdict: Pick<Verdict, "failed" | "offline">): boolean {
  return !verdict.failed && !verdict.offline;
}

export function isActive(verdict: Verdict): boolean {
  return isFunctioning(verdict) && !verdict.inactive;
}

function judge(seen: Observation, last: Verdict | undefined, policy: Policy, hadWorking: boolean): Verdict {
  const alone = judgeAlone(seen);
  return { ...alone, standby: seen.standby, inactive: isFunctioning(alone) && rests() };

  /** Whether a functioning member begins this step INACTIVE. */
  function rests(): boolean {
    const known = last?.standby === seen.standby ? last : undefined;
    if (known && isFunctioning(known)) return known.inactive;
    if (seen.standby) return true; // until it is needed: see balance
    // FAILBACK=no: a repaired member stays out, unless nothing else worked or this is the first we see of it.
    return !policy.failback && known !== undefined && hadWorking;
  }
}

/**
 * Activates resting members while too few are active, standbys first; sends active standbys back while too many are. Without
 * failback a repaired member only takes the place of one that was active and is lost: it does not make up for itself.
 */
function balance(
  verdicts: Map<string, Verdict>,
  { wanted, minActive = 1, failback }: Policy,
  activeBefore: number,
): void {
  const members = [...verdicts.entries()];
  let active = members.filter(([, verdict]) => isActive(verdict)).length;
  const activate = (resting: readonly (readonly [string, Verdict])[], upTo: number): void => {
    for (const [key, verdict] of resting) {
      if (active >= upTo) return;
      verdicts.set(key, { ...verdict, inactive: false });
      active++;
    }
  };
  const resting = members.filter(([, verdict]) => isFunctioning(verdict) && verdict.inactive);
  activate(resting.filter(isStandby), wanted);
  const repaired = resting.filter((entry) => !isStandby(entry));
  activate(repaired, failback ? wanted : Math.max(minActive, Math.min(wanted, activeBefore)));
  for (const [key, verdict] of members.filter(isStandby).reverse()) {
    if (active <= wanted) break;
    if (!isActive(verdict)) continue;
    verdicts.set(key, { ...verdict, inactive: true });
    active--;
  }
}

function isStandby([, verdict]: readonly [string, Verdict]): boolean {
  return verdict.standby;
}
