import { one, type Verb } from "../story.ts";
import type { EngineStage } from "./stage.ts";

/** `condemn net0`: it is about to go, and nobody takes a hold on it any more. */
export const condemn: Verb<EngineStage> = (stage, words) => {
  stage.ill(one(words, "the interface")).condemned = true;
  return [];
};
