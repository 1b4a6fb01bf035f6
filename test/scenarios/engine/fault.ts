import { FAULT_POINTS } from "#src/ipmp/effects.js";
import type { Verb } from "../story.ts";
import type { EngineStage } from "./stage.ts";

/** `fault ip_dlnotify_alloc`: the next call of that kernel function fails, for lack of memory mostly. */
export const fault: Verb<EngineStage> = (stage, words) => {
  for (const word of words) {
    const point = FAULT_POINTS.find((known) => known === word);
    if (!point) throw new Error(`these can fail: ${FAULT_POINTS.join(", ")}`);
    stage.faults.push(point);
  }
  return [];
};
