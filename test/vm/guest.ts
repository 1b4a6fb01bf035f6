/**
 * Runs in the virtual machine: starts the program, plays every scenario with it, and reports each step as a line of JSON. Steps
 * of a scenario build on each other; between scenarios every link is deleted.
 */

import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { appendFileSync, writeFileSync } from "node:fs";
import { release } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { Program } from "../support/program.ts";
import { type Counters, kernelCounters, kernelSays, kernelStack } from "./kernel-view.ts";
import { REPORT_DEVICE } from "./machine.ts";
import { eventsAfter, type GroupView, groupsOf, programSays, SNMP_PORT, walkColumn } from "./program-view.ts";
import { type Command, FAR, type Outcome, type Scenario, type Step } from "./scenario.ts";
import { SCENARIOS } from "./scenarios.ts";

/** How long the kernel may take to come to a state, and then the program. A bond's longest clock (LACP, slow) is not used. */
const KERNEL_LIMIT_MS = 20_000;
const PROGRAM_LIMIT_MS = 10_000;
const START_LIMIT_MS = 60_000;
const POLL_MS = 50;

const IF_STACK_STATUS = "1.3.6.1.2.1.31.1.2.1.3";
const DOT3AD_AGG_PORT_SELECTED = "1.2.840.10006.300.43.1.2.1.1.12";

/** Where traffic goes: the address of the other end in every scenario that has one. */
const OTHER_END = "10.9.0.2";
const PACKETS = 20;

/** Asks until the answer is the wanted one, or the time is over. @returns the last answer */
async function ask<T>(question: () => T | Promise<T>, isWanted: (answer: T) => boolean, limitMs: number): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const answer = await question();
    if (isWanted(answer) || performance.now() > end) return answer;
    await sleep(POLL_MS);
  }
}

function perform({ where, lines }: Command): void {
  const input = lines.join("\n");
  if (where === "shell") execFileSync("sh", ["-e"], { input });
  else execFileSync("ip", [...(where === "far" ? ["-n", FAR] : []), "-batch", "-"], { input });
}

/** Packets out of whatever leads to the other end. The other end answers each with an ICMP error, where it gets them. */
async function sendTraffic(): Promise<void> {
  const socket = createSocket("udp4");
  socket.on("error", () => {}); // no route, no answer: what is compared is what was counted
  for (let n = 0; n < PACKETS; n++) {
    await new Promise((resolve) => socket.send(Buffer.alloc(200), 9, OTHER_END, resolve));
  }
  socket.close();
}

async function play(program: Program, step: Step, scenario: Scenario, lastEvent: number): Promise<[Outcome, number]> {
  const began = performance.now();
  const faults: string[] = [];
  try {
    for (const command of step.run) perform(command);
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
  }
  const kernel = await ask(kernelSays, (said) => said === step.kernel, KERNEL_LIMIT_MS);
  const groups = await ask(
    () => groupsOf(program),
    (said) => programSays(said) === step.program,
    PROGRAM_LIMIT_MS,
  );
  await sendTraffic();
  faults.push(...(await compareCounters(program)), ...(await compareTables(groups)));
  const events = await eventsAfter(program, lastEvent);
  const outcome = {
    scenario: scenario.name,
    step: step.name,
    kernel,
    program: programSays(groups),
    events: events.said,
  };
  return [{ ...outcome, faults, seconds: (performance.now() - began) / 1000 }, events.last];
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

/** Deletes every link but lo, and with the other ends those of the other namespace. */
function cleanUp(): void {
  const links = execFileSync("ip", ["-o", "link", "show"], { encoding: "utf8" }).matchAll(/^\d+: ([^:@]+)/gm);
  const names = [...links].map(([, name]) => name).filter((name) => name !== "lo");
  // A cable's end goes with the other one, and may be gone already.
  execFileSync("ip", ["-force", "-batch", "-"], {
    input: names.map((name) => `link delete ${name}`).join("\n"),
    stdio: ["pipe", "ignore", "ignore"],
  });
  execFileSync("ip", ["netns", "delete", FAR], { stdio: "ignore" });
}

function makeFar(): void {
  execFileSync("ip", ["netns", "add", FAR]);
  // No packets of the kernel's own, and an answer to each of ours.
  const settings = "cd /proc/sys/net && echo 1 >ipv6/conf/default/disable_ipv6 && echo 0 >ipv4/icmp_ratelimit";
  execFileSync("ip", ["netns", "exec", FAR, "sh", "-c", settings]);
}

async function main(): Promise<void> {
  console.log(`Linux ${release()}`);
  writeFileSync("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1"); // no packets of the kernel's own
  const hooks = { after: () => {} }; // the machine ends with the script
  const program = Program.launch(hooks, { args: [`--snmp.listen-address=udp:127.0.0.1:${SNMP_PORT}`] });
  const isReady = await ask(
    async () => (await program.get("/-/ready").catch(() => undefined))?.status === 200,
    (ready) => ready,
    START_LIMIT_MS,
  );
  if (!isReady) throw new Error(`The program is not ready:\n${program.log.join("\n")}`);
  let lastEvent = 0;
  for (const scenario of SCENARIOS) {
    makeFar();
    for (const step of scenario.steps) {
      const [outcome, last] = await play(program, step, scenario, lastEvent);
      lastEvent = last;
      appendFileSync(REPORT_DEVICE, `${JSON.stringify(outcome)}\n`);
    }
    cleanUp();
    await ask(
      () => groupsOf(program),
      (groups) => groups.length === 0,
      PROGRAM_LIMIT_MS,
    );
  }
  console.log(program.log.join("\n"));
}

await main();
process.exit();
