/** The screen of `top` as lines: the verdict, the groups with the worst first or one group alone, what happened last, the keys. */

import { printable } from "../../log/printable.ts";
import { bitsPerSecond } from "../../wording/quantity.ts";
import { bySeverity, textOf, wordsOf, wordsOfAll } from "../../wording/verdict.ts";
import { cellsOf, clipCells, padCells, wrapCells } from "../cells.ts";
import { concernsGroup, eventLines, isHeadline } from "../event-answer.ts";
import { type GroupAnswer, labelOf, type MemberAnswer, verdictIn } from "../group-answer.ts";
import { type Ink, TONES, type Tone } from "../ink.ts";
import { localTime } from "../local-time.ts";
import { bar, type Marks, sparkline, UNICODE } from "./graph.ts";
import { KEPT_RATES, type Rate, type TopModel } from "./model.ts";
import type { View } from "./view.ts";

export interface Paper {
  readonly columns: number;
  readonly rows: number;
  readonly ink: Ink;
  readonly marks: Marks;
  readonly nowMs: number;
}

const HELP = [
  "/        show only what has this text in its name, its state or its reason",
  "s        sort by trouble, by name, by traffic",
  "up down  mark a group, Page Up and Page Down ten further; Enter shows it",
  "         alone, Esc goes back",
  "?        this help",
  "q        leave",
  "",
  "In and out are of the last second. The bar is the busier direction, against",
  "what the links can carry. The line is the last minute of it, against the most",
  "that it has been in that minute.",
];

/** Names of the groups that the list shows, in its order. */
export function listed(model: TopModel, { filter, sort }: View): string[] {
  const groups = (model.answers?.groups ?? []).filter((group) => matches(group, filter.toLowerCase()));
  const busy = (group: GroupAnswer) => busier(model.ratesOf(group.name).at(-1));
  if (sort === "trouble") groups.sort(bySeverity);
  if (sort === "traffic") groups.sort((a, b) => busy(b) - busy(a));
  return groups.map(({ name }) => name);
}

function matches({ name, state, verdict, members }: GroupAnswer, filter: string): boolean {
  return [name, state, verdict.because, ...members.map(labelOf)].some((text) => text.toLowerCase().includes(filter));
}

/** As many lines as the paper has, none wider than it. */
export function screen(model: TopModel, view: View, paper: Paper): string[] {
  return linesOf(model, view, paper).map((line) => line.replaceAll(UNICODE.ellipsis, paper.marks.ellipsis));
}

function linesOf(model: TopModel, view: View, paper: Paper): string[] {
  const { columns, rows, ink, nowMs } = paper;
  const timeOf = (ms: number): string => localTime(ms, nowMs);
  const group = view.group === undefined ? undefined : model.answers?.groups.find(({ name }) => name === view.group);
  const head = headOf(model, group, timeOf, paper);
  const foot = ink("quiet", footOf(view, columns));
  const room = Math.max(0, rows - head.length - 1);
  if (view.isHelp) return filled([...head, ...HELP.flatMap((line) => wrapCells(line, columns, 3))], foot, rows);
  const told = model.events.filter(
    (event) => isHeadline(event) && (group ? concernsGroup(event, group) : event.kind !== "link-state"),
  );
  const lines = eventLines(told, timeOf);
  // With the line that sets them apart; on a small screen the groups come first.
  const ticker = Math.min(lines.length + 1, TICKER, Math.floor(room / 3));
  const body = group ? membersOf(group, model, paper) : groupsOf(model, view, paper, room - ticker);
  const places = Math.max(0, Math.min(room - body.length - 1, group ? room : TICKER - 1));
  const events = lines.slice(Math.max(0, lines.length - places)).map((line) => ink("quiet", clipCells(line, columns)));
  return filled([...head, ...body.slice(0, room), ...(events.length > 0 ? ["", ...events] : [])], foot, rows);
}

/** Lines for the last events below the list of groups, with the one that sets them apart. */
const TICKER = 6;

function filled(lines: readonly string[], foot: string, rows: number): string[] {
  const shown = lines.slice(0, Math.max(0, rows - 1));
  return [...shown, ...Array.from({ length: Math.max(0, rows - 1 - shown.length) }, () => ""), foot];
}

function headOf(
  { answers, lost }: TopModel,
  group: GroupAnswer | undefined,
  timeOf: (ms: number) => string,
  paper: Paper,
): string[] {
  const { columns, ink } = paper;
  const silence =
    lost && ink("bad", clipCells(printable(`No answer since ${timeOf(lost.sinceMs)}: ${lost.why}`), columns));
  if (!answers) return [silence ?? "Asking the daemon", ""];
  const verdicts = answers.groups.map((group) => verdictIn(group));
  const [worst] = [...answers.groups].sort(bySeverity);
  const words = group ? wordsOf(verdictIn(group)) : wordsOfAll(verdicts);
  const state = (group ?? worst)?.state;
  const verdict = wrapCells(printable(textOf(words, timeOf)), columns, 2);
  return [...(silence === undefined ? verdict.map((line) => (state ? ink(TONES[state], line) : line)) : [silence]), ""];
}

/** The keys; where there is no room for all of them, those that lead to the others and out. */
function footOf({ isTyping, filter, sort, group, isHelp }: View, columns: number): string {
  if (isTyping) return clipCells(`/${filter}_   Enter keeps the filter, Esc drops it`, columns);
  if (isHelp) return clipCells("any key goes back, q leaves", columns);
  if (group !== undefined) return clipCells("Esc back  ? help  q back", columns);
  const choice = filter === "" ? "" : ` "${filter}"`;
  const all = `/ filter${choice}  s sort: ${sort}  Enter detail  ? help  q quit`;
  return cellsOf(all) <= columns ? all : clipCells(`q quit  ? help  / filter${choice}`, columns);
}

interface Column {
  readonly title: string;
  readonly cells: number;
  readonly isNumber?: boolean;
}

const STATE_CELLS = 9;
const RATE_CELLS = 9;
const BAR_CELLS = 10;
/** Room for the reason, at least. */
const WHY_CELLS = 18;

/** Those beside a group's name. From the right they are left out where they do not fit. */
const COLUMNS: readonly Column[] = [
  { title: "STATE", cells: STATE_CELLS },
  { title: "ACTIVE", cells: 7 },
  { title: "IN", cells: RATE_CELLS, isNumber: true },
  { title: "OUT", cells: RATE_CELLS, isNumber: true },
  { title: "LOAD", cells: BAR_CELLS },
];
/** A longer name is rather cut than given the place of a column. */
const NAME_CELLS = 20;

/** With the blank before each. */
function widthOf(columns: readonly Column[]): number {
  return columns.reduce((sum, { cells }) => sum + 1 + cells, 0);
}

/** A name gets what is left of the line, between these. */
function nameCells(columns: number, others: number, names: readonly string[]): number {
  const longest = Math.max(6, ...names.map((name) => cellsOf(printable(name))));
  return Math.max(6, Math.min(longest, columns - others));
}

function groupsOf(model: TopModel, view: View, { columns, ink, marks }: Paper, room: number): string[] {
  const names = listed(model, view);
  const needed = Math.min(NAME_CELLS, nameCells(columns, 0, names));
  const last = COLUMNS.findLastIndex((_, n) => 2 + needed + widthOf(COLUMNS.slice(0, n + 1)) <= columns);
  const chosen = COLUMNS.slice(0, last + 1);
  const others = 2 + widthOf(chosen);
  const name = nameCells(columns, others, names);
  const left = columns - name - others - 1;
  const spark = chosen.length < COLUMNS.length ? 0 : Math.max(0, Math.min(KEPT_RATES, left));
  const line = (cells: readonly (readonly [string, Column])[]) =>
    cells
      .map(([text, { cells: width, isNumber }]) =>
        isNumber ? clipCells(text, width).padStart(width) : padCells(clipCells(text, width), width),
      )
      .join(" ");
  const table: readonly Column[] = [
    { title: "GROUP", cells: name },
    ...chosen,
    ...(spark > 0 ? [{ title: spark < 11 ? "" : "LAST MINUTE", cells: spark }] : []),
  ];
  const marked = Math.min(view.marked, names.length - 1);
  const from = Math.max(0, Math.min(marked - Math.floor((room - 1) / 2), names.length - (room - 1)));
  const shown = names.slice(from, from + room - 1);
  const rows = shown.flatMap((each, index): string[] => {
    const group = model.answers?.groups.find((candidate) => candidate.name === each);
    if (!group) return [];
    const rates = model.ratesOf(each);
    const values = [
      printable(each),
      group.state,
      `${group.members.filter(({ state }) => state === "active").length}/${group.members_expected}`,
      ...rateTexts(rates.at(-1)),
      load(rates.at(-1), group.capacity_bits_per_second, marks),
      sparkOf(rates, spark, marks),
    ];
    const [first = "", state = "", ...rest] = table.map((column, n) => line([[values[n] ?? "", column]]));
    const isMarked = from + index === marked;
    const text = [isMarked ? ink("strong", first) : first, ink(TONES[group.state], state), ...rest].join(" ");
    return [`${isMarked ? marks.pointer : " "} ${text}`.trimEnd()];
  });
  const header = `  ${line(table.map((column) => [column.title, column]))}`.trimEnd();
  const none =
    names.length === 0 && model.answers
      ? [view.filter === "" ? "  no groups yet" : `  nothing has "${printable(view.filter)}"`]
      : [];
  return [ink("quiet", header), ...rows, ...none];
}

function membersOf(group: GroupAnswer, model: TopModel, { columns, ink, marks }: Paper): string[] {
  const absent = [
    ...group.missing.map((device) => ({ device, state: "missing", why: "there is no such link" })),
    ...group.refused.map(({ device, errno, why }) => ({ device, state: "refused", why: `${why} (${errno})` })),
  ];
  const names = [...group.members.map(labelOf), ...absent.map(({ device }) => device)];
  // Why a member is as it is matters more than what it carries.
  const others = 2 + STATE_CELLS + 2 * (RATE_CELLS + 1) + BAR_CELLS + WHY_CELLS;
  const isWide = others + Math.min(NAME_CELLS, nameCells(columns, 0, names)) <= columns;
  const name = nameCells(columns, isWide ? others : 2 + STATE_CELLS + WHY_CELLS, names);
  const row = (device: string, state: string, tone: Tone, numbers: readonly string[], why: string): string => {
    const start = `  ${padCells(clipCells(printable(device), name), name)} `;
    const rest = ` ${[...(isWide ? numbers : []), printable(why)].join(" ")}`;
    const room = columns - (2 + name + 1 + STATE_CELLS);
    return `${start}${ink(tone, padCells(state, STATE_CELLS))}${clipCells(rest, room)}`.trimEnd();
  };
  const blank = " ".repeat(RATE_CELLS);
  const titles = `${"IN".padStart(RATE_CELLS)} ${"OUT".padStart(RATE_CELLS)} ${padCells("LOAD", BAR_CELLS)} `;
  const rates = isWide ? titles : "";
  return [
    ink("quiet", clipCells(`  ${padCells("MEMBER", name)} ${padCells("STATE", STATE_CELLS)} ${rates}WHY`, columns)),
    ...group.members.map((member) => {
      const label = labelOf(member);
      const rate = model.ratesOf(group.name, label).at(-1);
      const numbers = [
        ...rateTexts(rate).map((text) => text.padStart(RATE_CELLS)),
        load(rate, member.speed_bits_per_second, marks),
      ];
      return row(label, member.state, TONES[member.state], numbers, whyOf(member));
    }),
    ...absent.map(({ device, state, why }) =>
      row(device, state, "warning", [blank, blank, " ".repeat(BAR_CELLS)], why),
    ),
  ];
}

function whyOf({ reason, probes }: MemberAnswer): string {
  const isProbed = probes?.state !== "disabled";
  const targets = (isProbed ? (probes?.families ?? []) : []).flatMap((family) =>
    family.targets.map(({ address, state }) => `${address} ${state}`),
  );
  return [...(reason ? [reason] : []), ...targets].join("; ");
}

function rateTexts(rate: Rate | undefined): [string, string] {
  return rate ? [bitsPerSecond(rate.received), bitsPerSecond(rate.sent)] : ["-", "-"];
}

function busier(rate: Rate | undefined): number {
  return rate ? Math.max(rate.received, rate.sent) : 0;
}

/** Blank where the speed of a link is not known. */
function load(rate: Rate | undefined, capacity: number | null | undefined, marks: Marks): string {
  if (!rate || !capacity) return " ".repeat(BAR_CELLS);
  return bar(busier(rate) / capacity, BAR_CELLS, marks);
}

function sparkOf(rates: readonly Rate[], cells: number, marks: Marks): string {
  const values = rates.map(busier);
  return sparkline(values, cells, Math.max(1, ...values), marks);
}
