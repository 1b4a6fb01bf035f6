/**
 * What the system and V8 say of this process, under the names that Prometheus' clients have for it. It is read at every
 * scrape: so that this stays a small part of one, files of /proc that say more than is asked for are not read.
 */

import { fstatSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { getHeapSpaceStatistics, getHeapStatistics, type HeapInfo, type HeapSpaceInfo } from "node:v8";
import { descriptorLimit } from "./descriptor-limit.ts";
import type { OwnMetric } from "./own-metrics.ts";

/** Of proc_pid_statm(5), in bytes. */
interface Memory {
  readonly size: number;
  readonly resident: number;
  readonly data: number;
}

export interface ProcessReadings {
  readonly cpu: NodeJS.CpuUsage;
  /** Undefined without /proc. */
  readonly memory: Memory | undefined;
  /** Undefined without /proc. */
  readonly openFiles: number | undefined;
  /** RLIMIT_NOFILE; undefined without /proc. */
  readonly maxFiles: number | undefined;
  readonly startedSeconds: number;
  /** Undefined until the first has been measured. */
  readonly lagSeconds: number | undefined;
  readonly heap: HeapInfo;
  readonly spaces: readonly HeapSpaceInfo[];
}

const MICROSECONDS = 1e6;

/** V8's spaces, "new", "old" and so on, in the order in which it tells of them: the same for as long as the process runs. */
const SPACES = getHeapSpaceStatistics().map(({ space_name: name }) => name.replace(/_space$/, ""));

function bySpace(size: (space: HeapSpaceInfo) => number): (readings: ProcessReadings) => Record<string, number> {
  const sizes: Record<string, number> = {}; // filled anew at each reading
  return ({ spaces }) => {
    for (const [at, space] of spaces.entries()) sizes[SPACES[at] ?? space.space_name] = size(space);
    return sizes;
  };
}

const NO_PROC = "without /proc";

export const PROCESS_METRICS: readonly OwnMetric<ProcessReadings>[] = [
  {
    name: "process_cpu_user_seconds_total",
    type: "counter",
    help: "Total user CPU time spent in seconds.",
    read: ({ cpu }) => cpu.user / MICROSECONDS,
  },
  {
    name: "process_cpu_system_seconds_total",
    type: "counter",
    help: "Total system CPU time spent in seconds.",
    read: ({ cpu }) => cpu.system / MICROSECONDS,
  },
  {
    name: "process_cpu_seconds_total",
    type: "counter",
    help: "Total user and system CPU time spent in seconds.",
    read: ({ cpu }) => (cpu.user + cpu.system) / MICROSECONDS,
  },
  {
    name: "process_start_time_seconds",
    type: "gauge",
    help: "Start time of the process since unix epoch in seconds.",
    read: ({ startedSeconds }) => startedSeconds,
  },
  {
    name: "process_resident_memory_bytes",
    type: "gauge",
    help: "Resident memory size in bytes.",
    absent: NO_PROC,
    read: ({ memory }) => memory?.resident,
  },
  {
    name: "process_virtual_memory_bytes",
    type: "gauge",
    help: "Virtual memory size in bytes.",
    absent: NO_PROC,
    read: ({ memory }) => memory?.size,
  },
  {
    name: "process_heap_bytes",
    type: "gauge",
    help: "Size of data and stack in bytes.",
    absent: NO_PROC,
    read: ({ memory }) => memory?.data,
  },
  {
    name: "process_open_fds",
    type: "gauge",
    help: "Number of open file descriptors.",
    absent: NO_PROC,
    read: ({ openFiles }) => openFiles,
  },
  {
    name: "process_max_fds",
    type: "gauge",
    help: "Maximum number of open file descriptors.",
    absent: NO_PROC,
    read: ({ maxFiles }) => maxFiles,
  },
  {
    name: "nodejs_eventloop_lag_seconds",
    type: "gauge",
    help: "Lag of event loop in seconds, as measured after the scrape before.",
    read: ({ lagSeconds }) => lagSeconds,
  },
  {
    name: "nodejs_active_resources",
    type: "gauge",
    help: "Number of active resources that are currently keeping the event loop alive, grouped by async resource type.",
    label: "type",
    read: () => {
      const counts: Record<string, number> = {};
      for (const type of process.getActiveResourcesInfo()) counts[type] = (counts[type] ?? 0) + 1;
      return counts;
    },
  },
  {
    name: "nodejs_heap_size_total_bytes",
    type: "gauge",
    help: "Process heap size from Node.js in bytes.",
    read: ({ heap }) => heap.total_heap_size,
  },
  {
    name: "nodejs_heap_size_used_bytes",
    type: "gauge",
    help: "Process heap size used from Node.js in bytes.",
    read: ({ heap }) => heap.used_heap_size,
  },
  {
    name: "nodejs_external_memory_bytes",
    type: "gauge",
    help: "Node.js external memory size in bytes.",
    read: ({ heap }) => heap.external_memory,
  },
  {
    name: "nodejs_heap_space_size_total_bytes",
    type: "gauge",
    help: "Process heap space size total from Node.js in bytes.",
    label: "space",
    read: bySpace(({ space_size: size }) => size),
  },
  {
    name: "nodejs_heap_space_size_used_bytes",
    type: "gauge",
    help: "Process heap space size used from Node.js in bytes.",
    label: "space",
    read: bySpace(({ space_used_size: size }) => size),
  },
  {
    name: "nodejs_heap_space_size_available_bytes",
    type: "gauge",
    help: "Process heap space size available from Node.js in bytes.",
    label: "space",
    read: bySpace(({ space_available_size: size }) => size),
  },
];

/** Reads them; what it needs for that is opened once, and stays open for as long as the process runs. */
export class ProcessReader {
  readonly #startedSeconds = Math.round(Date.now() / 1000 - process.uptime());
  readonly #maxFiles = descriptorLimit();
  readonly #statm = openStatm();
  readonly #descriptors = openDescriptors();
  readonly #buffer = Buffer.alloc(128);
  #lagSeconds: number | undefined;

  constructor() {
    this.#measureLag();
  }

  read(): ProcessReadings {
    const readings: ProcessReadings = {
      cpu: process.cpuUsage(),
      memory: this.#memory(),
      openFiles: this.#descriptors === undefined ? undefined : openFiles(this.#descriptors),
      maxFiles: this.#maxFiles,
      startedSeconds: this.#startedSeconds,
      lagSeconds: this.#lagSeconds,
      heap: getHeapStatistics(),
      spaces: getHeapSpaceStatistics(),
    };
    this.#measureLag();
    return readings;
  }

  /** How late what is due now is begun. */
  #measureLag(): void {
    const began = performance.now();
    setImmediate(() => {
      this.#lagSeconds = (performance.now() - began) / 1000;
    });
  }

  #memory(): Memory | undefined {
    if (this.#statm === undefined) return undefined;
    const { file, pageBytes } = this.#statm;
    const length = readSync(file, this.#buffer, 0, this.#buffer.length, 0);
    // size, resident, shared, text, lib, data (with the stack), dirty
    const pages = this.#buffer.toString("latin1", 0, length).split(" ");
    const bytes = (field: number): number => Number(pages[field]) * pageBytes;
    return { size: bytes(0), resident: bytes(1), data: bytes(5) };
  }
}

interface Statm {
  readonly file: number;
  readonly pageBytes: number;
}

function openStatm(): Statm | undefined {
  try {
    const pageBytes = pageSize();
    return pageBytes === undefined ? undefined : { file: openSync("/proc/self/statm", "r"), pageBytes };
  } catch {
    return undefined;
  }
}

/** Of getauxval(3); on a machine of 64 bits, as all are on which Node 20 runs but 32-bit ARM. */
const AT_PAGESZ = 6n;

/** From proc_pid_auxv(5). */
function pageSize(): number | undefined {
  const { buffer, byteOffset, length } = readFileSync("/proc/self/auxv");
  const words = new BigUint64Array(buffer.slice(byteOffset, byteOffset + (length & ~7)));
  for (let at = 0; at + 1 < words.length; at += 2) if (words[at] === AT_PAGESZ) return Number(words[at + 1]);
  return undefined;
}

const DESCRIPTORS = "/proc/self/fd/";

/** A descriptor of the folder of descriptors; undefined without /proc. */
function openDescriptors(): number | undefined {
  try {
    return openSync(DESCRIPTORS, "r");
  } catch {
    return undefined;
  }
}

function openFiles(folder: number): number | undefined {
  try {
    // Since Linux 6.2 the size says how many there are; before, they have to be listed, and the list takes one itself.
    return fstatSync(folder).size || readdirSync(DESCRIPTORS).length - 1;
  } catch {
    return undefined; // none is left for the list
  }
}
