import type { Verb } from "../story.ts";
import type { EngineStage } from "./stage.ts";

/** `uncounted net0`: its kstat is no more. */
export const uncounted: Verb<EngineStage> = (stage, [name = ""]) => {
  const kstat = stage.ip.stack.kstats.lookup("link", 0, name);
  if (kstat) stage.ip.stack.kstats.delete(kstat);
  return [];
};
