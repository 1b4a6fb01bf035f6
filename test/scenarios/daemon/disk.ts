import type { Verb } from "../story.ts";
import type { DaemonStage } from "./stage.ts";

/** `disk full`, `disk free`, `disk damaged`: the last spoils the state file; `disk list`: what is on it. */
export const disk: Verb<DaemonStage> = (stage, [what]) => {
  if (what === "list") return [...stage.disk.files.keys()].sort();
  if (what === "damaged") stage.damageState();
  else stage.disk.full = what === "full";
  return [];
};
