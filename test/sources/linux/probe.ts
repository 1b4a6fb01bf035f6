/** Drives probe-program.ts in a namespace and collects what the source says there. */

import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { LinkAddress } from "#src/link/link-address.js";
import type { LinkAttributes } from "#src/link/link-attributes.js";
import type { DefaultRoute } from "#src/sources/source.js";
import type { Hooks, Netns } from "../../support/netns.ts";

export type Counters = Readonly<Record<string, string>>;

/** A source event as the program prints it: counters by name. */
export type ProbedEvent =
  | { readonly kind: "link"; readonly link: LinkAttributes; readonly counters?: Counters }
  | { readonly kind: "gone"; readonly ifindex: number; readonly name: string; readonly counters?: Counters }
  | {
      readonly kind: "resync";
      readonly gap?: string;
      readonly links: readonly { readonly link: LinkAttributes; readonly counters?: Counters }[];
    }
  | { readonly kind: "routes" }
  | { readonly kind: "addresses" };

interface Line {
  readonly why?: string;
  readonly name?: string;
  readonly schema?: readonly string[];
  readonly events?: readonly ProbedEvent[];
  readonly counters?: Readonly<Record<string, Counters>>;
  readonly routes?: readonly DefaultRoute[];
  readonly addresses?: readonly LinkAddress[];
  readonly blocked?: boolean;
}

const PROGRAM = fileURLToPath(new URL("./probe-program.js", import.meta.url));
/** How long anything that should happen at once may take on a busy machine. */
const DEADLINE_MS = 60_000;

export class Probe {
  /** Every event so far, oldest first. */
  readonly events: ProbedEvent[] = [];
  readonly #lines: Line[] = [];
  readonly #child: ChildProcess;
  #arrived: () => void = () => {};
  #complaint = "";

  private constructor(child: ChildProcess) {
    this.#child = child;
    if (child.stdout === null || child.stderr === null) throw new Error("the program has no pipes");
    child.stderr.on("data", (text) => {
      this.#complaint += String(text);
    });
    child.on("exit", () => this.#arrived());
    createInterface({ input: child.stdout }).on("line", (text) => {
      const line = JSON.parse(text) as Line; // printed by our own program
      this.#lines.push(line);
      this.events.push(...(line.events ?? []));
      this.#arrived();
    });
  }

  /** @param as a command line before the program: AS_NOBODY */
  static async start(hooks: Hooks, ns: Netns, source: string, as: readonly string[] = []): Promise<Probe> {
    const child = ns.spawn([...as, process.execPath, PROGRAM, source], { stdio: "pipe" });
    const probe = new Probe(child);
    hooks.after(() => {
      child.kill("SIGKILL");
    });
    await probe.until("the first resync", () => probe.events.find(({ kind }) => kind === "resync"));
    return probe;
  }

  get hello(): Line {
    return this.#lines[0] ?? {};
  }

  /** Waits until `look` finds something. */
  async until<T>(what: string, look: () => T | undefined): Promise<T> {
    let late = false;
    const deadline = setTimeout(() => {
      late = true;
      this.#arrived();
    }, DEADLINE_MS);
    try {
      for (;;) {
        const found = look();
        if (found !== undefined) return found;
        if (late || this.#child.exitCode !== null) throw new Error(`${what} did not come; ${this.#story()}`);
        await new Promise<void>((resolve) => {
          this.#arrived = resolve;
        });
      }
    } finally {
      clearTimeout(deadline);
    }
  }

  /** Waits for an event after position `from` (0: any). */
  event<K extends ProbedEvent["kind"]>(
    kind: K,
    from: number,
    wanted: (event: Extract<ProbedEvent, { kind: K }>) => boolean = () => true,
  ): Promise<Extract<ProbedEvent, { kind: K }>> {
    return this.until(`event "${kind}"`, () =>
      this.events
        .slice(from)
        .filter((event): event is Extract<ProbedEvent, { kind: K }> => event.kind === kind)
        .find(wanted),
    );
  }

  counters(): Promise<Readonly<Record<string, Counters>>> {
    return this.#ask("counters", (line) => line.counters);
  }

  routes(): Promise<readonly DefaultRoute[]> {
    return this.#ask("routes", (line) => line.routes);
  }

  addresses(): Promise<readonly LinkAddress[]> {
    return this.#ask("addresses", (line) => line.addresses);
  }

  /** Keeps the program from its event loop until that file is gone. */
  async block(path: string): Promise<void> {
    await this.#ask(`block ${path}`, (line) => line.blocked);
  }

  /** For a failed test: the latest events, and what the program complained about. */
  #story(): string {
    const latest = this.events.slice(-20).map((event) => JSON.stringify(event));
    return `latest of ${this.events.length} events:\n${latest.join("\n")}\n${this.#complaint}`;
  }

  #ask<T>(command: string, answer: (line: Line) => T | undefined): Promise<T> {
    const from = this.#lines.length;
    this.#child.stdin?.write(`${command}\n`);
    return this.until(`an answer to "${command}"`, () =>
      this.#lines
        .slice(from)
        .map(answer)
        .find((value) => value !== undefined),
    );
  }
}
