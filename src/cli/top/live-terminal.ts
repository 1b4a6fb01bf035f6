/**
 * A terminal that a program has to itself: the alternate screen, keys as they are pressed, no cursor. Whatever ends the program but SIGKILL, the
 * terminal is as it was before (xterm's private modes 1049, 25 and 7).
 */

import { writeSync } from "node:fs";
import { emitKeypressEvents } from "node:readline";
import type { Terminal } from "../command.ts";
import type { Key } from "./view.ts";

const ESC = "\u001b";
/** A line that is too long for a narrow terminal is cut, and does not go on in the next. */
const ENTER = `${ESC}[?1049h${ESC}[?25l${ESC}[?7l`;
const LEAVE = `${ESC}[?7h${ESC}[?25h${ESC}[?1049l`;

export interface Handlers {
  readonly pressed: (key: Key) => void;
  /** The size has changed, or the program has come back from being stopped: everything is to be drawn. */
  readonly redraw: () => void;
  /** A signal that ends programs, or the terminal is gone. */
  readonly ended: () => void;
}

/** What ends a program when it is sent, and can be caught (signal(7)). At SIGUSR1 Node would start its debugger, which writes on the screen. */
const ENDING = [
  "SIGTERM",
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGABRT",
  "SIGALRM",
  "SIGUSR1",
  "SIGUSR2",
  "SIGXCPU",
  "SIGXFSZ",
  "SIGIO",
] as const;

export class LiveTerminal {
  readonly #terminal: Terminal;
  readonly #handlers: Handlers;
  /** The lines on the screen, so that only those that change are sent. */
  #drawn: readonly string[] = [];
  #isEntered = false;
  readonly #restore = (): void => this.#leave();
  readonly #resized = (): void => this.#redraw();
  readonly #stopped = (): void => this.suspend();
  readonly #continued = (): void => this.#enter();
  readonly #ended: () => void;
  readonly #keypress = (text: string | undefined, key: { name?: string; ctrl?: boolean } | undefined): void => {
    this.#handlers.pressed({ name: key?.name, text: text ?? "", ctrl: key?.ctrl === true });
  };

  constructor(terminal: Terminal, handlers: Handlers) {
    this.#terminal = terminal;
    this.#handlers = handlers;
    this.#ended = handlers.ended;
  }

  get size(): { readonly columns: number; readonly rows: number } {
    const { columns, rows } = this.#terminal.stdout;
    return { columns: columns || 80, rows: rows || 24 };
  }

  open(): void {
    const { stdin, stdout } = this.#terminal;
    process.on("exit", this.#restore);
    process.on("SIGTSTP", this.#stopped);
    process.on("SIGCONT", this.#continued);
    for (const signal of ENDING) process.on(signal, this.#ended);
    stdout.on("resize", this.#resized);
    stdout.on("error", this.#ended);
    stdin.on("end", this.#ended);
    stdin.on("error", this.#ended);
    emitKeypressEvents(stdin);
    stdin.on("keypress", this.#keypress);
    stdin.resume();
    this.#enter();
  }

  /**
   * Sends what has changed. A line is emptied before it is written: after a line as wide as the terminal the cursor stands on its last
   * character, which would be erased. A terminal that has not taken the last screen yet is not sent another.
   */
  draw(lines: readonly string[]): void {
    const { stdout } = this.#terminal;
    if (!this.#isEntered || stdout.writableNeedDrain) return;
    const changed = lines.flatMap((line, row) =>
      line === this.#drawn[row] ? [] : [`${ESC}[${row + 1};1H${ESC}[K${line}`],
    );
    this.#drawn = lines;
    if (changed.length > 0) stdout.write(changed.join(""));
  }

  /** As the shell's Ctrl-Z, or a SIGTSTP of somebody else: the terminal is given back, and taken again at SIGCONT. */
  suspend(): void {
    this.#leave();
    process.kill(process.pid, "SIGSTOP");
  }

  close(): void {
    const { stdin, stdout } = this.#terminal;
    this.#leave();
    process.off("exit", this.#restore);
    process.off("SIGTSTP", this.#stopped);
    process.off("SIGCONT", this.#continued);
    for (const signal of ENDING) process.off(signal, this.#ended);
    stdout.off("resize", this.#resized);
    stdin.off("keypress", this.#keypress);
    stdin.pause();
  }

  #enter(): void {
    if (this.#isEntered) return;
    this.#isEntered = true;
    const { stdin, stdout } = this.#terminal;
    stdin.setRawMode?.(true);
    stdout.write(ENTER);
    this.#redraw();
  }

  #redraw(): void {
    this.#drawn = [];
    this.#terminal.stdout.write(`${ESC}[2J`);
    this.#handlers.redraw();
  }

  #leave(): void {
    if (!this.#isEntered) return;
    this.#isEntered = false;
    const { stdin, stdout } = this.#terminal;
    try {
      stdin.setRawMode?.(false);
      // At once: there may be no other turn. What is still waiting belongs to a screen that goes.
      writeSync(stdout.fd, LEAVE);
    } catch {
      // The terminal is gone.
    }
  }
}
