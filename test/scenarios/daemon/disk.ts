import type { Verb } from "../story.ts";
import type { DaemonStage } from "./stage.ts";

/**
 * `disk full`, `disk free`; `disk damaged` spoils the state file, `disk ruined` everything beside it too; `disk list`: what is on
 * it.
 */
export const disk: Verb<DaemonStage> = (stage, [what]) => {
  if (what === "list") return [...stage.disk.files.keys()].sort();
  if (what === "damaged" || what === "ruined") stage.damageState(what === "ruined" ? "all" : "record");
  else stage.disk.full = what === "full";
  return [];
};
