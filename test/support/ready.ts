/** A program that a test has started as its users do, by a command line of their own. */

import type { ChildProcess } from "node:child_process";
import { eventually } from "./wait.ts";

/** Waits until it says in its log, on standard error, that it is ready. @returns the log so far @throws Error with the log when it ends instead */
export async function untilReady(child: ChildProcess): Promise<string> {
  let log = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  await eventually(
    () => log.includes("msg=ready") || hasEnded(),
    () => log,
  );
  if (hasEnded()) throw new Error(`The program has ended:\n${log}`);
  return log;
}
