import { hrtime, seconds } from "#src/kstat/hrtime.js";
import { one, type Verb } from "../story.ts";
import type { EngineStage } from "./stage.ts";

/** `wait 120`: so many seconds go by, and what was due then happens. */
export const wait: Verb<EngineStage> = (stage, words) => {
  stage.now = hrtime(stage.now + seconds(Number(one(words, "the seconds"))));
  stage.ip.expire(stage.now);
  return stage.take();
};
