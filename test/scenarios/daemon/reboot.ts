import type { Verb } from "../story.ts";
import type { DaemonStage } from "./stage.ts";

/** The machine loses power and starts again: links count from zero, the disk is as it was. The program has to be started. */
export const reboot: Verb<DaemonStage> = (stage) => {
  stage.reboot();
  return [];
};
