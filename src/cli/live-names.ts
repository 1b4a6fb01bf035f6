/** What a word that is being typed could be, as the running daemon knows it: for the scripts of completion.ts. */

import { print, type Run } from "./command.ts";
import { namesOfDomains } from "../fate/named-domain.ts";
import { Arguments, type LiveName } from "./arguments.ts";
import { type Control, controlOf, get } from "./control.ts";
import { groupsAnswer, labelOf, type MemberAnswer } from "./group-answer.ts";
import { ADDRESS_COLUMNS, GROUP_COLUMNS, INTERFACE_COLUMNS, PROBE_COLUMNS, TARGET_COLUMNS } from "./ipmpstat/modes.ts";
import { readKstats } from "./kstat/answer.ts";
import type { Kstat } from "./kstat/report.ts";
import { select } from "./kstat/selector.ts";

/** Somebody has pressed Tab and waits. */
const PATIENCE_MS = 2_000;

/** Operands are the words of the line after the program's name; the last one is being typed. Prints nothing when there is no daemon. */
export const run: Run = async ({ values, operands }, terminal) => {
  const kind = values.get("names") as LiveName; // one of its choices
  const before = operands.slice(0, -1);
  const typed = (operands.at(-1) ?? "").replace(/^--[\w.]+=/, "");
  const given = new Arguments(new Map(socketIn(before)), []);
  try {
    const control = controlOf(given, terminal, AbortSignal.timeout(PATIENCE_MS));
    print(terminal.stdout, [...new Set(await CANDIDATES[kind]({ control, before, typed }))]);
  } catch {
    // Whoever completes a word is not told what is wrong with the daemon: the command itself will say it.
  }
  return 0;
};

interface Line {
  readonly control: Control;
  readonly before: readonly string[];
  readonly typed: string;
}

const CANDIDATES: Readonly<Record<LiveName, (line: Line) => Promise<string[]>>> = {
  group: async ({ control, typed }) =>
    beginning(
      typed,
      (await get(control, "/api/v1/groups", groupsAnswer)).groups.map(({ name }) => name),
    ),
  thing: things,
  "member-in-use": members(({ state }) => state !== "offline"),
  "member-offline": members(({ state }) => state === "offline"),
  field: ({ before, typed }) => Promise.resolve(fields(before, typed)),
  kstat: async ({ control, typed }) => selectors(await readKstats(control), typed),
  "kstat-module": parts(({ module }) => [module]),
  "kstat-instance": parts(({ instance }) => [String(instance)]),
  "kstat-name": parts(({ name }) => [name]),
  "kstat-statistic": parts(({ statistics }) => statistics.map(({ name }) => name)),
  "kstat-class": parts((kstat) => [kstat.class]),
};

function beginning(typed: string, names: readonly string[]): string[] {
  return names.filter((name) => name.startsWith(typed));
}

function members(isMeant: (member: MemberAnswer) => boolean): (line: Line) => Promise<string[]> {
  return async ({ control, typed }) => {
    const { groups } = await get(control, "/api/v1/groups", groupsAnswer);
    return beginning(
      typed,
      groups.flatMap((group) => group.members.filter(isMeant).map(labelOf)),
    );
  };
}

/** What can be supposed to have failed: members, and what they depend on. */
async function things({ control, typed }: Line): Promise<string[]> {
  const { groups } = await get(control, "/api/v1/groups", groupsAnswer);
  const members = groups.flatMap((group) => group.members);
  return beginning(typed, [
    ...members.map(labelOf),
    ...namesOfDomains(members.flatMap(({ domains }) => domains ?? [])),
  ]);
}

function parts(of: (kstat: Kstat) => readonly string[]): (line: Line) => Promise<string[]> {
  return async ({ control, typed }) => beginning(typed, (await readKstats(control)).flatMap(of));
}

const FIELDS = new Map<string, readonly { readonly name: string }[]>([
  ["g", GROUP_COLUMNS],
  ["i", INTERFACE_COLUMNS],
  ["a", ADDRESS_COLUMNS],
  ["t", TARGET_COLUMNS],
  ["p", PROBE_COLUMNS],
]);

/** Of the mode that the line has, and of all modes where it has none yet; those that are there already are not offered again. */
function fields(before: readonly string[], typed: string): string[] {
  const letters = before.filter((word) => /^-[A-Za-z]+$/.test(word)).join("");
  const modes = [...FIELDS.keys()].filter((letter) => letters.includes(letter));
  const columns = (modes.length > 0 ? modes : [...FIELDS.keys()]).flatMap((letter) => FIELDS.get(letter) ?? []);
  const last = typed.lastIndexOf(",") + 1;
  const [head, begun] = [typed.slice(0, last), typed.slice(last)];
  const taken = head.toUpperCase().split(",");
  const names = [...columns.map(({ name }) => name), ...(head === "" ? ["all"] : [])];
  return names
    .filter((name) => name.toUpperCase().startsWith(begun.toUpperCase()) && !taken.includes(name))
    .map((name) => `${head}${name}`);
}

/** A selector grows by one part at a time: module, instance, name, statistic. */
function selectors(kstats: readonly Kstat[], typed: string): string[] {
  const last = typed.lastIndexOf(":") + 1;
  const [head, begun] = [typed.slice(0, last), typed.slice(last)];
  const [module, instance, name] = head.split(":");
  const fitting = select(kstats, [{ module, instance, name }], false);
  const place = head.split(":").length - 1;
  const values = fitting.flatMap((kstat) => {
    const { module: its, instance: number, name: called, statistics } = kstat;
    return [[its], [String(number)], [called], statistics.map((statistic) => statistic.name)][place] ?? [];
  });
  const end = place < 3 ? ":" : "";
  return values
    .map(asPattern)
    .filter((value) => value.startsWith(begun))
    .map((value) => `${head}${value}${end}`);
}

/** A part that stands for itself alone; a colon would end it, and any character fits a question mark. */
function asPattern(value: string): string {
  return value.replaceAll(/[*?[\]\\]/g, "\\$&").replaceAll(":", "?");
}

/** `--control.socket PATH` and `--control.socket=PATH`. */
function socketIn(words: readonly string[]): [string, string][] {
  const flag = "--control.socket";
  const index = words.findLastIndex((word) => word === flag || word.startsWith(`${flag}=`));
  const [word = "", next] = words.slice(index);
  const path = word === flag ? next : word.slice(flag.length + 1);
  return index === -1 || path === undefined ? [] : [["control.socket", path]];
}
