import { one, type Verb } from "../story.ts";
import type { DaemonStage } from "./stage.ts";

/** `wait 10`: so many seconds go by. */
export const wait: Verb<DaemonStage> = (stage, words) => {
  stage.advance(Number(one(words, "the seconds")));
  return [];
};
