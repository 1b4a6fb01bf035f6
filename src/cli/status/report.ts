/** The screen of `status`: the verdict, then group by group its members, what is missing, its counters, what happened last. */

import { printable } from "../../log/printable.ts";
import type { SupposedFailure } from "../../snapshot/supposition.ts";
import { bitsPerSecond, duration } from "../../wording/quantity.ts";
import { lossSentence, withoutWords } from "../../wording/supposition.ts";
import { IN_FULL, IN_TROUBLE, list, textOf, wordsOf, wordsOfAll } from "../../wording/verdict.ts";
import { cellsOf, padCells } from "../cells.ts";
import { concernsGroup, type EventAnswer, eventLines, isHeadline } from "../event-answer.ts";
import { type GroupAnswer, labelOf, type MemberAnswer, verdictIn } from "../group-answer.ts";
import { type Ink, TONES, type Tone } from "../ink.ts";
import { localTime } from "../local-time.ts";

export interface StatusAnswer {
  /** When: in seconds since boot, as kstats count, and as ISO 8601. */
  readonly at: string;
  readonly time: string;
  /** When the daemon began, in seconds since boot. */
  readonly startedAt: string;
  /** The worst first. */
  readonly groups: readonly GroupAnswer[];
  readonly events: readonly EventAnswer[];
  /** What is supposed to have failed; undefined: the groups are as they are. */
  readonly without?: readonly SupposedFailure[] | undefined;
}

/** To Nagios a bar ends the text, and what follows are measurements; names of links may have one. It is escaped as what cannot be printed is. */
export function sayable(text: string): string {
  return printable(text).replaceAll("|", "\\u007c");
}

/** So many of the last events of a group are shown. */
const EVENTS = 5;

export function statusReport(answer: StatusAnswer, ink: Ink): string[] {
  const { groups, time } = answer;
  const nowMs = Date.parse(time);
  const timeOf = (ms: number): string => localTime(ms, nowMs);
  const { without } = answer;
  const words = wordsOfAll(groups.map((group) => verdictIn(group, without !== undefined)));
  const [worst] = groups;
  const troubled = groups.filter(({ state }) => state !== "ok");
  const inFull = groups.length > IN_FULL ? troubled.slice(0, IN_TROUBLE) : groups;
  const headline = sayable(textOf(without ? withoutWords(without, words) : words, timeOf));
  return [
    worst ? ink(TONES[worst.state], headline) : headline,
    ...(without ?? []).map((failure) => ink("quiet", sayable(lossSentence(failure)))),
    ...inFull.flatMap((group) => ["", ...groupReport(group, answer, timeOf, ink)]),
    ...folded(groups.slice(inFull.length), without !== undefined, timeOf),
  ];
}

/** Of many groups, those in trouble in one sentence and the others in a line: a screen has room for no more. */
function folded(groups: readonly GroupAnswer[], isSupposed: boolean, timeOf: (ms: number) => string): string[] {
  if (groups.length === 0) return [];
  const troubled = groups.filter(({ state }) => state !== "ok");
  const well = groups.slice(troubled.length).map(({ name }) => name);
  return [
    "",
    ...troubled.map((group) => sayable(textOf(wordsOf(verdictIn(group, isSupposed)), timeOf))),
    ...(well.length === 0
      ? []
      : [sayable(`${well.length} ok: ${list(well)}. status GROUP shows one, top all of them.`)]),
  ];
}

function groupReport(group: GroupAnswer, answer: StatusAnswer, timeOf: (ms: number) => string, ink: Ink): string[] {
  const { name, ifname, state, mode, source, members, missing, refused } = group;
  const kind = [mode, source, ...(ifname === name ? [] : [`interface ${ifname}`])].join(", ");
  const rows: Row[] = [
    ...members.map(
      (member): Row => ({
        device: labelOf(member),
        state: roleOf(member),
        tone: TONES[member.state],
        more: detailsOf(member),
      }),
    ),
    ...missing.map(
      (device): Row => ({ device, state: "missing", tone: "warning", more: ["promised, but there is no such link"] }),
    ),
    ...refused.map(
      ({ device, errno, why }): Row => ({ device, state: "refused", tone: "warning", more: [`${why} (${errno})`] }),
    ),
  ];
  const isSupposed = answer.without !== undefined;
  const about = answer.groups.length > 1 ? [sayable(textOf(wordsOf(verdictIn(group, isSupposed)), timeOf))] : [];
  const history = (): string[] => [countersOf(group, answer, timeOf), ...lastEvents(group, answer.events, timeOf)];
  return [
    `${ink("strong", sayable(name))}  ${ink(TONES[state], state)}  ${ink("quiet", sayable(kind))}`,
    ...about.map((line) => `  ${line}`),
    ...table(rows, ink).map((line) => `  ${line}`),
    ...(isSupposed ? whatIsLeft(group) : history()).map((line) => `  ${ink("quiet", line)}`),
  ];
}

/** In place of a history, which what did not happen has none of: what the group could carry, and where its addresses would be. */
function whatIsLeft({
  capacity_bits_per_second: capacity,
  capacity_without_largest_bits_per_second: rest,
  addresses,
}: GroupAnswer): string[] {
  const carries = (): string => {
    if (typeof capacity !== "number") return "what it could carry is unknown: not every speed is known";
    if (capacity === 0) return "could carry nothing";
    return `could carry ${bitsPerSecond(capacity)}, and ${rest ? bitsPerSecond(rest) : "nothing"} without the largest`;
  };
  const bound = (addresses ?? [])
    .filter(({ up }) => up)
    .map(({ address, inbound }) => `${address} ${inbound === null ? "bound nowhere" : `on ${inbound}`}`);
  return [carries(), ...bound].map(sayable);
}

interface Row {
  readonly device: string;
  readonly state: string;
  readonly tone: Tone;
  readonly more: readonly string[];
}

function roleOf({ state, standby }: MemberAnswer): string {
  return standby ? `${state}, standby` : state;
}

function detailsOf({
  reason,
  link_up: linkUp,
  in_route: inRoute,
  route_weight: weight,
  probes,
  failures,
  bound_addresses: bound,
}: MemberAnswer): string[] {
  const failed = Object.values(failures).reduce((sum, times) => sum + BigInt(times), 0n);
  return [
    ...(reason ? [reason] : []),
    ...(linkUp || reason === "link down" ? [] : ["link down"]),
    ...(inRoute === false ? ["in no route in use"] : weight ? [`weight ${weight}`] : []),
    ...(!bound ? [] : [`${bound} ${bound === 1 ? "address" : "addresses"}`]),
    ...(probes?.families ?? []).map(howProbed),
    ...(failed === 0n ? [] : [`${failed} ${failed === 1n ? "failure" : "failures"}`]),
  ];
}

type ProbedFamily = NonNullable<MemberAnswer["probes"]>["families"][number];

function howProbed({ method, mode, targets }: ProbedFamily): string {
  if (method === "none") return "judged by its link alone, without probes";
  if (mode === "disabled") return "not probed while it is out of use";
  return `probed by ${method}: ${targets.map(({ address, state }) => `${address} ${state}`).join(", ") || "no target"}`;
}

function table(rows: readonly Row[], ink: Ink): string[] {
  const devices = rows.map(({ device }) => sayable(device));
  const deviceCells = Math.max(...devices.map(cellsOf), 0);
  const stateCells = Math.max(...rows.map(({ state }) => state.length), 0);
  return rows.map(({ state, tone, more }, n) => {
    const first = `${padCells(devices[n] ?? "", deviceCells)}  ${ink(tone, state)}${" ".repeat(stateCells - state.length)}`;
    return `${first}  ${sayable(more.join("; "))}`.trimEnd();
  });
}

/** Since when the counters run, and whether over a restart of the daemon. */
function countersOf(
  { crtime, failovers, last_failover: last }: GroupAnswer,
  { at, startedAt }: StatusAnswer,
  timeOf: (ms: number) => string,
): string {
  const seconds = Number(at) - Number(crtime);
  const continued = Number(crtime) < Number(startedAt) ? ", continued over a restart of the daemon" : "";
  const times = failovers === "0" ? "no failover" : `${failovers} ${failovers === "1" ? "failover" : "failovers"}`;
  return `counters for ${duration(BigInt(Math.round(seconds * 1e9)))}${continued}; ${times}${last ? `, the last at ${timeOf(Date.parse(last))}` : ""}`;
}

function lastEvents(group: GroupAnswer, events: readonly EventAnswer[], timeOf: (ms: number) => string): string[] {
  const told = events.filter((event) => concernsGroup(event, group) && isHeadline(event));
  return eventLines(told, timeOf).slice(-EVENTS).map(sayable);
}
