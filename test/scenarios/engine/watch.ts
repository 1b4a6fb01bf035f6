import type { Verb } from "../story.ts";
import { type EngineStage, TOPICS } from "./stage.ts";

/** `watch resolver notes`: from now on, commands show what they tell those. `watch` alone: nothing. */
export const watch: Verb<EngineStage> = (stage, words) => {
  stage.watched.clear();
  for (const word of words) {
    const topic = TOPICS.find((known) => known === word);
    if (!topic) throw new Error(`topics are ${TOPICS.join(", ")}`);
    stage.watched.add(topic);
  }
  return [];
};
