/** `ipmp-exporter replay [-e]`. */

import { runReplay } from "../replay/run-replay.ts";
import type { Run } from "./command.ts";

export const run: Run = (given, { stdin, stdout, stderr }) =>
  runReplay(given.has("e") ? ["-e"] : [], stdin, stdout, stderr);
