/**
 * Loaded before the program (node --import): kills it with SIGKILL in the middle of saving its state, as a power cut of the process
 * would. The program itself is unchanged; only the calls of node:fs are watched.
 *
 *   IPMP_DIE_IN_SAVE=STEP:N      at that step of the Nth record that is saved, or of the Nth writing of a slot
 */

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/** In their order: before the call, in the middle of it, after it. */
export const SAVE_STEPS = [
  ...["before open", "after open"],
  ...["before write", "amid write", "after write"],
  ...["before fsync", "after fsync"],
  ...["before rename to previous", "after rename to previous"],
  ...["before rename to record", "after rename to record"],
  ...["before rename to readings", "after rename to readings"],
  ...["before slot", "amid slot", "after slot"],
] as const;

export type SaveStep = (typeof SAVE_STEPS)[number];

const [step = "", nth = "1"] = process.env["IPMP_DIE_IN_SAVE"]?.split(":") ?? [];
if (step !== "") {
  /** Records and slots so far, each step counted for itself. */
  const times = new Map<string, number>();
  let record: number | undefined;
  let slots: number | undefined;
  const isNow = (at: string): boolean => {
    const count = (times.get(at) ?? 0) + 1;
    times.set(at, count);
    // The readings file is made once by a program, and then only when its members no longer fit.
    return step === at && count >= (at.endsWith("to readings") ? 1 : Number(nth));
  };
  const die = (at: string): void => {
    if (isNow(at)) process.kill(process.pid, "SIGKILL");
  };
  const { openSync, writevSync, fsyncSync, renameSync } = fs;
  fs.openSync = (path, ...rest) => {
    const isRecord = rest[0] === "wx" && String(path).endsWith("state.json.new");
    if (isRecord) die("before open");
    const descriptor = openSync(path, ...rest);
    if (isRecord) {
      record = descriptor;
      die("after open");
    } else if (rest[0] === "wx") slots = descriptor;
    return descriptor;
  };
  fs.writevSync = (descriptor, parts, offset) => {
    const what = descriptor === record ? "write" : descriptor === slots ? "slot" : undefined;
    if (what === undefined) return writevSync(descriptor, parts, offset);
    die(`before ${what}`);
    if (isNow(`amid ${what}`)) {
      const bytes = Buffer.concat(
        parts.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
      );
      writevSync(descriptor, [bytes.subarray(0, Math.floor(Math.random() * bytes.length))], offset);
      process.kill(process.pid, "SIGKILL");
    }
    const written = writevSync(descriptor, parts, offset);
    die(`after ${what}`);
    return written;
  };
  fs.fsyncSync = (descriptor) => {
    if (descriptor === record) die("before fsync");
    fsyncSync(descriptor);
    if (descriptor === record) die("after fsync");
  };
  fs.renameSync = (from, to) => {
    const end = /\.(previous|readings)$/.exec(String(to))?.[1] ?? "record";
    die(`before rename to ${end}`);
    if (end === "record") record = undefined;
    renameSync(from, to);
    die(`after rename to ${end}`);
  };
  syncBuiltinESMExports();
}
