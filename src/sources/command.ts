/**
 * Runs one command of the system to its end, without a shell, with a deadline and a bound on what it may print. What went wrong is
 * a value: a command that is missing, may not be run, hangs, was killed, or says too much are different things to whoever looks.
 */

import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";

/** What to run. The file is an absolute path. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

export type CommandResult =
  /** It ran to its end. */
  | { readonly kind: "ended"; readonly status: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: "failed"; readonly outcome: FailureOutcome; readonly cause: string };

/** A word for each kind of failure: the label `outcome` of ipmp_source_polls_total. */
export type FailureOutcome = "missing" | "refused" | "timeout" | "killed" | "too_long" | "error" | "not_understood";

export interface CommandLimits {
  /** Milliseconds until it is killed. */
  readonly deadlineMs: number;
  /** Characters that it may print, on each of standard output and standard error. */
  readonly mostOutput: number;
}

/** Numbers, dates and messages in the form that is written down: the form follows the environment. */
const ENVIRONMENT = { LC_ALL: "C", PATH: "/usr/bin:/usr/sbin:/bin:/sbin" };

/** Runs the commands of one system, one at a time, and can end the one that is under way. */
export class CommandRunner {
  readonly #limits: CommandLimits;
  #end: ((result: CommandResult) => void) | undefined;
  #isOver = false;

  constructor(limits: CommandLimits) {
    this.#limits = limits;
  }

  /** Ends what is under way, and runs nothing any more. */
  close(): void {
    this.#isOver = true;
    this.#end?.(failed("killed", "the program stops"));
  }

  run({ file, args }: Command): Promise<CommandResult> {
    if (this.#isOver) return Promise.resolve(failed("killed", "the program stops"));
    const { deadlineMs, mostOutput } = this.#limits;
    const child = start({ file, args });
    if (child instanceof Error) return Promise.resolve(whyNotRun(file, child));
    return new Promise((resolve) => {
      const end = (result: CommandResult, isGone = false) => {
        clearTimeout(timer);
        if (this.#end === end) this.#end = undefined; // the end of a command that was given up is told while the next one runs
        if (!isGone) killGroup(child); // its number may be another's already
        for (const stream of [child.stdout, child.stderr]) stream.destroy();
        resolve(result);
      };
      this.#end = end;
      const timer = setTimeout(
        () => end(failed("timeout", `${file} did not answer within ${deadlineMs / 1000} s`)),
        deadlineMs,
      );
      const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => {
        const said = { text: "" };
        stream.setEncoding("utf8").on("data", (text: string) => {
          said.text += text;
          if (said.text.length > mostOutput) end(failed("too_long", `${file} prints without end`));
        });
        return said;
      });
      child.on("error", (error) => end(whyNotRun(file, error), true));
      child.on("close", (status, signal) => {
        if (status === null) end(failed("killed", `${file} was ended by ${signal}`), true);
        else end({ kind: "ended", status, stdout: stdout?.text ?? "", stderr: stderr?.text ?? "" }, true);
      });
    });
  }
}

/** The command, or why there is no process for it: Node throws that where the system lets nobody start one (seccomp), and tells it later otherwise. */
function start({ file, args }: Command): ChildProcessByStdio<null, Readable, Readable> | Error {
  try {
    // A process group of its own, so that what the command has started ends with it.
    return spawn(file, args, { env: ENVIRONMENT, cwd: "/", detached: true, stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Ends the command and whatever it has started. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return; // it could not be started
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody is left.
  }
}

function whyNotRun(file: string, { code, message }: NodeJS.ErrnoException): CommandResult {
  if (code === "ENOENT") return failed("missing", `${file} is not there`);
  if (code === "EACCES" || code === "EPERM") return failed("refused", `${file} may not be run by this user`);
  return failed("error", `${file} could not be run: ${code ?? message}`);
}

export function failed(outcome: FailureOutcome, cause: string): Extract<CommandResult, { kind: "failed" }> {
  return { kind: "failed", outcome, cause };
}
