import type { Verb } from "../story.ts";
import type { DaemonStage } from "./stage.ts";

/** Ends the program in good order. */
export const stop: Verb<DaemonStage> = (stage) => {
  stage.stop();
  return [];
};
