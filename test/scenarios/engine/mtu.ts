import { one, type Verb } from "../story.ts";
import type { EngineStage } from "./stage.ts";

/** `mtu ipmp0`: in bytes. */
export const mtu: Verb<EngineStage> = (stage, words) => {
  const { mtu: bytes, name } = stage.ill(one(words, "the interface"));
  return [`${name} mtu ${bytes}`];
};
