/** A package of a few files that is built and tested by the scripts of this one. */

import { spawnSync } from "node:child_process";
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

export class SmallPackage {
  readonly folder: string;

  /** Removed again when the test ends. */
  constructor(context: TestContext, files: Readonly<Record<string, string>>) {
    this.folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-small-"));
    context.after(() => rmSync(this.folder, { recursive: true }));
    for (const name of ["scripts", "package.json", "tsconfig.json", "tsconfig.test.json"]) {
      cpSync(root(name), this.path(name), { recursive: true });
    }
    symlinkSync(root("node_modules"), this.path("node_modules"));
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  path(...segments: readonly string[]): string {
    return join(this.folder, ...segments);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), text);
  }

  /** Runs a script of scripts/. */
  run(script: string, ...args: readonly string[]): Run {
    // What node:test sets for its children would make the inner tests report to the outer runner.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const { status, stdout, stderr } = spawnSync(process.execPath, [this.path("scripts", script), ...args], {
      cwd: this.folder,
      encoding: "utf8",
      env,
    });
    return { status, output: `${stdout}${stderr}` };
  }
}
