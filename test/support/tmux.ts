/**
 * A terminal that a person could look at: tmux, in which a shell runs.
 *
 *   const terminal = await Tmux.start(t);
 *   terminal.keys("ls", "Enter");
 *   await terminal.shows(/README/);
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Hooks } from "./netns.ts";
import { scratch } from "./scratch.ts";
import { eventually } from "./wait.ts";

const isMissing = spawnSync("tmux", ["-V"]).error !== undefined;

/** Why a test that needs one must be skipped, or false. */
export const NO_TMUX = isMissing && "not installed (scripts/install-test-tools does it): tmux";

export class Tmux {
  readonly #socket: string;

  private constructor(hooks: Hooks) {
    // Before the folder is taken away, which has the socket.
    hooks.after(() => spawnSync("tmux", ["-S", this.#socket, "kill-server"]));
    this.#socket = join(scratch(hooks), "tmux");
  }

  /** Starts one, and waits for its prompt. */
  static async start(hooks: Hooks, environment: Readonly<Record<string, string>> = {}): Promise<Tmux> {
    const terminal = new Tmux(hooks);
    const { PATH = "" } = process.env;
    const env = { PATH, HOME: "/nonexistent", LANG: "C.UTF-8", TERM: "xterm-256color", PS1: "$ ", ...environment };
    const started = spawnSync(
      "tmux",
      ["-S", terminal.#socket, "-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "sh"],
      { env, encoding: "utf8" },
    );
    assert.equal(started.status, 0, started.stderr);
    await terminal.prompts();
    return terminal;
  }

  run(...args: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync("tmux", ["-S", this.#socket, ...args], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    return stdout;
  }

  keys(...keys: readonly string[]): void {
    this.run("send-keys", ...keys);
  }

  screen(...options: readonly string[]): string {
    return this.run("capture-pane", "-p", ...options);
  }

  /**
   * Waits for the shell's prompt in a line of its own. What is typed before that is shown twice, and not where a test looks, or is read by the program that is
   * just ending.
   */
  prompts(): Promise<void> {
    return this.shows(/^[$#]$/m); // a shell may set another prompt for root
  }

  /** Waits until the screen has what is looked for. */
  async shows(wanted: RegExp): Promise<void> {
    await eventually(
      () => wanted.test(this.screen()),
      () => `${wanted} is not on the screen:\n${this.screen()}`,
    );
  }
}
