/** What a process under measurement has used so far, as proc(5) says it. */

import { readFileSync } from "node:fs";

/** USER_HZ, the unit of utime and stime in /proc/PID/stat; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** User and system time of the process and all its threads so far. @throws Error when there is no such process */
export function cpuMilliseconds(pid: number | undefined): number {
  // The second field, the command in parentheses, may itself hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

/** Resident size now and at its largest, in MB (10^6 bytes). @throws Error when there is no such process */
export function residentMegabytes(pid: number | undefined): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const read = (field: string): number =>
    (Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1024) / 1e6;
  return { now: read("VmRSS"), peak: read("VmHWM") };
}
