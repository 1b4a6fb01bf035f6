/**
 * The built program as a user runs it: started, asked over its sockets, sent signals. It listens on Unix sockets, so that a
 * test outside a network namespace can talk to one that runs inside.
 *
 *   const program = await Program.start(t, { ns, config: "groups: …" });
 *   (await program.metrics()).get('ipmp_group_receive_bytes_total{group="ipmp0"}')
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { LIMITS } from "#src/web/listener.js";
import type { Hooks, Netns } from "./netns.ts";
import { root } from "./root.ts";
import { scratch } from "./scratch.ts";
import { eventually } from "./wait.ts";

const SNMP_FLAG = "--snmp.listen-address=";

export interface ProgramOptions {
  readonly ns?: Netns;
  /** YAML; none runs without a configuration. */
  readonly config?: string;
  readonly args?: readonly string[];
  /** Flags of Node. */
  readonly nodeOptions?: readonly string[];
  /** What the program is started through, such as AS_NOBODY. */
  readonly through?: readonly string[];
  /** A folder to live in, for a second run with the same state; by default a new one. */
  readonly folder?: string;
  /** Folders of its configuration and of its sockets, where these are others. */
  readonly etc?: string;
  readonly run?: string;
  /** Where its log goes; by default, to `log`. */
  readonly stderr?: number;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Nothing could be sent, because the other side has closed the connection. */
const isClosed = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "EPIPE";

export class Program {
  readonly folder: string;
  readonly #run: string;
  /** Lines of its log so far. */
  readonly log: string[] = [];
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | undefined>;

  private constructor(folder: string, run: string, child: ChildProcess) {
    this.folder = folder;
    this.#run = run;
    this.#child = child;
    this.#exited = once(child, "exit").then(([code]: (number | null)[]) => code ?? undefined);
    let rest = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      this.log.push(...lines);
    });
  }

  /** Starts the program and waits until it is ready. */
  static async start(hooks: Hooks, options: ProgramOptions = {}): Promise<Program> {
    const program = Program.launch(hooks, options);
    await eventually(
      async () => (await program.get("/-/ready").catch(() => undefined))?.status === 200 || program.hasEnded,
      () => `the program is not ready:\n${program.log.join("\n")}`,
    );
    if (program.hasEnded) throw new Error(`The program has ended:\n${program.log.join("\n")}`);
    return program;
  }

  /** Starts the program and does not wait. */
  static launch(hooks: Hooks, options: ProgramOptions = {}): Program {
    const { ns, config, args = [], nodeOptions = [], through = [], folder, stderr } = options;
    const home = folder ?? scratch(hooks);
    const { etc = home, run = home } = options;
    chmodSync(home, 0o777); // for runs as another user
    if (config !== undefined) writeFileSync(join(etc, "ipmp.yml"), config);
    const command = [
      ...through,
      process.execPath,
      ...nodeOptions,
      root("dist", "main.js"),
      `--web.listen-address=unix:${join(run, "web.sock")}`,
      `--control.socket=${join(run, "control.sock")}`,
      `--state.file=${join(home, "state.json")}`,
      ...(config === undefined ? [] : [`--config.file=${join(etc, "ipmp.yml")}`]),
      ...(ns || args.some((arg) => arg.startsWith(SNMP_FLAG)) ? [] : [`${SNMP_FLAG}none`]), // the machine's own port may be taken
      ...args,
    ];
    const stdio = ["ignore", "pipe", stderr ?? "pipe"] as const;
    const [file = "", ...rest] = command;
    const child = ns ? ns.spawn(command, { stdio: [...stdio] }) : spawn(file, rest, { stdio: [...stdio] });
    const program = new Program(home, run, child);
    hooks.after(() => child.kill("SIGKILL"));
    return program;
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("The program has not been started");
    return this.#child.pid;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Asks over its socket. @throws Error with its log, when nobody answers */
  async get(path: string, method = "GET"): Promise<Answer> {
    const began = performance.now();
    try {
      return await this.#ask(path, method);
    } catch (cause) {
      // A test beside this one may keep the process waiting for a command, for so long that the program closes a connection on which it heard nothing.
      if (isClosed(cause) && performance.now() - began > LIMITS.headersMs) return this.get(path, method);
      throw new Error(`${method} ${path} is not answered; the log:\n${this.log.join("\n")}`, { cause });
    }
  }

  #ask(path: string, method: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const call = request({ socketPath: join(this.#run, "web.sock"), path, method, agent: false }, (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (text: string) => {
          body += text;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
        response.on("error", reject);
      });
      call.on("error", reject);
      call.end();
    });
  }

  /**
   * Every sample of one scrape: `name{labels}` to its value as text. Scrapes of one tenth of a second share a collection; the API makes one anew, so
   * that what a test has done before is in it.
   */
  async metrics(): Promise<Map<string, string>> {
    await this.get("/api/v1/status");
    const { body } = await this.get("/metrics");
    const samples = body.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    return new Map(
      samples.map((line) => [line.slice(0, line.lastIndexOf(" ")), line.slice(line.lastIndexOf(" ") + 1)]),
    );
  }

  /** Waits until a scrape has that sample with that value. */
  async until(sample: string, value: string): Promise<void> {
    let last: string | undefined;
    await eventually(
      async () => {
        last = (await this.metrics()).get(sample);
        return last === value;
      },
      () => `${sample} is ${last}, not ${value}:\n${this.log.join("\n")}`,
    );
  }

  /** Waits for a line of the log that has all of `words`. */
  async logged(...words: readonly string[]): Promise<void> {
    await eventually(
      () => this.log.some((line) => words.every((word) => line.includes(word))),
      () => `no line with ${words.join(", ")} in:\n${this.log.join("\n")}`,
    );
  }

  /** Waits for a line of the log that matches, and answers what its first group has: the program is ready before its log says where it listens. */
  async told(pattern: RegExp): Promise<string> {
    let found: string | undefined;
    await eventually(
      () => {
        found = this.log.map((line) => pattern.exec(line)?.[1]).find((text) => text !== undefined);
        return found !== undefined;
      },
      () => `no line with ${pattern} in:\n${this.log.join("\n")}`,
    );
    return found ?? "";
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Its exit code, when it ends; undefined when a signal ended it. */
  exited(): Promise<number | undefined> {
    return this.#exited;
  }

  /** Asks it to stop and waits. */
  async stop(): Promise<number | undefined> {
    this.signal("SIGTERM");
    return this.exited();
  }
}
