import { one, type Verb } from "../story.ts";
import type { DaemonStage } from "./stage.ts";

/** `offline net0`: as if_mpadm -d. Shows when it is refused. */
export const offline: Verb<DaemonStage> = (stage, words) => {
  const answer = stage.core.setOffline(one(words, "the interface"), true);
  return answer === "done" ? [] : [answer];
};
