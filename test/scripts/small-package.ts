/** A package of a few files that is built, tested and watched by the scripts of this one. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { root } from "../support/root.ts";

export interface Run {
  readonly status: number | null;
  /** Standard output and standard error. */
  readonly output: string;
}

export interface Started {
  /** What it has printed until now. */
  readonly output: string;
}

/** The sources that a bundle begins at: every package has them. */
const BUNDLED = {
  "src/cli/run.ts": "export const run = (): number => 0;\n",
  "src/web/password-worker.ts": "export {};\n",
};

export class SmallPackage {
  readonly folder: string;

  readonly #started: ChildProcess[] = [];

  /** Removed again when the test ends, and what it started is ended. */
  constructor(context: TestContext, files: Readonly<Record<string, string>>) {
    this.folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-small-"));
    context.after(async () => {
      for (const child of this.#started) await end(child);
      rmSync(this.folder, { recursive: true });
    });
    for (const name of ["scripts", "package.json", "tsconfig.json", "tsconfig.test.json"]) {
      cpSync(root(name), this.path(name), { recursive: true });
    }
    symlinkSync(root("node_modules"), this.path("node_modules"));
    for (const [path, text] of Object.entries({ ...BUNDLED, ...files })) this.write(path, text);
  }

  path(...segments: readonly string[]): string {
    return join(this.folder, ...segments);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), text);
  }

  /** Runs a script of scripts/ to its end. */
  run(script: string, ...args: readonly string[]): Run {
    const { status, stdout, stderr } = spawnSync(process.execPath, [this.path("scripts", script), ...args], {
      cwd: this.folder,
      encoding: "utf8",
      env: environment(),
    });
    return { status, output: `${stdout}${stderr}` };
  }

  /** Starts a script of scripts/ that does not end by itself. */
  start(script: string, ...args: readonly string[]): Started {
    const child = spawn(process.execPath, [this.path("scripts", script), ...args], {
      cwd: this.folder,
      env: environment(),
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#started.push(child);
    const started = { output: "" };
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        started.output += text;
      });
    }
    return started;
  }
}

/** Ends a process and what it started: it leads a process group. */
async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, "close");
  if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  await ended;
}

/** Without what node:test sets for its children: it would make the inner tests report to the outer runner. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return env;
}
