/** The manual page, in man(7) macros: commands, flags and keys from the program's tables, the rest written here. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dashed } from "#src/cli/arguments.js";
import { COMMANDS } from "#src/cli/commands.js";
import { helpOf } from "#src/cli/option-help.js";
import { ROOT } from "../build.js";
import { flow, keys } from "./configuration.js";

const PROGRAM = "ipmp-exporter";

/** Text that roff leaves as it is. @param {string} text */
const plain = (text) =>
  text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("…", "\\&...")
    .replaceAll("→", "\\(->")
    .replaceAll("°", "\\(de")
    .replaceAll(/^([.'])/gm, "\\&$1");

const LINE = 78;

/** A paragraph in short lines, as roff sources are; what stands between backticks is bold. @param {string} words */
function text(words) {
  /** @type {string[]} */
  const lines = [];
  for (const word of words.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && plain(`${last} ${word}`).length <= LINE) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return plain(lines.join("\n")).replaceAll(/`([^`]+)`/g, "\\fB$1\\fR");
}

/** A macro's argument, spaces and all. @param {string} text */
const argument = (text) => `"${plain(text).replaceAll('"', "\\(dq")}"`;

/** @param {string} title @param {readonly string[]} body */
const section = (title, ...body) => [`.SH ${title}`, ...body];

/** @param {string} tag @param {string} meaning */
const item = (tag, meaning) => [".TP", `.B ${argument(tag)}`, text(meaning)];

/** @param {string} tag @param {string} value @param {string} meaning */
const flag = (tag, value, meaning) => [
  ".TP",
  value === "" ? `.B ${argument(tag)}` : `.BI ${argument(`${tag} `)} ${argument(value)}`,
  text(meaning),
];

/** @typedef {typeof COMMANDS[number]} Command */

/** @param {Command} command */
const subsection = ({ name, operands, summary, options, examples }) => [
  `.SS ${argument(`${name} ${options.length > 0 ? "[flags] " : ""}${operands}`.trim())}`,
  text(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`),
  ...options.flatMap((option) => flag(dashed(option.name), option.value ?? "", helpOf(option))),
  ".PP",
  "Examples:",
  ...examples.flatMap(([line, purpose]) => example(purpose, `${PROGRAM} ${line}`)),
];

/** @param {ReturnType<typeof keys>[number]} key */
function keyItem({ name, expected, inside, standard, origin, required, meaning }) {
  const value = inside ? "" : ` Value: ${expected}.`;
  const without = standard === undefined ? origin : flow(standard);
  const standing = required ? " Required." : without === undefined ? "" : ` Default: ${without}.`;
  return item(name, `${meaning}${value}${standing}`);
}

/** @param {string} purpose @param {readonly string[]} commands */
const example = (purpose, ...commands) => [".TP", plain(purpose), ".nf", ...commands.map(plain), ".fi"];

export function manual() {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const lines = [
    `.\\" Made by "npm run references" from the program's own tables; changes here are lost.`,
    `.TH IPMP\\-EXPORTER 1 "" "${PROGRAM} ${version}" "User Commands"`,
    ...section(
      "NAME",
      `${plain(PROGRAM)} \\- counters of redundant links that survive join, leave,`,
      "failover and restart",
    ),
    ...section(
      "SYNOPSIS",
      ".nf",
      ...COMMANDS.map(({ name, operands, options }) => {
        const command = name === "serve" ? "[serve]" : name;
        return `.B ${plain(PROGRAM)} ${plain(`${command}${options.length > 0 ? " [flags]" : ""} ${operands}`.trim())}`;
      }),
      ".fi",
    ),
    ...section(
      "DESCRIPTION",
      text(
        "The program treats sets of network links as IP multipathing (IPMP) groups, with the arithmetic of the illumos kernel: a baseline for each group, a snapshot for each member. What a group has carried survives every join, leave, failover, unplug and restart. It serves counters and states to Prometheus, to SNMP managers, as JSON and as a page.",
      ),
      ".PP",
      text(
        "No configuration is needed. Without one, bonds, teams and the next hops of a multipath default route are groups; where there are none, the links that carry a default route are the group default. No privilege is needed on Linux.",
      ),
    ),
    ...section("COMMANDS", ...COMMANDS.flatMap(subsection)),
    ...section(
      "CONFIGURATION",
      text(
        "The configuration is a YAML file. An unknown key is an error; check-config says what is wrong and where. A flag wins over its key. [] stands for each item of a list. A key may be left out, or stand there without a value, which means the same.",
      ),
      ...keys().flatMap(keyItem),
    ),
    ...section(
      "SIGNALS",
      ...item(
        "SIGHUP",
        "The daemon reads the configuration again. A file that is wrong changes nothing, and the log says why. Groups, discovery, detection and shared fate change at once; everything else changes at the next start.",
      ),
      ...item("SIGTERM, SIGINT", "The daemon saves the counters and ends."),
    ),
    ...section(
      "EXIT STATUS",
      ...item("0", "The command succeeded."),
      ...item(
        "1",
        "The command failed. A line on standard error, of check-config one for each mistake, says what is wrong, where, and what would be right. Of kstat: nothing matched, of which it says nothing.",
      ),
      ...item("2", "The command line was wrong."),
      ...item(
        "0, 1, 2, 3 of status",
        "All groups that it shows are ok; one is degraded; one has failed; it is not known, also because the command line was wrong.",
      ),
    ),
    ...section(
      "ENVIRONMENT",
      ...item(
        "STATE_DIRECTORY, XDG_STATE_HOME",
        "The state directory is $STATE_DIRECTORY, which systemd sets; else $XDG_STATE_HOME/ipmp-exporter; else ~/.local/state/ipmp-exporter.",
      ),
      ...item(
        "RUNTIME_DIRECTORY, XDG_RUNTIME_DIR",
        "The control socket is $RUNTIME_DIRECTORY/control.sock; else $XDG_RUNTIME_DIR/ipmp-exporter.sock; else control.sock in the state directory.",
      ),
      ...item("NO_COLOR", "Turns colours in messages off."),
    ),
    ...section(
      "FILES",
      ...item(
        "/var/lib/ipmp-exporter/state.json",
        "The state file of a daemon that systemd starts. state.json.previous and state.json.readings beside it belong to it; counters go on from them. state.json.events has the last events, state.json.traffic what the page's plots are drawn from.",
      ),
      ...item(
        "/run/ipmp-exporter/control.sock",
        "The control socket of such a daemon. Commands try it after the default places of their own user.",
      ),
    ),
    ...section(
      "EXAMPLES",
      ...example("Show the state of each group:", `${PROGRAM} ipmpstat -g`),
      ...example("Print the kernel statistics of a group:", `${PROGRAM} kstat -p ipmp:0:uplink`),
      ...example(
        "Check a file, then have the daemon read it:",
        `${PROGRAM} check-config /etc/ipmp-exporter/config.yml`,
        "systemctl reload ipmp-exporter",
      ),
      ...example(
        "Take a link out of use for maintenance, and put it back:",
        `${PROGRAM} offline eth0`,
        `${PROGRAM} online eth0`,
      ),
    ),
    ...section(
      "SEE ALSO",
      ".BR ip (8),",
      ".BR promtool (1),",
      ".BR snmpd (8),",
      plain("and on illumos"),
      ".BR ipmpstat (8),",
      ".BR kstat (8),",
      ".BR if_mpadm (8),",
      ".BR in.mpathd (8).",
    ),
  ];
  return `${lines.join("\n")}\n`;
}
