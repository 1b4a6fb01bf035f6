/** What a script in the virtual machine works with: commands, the other end, the program, and patience. */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Program, type ProgramOptions } from "../support/program.ts";
import { CARD_DRIVER } from "./cards.ts";
import { type Command, FAR } from "./scenario.ts";

const START_LIMIT_MS = 600_000;
/** Pauses between questions, each half as long again as the one before: whoever asks often takes the machine's one processor from who answers. */
const PAUSE_MS = { first: 100, longest: 2000 } as const;

/** Asks until the answer is the wanted one, or the time is over. @returns the last answer */
export async function ask<T>(
  question: () => T | Promise<T>,
  isWanted: (answer: T) => boolean,
  limitMs: number,
): Promise<T> {
  const end = performance.now() + limitMs;
  for (let pauseMs: number = PAUSE_MS.first; ; pauseMs = Math.min(pauseMs * 1.5, PAUSE_MS.longest)) {
    const answer = await question();
    if (isWanted(answer) || performance.now() > end) return answer;
    await sleep(pauseMs);
  }
}

/** Programs that read commands of each kind, one a line. */
const READERS: Readonly<Record<Command["where"], readonly [string, ...string[]]>> = {
  near: ["ip", "-batch", "-"],
  far: ["ip", "-n", FAR, "-batch", "-"],
  tc: ["tc", "-n", FAR, "-batch", "-"],
  shell: ["sh", "-e"],
};

export function perform({ where, lines }: Command): void {
  const [reader, ...args] = READERS[where];
  execFileSync(reader, args, { input: lines.join("\n") });
}

/** Deletes every link but lo, those of cards by their driver, and with the other ends those of the other namespace. */
export function cleanUp(): void {
  if (existsSync(`/sys/module/${CARD_DRIVER}`)) execFileSync("rmmod", [CARD_DRIVER]);
  const links = execFileSync("ip", ["-o", "link", "show"], { encoding: "utf8" }).matchAll(/^\d+: ([^:@]+)/gm);
  const names = [...links].map(([, name]) => name).filter((name) => name !== "lo");
  // The last first: a VLAN before the link that it lies on, with which it would go.
  execFileSync("ip", ["-force", "-batch", "-"], {
    input: names
      .reverse()
      .map((name) => `link delete ${name}`)
      .join("\n"),
    stdio: ["pipe", "ignore", "ignore"],
  });
  execFileSync("ip", ["netns", "delete", FAR], { stdio: "ignore" });
}

/** The other end: it sends no packets of its own, and answers each of ours. */
export function makeFarEnd(): void {
  execFileSync("ip", ["netns", "add", FAR]);
  const settings = "cd /proc/sys/net && echo 1 >ipv6/conf/default/disable_ipv6 && echo 0 >ipv4/icmp_ratelimit";
  execFileSync("ip", ["netns", "exec", FAR, "sh", "-c", settings]);
}

/** Starts a program and waits until its log says that it is ready: that costs the machine nothing. */
export async function start(options: ProgramOptions): Promise<Program> {
  const program = Program.launch({ after: () => {} }, options); // it ends with the machine
  const isReady = await ask(
    () => program.log.some((line) => line.includes("msg=ready")),
    (ready) => ready || program.hasEnded,
    START_LIMIT_MS,
  );
  if (!isReady)
    throw new Error(`The program ${program.hasEnded ? "has ended" : "is not ready"}:\n${program.log.join("\n")}`);
  return program;
}
