#!/usr/bin/env node
/** The program. */

// Node opens a debugger on SIGUSR1 to whoever may send signals, unless something else listens: before anything takes time.
process.on("SIGUSR1", () => {});

/** The files of the program are opened together. */
const DESCRIPTORS = 1024;

try {
  const { run } = await import("./cli/run.ts");
  process.exitCode = await run(process.argv.slice(2), process);
} catch (error) {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code !== "EMFILE" && code !== "ENFILE") throw error;
  const right = `expected a limit of ${DESCRIPTORS} or more (ulimit -n, or LimitNOFILE= of a systemd unit)`;
  process.stderr.write(`ipmp-exporter: Too few file descriptors (${code}): ${right}\n`);
  process.exitCode = 1;
}
