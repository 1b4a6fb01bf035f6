/** What a bench ran on, in a line: figures of another machine, or of a busy one, are others. */

import { arch, cpus, loadavg, release } from "node:os";

export function machine(): string {
  const [load = 0] = loadavg();
  return `Node ${process.version}, Linux ${release()} ${arch()}, ${cpus().length} × ${cpus()[0]?.model.trim()}, load ${load.toFixed(1)}`;
}
