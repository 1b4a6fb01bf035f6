/**
 * Runs in the virtual machine: starts the program, plays every scenario with it, and reports each step as a line of JSON. Steps
 * of a scenario build on each other; between scenarios every link is deleted.
 */

import { spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { appendFileSync, writeFileSync } from "node:fs";
import { release, uptime } from "node:os";
import { join } from "node:path";
import { AS_NOBODY } from "../support/netns.ts";
import type { Program } from "../support/program.ts";
import { root } from "../support/root.ts";
import { CONFINED } from "./confinement.ts";
import { INSTALLED } from "./image.ts";
import { type Counters, kernelCounters, kernelSays, kernelSpeeds, kernelStack } from "./kernel-view.ts";
import { REPORT_DEVICE } from "./machine.ts";
import {
  eventSays,
  eventsAfter,
  type GroupView,
  groupsOf,
  leftOf,
  programSays,
  programSaysOfFate,
  SNMP_PORT,
  walkColumn,
} from "./program-view.ts";
import { type Outcome, type Scenario, type Step, shell } from "./scenario.ts";
import { scenariosNamed } from "./scenarios.ts";
import { ToldStates } from "./told-states.ts";
import { ask, cleanUp, makeFarEnd, perform, start } from "./world.ts";

/** How long the kernel may take to come to a state, where the longest clock is that of LACP at its slow rate, and then the program. */
const KERNEL_LIMIT_MS = 180_000;
const PROGRAM_LIMIT_MS = 60_000;

const IF_HIGH_SPEED = "1.3.6.1.2.1.31.1.1.1.15";
const IF_STACK_STATUS = "1.3.6.1.2.1.31.1.2.1.3";
const DOT3AD_AGG_PORT_SELECTED = "1.2.840.10006.300.43.1.2.1.1.12";

/** Where traffic goes: the address of the other end in every scenario that has one. */
const OTHER_END = "10.9.0.2";
const PACKETS = 20;

/** Packets out of whatever leads to the other end. The other end answers each with an ICMP error, where it gets them. */
async function sendTraffic(): Promise<void> {
  const socket = createSocket("udp4");
  socket.on("error", () => {}); // no route, no answer: what is compared is what was counted
  for (let n = 0; n < PACKETS; n++) {
    await new Promise((resolve) => socket.send(Buffer.alloc(200), 9, OTHER_END, resolve));
  }
  socket.close();
}

/** The program twice: with root's capabilities, and as nobody without any. */
interface Programs {
  readonly asRoot: Program;
  readonly asNobody: Program;
}

async function play(
  { asRoot, asNobody }: Programs,
  step: Step,
  scenario: Scenario,
  lastEvent: number,
  told: ToldStates,
): Promise<[Outcome, number]> {
  const began = performance.now();
  const faults: string[] = [];
  const foretold = step.foretold && leftOf(await groupsOf(asRoot, step.foretold));
  try {
    for (const command of step.run) perform(command);
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
  }
  // After a command that failed nothing comes to be as it should.
  const kernel = await ask(kernelSays, (said) => said === step.kernel, faults.length === 0 ? KERNEL_LIMIT_MS : 0);
  const due = { program: step.program, fate: step.fate };
  const dueAsNobody = { program: step.asNobody ?? step.program, fate: step.fateAsNobody ?? step.fate };
  const patience = kernel === step.kernel ? PROGRAM_LIMIT_MS : 0;
  const groups = await askProgram(asRoot, due, patience);
  if (foretold !== undefined && foretold !== leftOf(groups))
    faults.push(`without ${step.foretold?.join(" and ")}, it said, "${foretold}"; what is left is "${leftOf(groups)}"`);
  const groupsOfNobody = await askProgram(asNobody, dueAsNobody, patience);
  await sendTraffic();
  faults.push(...(await compareCounters(asRoot)), ...(await compareTables(groups)), ...(await compareSpeeds()));
  const { log } = step;
  if (log !== undefined && !(await ask(() => isLogged(asRoot, log), Boolean, PROGRAM_LIMIT_MS)))
    faults.push(`no line of the log has "${log}"`);
  const events = await eventsAfter(asRoot, lastEvent);
  faults.push(...told.compare(events.events, groups));
  const outcome = {
    scenario: scenario.name,
    step: step.name,
    kernel,
    program: programSays(groups),
    asNobody: programSays(groupsOfNobody),
    ...(step.fate === undefined
      ? {}
      : { fate: programSaysOfFate(groups), fateAsNobody: programSaysOfFate(groupsOfNobody) }),
    events: events.events.map(eventSays),
    speeds: Array.from(kernelSpeeds().values(), ({ device, megabits }) => `${device} ${megabits}`).join(", "),
    faults,
    seconds: (performance.now() - began) / 1000,
  };
  return [outcome, events.last];
}

/** The program's groups once it says what is due, of what they have in common too, or when it has had long enough. */
function askProgram(
  program: Program,
  due: { readonly program: string; readonly fate?: string | undefined },
  limitMs = PROGRAM_LIMIT_MS,
): Promise<readonly GroupView[]> {
  return ask(
    () => groupsOf(program),
    (groups) =>
      programSays(groups) === due.program && (due.fate === undefined || programSaysOfFate(groups) === due.fate),
    limitMs,
  );
}

function isLogged(program: Program, words: string): boolean {
  return program.log.some((line) => line.includes(words));
}

/** A bond's own counters beside those of its group: to the byte, as the program has seen the whole life of both. */
function compareCounters(program: Program): Promise<string[]> {
  const differences = async () => {
    const groups = new Map((await groupsOf(program)).map((group) => [group.name, group]));
    return [...kernelCounters()].flatMap(([name, kernel]) => {
      const ours = groups.get(name)?.kstats;
      const statistics = Object.keys(kernel) as (keyof Counters)[];
      return statistics.flatMap((statistic) =>
        ours?.[statistic] === kernel[statistic]
          ? []
          : [`${name} ${statistic}: the kernel counts ${kernel[statistic]}, the program ${ours?.[statistic]}`],
      );
    });
  };
  return ask(differences, (found) => found.length === 0, PROGRAM_LIMIT_MS);
}

/** ifStackTable and IEEE8023-LAG-MIB beside the kernel's own list of slaves. */
async function compareTables(groups: readonly GroupView[]): Promise<string[]> {
  const expected = kernelStack();
  const stack = await walkColumn(IF_STACK_STATUS);
  const ports = await walkColumn(DOT3AD_AGG_PORT_SELECTED);
  const stackFaults = expected.filter((row) => !stack.has(row)).map((row) => `ifStackStatus.${row} is missing`);
  const aggregated = expected.map((row) => row.slice(row.indexOf(".") + 1)).sort();
  const shown = [...ports.keys()].sort();
  const portFault = `dot3adAggPortTable has ports ${shown.join(" ")}, the kernel ${aggregated.join(" ")}`;
  const strangers = groups.flatMap(({ ifindex, members }) => members.map((member) => `${ifindex}.${member.ifindex}`));
  const groupFaults = strangers.filter((row) => !stack.has(row)).map((row) => `ifStackStatus.${row} is missing`);
  return [...stackFaults, ...groupFaults, ...(shown.join() === aggregated.join() ? [] : [portFault])];
}

/** ifHighSpeed beside the kernel's own word, for each bond and slave whose speed the kernel knows. */
function compareSpeeds(): Promise<string[]> {
  const differences = async () => {
    const shown = await walkColumn(IF_HIGH_SPEED);
    return [...kernelSpeeds()].flatMap(([ifindex, { device, megabits }]) => {
      const value = Number(`0x0${Buffer.from(shown.get(`${ifindex}`)?.content ?? []).toString("hex")}`);
      return value === megabits ? [] : [`ifHighSpeed of ${device} is ${value}, the kernel says ${megabits}`];
    });
  };
  return ask(differences, (found) => found.length === 0, PROGRAM_LIMIT_MS);
}

/** The other end, and what a scenario finds there. */
function prepare(scenario: Scenario | undefined): void {
  makeFarEnd();
  for (const command of scenario?.before ?? []) perform(command);
}

async function main(): Promise<void> {
  console.log(`Linux ${release()}`);
  writeFileSync("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1"); // no packets of the kernel's own
  const wanted = process.argv[2] ?? "";
  const scenarios = scenariosNamed(wanted);
  if (scenarios.length > 0) await playAll(scenarios);
  if (new RegExp(wanted).test(CONFINED)) liveConfined();
  console.log("seconds since boot", uptime());
}

/** As a package is installed: the program below /usr/lib, its profile in the kernel. */
function liveConfined(): void {
  perform(shell("mount -t securityfs securityfs /sys/kernel/security", `mount --bind ${root()} ${INSTALLED}`));
  perform(shell("sysctl -qw kernel.printk_ratelimit=0")); // each refusal has its line
  perform(shell("apparmor_parser --replace /etc/apparmor.d/ipmp-exporter"));
  const script = join(INSTALLED, ".test-build", "test", "vm", "confined.js");
  spawnSync(process.execPath, [script], { cwd: INSTALLED, stdio: "inherit" });
}

async function playAll(scenarios: readonly Scenario[]): Promise<void> {
  prepare(scenarios[0]);
  // One after the other: there is one processor, and its caches are the emulator's.
  const asRoot = await start({ args: [`--snmp.listen-address=udp:127.0.0.1:${SNMP_PORT}`] });
  const asNobody = await start({ through: AS_NOBODY });
  const programs = { asRoot, asNobody };
  const told = new ToldStates();
  let lastEvent = 0;
  for (const [position, scenario] of scenarios.entries()) {
    if (position > 0) {
      cleanUp();
      for (const program of [asRoot, asNobody]) await askProgram(program, { program: "" });
      const between = await eventsAfter(asRoot, lastEvent);
      told.compare(between.events, []);
      lastEvent = between.last;
      prepare(scenario);
    }
    for (const step of scenario.steps) {
      const [outcome, last] = await play(programs, step, scenario, lastEvent, told);
      lastEvent = last;
      appendFileSync(REPORT_DEVICE, `${JSON.stringify(outcome)}\n`);
    }
  }
  for (const program of [asRoot, asNobody]) await program.stop();
  cleanUp();
  console.log([...asRoot.log, ...asNobody.log].join("\n"));
}

await main();
process.exit();
