/** A server under measurement: started, awaited, asked, and what it used. */

import { type ChildProcess, spawn } from "node:child_process";
import { Agent, type IncomingMessage, request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { cpuMilliseconds, residentMegabytes, waits } from "./process-cost.ts";

/** Servers start in well under a second; on a loaded machine with ten thousand links, in many. */
const READY_WITHIN_MS = 120_000;

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
  /** From the request to the last byte. */
  readonly milliseconds: number;
}

/** Asks a server on 127.0.0.1 over one connection, which is kept. */
export class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const began = performance.now();
      const done = (response: IncomingMessage): void => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const milliseconds = performance.now() - began;
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks), milliseconds });
        });
      };
      request({ host: "127.0.0.1", port: this.#port, path, headers, agent: this.#agent }, done)
        .on("error", reject)
        .end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

export class Server {
  readonly #child: ChildProcess;
  readonly #client: Client;
  #output = "";

  /** Starts the program; `port` is where it will listen on 127.0.0.1. */
  constructor(command: string, args: readonly string[], port: number) {
    this.#client = new Client(port);
    this.#child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output = (this.#output + text).slice(-10_000);
      });
    }
    this.#child.on("error", (error) => {
      this.#output += `${error.message}\n`;
    });
  }

  /** Asks every `pauseMs`. @throws Error with what the program printed, when the path does not answer 200 in time. */
  async ready(path: string, pauseMs = 50): Promise<void> {
    const deadline = performance.now() + READY_WITHIN_MS;
    while (this.#running() && performance.now() < deadline) {
      const answer = await this.get(path).catch(() => undefined);
      if (answer?.status === 200) return;
      await wait(pauseMs);
    }
    const state = this.#running() ? `does not answer ${path}` : "ended";
    throw new Error(`${this.#child.spawnargs.join(" ")} ${state}; it printed:\n${this.#output}`);
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.#client.get(path, headers);
  }

  /** Closes the connection; the next question opens another. */
  disconnect(): void {
    this.#client.close();
  }

  /** 0 when it could not be started. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  cpuMilliseconds(): number {
    return cpuMilliseconds(this.#child.pid);
  }

  waits(): number {
    return waits(this.#child.pid);
  }

  residentMegabytes(): ReturnType<typeof residentMegabytes> {
    return residentMegabytes(this.#child.pid);
  }

  /** False too when it could not be started. */
  #running(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Ends it and waits until it has. */
  async stop(): Promise<void> {
    this.#client.close();
    if (!this.#running()) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGTERM");
    const stubborn = setTimeout(() => this.#child.kill("SIGKILL"), 5000);
    await ended;
    clearTimeout(stubborn);
  }
}
