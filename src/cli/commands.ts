/** All subcommands as they are called and explained; what they do is in implementations.ts. */

import { CONFIGURATION_FLAGS } from "../config/flags.ts";
import type { Option } from "./arguments.ts";
import type { Command } from "./command.ts";

const CONFIG_FILE: Option = {
  name: "config.file",
  kind: "text",
  value: "FILE",
  help: "Configuration (YAML); none is needed.",
};

/** For the commands that talk to a running daemon. */
const CLIENT_OPTIONS: readonly Option[] = [
  {
    name: "control.socket",
    kind: "text",
    value: "PATH",
    help: "Control socket of the daemon (default: where it is by default).",
  },
];

export const SHELLS = ["bash", "zsh", "fish"] as const;

export const COMMANDS: readonly Command[] = [
  {
    name: "serve",
    summary: "the daemon (also without any command)",
    operands: "",
    minOperands: 0,
    maxOperands: 0,
    options: [
      CONFIG_FILE,
      { name: "config.check", kind: "boolean", help: "Validate the configuration and exit." },
      ...CONFIGURATION_FLAGS,
    ],
  },
  {
    name: "check-config",
    summary: "validate a configuration file",
    operands: "FILE",
    minOperands: 1,
    maxOperands: 1,
    complete: "file",
    options: [],
  },
  {
    name: "ipmpstat",
    summary: "groups and interfaces of the running daemon, as illumos prints them",
    operands: "",
    minOperands: 0,
    maxOperands: 0,
    options: [
      { name: "g", kind: "boolean", help: "Groups." },
      { name: "i", kind: "boolean", help: "Interfaces." },
      { name: "a", kind: "boolean", help: "Data addresses." },
      { name: "t", kind: "boolean", help: "Probe targets." },
      { name: "p", kind: "boolean", help: "Probes, as they happen." },
      { name: "n", kind: "boolean", help: "Addresses in numbers, without looking up names." },
      { name: "P", kind: "boolean", help: "Parsable: fields of -o joined by colons, no header." },
      { name: "o", kind: "text", value: "FIELD,…", help: "Fields to print, or all." },
      ...CLIENT_OPTIONS,
    ],
  },
  {
    name: "kstat",
    summary: "kernel statistics of the running daemon, as illumos prints them",
    operands: "[MODULE:INSTANCE:NAME:STATISTIC…] [INTERVAL [COUNT]]",
    minOperands: 0,
    maxOperands: Number.POSITIVE_INFINITY,
    options: [
      { name: "p", kind: "boolean", help: "Parsable: module:instance:name:statistic, a tab, the value." },
      { name: "C", kind: "boolean", help: "As -p, with a colon for the tab." },
      { name: "j", kind: "boolean", help: "JSON." },
      { name: "l", kind: "boolean", help: "Names only." },
      { name: "q", kind: "boolean", help: "Print nothing; the exit status tells whether anything matched." },
      {
        name: "T",
        kind: "text",
        value: "u|d",
        choices: ["u", "d"],
        help: "Time before each report: seconds, or a date.",
      },
      { name: "m", kind: "text", value: "MODULE", help: "Module: a shell pattern, or /regular expression/." },
      { name: "i", kind: "text", value: "INSTANCE", help: "Instance." },
      { name: "n", kind: "text", value: "NAME", help: "Name." },
      { name: "s", kind: "text", value: "STATISTIC", help: "Statistic." },
      { name: "c", kind: "text", value: "CLASS", help: "Class." },
      ...CLIENT_OPTIONS,
    ],
  },
  {
    name: "offline",
    summary: "take an interface out of use (if_mpadm -d)",
    operands: "DEVICE",
    minOperands: 1,
    maxOperands: 1,
    options: CLIENT_OPTIONS,
  },
  {
    name: "online",
    summary: "put an interface back into use (if_mpadm -r)",
    operands: "DEVICE",
    minOperands: 1,
    maxOperands: 1,
    options: CLIENT_OPTIONS,
  },
  {
    name: "replay",
    summary: "drive the engine with a trace on standard input",
    operands: "",
    minOperands: 0,
    maxOperands: 0,
    options: [{ name: "e", kind: "boolean", help: "Effects only: leave out the queries." }],
  },
  {
    name: "completion",
    summary: "print a shell's completion script",
    operands: SHELLS.join("|"),
    minOperands: 1,
    maxOperands: 1,
    complete: SHELLS,
    options: [],
  },
  {
    name: "version",
    summary: "version, revision, Node version",
    operands: "",
    minOperands: 0,
    maxOperands: 0,
    options: [],
  },
];

/** Not in the table because it needs the table. */
export const HELP = "help";
