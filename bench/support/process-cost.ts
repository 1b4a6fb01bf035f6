/** What a process under measurement has used so far, as proc(5) says it. */

import { readdirSync, readFileSync } from "node:fs";

/** Of each thread that there is. @throws Error when there is no such process */
function threads(pid: number | undefined, file: string): string[] {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).map((thread) => readFileSync(`${tasks}/${thread}/${file}`, "utf8"));
}

/**
 * Time on a processor of all threads so far, exact to the nanosecond where /proc/PID/stat counts ticks of 10 ms. Threads that have
 * ended are left out: Node, Go and snmpd keep theirs.
 * @throws Error when there is no such process
 */
export function cpuMilliseconds(pid: number | undefined): number {
  return threads(pid, "schedstat").reduce((sum, text) => sum + Number(text.split(" ")[0]), 0) / 1e6;
}

/** How often a thread of the process has given up the processor, to wait for something. @throws Error when there is no such process */
export function waits(pid: number | undefined): number {
  return threads(pid, "status").reduce(
    (sum, text) => sum + Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(text)?.[1]),
    0,
  );
}

/** Resident size now and at its largest, in MB (10^6 bytes). @throws Error when there is no such process */
export function residentMegabytes(pid: number | undefined): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const read = (field: string): number =>
    (Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1024) / 1e6;
  return { now: read("VmRSS"), peak: read("VmHWM") };
}
