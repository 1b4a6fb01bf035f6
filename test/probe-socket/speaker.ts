/** Drives socket-program.ts in a namespace, as nobody and without a capability. */

import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { ProbeMethod, ProbeOrigin } from "#src/probe-socket/probe-socket.js";
import { AS_NOBODY, type Hooks, type Netns } from "../support/netns.ts";
import { eventually } from "../support/wait.ts";
import type { Errand } from "./socket-program.ts";

type Probe = Errand["probes"][number];

const PROGRAM = fileURLToPath(new URL("./socket-program.js", import.meta.url));

export interface Heard {
  readonly kind: string;
  readonly sequence: number;
  readonly from: string;
  readonly age: number;
  readonly afterMs: number;
}

interface Line {
  readonly opened?: string;
  readonly refused?: { readonly step: string; readonly errno: string };
  readonly sent?: string;
  readonly sequence?: number;
  readonly answer?: Heard;
}

export class Speaker {
  readonly #lines: Line[] = [];
  readonly #child: ChildProcess;
  #complaint = "";

  private constructor(child: ChildProcess) {
    this.#child = child;
    if (child.stdout === null || child.stderr === null) throw new Error("the program has no pipes");
    child.stderr.on("data", (text) => {
      this.#complaint += String(text);
    });
    createInterface({ input: child.stdout }).on("line", (text) => {
      this.#lines.push(JSON.parse(text) as Line); // printed by our own program
    });
  }

  static async start(
    hooks: Hooks,
    ns: Netns,
    method: ProbeMethod,
    origin: Omit<ProbeOrigin, "ifindex" | "source"> & { readonly source: string },
  ): Promise<Speaker> {
    const told = JSON.stringify({ ...origin, ifindex: ns.link(origin.device).ifindex });
    const child = ns.spawn([...AS_NOBODY, process.execPath, PROGRAM, method, told], { stdio: "pipe" });
    const speaker = new Speaker(child);
    hooks.after(() => {
      child.kill("SIGKILL");
    });
    await eventually(
      () => speaker.#lines.length > 0,
      () => `the program says nothing: ${speaker.#complaint}`,
    );
    return speaker;
  }

  /** What became of the opening. */
  get opening(): Line | undefined {
    return this.#lines[0];
  }

  get answers(): readonly Heard[] {
    return this.#lines.flatMap(({ answer }) => answer ?? []);
  }

  /** Sends one probe; what the system said to that. */
  async send(sequence: number, target: string | undefined, kind: Probe["kind"] = "uni"): Promise<string> {
    const before = this.#lines.length;
    this.sendTogether([{ kind, sequence, target }]);
    const said = () => this.#lines.slice(before).find(({ sent }) => sent !== undefined)?.sent;
    await eventually(
      () => said() !== undefined,
      () => `probe ${sequence} was not sent: ${this.#complaint}`,
    );
    return said() ?? "";
  }

  /** Sends probes in one go, without looking at answers in between, nor for some time after that, and does not wait. */
  sendTogether(probes: readonly Probe[], busyMs = 0): void {
    const errand: Errand = { probes, busyMs };
    this.#child.stdin?.write(`${JSON.stringify(errand)}\n`);
  }

  /** Probes until the target answers: the first probes of a new link may be lost while the neighbour is looked for. */
  async reach(target: string): Promise<void> {
    const answered = this.answers.length;
    let sequence = 1;
    await eventually(
      async () => {
        if (this.answers.length > answered) return true;
        await this.send(sequence++, target);
        await sleep(100);
        return this.answers.length > answered;
      },
      () => `${target} does not answer: ${JSON.stringify(this.#lines)} ${this.#complaint}`,
    );
  }

  /** Waits for the answer to that probe. */
  async answer(sequence: number): Promise<Heard> {
    const found = () => this.answers.find((answer) => answer.sequence === sequence);
    await eventually(
      () => found() !== undefined,
      () => `no answer to ${sequence}: ${JSON.stringify(this.#lines)} ${this.#complaint}`,
    );
    const answer = found();
    if (answer === undefined) throw new Error("an answer that was there is gone");
    return answer;
  }
}
