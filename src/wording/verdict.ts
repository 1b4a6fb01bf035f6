/**
 * What is to be said of a group in one sentence: whether it is well, since when, why not, and whether it could bear one more failure. Every face
 * says it in these words: the page, the log, the API, the command line, notifications.
 */

import { isWarnedOf, type SharedDomainFacts, sharedFateClause } from "./shared-fate.ts";
import type { GroupSnapshot, GroupState, MemberState, Snapshot } from "../snapshot/snapshot.ts";

/** A member, as far as a verdict needs it. */
export interface MemberFacts {
  /** Its name among the links of all sources: `<source>:<device>` for a link of another system. */
  readonly label: string;
  readonly state: MemberState;
  /** Why it is not active, in words. */
  readonly reason: string | undefined;
  /** Whether no default route leads over it, in a group that follows these. */
  readonly isUnreachable: boolean;
}

/** A group, as far as a verdict needs it. */
export interface GroupFacts {
  readonly state: GroupState;
  readonly members: readonly MemberFacts[];
  /** How many members it should have. */
  readonly membersExpected: number;
  /** Labels of those that are not there. */
  readonly missing: readonly string[];
  /** Labels of those that may not join. */
  readonly refused: readonly string[];
  /** No probe of any member is answered, though links are up. */
  readonly targetsMute: boolean;
  /** What its members have in common. */
  readonly shared: readonly SharedDomainFacts[];
}

export interface Verdict {
  readonly group: string;
  readonly state: GroupState;
  /** Whether there is one member only, and should be: nothing stands in for it. */
  readonly isSingle: boolean;
  /** When the state began, in milliseconds since 1970. */
  readonly sinceMs: number;
  /** Whether it may have begun earlier: it was so when the group was first looked at. */
  readonly isOlder: boolean;
  /** "wan0 and wan1 have no carrier, wan2 does not exist". */
  readonly because: string;
  /** What could come next, or makes the state doubtful: "one more failure is an outage". */
  readonly warnings: readonly string[];
  /** It is not so: it would be, if something failed. */
  readonly isSupposed?: boolean;
}

export const NO_REDUNDANCY = "no redundancy to watch";

export function verdictOf(
  group: GroupSnapshot,
  { at, wallMs, without }: Pick<Snapshot, "at" | "wallMs" | "without">,
): Verdict {
  const facts = factsOf(group);
  return {
    group: group.name,
    state: group.state,
    isSingle: group.membersExpected <= 1 && group.members.length === 1,
    sinceMs: wallMs - Math.round(Number(at - group.lastChange) / 1e6),
    isOlder: group.lastChange <= group.crtime,
    because: because(facts),
    warnings: warningsOf(facts),
    isSupposed: without !== undefined,
  };
}

function factsOf({ members, refused, targetsMute, fate, ...group }: GroupSnapshot): GroupFacts {
  return {
    ...group,
    members: members.map(memberFacts),
    refused: refused.map(({ device }) => device),
    targetsMute: targetsMute === true,
    shared: fate?.shared ?? [],
  };
}

const memberFacts = ({ label, state, reason, route }: GroupSnapshot["members"][number]): MemberFacts => ({
  label,
  state,
  reason,
  isUnreachable: route?.isReachable === false,
});

/** What is said of several things alike, of one and of more. */
type Predicate = readonly [one: string, more: string];

/** Why a member does not work, as a predicate: by the reason in words. */
const PREDICATES: ReadonlyMap<string | undefined, Predicate> = new Map([
  ["link down", ["has no carrier", "have no carrier"]],
  ["administratively down", ["is administratively down", "are administratively down"]],
  ["taken offline by request", ["was taken offline", "were taken offline"]],
  ["standby, not needed", ["is standing by", "are standing by"]],
  ["backup", ["is standing by", "are standing by"]],
]);

const VERBS: Readonly<Record<MemberState, Predicate>> = {
  failed: ["has failed", "have failed"],
  offline: ["is offline", "are offline"],
  inactive: ["is not in use", "are not in use"],
  active: ["is active", "are active"],
};

const DOES_NOT_EXIST: Predicate = ["does not exist", "do not exist"];
const MAY_NOT_JOIN: Predicate = ["may not join", "may not join"];

/** A member that cannot be used, is not there, or may not join. */
export interface Fault {
  readonly label: string;
  /** "has no carrier". */
  readonly reason: string;
}

/** What is wrong with single members of a group: in each of them, and nothing that two of them have together. */
export function faultsOf({ members, missing, refused }: GroupSnapshot): Fault[] {
  if (missing.length === 0 && refused.length === 0 && members.every(({ state }) => state === "active")) return [];
  const broken = members.map(memberFacts).filter(isBroken);
  return [
    ...broken.map((member) => ({ label: member.label, reason: predicateOf(member)[0] })),
    ...missing.map((label) => ({ label, reason: DOES_NOT_EXIST[0] })),
    ...refused.map(({ device }) => ({ label: device, reason: MAY_NOT_JOIN[0] })),
  ];
}

/** What keeps it from being well; where nothing does, which members carry it. Never empty. */
export function because({
  state,
  members,
  missing,
  refused,
}: Pick<GroupFacts, "state" | "members" | "missing" | "refused">): string {
  const broken = members.filter(isBroken);
  // A group is well because of its members, whoever may not join.
  const hindrances = broken.length + missing.length + (state === "ok" ? 0 : refused.length);
  const shown = hindrances > 0 ? broken : members;
  const clauses = new Map<string, { readonly predicate: Predicate; readonly devices: string[] }>();
  const say = (device: string, predicate: Predicate): void => {
    const clause = clauses.get(predicate[0]);
    if (clause) clause.devices.push(device);
    else clauses.set(predicate[0], { predicate, devices: [device] });
  };
  for (const member of shown) say(member.label, predicateOf(member));
  for (const device of missing) say(device, DOES_NOT_EXIST);
  for (const device of refused) say(device, MAY_NOT_JOIN);
  if (clauses.size === 0) return "it has no member";
  return [...clauses.values()]
    .map(({ devices, predicate: [one, more] }) => `${list(devices)} ${devices.length === 1 ? one : more}`)
    .join(", ");
}

function isBroken({ state, isUnreachable }: MemberFacts): boolean {
  return state === "failed" || state === "offline" || (state === "inactive" && isUnreachable);
}

function predicateOf({ state, reason }: MemberFacts): Predicate {
  const known = PREDICATES.get(reason);
  if (known) return known;
  const [one, more] = VERBS[state];
  return reason === undefined ? [one, more] : [`${one} (${reason})`, `${more} (${reason})`];
}

function warningsOf({ state, members, membersExpected, targetsMute, shared }: GroupFacts): string[] {
  const usable = members.filter((member) => !isBroken(member)).length;
  const isLast = state !== "failed" && usable === 1 && membersExpected > 1;
  return [
    ...(isLast ? ["one more failure is an outage"] : []),
    ...(targetsMute ? ["no probe of it is answered"] : []),
    ...shared.filter(isWarnedOf).map((domain) => sharedFateClause(domain, usable)),
  ];
}

/** So many names are said in full. */
const NAMED = 4;

/** "a", "a and b", "a, b and c", "a, b, c, d and 12 more". */
export function list(names: readonly string[]): string {
  const rest = names.length - NAMED;
  const shown = rest > 1 ? [...names.slice(0, NAMED), `${rest} more`] : names;
  const last = shown.at(-1) ?? "";
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(", ")} and ${last}`;
}

/** A piece of a sentence: text, the name of a group, or a moment in milliseconds since 1970, which each face writes its own way. */
export type Word = string | { readonly group: string } | { readonly ms: number };

type Predicates = Readonly<Record<GroupState, Predicate>>;

const IS: Predicates = {
  ok: ["is ok", "are ok"],
  degraded: ["is degraded", "are degraded"],
  failed: ["has failed", "have failed"],
};
const WOULD_BE: Predicates = {
  ok: ["would be ok", "would be ok"],
  degraded: ["would be degraded", "would be degraded"],
  failed: ["would have failed", "would have failed"],
};

/** "wan has failed since 02:14: wan0 and wan1 have no carrier, wan2 does not exist." */
export function wordsOf(verdict: Verdict): Word[] {
  const { group, state, isSingle, sinceMs, isOlder, because: why, warnings, isSupposed } = verdict;
  const isWell = state === "ok";
  const rest = [isWell && isSingle ? `${why}, ${NO_REDUNDANCY}` : why, ...warnings].join("; ");
  const since: Word[] = isWell || isSupposed ? [] : [isOlder ? " since before " : " since ", { ms: sinceMs }];
  return [{ group }, ` ${predicatesOf(verdict)[state][0]}`, ...since, `: ${rest}.`];
}

function predicatesOf({ isSupposed }: Verdict): Predicates {
  return isSupposed ? WOULD_BE : IS;
}

/** Up to so many groups are shown in full; of more, only those in trouble are, and at most so many of these. */
export const IN_FULL = 6;
export const IN_TROUBLE = 12;

/** So many groups are named in a sentence about all. */
const GROUPS_NAMED = 3;

/** All groups in one sentence, the worst first: of one in trouble all that is known, of more who is. */
export function wordsOfAll(verdicts: readonly Verdict[]): Word[] {
  const [first, ...others] = [...verdicts].sort(bySeverity);
  if (first === undefined) return ["There are no groups yet."];
  if (others.length === 0) return wordsOf(first);
  const are = predicatesOf(first);
  const well = verdicts.filter(({ state }) => state === "ok").length;
  const all = verdicts.length === 2 ? "Both" : `All ${verdicts.length}`;
  if (well === verdicts.length) return [`${all} groups ${are.ok[1]}.`];
  const troubled = verdicts.length - well;
  if (troubled === 1)
    return [
      ...wordsOf(first),
      well === 1 ? ` The other group ${are.ok[0]}.` : ` The other ${well} groups ${are.ok[1]}.`,
    ];
  const clauses = (["failed", "degraded"] as const).flatMap((state): Word[][] => {
    const named = verdicts.filter((verdict) => verdict.state === state).map(({ group }): Word => ({ group }));
    if (named.length === 0) return [];
    const rest = named.length - GROUPS_NAMED;
    const shown = rest > 1 ? [...named.slice(0, GROUPS_NAMED), `${rest} more`] : named;
    return [
      [
        ...shown.flatMap((word, n) => (n === 0 ? [word] : [n === shown.length - 1 ? " and " : ", ", word])),
        ` ${are[state][named.length === 1 ? 0 : 1]}`,
      ],
    ];
  });
  const rest = well === 0 ? "." : `; ${well} of ${verdicts.length} groups ${are.ok[well === 1 ? 0 : 1]}.`;
  return [...clauses.flatMap((words, n) => (n === 0 ? words : [", ", ...words])), rest];
}

/** The sentence as text; `timeOf` writes milliseconds since 1970. */
export function textOf(words: readonly Word[], timeOf: (ms: number) => string): string {
  return words
    .map((word) => (typeof word === "string" ? word : "group" in word ? word.group : timeOf(word.ms)))
    .join("");
}

const SEVERITY: Readonly<Record<GroupState, number>> = { failed: 0, degraded: 1, ok: 2 };

/** Order of groups with the worst first. Sorting is stable: those that are alike stay as they were, by name. */
export function bySeverity(a: { readonly state: GroupState }, b: { readonly state: GroupState }): number {
  return SEVERITY[a.state] - SEVERITY[b.state];
}
