/**
 * Bonds and teams as a real kernel makes them. The machine that builds may have no bonding, so Debian's kernel boots in a virtual
 * one, once, and plays all scenarios with the program; here what came back is compared with what was due. A table
 * lists every step with both answers: `npm test -- vm` prints it.
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { before, describe, test } from "node:test";
import { CONFINED, type Confinement } from "./confinement.ts";
import { PROGRAMS } from "./image.ts";
import { findKernel, type Kernel } from "./kernel.ts";
import { type Run, runInMachine } from "./machine.ts";
import type { Outcome } from "./scenario.ts";
import { scenariosNamed } from "./scenarios.ts";
import { outcomeTable } from "./table.ts";

/** Below the runner's limit for a file, so that a machine that hangs is reported with what it said. */
const LIMIT_MS = 2_640_000;
const GUEST = ".test-build/test/vm/guest.js";
/** An expression that finds the names of the scenarios to be played, for who works on one: `VM_SCENARIO=802.3ad npm test -- vm`. */
const WANTED = process.env["VM_SCENARIO"] ?? "";

type Prepared =
  | { readonly kind: "ready"; readonly kernel: Kernel }
  | { readonly kind: "missing"; readonly why: string };

/** A machine needs an emulator, a kernel and a few programs. In CI all of them must be there. */
function prepare(): Prepared {
  if (process.arch !== "x64" || process.platform !== "linux") return { kind: "missing", why: "needs Linux on x86-64" };
  const missing = ["qemu-system-x86_64", ...PROGRAMS].filter((program) => !isInstalled(program));
  if (missing.length > 0) return { kind: "missing", why: `not installed here: ${missing.join(", ")}` };
  try {
    return { kind: "ready", kernel: findKernel() };
  } catch (error) {
    return { kind: "missing", why: `no kernel: ${error instanceof Error ? error.message : error}` };
  }
}

function isInstalled(program: string): boolean {
  try {
    execFileSync("sh", ["-c", `PATH=$PATH:/usr/sbin:/sbin; command -v ${program}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const isOptional = process.env["CI"] !== "true";
const prepared = prepare();
const skip = prepared.kind === "missing" && isOptional && prepared.why;

describe("in a virtual machine", { skip }, () => {
  let run: Run = { report: [], console: "" };
  let outcomes: readonly Outcome[] = [];
  let confinement: Confinement | undefined;

  before(async () => {
    if (prepared.kind === "missing") throw new Error(`Nothing may be skipped in CI: ${prepared.why}`);
    run = await runInMachine(prepared.kernel, [GUEST, WANTED], LIMIT_MS);
    const report = run.report.map((line) => JSON.parse(line) as Outcome | Confinement);
    outcomes = report.filter((line) => "scenario" in line);
    confinement = report.find((line) => "profile" in line);
    if (report.length === 0) throw new Error(`The machine reported nothing:\n${run.console}`);
  });

  test("the kernel and the program are told of in one table", (context) => {
    context.diagnostic(`${/^Linux .*$/m.exec(run.console)?.[0] ?? ""}\n${outcomeTable(outcomes)}`);
    assert.equal(outcomes.length > 0, scenariosNamed(WANTED).length > 0);
  });

  describe(CONFINED, { skip: !new RegExp(WANTED).test(CONFINED) && "not wanted" }, () => {
    const seen = () => confinement ?? assert.fail(`the machine ended before:\n${run.console}`);

    test("a whole life is lived in it, and nothing is refused", () => {
      assert.equal(seen().failure, undefined, run.console);
      assert.equal(seen().profile, "ipmp-exporter (enforce)");
      assert.deepEqual(seen().refused, []);
    });

    test("what the program does not do is refused", () => {
      assert.match(seen().attempt, /EACCES/);
      assert.equal(seen().attemptRefused.length, 1, seen().attemptRefused.join("\n"));
      assert.match(seen().attemptRefused.join(), /profile="ipmp-exporter" name="\/tmp\/x"/);
    });
  });

  for (const scenario of scenariosNamed(WANTED)) {
    describe(scenario.name, () => {
      for (const step of scenario.steps) {
        test(step.name, () => {
          const outcome = outcomes.find((one) => one.scenario === scenario.name && one.step === step.name);
          assert.ok(outcome, `the machine ended before this step:\n${run.console}`);
          assert.equal(outcome.kernel, step.kernel, "what the kernel says");
          assert.equal(outcome.program, step.program, "what the program says");
          assert.equal(outcome.asNobody, step.asNobody ?? step.program, "what the program says as nobody");
          assert.deepEqual(outcome.faults, []);
          if (step.fate !== undefined) {
            assert.equal(outcome.fate, step.fate, "what it says of what fails together");
            assert.equal(outcome.fateAsNobody, step.fateAsNobody ?? step.fate, "what it says of that as nobody");
          }
          if (step.events !== undefined) assert.deepEqual(outcome.events, step.events);
        });
      }
    });
  }
});
