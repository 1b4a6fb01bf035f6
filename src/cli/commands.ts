/** All subcommands as they are called and explained; what they do is in implementations.ts. */

import { CONFIGURATION_FLAGS } from "../config/flags.ts";
import { LIVE_NAMES, type Option } from "./arguments.ts";
import { type Command, NOT_KNOWN } from "./command.ts";

const CONFIG_FILE: Option = {
  name: "config.file",
  kind: "text",
  value: "FILE",
  help: "Configuration file (YAML). The program runs without one, too.",
};

/** For the commands that talk to a running daemon. */
const CLIENT_OPTIONS: readonly Option[] = [
  {
    name: "control.socket",
    kind: "text",
    value: "PATH",
    help: "Control socket of the daemon (default: control.sock in RUNTIME_DIRECTORY, else ipmp-exporter.sock in XDG_RUNTIME_DIR, else control.sock in the state directory; then /run/ipmp-exporter/control.sock).",
  },
];

export const SHELLS = ["bash", "zsh", "fish"] as const;

export const COMMANDS: readonly Command[] = [
  {
    name: "serve",
    summary: "run the daemon; the program does so without a command, too",
    operands: "",
    minOperands: 0,
    maxOperands: 0,
    options: [
      CONFIG_FILE,
      { name: "config.check", kind: "boolean", help: "Check the configuration and exit." },
      ...CONFIGURATION_FLAGS,
    ],
    examples: [
      ["serve", "watch what is found, without a configuration"],
      ["serve --config.file=/etc/ipmp-exporter/config.yml", "with one"],
      ["serve --web.listen-address=127.0.0.1:10191 --snmp.listen-address=none", "for this host only, without SNMP"],
    ],
  },
  {
    name: "check-config",
    summary: "check configuration files and what they refer to; - is standard input",
    operands: "FILE…",
    minOperands: 1,
    maxOperands: Number.POSITIVE_INFINITY,
    complete: "file",
    options: [
      {
        name: "live",
        kind: "boolean",
        help: "Show the groups that the daemon would form on this host now, and how it would probe each member. Nothing is sent.",
      },
    ],
    examples: [
      ["check-config /etc/ipmp-exporter/config.yml", "is it right, and what it refers to?"],
      ["check-config hosts/*.yml", "a fleet's, before they are rolled out"],
      ["check-config - <config.yml", "what another program has made"],
      ["check-config --live /etc/ipmp-exporter/config.yml", "and what would come of it on this host?"],
    ],
  },
  {
    name: "status",
    summary:
      "say how the groups of the running daemon are, the worst first; exits 0 ok, 1 degraded, 2 failed, 3 not known",
    operands: "[GROUP]",
    minOperands: 0,
    maxOperands: 1,
    complete: { live: "group" },
    unanswered: NOT_KNOWN,
    options: [
      { name: "o", kind: "text", value: "FORMAT", choices: ["text", "json"], help: "Print text for people, or JSON." },
      {
        name: "without",
        kind: "list",
        value: "THING",
        live: "thing",
        help: "Say how the groups would be if this failed: a link (eth1), or KIND=NAME (card=0000:3b:00, switch=MAC); may be repeated. Nothing is touched.",
      },
      ...CLIENT_OPTIONS,
    ],
    examples: [
      ["status", "all groups, the worst first"],
      ["status wan", "one of them"],
      ["status --without eth0", "how would they be if eth0 failed?"],
      ["status -o json", "for a script"],
    ],
  },
  {
    name: "top",
    summary: "show the groups of the running daemon live, the worst first; ? tells the keys",
    operands: "",
    minOperands: 0,
    maxOperands: 0,
    options: CLIENT_OPTIONS,
    examples: [["top", "watch all groups; q leaves"]],
  },
  {
    name: "ipmpstat",
    summary: "show groups and interfaces of the running daemon, in illumos's format",
    operands: "",
    minOperands: 0,
    maxOperands: 0,
    options: [
      { name: "g", kind: "boolean", help: "Show groups." },
      { name: "i", kind: "boolean", help: "Show interfaces." },
      { name: "a", kind: "boolean", help: "Show data addresses." },
      { name: "t", kind: "boolean", help: "Show probe targets." },
      { name: "p", kind: "boolean", help: "Show probes as they happen." },
      {
        name: "since",
        kind: "text",
        value: "DURATION",
        help: "With -p: begin with the probes of so long ago, of which the daemon keeps the last 4,096.",
      },
      { name: "n", kind: "boolean", help: "Print addresses as numbers, without looking up names." },
      {
        name: "P",
        kind: "boolean",
        help: "Print in parsable form: the fields of -o, joined by colons, without a header.",
      },
      { name: "o", kind: "text", value: "FIELD,…", live: "field", help: "Print these fields, or all." },
      ...CLIENT_OPTIONS,
    ],
    examples: [
      ["ipmpstat -g", "the groups"],
      ["ipmpstat -i", "their interfaces"],
      ["ipmpstat -an", "data addresses, as numbers"],
      ["ipmpstat -P -o GROUP,STATE -g", "two fields for a script"],
      ["ipmpstat -pn --since=10m", "probes of the last ten minutes, and those to come"],
    ],
  },
  {
    name: "kstat",
    summary: "show kernel statistics of the running daemon, in illumos's format",
    operands: "[MODULE:INSTANCE:NAME:STATISTIC…] [INTERVAL [COUNT]]",
    minOperands: 0,
    maxOperands: Number.POSITIVE_INFINITY,
    complete: { live: "kstat" },
    options: [
      { name: "p", kind: "boolean", help: "Print in parsable form: module:instance:name:statistic, a tab, the value." },
      { name: "C", kind: "boolean", help: "Print as -p does, with a colon instead of the tab." },
      { name: "j", kind: "boolean", help: "Print JSON." },
      { name: "l", kind: "boolean", help: "Print names only." },
      { name: "q", kind: "boolean", help: "Print nothing; the exit status says whether anything matched." },
      {
        name: "T",
        kind: "text",
        value: "u|d",
        choices: ["u", "d"],
        help: "Print the time before each report: u in seconds, d as a date.",
      },
      {
        name: "m",
        kind: "text",
        value: "MODULE",
        live: "kstat-module",
        help: "Show this module only: a shell pattern, or /regular expression/.",
      },
      { name: "i", kind: "text", value: "INSTANCE", live: "kstat-instance", help: "Show this instance only." },
      { name: "n", kind: "text", value: "NAME", live: "kstat-name", help: "Show this name only." },
      { name: "s", kind: "text", value: "STATISTIC", live: "kstat-statistic", help: "Show this statistic only." },
      { name: "c", kind: "text", value: "CLASS", live: "kstat-class", help: "Show this class only." },
      ...CLIENT_OPTIONS,
    ],
    examples: [
      ["kstat -p ipmp:::rbytes64", "bytes received by each group"],
      ["kstat -p 'link:0:eth*:*bytes64' 1 10", "bytes of links, every second, ten times"],
      ["kstat -l", "all names"],
    ],
  },
  {
    name: "offline",
    summary: "take an interface out of use, as if_mpadm -d does",
    operands: "DEVICE",
    minOperands: 1,
    maxOperands: 1,
    complete: { live: "member-in-use" },
    options: CLIENT_OPTIONS,
    examples: [["offline eth0", "before its cable is pulled"]],
  },
  {
    name: "online",
    summary: "put an interface back into use, as if_mpadm -r does",
    operands: "DEVICE",
    minOperands: 1,
    maxOperands: 1,
    complete: { live: "member-offline" },
    options: CLIENT_OPTIONS,
    examples: [["online eth0", "when it is back"]],
  },
  {
    name: "replay",
    summary: "run the engine, or the probe machine, on a trace from standard input",
    operands: "",
    minOperands: 0,
    maxOperands: 0,
    options: [
      { name: "e", kind: "boolean", help: "Print effects only, without the answers to queries." },
      { name: "probes", kind: "boolean", help: "Read a trace of probes, and run the probe machine on it." },
    ],
    examples: [["replay <trace.txt", "what the engine does with that trace"]],
  },
  {
    name: "completion",
    summary: "print a completion script for a shell",
    operands: SHELLS.join("|"),
    minOperands: 1,
    maxOperands: Number.POSITIVE_INFINITY,
    complete: SHELLS,
    options: [
      {
        name: "names",
        kind: "text",
        value: "KIND",
        choices: LIVE_NAMES,
        help: "For the scripts: print what the last of the words after -- could be, as the running daemon knows it. Nothing when it does not answer.",
      },
    ],
    examples: [["completion bash >/usr/share/bash-completion/completions/ipmp-exporter", "for everybody on this host"]],
  },
  {
    name: "version",
    summary: "print the version, the revision and Node's version",
    operands: "",
    minOperands: 0,
    maxOperands: 0,
    options: [],
    examples: [["version", "for a report of a fault"]],
  },
];

/** Not in the table because it needs the table. */
export const HELP = "help";
