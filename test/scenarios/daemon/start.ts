import type { Verb } from "../story.ts";
import type { DaemonStage } from "./stage.ts";

/** Starts the program on what an earlier run has saved. */
export const start: Verb<DaemonStage> = (stage) => {
  stage.start();
  return [];
};
