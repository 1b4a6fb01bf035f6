import type { Verb } from "../story.ts";
import type { DaemonStage } from "./stage.ts";

/** `failback no`: detection.failback of the configuration. */
export const failback: Verb<DaemonStage> = (stage, [word]) => {
  stage.failback = word === "yes";
  return [];
};
