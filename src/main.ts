#!/usr/bin/env node
/** The program. */

// Node opens a debugger on SIGUSR1 to whoever may send signals, unless something else listens: before anything takes time.
process.on("SIGUSR1", () => {});

/** The files of the program are opened together. */
const DESCRIPTORS = 1024;

try {
  const { run } = await import("#program");
  process.exitCode = await run(process.argv.slice(2), process);
} catch (error) {
  if (!isForLackOfDescriptors(error)) throw error;
  const right = `expected a limit of ${DESCRIPTORS} or more (ulimit -n, or LimitNOFILE= of a systemd unit)`;
  process.stderr.write(`ipmp-exporter: Too few file descriptors (EMFILE): ${right}\n`);
  process.exitCode = 1;
}

/** Node says that a module is not there when it could not open its package.json. */
function isForLackOfDescriptors(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "EMFILE" || code === "ENFILE" || (code === "ERR_MODULE_NOT_FOUND" && openFilesLimit() < DESCRIPTORS);
}

/** The soft limit; infinite where there is none. */
function openFilesLimit(): number {
  // What a report holds is not in the types of Node: https://nodejs.org/api/report.html
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft?: number | string } } };
  return Number(userLimits?.open_files?.soft ?? Number.POSITIVE_INFINITY) || Number.POSITIVE_INFINITY;
}
