/** `ipmp-exporter completion bash|zsh|fish`: scripts made from the table of commands, for the shell to read. */

import { dashed, type LiveName, type Option } from "./arguments.ts";
import { type Command, print, type Run, UsageError } from "./command.ts";
import { COMMANDS, HELP, SHELLS } from "./commands.ts";
import { helpOf } from "./option-help.ts";

const PROGRAM = "ipmp-exporter";

type Shell = (typeof SHELLS)[number];

export const run: Run = async (given, terminal) => {
  if (given.text("names") !== undefined) return (await import("./live-names.ts")).run(given, terminal);
  const [name, superfluous] = given.operands;
  if (superfluous !== undefined) {
    throw new UsageError(`unexpected argument "${superfluous}": completion takes ${SHELLS.join("|")}`);
  }
  const shell = SHELLS.find((known) => known === name);
  if (shell === undefined) throw new UsageError(`completion: found "${name}": expected one of ${SHELLS.join(", ")}`);
  print(terminal.stdout, completion(shell));
  return 0;
};

/** The lines of the script. */
export function completion(shell: Shell): string[] {
  return SCRIPTS[shell]();
}

const SCRIPTS: Readonly<Record<Shell, () => string[]>> = { bash, zsh, fish };

/** Every command's name, with help. */
const NAMES = [...COMMANDS.map(({ name }) => name), HELP];

/** What a value may be, as the placeholder of the usage says. */
function kindOfValue({ choices, value }: Option): "choice" | "file" | "folder" | "other" {
  if (choices) return "choice";
  if (value === "FILE" || value === "PATH") return "file";
  return value === "DIR" ? "folder" : "other";
}

function flagsOf({ options }: Command): string[] {
  return [...options.map(({ name }) => dashed(name)), "--help"];
}

function bash(): string[] {
  // Letters mean different things to different commands; their values are few and short.
  const valued = new Map(
    COMMANDS.flatMap(({ options }) => options.filter(({ name, kind }) => kind !== "boolean" && name.length > 1)).map(
      (option) => [dashed(option.name), option],
    ),
  );
  const byKind = (wanted: string) => [...valued].filter(([, option]) => kindOfValue(option) === wanted);
  const pattern = (flags: readonly (readonly [string, Option])[]) => flags.map(([flag]) => flag).join("|");
  const lives = COMMANDS.flatMap(({ name: command, options }) =>
    options.flatMap(({ name, live }) =>
      live ? [`    ${command},${dashed(name)}) _ipmp_exporter_names ${live}; return ;;`] : [],
    ),
  );
  return [
    `# bash completion for ${PROGRAM}`,
    "# bash ends a word at a colon and an equals sign. Here, words are what blanks divide: the last is what is typed, and --flag=value is two.",
    "# What the running daemon knows: names of KIND. They come from elsewhere, so they are quoted.",
    "_ipmp_exporter_names() {",
    `  local name past=\${typed%"\${typed##*[:=]}"}`,
    "  compopt +o filenames 2>/dev/null",
    "  while IFS= read -r name; do",
    "    [[ $name == *: ]] && compopt -o nospace 2>/dev/null",
    `    COMPREPLY+=("$(printf %q "\${name#"$past"}")")`,
    `  done < <(${PROGRAM} completion --names="$1" -- "\${words[@]:1}" "$typed" 2>/dev/null)`,
    "}",
    "_ipmp_exporter() {",
    `  local line=\${COMP_LINE:0:COMP_POINT} command=serve previous offered=`,
    `  local typed=\${line##*[[:space:]]}`,
    "  local -a words",
    `  read -ra words <<<"\${line%"$typed"}"`,
    `  previous=\${words[\${#words[@]}-1]}`,
    `  [[ $typed == --*=* ]] && previous=\${typed%%=*} typed=\${typed#*=}`,
    "  COMPREPLY=()",
    `  case \${words[1]} in ${NAMES.join("|")}) command=\${words[1]} ;; esac`,
    "  case $command,$previous in",
    ...lives,
    "  esac",
    "  case $previous in",
    ...byKind("choice").map(
      ([flag, { choices = [] }]) =>
        `    ${flag}) COMPREPLY=($(compgen -W '${choices.join(" ")}' -- "$typed")); return ;;`,
    ),
    `    ${pattern(byKind("file"))}) COMPREPLY=($(compgen -f -- "$typed")); return ;;`,
    `    ${pattern(byKind("folder"))}) COMPREPLY=($(compgen -d -- "$typed")); return ;;`,
    `    ${pattern(byKind("other"))}) return ;;`,
    "  esac",
    "  if [[ $typed == -* ]]; then",
    "    case $command in",
    ...COMMANDS.map((command) => `      ${command.name}) offered='${flagsOf(command).join(" ")}' ;;`),
    "    esac",
    "  elif (( ${#words[@]} == 1 )); then",
    `    offered='${NAMES.join(" ")}'`,
    "  else",
    "    case $command in",
    ...COMMANDS.flatMap(({ name, complete }) => {
      if (complete === undefined) return [];
      if (complete === "file") return [`      ${name}) COMPREPLY=($(compgen -f -- "$typed")); return ;;`];
      if ("live" in complete) return [`      ${name}) _ipmp_exporter_names ${complete.live}; return ;;`];
      return [`      ${name}) offered='${complete.join(" ")}' ;;`];
    }),
    `      ${HELP}) offered='${NAMES.join(" ")}' ;;`,
    "    esac",
    "  fi",
    '  COMPREPLY=($(compgen -W "$offered" -- "$typed"))',
    "}",
    `complete -o filenames -F _ipmp_exporter ${PROGRAM}`,
  ];
}

function zsh(): string[] {
  const action = { choice: "", file: "_files", folder: "_files -/", other: " " };
  const spec = (option: Option) => {
    const { name, kind, value = "", choices = [] } = option;
    const repeat = kind === "list" ? "*" : "";
    // Long flags take `=value` or a word of their own, letters a word.
    const flag = `${dashed(name)}${kind === "boolean" || name.length === 1 ? "" : "="}`;
    const offered = option.live ? zshNames(option.live) : action[kindOfValue(option)];
    const values = choices.length > 0 ? `(${choices.join(" ")})` : offered;
    const argument = kind === "boolean" ? "" : `:${zshText(value)}:${values}`;
    return `'${repeat}${flag}[${zshText(helpOf(option))}]${argument}'`;
  };
  const operand = ({ complete }: Command) => {
    if (complete === undefined) return [];
    if (complete === "file") return ["'*:file:_files'"];
    return ["live" in complete ? `'*:name:${zshNames(complete.live)}'` : `'1:word:(${complete.join(" ")})'`];
  };
  return [
    `#compdef ${PROGRAM}`,
    "# What the running daemon knows: names of KIND.",
    "_ipmp_exporter_names() {",
    "  local -a found suffix",
    `  found=(\${(f)"$(${PROGRAM} completion --names=$1 -- "\${(@)words[1,CURRENT-1]}" "$PREFIX" 2>/dev/null)"})`,
    "  [[ $found[1] == *: ]] && suffix=(-S '')",
    "  compadd $suffix -- $found",
    "}",
    "_ipmp_exporter() {",
    "  local -a commands=(",
    ...COMMANDS.map(({ name, summary }) => `    '${name}:${zshText(summary)}'`),
    `    '${HELP}:print the usage of a command'`,
    "  )",
    "  local command=serve",
    "  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then",
    "    _describe command commands",
    "    return",
    "  fi",
    `  case $words[2] in ${NAMES.join("|")}) command=$words[2]; shift words; (( CURRENT-- )) ;; esac`,
    "  case $command in",
    ...COMMANDS.flatMap((command) => [
      `    ${command.name})`,
      `      _arguments -s ${[...command.options.map(spec), "'(-h --help)'{-h,--help}'[Print this text.]'", ...operand(command)].join(" \\\n        ")} ;;`,
    ]),
    `    ${HELP}) _describe command commands ;;`,
    "  esac",
    "}",
    "# From a folder of fpath it is loaded at the first Tab, which wants its answer; read by source, it makes itself known.",
    `if [[ $funcstack[1] == _${PROGRAM} ]]; then _ipmp_exporter "$@"; else compdef _ipmp_exporter ${PROGRAM}; fi`,
  ];
}

function zshNames(live: LiveName): string {
  return `{_ipmp_exporter_names ${live}}`;
}

/** Inside single quotes, where _arguments gives colons and brackets a meaning. */
function zshText(text: string): string {
  return text.replaceAll("'", "'\\''").replaceAll(/[:[\]]/g, "\\$&");
}

function fish(): string[] {
  const condition = (name: string) =>
    name === "serve"
      ? `not __fish_seen_subcommand_from ${NAMES.filter((other) => other !== "serve").join(" ")}`
      : `__fish_seen_subcommand_from ${name}`;
  const line = (parts: readonly string[]) => [`complete -c ${PROGRAM}`, ...parts].join(" ");
  const flag = (name: string, option: Option) => {
    const { choices = [], live } = option;
    const takes = {
      choice: `-x -a ${fishText(choices.join(" "))}`,
      file: "-r -F",
      folder: "-x -a '(__fish_complete_directories)'",
      other: live ? `-x -a ${fishText(fishNames(live))}` : "-x",
    };
    return line([
      `-n ${fishText(condition(name))}`,
      `${option.name.length === 1 ? "-s" : "-l"} ${option.name}`,
      ...(option.kind === "boolean" ? [] : [takes[kindOfValue(option)]]),
      `-d ${fishText(helpOf(option))}`,
    ]);
  };
  return [
    `# fish completion for ${PROGRAM}`,
    line(["-f"]),
    ...COMMANDS.map(({ name, summary }) => line(["-n __fish_use_subcommand", `-a ${name}`, `-d ${fishText(summary)}`])),
    line(["-n __fish_use_subcommand", `-a ${HELP}`, "-d 'print the usage of a command'"]),
    line(["-s h -l help", "-d 'print the usage'"]),
    ...COMMANDS.flatMap(({ name, options }) => options.map((option) => flag(name, option))),
    ...COMMANDS.flatMap(({ name, complete }) => {
      if (complete === undefined) return [];
      if (complete === "file") return [line([`-n ${fishText(condition(name))}`, "-F"])];
      const words = "live" in complete ? fishNames(complete.live) : complete.join(" ");
      return [line([`-n ${fishText(condition(name))}`, `-a ${fishText(words)}`])];
    }),
  ];
}

/** What the running daemon knows. */
function fishNames(live: LiveName): string {
  return `(${PROGRAM} completion --names=${live} -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)`;
}

function fishText(text: string): string {
  return `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
}
