import type { Verb } from "../story.ts";
import type { DaemonStage } from "./stage.ts";

/** The system's buffer ran over while the program was busy: what was queued is lost, and everything is read anew. */
export const overflow: Verb<DaemonStage> = (stage) => {
  stage.system.loseEvents();
  stage.system.busy = false;
  return [];
};
