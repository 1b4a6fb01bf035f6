/** `ipmp-exporter replay [-e | --probes]`. */

import { ProbeReplay } from "../replay/probes/probe-replay.ts";
import { Replay } from "../replay/replay.ts";
import { runReplay } from "../replay/run-replay.ts";
import { type Run, UsageError } from "./command.ts";

export const run: Run = async (given, { stdin, stdout }) => {
  if (given.has("probes") && given.has("e")) throw new UsageError("replay takes one of -e, --probes");
  await runReplay(given.has("probes") ? new ProbeReplay() : new Replay(given.has("e")), stdin, stdout);
  return 0;
};
