/**
 * Runs in the virtual machine, from the folder in which a package has the program: a whole life of it under its AppArmor profile, and
 * what the kernel refused meanwhile. The report is one line of JSON.
 */

import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, chownSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { wholeLife } from "../deploy/whole-life.ts";
import { DROP_PRIVILEGES } from "../support/netns.ts";
import type { Confinement } from "./confinement.ts";
import { REPORT_DEVICE } from "./machine.ts";

const NOBODY = 65_534;
const LOOK_MS = 100;
/** The places that the profile names, as systemd makes them for the unit. */
const PLACES = { etc: "/etc/ipmp-exporter", state: "/var/lib/ipmp-exporter", run: "/run/ipmp-exporter" };
/** What follows keeps the process id. */
const PID_FILE = "/run/confined";
const INTO_PROFILE = 'echo "exec ipmp-exporter" >/proc/self/attr/exec && exec "$@"';
/** Files are made by root; what they hold is for the program's user, as an installation has it. */
const HAND_OVER = `echo $$ >${PID_FILE} && chown -R ${NOBODY}:${NOBODY} ${Object.values(PLACES).join(" ")} && exec "$@"`;
/** By its path: the shell has one of its own that knows less. */
const UNDER_PROFILE = ["/usr/bin/setpriv", ...DROP_PRIVILEGES.slice(1), "sh", "-c", INTO_PROFILE, "sh"];

/** Of the program, from when it is under a profile until it has ended. */
function profileOfProgram(): string {
  try {
    const label = readFileSync(join("/proc", readFileSync(PID_FILE, "utf8").trim(), "attr", "current"), "utf8").trim();
    return label === "unconfined" ? "" : label;
  } catch {
    return ""; // it is not started yet
  }
}

/** Lines that were not there before. */
function refusals(before: readonly string[] = []): readonly string[] {
  const lines = execFileSync("dmesg", { encoding: "utf8", maxBuffer: 1 << 26 }).split("\n");
  return lines.filter((line) => line.includes('apparmor="DENIED"') && !before.includes(line));
}

async function live(): Promise<Confinement> {
  for (const folder of Object.values(PLACES)) {
    mkdirSync(folder, { recursive: true });
    chownSync(folder, NOBODY, NOBODY);
  }
  let profile = "";
  let failure: string | undefined;
  const look = setInterval(() => {
    profile ||= profileOfProgram();
  }, LOOK_MS);
  const hooks: (() => void)[] = [];
  try {
    const through = ["sh", "-c", HAND_OVER, "sh", ...UNDER_PROFILE];
    await wholeLife({ after: (hook) => void hooks.push(hook) }, "confined", through, PLACES);
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  clearInterval(look);
  const refused = refusals();
  const [command = "", ...args] = [
    ...UNDER_PROFILE,
    process.execPath,
    "--eval",
    'require("fs").writeFileSync("/tmp/x", "")',
  ];
  const { stderr } = spawnSync(command, args, { encoding: "utf8" });
  const attempt = /^Error: .*$/m.exec(stderr)?.[0] ?? stderr;
  for (const hook of hooks.reverse()) hook();
  return { profile, refused, attempt, attemptRefused: refusals(refused), ...(failure !== undefined && { failure }) };
}

appendFileSync(REPORT_DEVICE, `${JSON.stringify(await live())}\n`);
process.exit();
