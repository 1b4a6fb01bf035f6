/** Programs of Debian that tests look through. */

import { spawnSync } from "node:child_process";

/** Why a test that needs the program cannot run, or false: for its `skip`. */
export function lacks(program: string, debianPackage: string): string | false {
  const { error } = spawnSync(program, ["--version"], { stdio: "ignore" });
  return error === undefined ? false : `${program} is missing (Debian package ${debianPackage})`;
}
