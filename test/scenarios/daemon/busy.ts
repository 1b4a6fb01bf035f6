import type { Verb } from "../story.ts";
import type { DaemonStage } from "./stage.ts";

/** The program reads no news from now on, until `overflow`. */
export const busy: Verb<DaemonStage> = (stage) => {
  stage.system.busy = true;
  return [];
};
