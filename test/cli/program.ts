/** Runs the program that ships. */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { root } from "../support/root.ts";

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Ends a program that hangs; the test then fails by its exit status. */
const DEADLINE_MS = 30_000;

/** The first lines that `ipmp-exporter args…` prints, which does not end by itself. */
export async function firstLines(count: number, args: readonly string[]): Promise<string[]> {
  const child = spawn(process.execPath, [root("dist", "main.js"), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: DEADLINE_MS,
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) if (lines.push(line) === count) break;
  child.kill("SIGKILL");
  return lines;
}

/** `ipmp-exporter args…` to its end, with nothing on standard input. */
export async function program(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, [root("dist", "main.js"), ...args], {
    env: { PATH, HOME: "/nonexistent", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: DEADLINE_MS,
  });
  const status = new Promise<number | null>((resolve) => child.on("close", resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { status: await status, stdout, stderr };
}
