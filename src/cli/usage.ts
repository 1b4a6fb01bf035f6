/** The text of --help, made from the table of commands. */

import { dashed, type Option } from "./arguments.ts";
import type { Command } from "./command.ts";
import { COMMANDS, HELP } from "./commands.ts";
import { helpOf } from "./option-help.ts";

const PROGRAM = "ipmp-exporter";

/** All commands, and how to learn more. */
export function overview(): string[] {
  return [
    `usage: ${PROGRAM} [COMMAND] [flags]`,
    "",
    "IP multipathing for monitoring: counters of redundant links that survive join, leave, failover and restart.",
    "",
    "commands:",
    ...columns([
      ...COMMANDS.map(({ name, operands, summary }): [string, string] => [`${name} ${operands}`.trim(), summary]),
      [`${HELP} [COMMAND]`, "print this text, or a command and its flags"],
    ]),
    "",
    `${PROGRAM} ${HELP} serve prints the daemon's flags, ${PROGRAM} --version the version.`,
  ];
}

/** One command and its flags. */
export function usageOf(command: Command): string[] {
  const flags = command.options.length > 0 ? " [flags]" : "";
  return [
    `usage: ${PROGRAM} ${command.name}${flags} ${command.operands}`.trimEnd(),
    "",
    `${command.name}: ${command.summary}`,
    "",
    "flags:",
    ...columns([
      ...command.options.map((option): [string, string] => [written(option), helpOf(option)]),
      ["-h, --help", "Print this text."],
    ]),
    "",
    "examples:",
    ...columns(
      command.examples.map(([line, purpose]): [string, string] => [`${PROGRAM} ${line}`, purpose]),
      EXAMPLE_MAX,
    ),
  ];
}

function written({ name, short, value }: Option): string {
  return `${short === undefined ? "" : `-${short}, `}${dashed(name)}${value === undefined ? "" : ` ${value}`}`;
}

/** Longest left column that is kept on the line of its text. */
const LEFT_MAX = 34;
/** The same of a whole command line. */
const EXAMPLE_MAX = 46;

function columns(rows: readonly (readonly [string, string])[], most = LEFT_MAX): string[] {
  const width = Math.max(4, ...rows.map(([left]) => left.length).filter((length) => length <= most)) + 2;
  return rows.map(([left, right]) =>
    left.length <= most ? `  ${left.padEnd(width)}${right}` : `  ${left}\n  ${" ".repeat(width)}${right}`,
  );
}
