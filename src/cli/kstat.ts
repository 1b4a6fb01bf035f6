/** `ipmp-exporter kstat`: kstat(8) of illumos over the kstats of the running daemon. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Arguments } from "./arguments.ts";
import { print, type Run, UsageError } from "./command.ts";
import { controlOf } from "./control.ts";
import { readKstats } from "./kstat/answer.ts";
import { type Form, formatReport } from "./kstat/report.ts";
import { parseSelector, type Selector, select } from "./kstat/selector.ts";

/** The option of each form. */
const FORM_OPTIONS: readonly (readonly [string, Form])[] = [
  ["p", "lines"],
  ["C", "colons"],
  ["l", "names"],
  ["j", "json"],
];

/** A timer takes 2^31 milliseconds, which is a little more. */
const NUMBER_MAX = 2_000_000;

/** Seconds between reports, and how many; undefined goes on until interrupted. */
interface Repetition {
  readonly intervalSeconds: number;
  readonly count: number | undefined;
}

/** Exit status 0 when something matched, 1 when nothing did. */
export const run: Run = async (given, terminal) => {
  const { selectors, repetition } = parseOperands(given);
  const form = formOf(given);
  const control = controlOf(given, terminal);
  let matched = false;
  for (let done = 0; repetition.count === undefined || done < repetition.count; done++) {
    if (done > 0) {
      await sleep(repetition.intervalSeconds * 1000);
      print(terminal.stdout, [""]);
    }
    const kstats = select(await readKstats(control), selectors, form !== "blocks" && form !== "json");
    matched ||= kstats.length > 0;
    if (given.has("q")) continue;
    print(terminal.stdout, [...timestamp(given.text("T")), ...formatReport(form, kstats)]);
  }
  return matched ? 0 : 1;
};

function formOf(given: Arguments): Form {
  const chosen = FORM_OPTIONS.filter(([option]) => given.has(option));
  if (chosen.length > 1) throw new UsageError("kstat takes one of -p, -C, -l, -j");
  return chosen[0]?.[1] ?? "blocks";
}

/** Selectors by options or by operands, not both; then numbers: interval and count. */
function parseOperands(given: Arguments): { selectors: Selector[]; repetition: Repetition } {
  const isNumber = (operand: string) => /^\d+$/.test(operand);
  const first = given.operands.findIndex(isNumber);
  const operands = first === -1 ? given.operands : given.operands.slice(0, first);
  const numbers = first === -1 ? [] : given.operands.slice(first);
  const byOption: Selector = {
    module: given.text("m"),
    instance: given.text("i"),
    name: given.text("n"),
    statistic: given.text("s"),
    class: given.text("c"),
  };
  // The class can only be given by an option, so that one goes with operands too.
  const { class: ofClass, ...parts } = byOption;
  if (operands.length > 0 && Object.values(parts).some((part) => part !== undefined)) {
    throw new UsageError("kstat takes a selector, or -m, -i, -n and -s, not both");
  }
  const selectors = operands.map((operand) => {
    const selector = parseSelector(operand);
    if (!selector) throw new UsageError(`kstat: found "${operand}": expected module:instance:name:statistic`);
    return { ...selector, class: ofClass };
  });
  return { selectors: selectors.length > 0 ? selectors : [byOption], repetition: parseRepetition(numbers, isNumber) };
}

function parseRepetition(numbers: readonly string[], isNumber: (text: string) => boolean): Repetition {
  const [interval, count, superfluous] = numbers;
  const wrong =
    superfluous ??
    numbers.find((text) => !isNumber(text)) ??
    numbers.find((text) => Number(text) < 1 || Number(text) > NUMBER_MAX);
  if (wrong !== undefined)
    throw new UsageError(`kstat: found "${wrong}": expected [INTERVAL [COUNT]], each from 1 to ${NUMBER_MAX}`);
  if (interval === undefined) return { intervalSeconds: 0, count: 1 };
  return { intervalSeconds: Number(interval), count: count === undefined ? undefined : Number(count) };
}

/** -T u: seconds since 1970; -T d: as date(1) prints it. */
function timestamp(form: string | undefined): string[] {
  if (form === undefined) return [];
  const now = new Date();
  return [form === "u" ? String(Math.floor(now.getTime() / 1000)) : dateLine(now)];
}

/** `Sun Nov 22 23:32:57 2026`, in local time (ctime(3C)). */
function dateLine(now: Date): string {
  const [weekday, month] = now.toString().split(" ");
  const day = String(now.getDate()).padStart(2);
  return `${weekday} ${month} ${day} ${now.toTimeString().slice(0, 8)} ${now.getFullYear()}`;
}
