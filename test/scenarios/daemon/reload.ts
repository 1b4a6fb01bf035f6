import type { Verb } from "../story.ts";
import type { DaemonStage } from "./stage.ts";

/** SIGHUP: goes over to the configuration as it is now. */
export const reload: Verb<DaemonStage> = (stage) => {
  stage.core.reconfigure(stage.configuration());
  return [];
};
