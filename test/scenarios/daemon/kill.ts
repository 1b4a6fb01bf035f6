import type { Verb } from "../story.ts";
import type { DaemonStage } from "./stage.ts";

/** kill -9. */
export const kill: Verb<DaemonStage> = (stage) => {
  stage.kill();
  return [];
};
