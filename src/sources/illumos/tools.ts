/** The commands that illumos is asked by, and what each answered in the last round: rows, or in one sentence why not. */

import { join } from "node:path";
import type { Command, CommandResult, FailureOutcome } from "../command.ts";
import { linesOf, parseRows, type Row } from "./fields.ts";
import { fieldsOf, MODES, type Mode, type ModeRow, parseMode } from "./ipmpstat-rows.ts";
import { parseKstats } from "./kstat-lines.ts";
import type { PrintedKstat } from "../../kstat/printed-kstat.ts";

/** Where the commands are, below a root that is "/" on the system itself. */
const FILES = { kstat: "usr/bin/kstat", ipmpstat: "usr/sbin/ipmpstat", dladm: "usr/sbin/dladm" } as const;

const LINK_FIELDS = ["LINK", "CLASS", "MTU", "STATE", "OVER"] as const;
export type LinkRow = Row<(typeof LINK_FIELDS)[number]>;

/** `kstat -p` of these selectors. */
export function kstatCommand(root: string, ...selectors: readonly string[]): Command {
  return { file: join(root, FILES.kstat), args: ["-p", ...selectors] };
}

export function ipmpstatCommand(root: string, mode: Mode): Command {
  const fields = fieldsOf(mode).map((field) => field.toLowerCase());
  return { file: join(root, FILES.ipmpstat), args: [MODES[mode].flags, "-o", fields.join(",")] };
}

export function dladmCommand(root: string): Command {
  const fields = LINK_FIELDS.map((field) => field.toLowerCase());
  return { file: join(root, FILES.dladm), args: ["show-link", "-p", "-o", fields.join(",")] };
}

export interface Failure {
  readonly kind: "failed";
  readonly outcome: FailureOutcome;
  /** One sentence: which command, and what is wrong. */
  readonly cause: string;
}

export type Answer<T> =
  /** `warnings` are the lines on standard error: rows may be missing for each. */
  { readonly kind: "answered"; readonly value: T; readonly warnings: readonly string[] } | Failure;

/** kstat(8) ends with 1 when nothing matches, which is an answer. */
export function kstatsOf(command: Command, result: CommandResult): Answer<readonly PrintedKstat[]> {
  if (result.kind === "failed") return result;
  const { status, stdout, stderr } = result;
  if (status !== 0 && !(status === 1 && stdout === "" && stderr === "")) return refused(command, status, stderr);
  const parsed = parseKstats(stdout);
  if (parsed.kind === "unlike") return notUnderstood(command, parsed.line);
  return { kind: "answered", value: parsed.kstats, warnings: linesOf(stderr) };
}

export function modeOf<M extends Mode>(
  mode: M,
  command: Command,
  result: CommandResult,
): Answer<readonly ModeRow<M>[]> {
  if (result.kind === "failed") return result;
  const { status, stdout, stderr } = result;
  if (status !== 0) return refused(command, status, stderr);
  const parsed = parseMode(mode, stdout);
  if (parsed.kind === "unlike") return notUnderstood(command, parsed.line);
  return { kind: "answered", value: parsed.rows, warnings: linesOf(stderr) };
}

export function linksOf(command: Command, result: CommandResult): Answer<readonly LinkRow[]> {
  if (result.kind === "failed") return result;
  const { status, stdout, stderr } = result;
  if (status !== 0) return refused(command, status, stderr);
  const parsed = parseRows(stdout, LINK_FIELDS);
  if (parsed.kind === "unlike") return notUnderstood(command, parsed.line);
  const wrong = parsed.rows.find(({ STATE: state }) => state !== undefined && !/^(up|down|unknown)?$/.test(state));
  if (wrong) return notUnderstood(command, `STATE ${wrong.STATE}`);
  return { kind: "answered", value: parsed.rows, warnings: linesOf(stderr) };
}

function refused({ file, args }: Command, status: number, stderr: string): Failure {
  const said = linesOf(stderr)[0];
  const cause = `${file} ${args[0]} ended with ${status}${said ? `: ${cut(said)}` : " and said nothing"}`;
  return { kind: "failed", outcome: "refused", cause };
}

function notUnderstood({ file, args }: Command, line: string): Failure {
  const cause = `${file} ${args[0]} printed "${cut(line)}", which is not the form of illumos in the C locale`;
  return { kind: "failed", outcome: "not_understood", cause };
}

/** What a command said, short enough for a log. */
function cut(text: string): string {
  const MOST = 120;
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
}
