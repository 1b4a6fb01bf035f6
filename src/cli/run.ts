/** From the arguments of the program to its exit status: finds the command, reads its options, runs it. */

import { styleText } from "node:util";
import { nearName } from "../config/near-name.ts";
import { type Option, parseArguments } from "./arguments.ts";
import { type Command, Failure, print, type Terminal, UsageError } from "./command.ts";
import { COMMANDS, HELP } from "./commands.ts";
import { IMPLEMENTATIONS } from "./implementations.ts";

const HELP_OPTION: Option = { name: "help", short: "h", kind: "boolean", help: "Print this text." };
const VERSION_OPTION: Option = { name: "version", kind: "boolean", help: "Print the version." };

/**
 * Exit status: 0 done, 1 failed, 2 usage; of the latter two one line on stderr tells why. A command to which these mean something else
 * has one of its own for both.
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const unanswered = COMMANDS.find(({ name }) => name === args[0])?.unanswered;
  endWhenNobodyReads(terminal, unanswered);
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    if (!(error instanceof Failure || error instanceof UsageError)) throw error;
    const usage = error instanceof UsageError;
    print(terminal.stderr, [`${prefix(terminal)} ${error.message}${usage ? " (see ipmp-exporter help)" : ""}`]);
    return unanswered ?? (usage ? 2 : 1);
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<number> {
  const [first, ...rest] = args;
  if (first === HELP) return help(rest, terminal);
  const named = first !== undefined && !first.startsWith("-");
  const command = findCommand(named ? first : "serve");
  const common = named ? [HELP_OPTION] : [HELP_OPTION, VERSION_OPTION];
  const given = parseArguments(named ? rest : args, [...command.options, ...common]);
  if (given.has("help")) {
    return help(named ? [command.name] : [], terminal);
  }
  checkOperands(command, given.operands);
  const { run: implementation } = await IMPLEMENTATIONS[given.has("version") ? "version" : command.name]();
  return implementation(given, terminal);
}

/** Loads what help is made of only now: no other command needs the schema of the configuration for it. */
async function help(names: readonly string[], terminal: Terminal): Promise<number> {
  const { overview, usageOf } = await import("./usage.ts");
  const [name] = names;
  print(terminal.stdout, name === undefined || name === HELP ? overview() : usageOf(findCommand(name)));
  return 0;
}

function findCommand(name: string): Command {
  const command = COMMANDS.find((row) => row.name === name);
  if (command) return command;
  const near = nearName(name, [...COMMANDS.map((row) => row.name), HELP]);
  throw new UsageError(`unknown command "${name}"${near === undefined ? "" : `: did you mean ${near}?`}`);
}

function checkOperands({ name, operands, minOperands, maxOperands }: Command, given: readonly string[]): void {
  if (given.length < minOperands) throw new UsageError(`${name} needs ${operands}`);
  const superfluous = given[maxOperands];
  if (superfluous === undefined) return;
  throw new UsageError(
    `unexpected argument "${superfluous}": ${name} takes ${operands === "" ? "flags only" : operands}`,
  );
}

/** Red where a person looks and has not asked for no colour (no-color.org). */
function prefix({ stderr, env }: Terminal): string {
  const { NO_COLOR } = env;
  return stderr.isTTY && !NO_COLOR ? styleText("red", "ipmp-exporter:") : "ipmp-exporter:";
}

/**
 * `ipmp-exporter kstat | head -1`: the reader has what it wanted. A command whose 0 is an answer does not say it then. A disk that is full is another matter. What standard error does not
 * take is lost; the exit status is left to tell.
 */
function endWhenNobodyReads({ stdout, stderr }: Terminal, unanswered: number | undefined): void {
  stderr.on("error", () => {});
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(unanswered ?? 0);
    print(stderr, [`ipmp-exporter: cannot write to standard output: ${error.message}`]);
    process.exit(unanswered ?? 1);
  });
}
