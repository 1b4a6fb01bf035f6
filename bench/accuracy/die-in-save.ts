/**
 * Loaded before the program (node --import): kills it with SIGKILL in the middle of saving its state, as a power cut of the process
 * would. The program itself is unchanged; only the calls of node:fs are watched.
 *
 *   IPMP_DIE_IN_SAVE=STEP:N      at that step of the Nth save
 */

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/** In their order: before the call of that name, in the middle of it, after it. */
export const SAVE_STEPS = [
  ...["before openSync", "after openSync"],
  ...["before writeSync", "amid writeSync", "after writeSync"],
  ...["before fsyncSync", "after fsyncSync"],
  ...["before renameSync", "after renameSync"],
] as const;

const [step = "", nth = "1"] = process.env["IPMP_DIE_IN_SAVE"]?.split(":") ?? [];
if (step !== "") {
  let saves = 0;
  let temporary: number | undefined;
  const die = (at: string): void => {
    if (step === at && saves >= Number(nth)) process.kill(process.pid, "SIGKILL");
  };
  const { openSync, writeSync, fsyncSync, renameSync } = fs;
  fs.openSync = (...args) => {
    const isNew = args[1] === "wx";
    if (isNew) {
      saves++;
      die("before openSync");
    }
    const descriptor = openSync(...args);
    if (isNew) {
      temporary = descriptor;
      die("after openSync");
    }
    return descriptor;
  };
  const write = (descriptor: number, bytes: Uint8Array): number => {
    if (descriptor !== temporary) return writeSync(descriptor, bytes);
    die("before writeSync");
    if (step === "amid writeSync" && saves >= Number(nth)) {
      writeSync(descriptor, bytes.subarray(0, bytes.length >> 1));
      die("amid writeSync");
    }
    const written = writeSync(descriptor, bytes);
    die("after writeSync");
    return written;
  };
  fs.writeSync = write as typeof fs.writeSync; // the program passes bytes and nothing else
  fs.fsyncSync = (descriptor) => {
    if (descriptor === temporary) die("before fsyncSync");
    fsyncSync(descriptor);
    if (descriptor === temporary) die("after fsyncSync");
  };
  fs.renameSync = (from, to) => {
    die("before renameSync");
    renameSync(from, to);
    die("after renameSync");
  };
  syncBuiltinESMExports();
}
