/** What a subcommand is: a row of the table in commands.ts, from which dispatch, usage and shell completion are made. */

import { printableLines } from "../log/printable.ts";
import type { Arguments, LiveName, Option } from "./arguments.ts";

/** The world that a command sees; `process` is one. */
export type Terminal = Pick<NodeJS.Process, "stdin" | "stdout" | "stderr" | "env">;

export type CommandName =
  | "serve"
  | "check-config"
  | "ipmpstat"
  | "kstat"
  | "offline"
  | "online"
  | "replay"
  | "status"
  | "top"
  | "completion"
  | "version";

export interface Command {
  readonly name: CommandName;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** What follows the options, as the usage shows it: `FILE`, `[SELECTOR…]`. Empty: no operands. */
  readonly operands: string;
  readonly minOperands: number;
  readonly maxOperands: number;
  /** What completion offers for an operand; names of the running daemon where one is asked. */
  readonly complete?: "file" | readonly string[] | { readonly live: LiveName };
  readonly options: readonly Option[];
  /** Exit status of whatever keeps it from an answer, where 1 and 2 are answers. */
  readonly unanswered?: number;
  /** Of how it is called, after the name of the program, and what that is for. */
  readonly examples: readonly (readonly [line: string, purpose: string])[];
}

/** Exit status of a Nagios plugin that has no answer. */
export const NOT_KNOWN = 3;

/**
 * Exit status: 0 done, 1 failed.
 * @throws Failure, UsageError
 */
export type Run = (given: Arguments, terminal: Terminal) => Promise<number>;

/** It could not be done: one line that says what, where and what would be right. Exit status 1. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** It was asked for in a way that makes no sense. Exit status 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Ends every line with a newline and writes them at once. What a terminal would obey is escaped. */
export function print(stream: NodeJS.WritableStream, lines: readonly string[]): void {
  if (lines.length > 0) stream.write(`${printableLines(lines.join("\n"))}\n`);
}
