import { grpUpdateKstats } from "#src/ipmp/group-kstats.js";
import type { Verb } from "../story.ts";
import { type EngineStage, found } from "./stage.ts";

/** `write ipmp0`: somebody tries to set the group's counters. */
export const write: Verb<EngineStage> = (stage, [name = ""]) => {
  const group = stage.group(name);
  return stage.request(() => grpUpdateKstats(group, found(group.ksp, "kstat"), "write"));
};
