import { one, type Verb } from "../story.ts";
import type { DaemonStage } from "./stage.ts";

/** `online net0`: as if_mpadm -r. */
export const online: Verb<DaemonStage> = (stage, words) => {
  const answer = stage.core.setOffline(one(words, "the interface"), false);
  return answer === "done" ? [] : [answer];
};
